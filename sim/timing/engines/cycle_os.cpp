#include "sim/timing/engines/cycle_os.h"

#include <algorithm>

#include "models/core/errors.h"
#include "sim/timing/segment_sum.h"

namespace mixpe {
namespace {

std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }

}  // namespace

CycleOs::CycleOs(const ArrayWork& work)
    : work_(work),
      t_(work.timing),
      path_(value_path(work)),
      interleave_(work.pe == nullptr ? 1 : work.pe->spec().interleave),
      output_rows_(t_.rows * t_.lanes_m),
      output_cols_(t_.cols * t_.lanes_n),
      window_(t_.rows + t_.cols + t_.sum_latency() + 1),
      stride_(2 * window_ | 1),  // not a multiple of a cache line: rows do not fight for its sets
      edges_(size(window_)) {
  for (std::int64_t j = 0; j < output_cols_; ++j) {
    const std::int64_t first = j / t_.drain_interval * t_.drain_interval;
    skew_.push_back(static_cast<std::int32_t>(first / t_.lanes_n + j - first));
    turn_.push_back(static_cast<std::int32_t>(skew_.back() % t_.drain_interval));
  }
  if (path_ == ValuePath::kInt16) {
    feeder_ = std::make_shared<SkewedFeeder>(work);
  } else if (path_ == ValuePath::kFloat) {
    operation_.assign(size(stride_), 0);
    act_real_.assign(size(stride_ * t_.rows), 0.0F);
    weight_real_.assign(size(window_ * t_.cols), 0.0F);
    reals_.assign(size(t_.rows * t_.cols * interleave_), 0.0F);
  } else if (path_ == ValuePath::kOrdered) {
    sums_.assign(size(output_rows_ * output_cols_ * interleave_), {});
  }
}

void CycleOs::discard_values() {
  keep_values_ = false;
  path_ = ValuePath::kTimingOnly;
}

void CycleOs::skip_to(std::int64_t cycle) {
  // What has entered before lies too far back to be looked at.
  catch_up();
  for (Edge& edge : edges_) edge = {};
  feeds_.clear();
  std::fill(operation_.begin(), operation_.end(), 0);
  cycle_ = computed_ = cycle - 1;
}

void CycleOs::begin(const EdgeSlot& slot, std::int64_t cycle) {
  const ArrayJob& job = *slot.job;
  check_invariant(work_.shadow || segments_.empty(), "a sum is restarted before it has left");
  Segment segment;
  segment.job = job;
  segment.begin = cycle;
  segment.outputs_left = job.rows * t_.lanes_m * job.cols * t_.lanes_n;
  segment.rows_left.assign(size(job.cols * t_.lanes_n),
                           static_cast<std::int32_t>(job.rows * t_.lanes_m));
  segment.values.stride = output_cols_;
  if (path_ != ValuePath::kTimingOnly && job.values) begin_values(segment);
  begin_tile(segment);
  while (feeds_.size() > 1 && feeds_[1].first <= cycle - window_) feeds_.pop_front();
  segments_.push_back(std::move(segment));
}

void CycleOs::begin_values(Segment& s) {
  if (path_ == ValuePath::kInt16) {
    s.skewed = feeder_->feed(work_, s.job);
    s.values.stride = s.skewed->columns();
    s.values.integers.resize(size(t_.rows * s.values.stride));
    s.values.row_sums = s.skewed->row_sums;
    s.values.exponent = s.skewed->exponent;
    counters_[Event::kOverflow] += s.skewed->row_sum_overflows;
    feeds_.emplace_back(s.begin, s.skewed);
    return;
  }
  s.feed = make_feed(work_, s.job, path_);
  s.values.sums.resize(size(output_rows_ * output_cols_));
  if (work_.zero_points) s.values.row_sums = ordered_row_sums(s.job);
  s.values.exponent = s.feed->exponent;
  feeds_.emplace_back(s.begin, s.feed);
}

void CycleOs::begin_tile(const Segment& s) {
  if (tiles_.empty() || tiles_.back().tile != s.job.tile) tiles_.push_back({s.job.tile, 0, false});
  tiles_.back().outputs_left += s.outputs_left;
  tiles_.back().closed = s.job.ends_tile;
}

std::vector<Sum> CycleOs::ordered_row_sums(const ArrayJob& job) {
  std::vector<Sum> sums;
  std::vector<Code> codes;
  for (std::int64_t i = 0; i < job.m; ++i) {
    int exponent = 0;
    receive_row(work_, job, i, codes, exponent);
    sums.push_back(row_sum(work_, codes, counters_[Event::kOverflow]));
  }
  return sums;
}

/// Notes what this cycle's slot lets in.
void CycleOs::enter(const EdgeSlot& slot, std::int64_t cycle) {
  Edge& now = edges_[size(cycle % window_)];
  now.step = slot.step;
  now.merge = slot.merge;
  now.feed = nullptr;
  now.skewed = nullptr;
  if (slot.job != nullptr) {
    Segment& segment = segments_.back();
    last_entry_ = cycle;
    now.feed = segment.feed.get();
    now.skewed = segment.skewed.get();
    if (slot.step) {
      now.index = slot.index;
      now.entry = cycle - segment.begin;
      check_invariant(now.entry == slot.index * t_.step_cycles(), "a step enters out of turn");
      now.k = slot.index * t_.lanes_k;
      now.count = std::min(t_.lanes_k, segment.job.k - now.k);
      const auto acts = static_cast<std::uint64_t>(segment.job.m * now.count);
      counters_[Event::kMac] += acts * static_cast<std::uint64_t>(segment.job.n);
      if (work_.zero_points) counters_[Event::kRowSumAdd] += acts;
      if (t_.prescan) counters_[Event::kAlign] += acts;
    }
    if (slot.merge) {
      now.k = segment.job.k;
      now.count = slot.merge_index;
    }
    if (slot.capture) segment.end = cycle + 1;
  }
  if (path_ == ValuePath::kFloat) enter_floats(slot, cycle);
}

void CycleOs::enter_floats(const EdgeSlot& slot, std::int64_t cycle) {
  const std::size_t p = newest_first(cycle);
  const auto both = [&](auto& view, std::size_t row, auto value) {
    view[row * size(stride_) + p] = value;
    view[row * size(stride_) + p + size(window_)] = value;
  };
  const bool operands = slot.step && segments_.back().job.values;
  std::int32_t operation = 0;
  if (operands) {
    const auto number = static_cast<std::int32_t>(slot.index % interleave_);
    operation = kFpAdd | number | (slot.index < interleave_ ? kFpFresh : 0);
  } else if (slot.merge) {
    operation = kFpMerge | static_cast<std::int32_t>(slot.merge_index) |
                (slot.merge_index >= segments_.back().job.k ? kFpFresh : 0);
  }
  both(operation_, 0, operation);
  if (!operands) return;
  const OperandFeed& feed = *segments_.back().feed;
  const float* acts = &feed.act_real[size(slot.index * t_.rows)];
  const float* weights = &feed.weight_real[size(slot.index * t_.cols)];
  for (std::size_t r = 0; r < size(t_.rows); ++r) both(act_real_, r, acts[r]);
  for (std::size_t c = 0; c < size(t_.cols); ++c) {
    weight_real_[(size(cycle) + c) % size(window_) * size(t_.cols) + c] = weights[c];
  }
}

/// The anti-diagonal of PEs that capture this segment at the end of this cycle: outputs that exist.
void CycleOs::count_capture(const Segment& s, std::int64_t cycle) {
  if (s.end < 0 || !work_.shadow) return;
  const std::int64_t diagonal = cycle - (s.end - 1 + t_.sum_latency());
  if (diagonal < 0 || diagonal > s.job.rows + s.job.cols - 2) return;
  std::int64_t from = std::max<std::int64_t>(0, diagonal - s.job.cols + 1);
  const std::int64_t to = std::min(diagonal, s.job.rows - 1);
  std::int64_t captured = 0;
  if (t_.lanes_m == 1 && t_.lanes_n == 1) {
    from = std::max(from, diagonal - s.job.n + 1);
    captured = std::max<std::int64_t>(0, std::min(to, s.job.m - 1) - from + 1);
  } else {
    for (std::int64_t r = from; r <= to; ++r) {
      const std::int64_t c = diagonal - r;
      captured += std::clamp<std::int64_t>(s.job.m - r * t_.lanes_m, 0, t_.lanes_m) *
                  std::clamp<std::int64_t>(s.job.n - c * t_.lanes_n, 0, t_.lanes_n);
    }
  }
  counters_[Event::kCapture] += static_cast<std::uint64_t>(captured);
}

/// All sums have left: their way through the lanes into the output buffer.
void CycleOs::finish_segment(Segment& s) {
  if (!keep_values_ || s.values.exponent.empty()) return;
  catch_up();
  pass_lanes(work_, s.job, s.values, counters_[Event::kOverflow]);
}

/// The lanes' turns in this cycle.
void CycleOs::drain(Segment& s, std::int64_t cycle) {
  if (s.end < 0) return;
  const std::int64_t since = cycle - (s.end + t_.sum_latency() + s.job.rows - 1);
  if (since < 0) return;
  DrainColumns columns;
  columns.skew = skew_.data();
  columns.turn = turn_.data();
  columns.left = s.rows_left.data();
  columns.columns = static_cast<std::int32_t>(s.rows_left.size());
  columns.m = static_cast<std::int32_t>(s.job.m);
  columns.n = static_cast<std::int32_t>(s.job.n);
  DrainEvents events;
  cycle_drain_columns(columns, static_cast<std::int32_t>(since),
                      static_cast<std::int32_t>(since % t_.drain_interval), events);
  if (events.taken == 0) return;
  counters_[Event::kShadowShift] += static_cast<std::uint64_t>(events.moved);
  counters_[Event::kLaneOp] += static_cast<std::uint64_t>(events.real);
  s.outputs_left -= events.taken;
  for (TileLeft& tile : tiles_) {
    if (tile.tile == s.job.tile) tile.outputs_left -= events.taken;
  }
}

void CycleOs::finish_tiles(std::int64_t cycle) {
  const auto left = [](const Segment& s) { return s.outputs_left == 0; };
  if (std::none_of(segments_.begin(), segments_.end(), left)) return;
  for (Segment& s : segments_) {
    if (!left(s)) continue;
    finish_segment(s);
    if (path_ == ValuePath::kInt16) left_.push_back(std::move(s));
  }
  std::erase_if(segments_, left);
  std::erase_if(tiles_, [&](const TileLeft& tile) {
    const bool done = tile.closed && tile.outputs_left == 0;
    if (done) completed_.push_back({tile.tile, cycle + 1 + t_.lane_latency});
    return done;
  });
  // Behind a segment that has reached all PEs, no register holds an older sum.
  std::int64_t newest = -1;
  for (const Segment& s : left_) {
    if (s.begin + reach() <= cycle) newest = std::max(newest, s.begin);
  }
  std::erase_if(left_, [&](const Segment& s) { return s.begin < newest; });
}

void CycleOs::clock(const EdgeSlot& slot, std::int64_t cycle) {
  if (cycle_ - computed_ == kBatch) catch_up();
  cycle_ = cycle;
  if (slot.begin) begin(slot, cycle);
  enter(slot, cycle);
  for (Segment& segment : segments_) drain(segment, cycle);
  if (path_ == ValuePath::kOrdered) compute_in_order(cycle);
  if (path_ == ValuePath::kFloat) compute_floats(cycle);
  for (Segment& segment : segments_) {
    count_capture(segment, cycle);
    capture_sums(segment, cycle);
  }
  finish_tiles(cycle);
}

}  // namespace mixpe
