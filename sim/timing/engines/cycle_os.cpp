#include "sim/timing/engines/cycle_os.h"

#include <algorithm>

#include "models/core/errors.h"
#include "models/formats/floats.h"
#include "models/formats/integers.h"
#include "sim/timing/engines/cycle_kernels.h"
#include "sim/timing/segment_sum.h"
#include "sim/timing/tile_values.h"

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
      stride_(2 * window_ + 16),  // not a power of two: rows do not fight for cache sets
      edges_(size(window_)),
      views_(size(t_.rows)) {
  for (std::int64_t j = 0; j < output_cols_; ++j) {
    const std::int64_t first = j / t_.drain_interval * t_.drain_interval;
    skew_.push_back(first / t_.lanes_n + j - first);
  }
  const std::size_t pes = size(t_.rows * t_.cols);
  if (path_ == ValuePath::kInt16) {
    keep_.assign(size(stride_), -1);
    act16_.assign(size(stride_ * t_.rows), 0);
    weight16_.assign(size(window_ * t_.cols), 0);
    integers_.assign(pes, 0);
  } else if (path_ == ValuePath::kFloat) {
    operation_.assign(size(stride_), 0);
    act_real_.assign(size(stride_ * t_.rows), 0.0F);
    weight_real_.assign(size(window_ * t_.cols), 0.0F);
    reals_.assign(pes * size(interleave_), 0.0F);
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
  for (Edge& edge : edges_) edge = {};
  std::fill(act16_.begin(), act16_.end(), std::int16_t{0});
  std::fill(keep_.begin(), keep_.end(), -1);
  std::fill(operation_.begin(), operation_.end(), 0);
  cycle_ = cycle - 1;
}

void CycleOs::begin(const EdgeSlot& slot) {
  const ArrayJob& job = *slot.job;
  check_invariant(work_.shadow || segments_.empty(), "a sum is restarted before it has left");
  Segment segment{
      job, -1, job.rows * t_.lanes_m * job.cols * t_.lanes_n, make_feed(work_, job, path_), {}, {}};
  if (path_ != ValuePath::kTimingOnly && job.values) {
    segment.sums.resize(size(output_rows_ * output_cols_));
    segment.row_sums.resize(size(job.m));
    if (work_.zero_points) add_row_sums(segment);
  }
  if (tiles_.empty() || tiles_.back().tile != job.tile) tiles_.push_back({job.tile, 0, false});
  tiles_.back().outputs_left += segment.outputs_left;
  tiles_.back().closed = job.ends_tile;
  segments_.push_back(std::move(segment));
}

/// The row sums of a segment.
void CycleOs::add_row_sums(Segment& segment) {
  const ArrayJob& job = segment.job;
  std::uint64_t& overflows = counters_[Event::kOverflow];
  if (path_ == ValuePath::kInt16) {
    for (std::int64_t k = 0; k < job.k; ++k) {
      for (std::int64_t i = 0; i < job.m; ++i) {
        Sum& sum = segment.row_sums[size(i)];
        sum.integer = wrap_counted(sum.integer + segment.feed->act16[size(k * t_.rows + i)],
                                   work_.pe->spec().row_sum_bits, overflows);
      }
    }
    return;
  }
  std::vector<Code> acts(size(job.k));
  for (std::int64_t i = 0; i < job.m; ++i) {
    for (std::int64_t k = 0; k < job.k; ++k) {
      const std::int64_t bundle = k / t_.lanes_k * t_.rows + i / t_.lanes_m;
      const std::int64_t lane = i % t_.lanes_m * t_.lanes_k + k % t_.lanes_k;
      acts[size(k)] = segment.feed->act[size(bundle * t_.lanes_m * t_.lanes_k + lane)];
    }
    segment.row_sums[size(i)] = row_sum(work_, acts, overflows);
  }
}

/// Writes this cycle's slot into the views.
void CycleOs::enter(const EdgeSlot& slot, std::int64_t cycle) {
  Edge& now = edges_[size(cycle % window_)];
  now.step = slot.step;
  now.first = slot.begin;
  now.merge = slot.merge;
  if (slot.job != nullptr) {
    Segment& segment = segments_.back();
    last_entry_ = cycle;
    now.feed = segment.feed;
    if (slot.step) {
      now.index = slot.index;
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
  if (path_ == ValuePath::kTimingOnly || path_ == ValuePath::kOrdered) return;
  const std::size_t p = newest_first(cycle);
  const auto both = [&](auto& view, std::size_t row, auto value) {
    view[row * size(stride_) + p] = value;
    view[row * size(stride_) + p + size(window_)] = value;
  };
  const bool operands = slot.step && segments_.back().job.values;
  const std::size_t acts = size(slot.index * t_.rows), weights = size(slot.index * t_.cols);
  if (path_ == ValuePath::kInt16) {
    both(keep_, 0, slot.begin ? 0 : -1);
    for (std::size_t r = 0; r < size(t_.rows); ++r) {
      both(act16_, r, operands ? now.feed->act16[acts + r] : std::int16_t{0});
    }
    std::size_t diagonal = size(cycle % window_);
    for (std::size_t c = 0; operands && c < size(t_.cols); ++c) {
      weight16_[diagonal * size(t_.cols) + c] = now.feed->weight16[weights + c];
      diagonal = diagonal + 1 == size(window_) ? 0 : diagonal + 1;
    }
  } else {
    std::int32_t operation = 0;
    if (operands) {
      const auto number = static_cast<std::int32_t>(slot.index % interleave_);
      operation = kFpAdd | number | (slot.index < interleave_ ? kFpFresh : 0);
    } else if (slot.merge) {
      operation = kFpMerge | static_cast<std::int32_t>(slot.merge_index) |
                  (slot.merge_index >= segments_.back().job.k ? kFpFresh : 0);
    }
    both(operation_, 0, operation);
    for (std::size_t r = 0; operands && r < size(t_.rows); ++r) {
      both(act_real_, r, now.feed->act_real[acts + r]);
    }
    for (std::size_t c = 0; operands && c < size(t_.cols); ++c) {
      weight_real_[(size(cycle) + c) % size(window_) * size(t_.cols) + c] =
          now.feed->weight_real[weights + c];
    }
  }
}

/// Products whose sum is written at the end of this cycle.
void CycleOs::compute(std::int64_t cycle) {
  const auto cols = static_cast<std::int32_t>(t_.cols);
  const std::int64_t newest = cycle - t_.sum_latency();
  // Rows below have not been reached yet; rows above have nothing left to look at.
  const std::int64_t last = std::min(t_.rows - 1, newest);
  const std::int64_t first = std::max<std::int64_t>(0, newest - t_.cols - last_entry_ + 1);
  if (first > last) return;
  std::size_t p = newest_first(newest - first);
  std::size_t diagonal = size((newest - first) % window_);
  for (std::int64_t r = first; r <= last; ++r) {
    const std::size_t row = size(r * stride_) + p, at = diagonal * size(t_.cols);
    const std::size_t pes = size(r * t_.cols);
    if (path_ == ValuePath::kInt16) {
      views_[size(r)] = {&act16_[row], &weight16_[at], &keep_[p], &integers_[pes]};
    }
    for (std::int64_t i = 0; path_ == ValuePath::kFloat && i < interleave_; ++i) {
      cycle_row_float(&act_real_[row], &weight_real_[at], &operation_[p],
                      static_cast<std::int32_t>(i), &reals_[size(i * t_.rows * t_.cols) + pes],
                      &reals_[pes], cols);
    }
    p = p + 1 == size(window_) ? 0 : p + 1;
    diagonal = diagonal == 0 ? size(window_ - 1) : diagonal - 1;
  }
  if (path_ == ValuePath::kInt16) {
    cycle_rows_int16(&views_[size(first)], static_cast<std::int32_t>(last - first + 1), cols);
  }
}

void CycleOs::step_in_order(std::int64_t row, std::int64_t col, const Edge& e) {
  const std::int64_t acts = (e.index * t_.rows + row) * t_.lanes_m * t_.lanes_k;
  const std::int64_t weights = (e.index * t_.cols + col) * t_.lanes_n * t_.lanes_k;
  for (std::int64_t a = 0; a < t_.lanes_m; ++a) {
    for (std::int64_t b = 0; b < t_.lanes_n; ++b) {
      const std::int64_t output = (row * t_.lanes_m + a) * output_cols_ + col * t_.lanes_n + b;
      for (std::int64_t j = 0; j < e.count; ++j) {
        Sum& sum = sums_[size(output * interleave_ + (e.k + j) % interleave_)];
        if (e.k + j < interleave_) sum = {};
        const Code act = e.feed->act[size(acts + a * t_.lanes_k + j)];
        const Code weight = e.feed->weight[size(weights + b * t_.lanes_k + j)];
        if (act == kNoOperand || weight == kNoOperand) continue;
        work_.pe->mac(sum, act, weight, work_.formats, counters_[Event::kOverflow]);
      }
    }
  }
}

void CycleOs::compute_in_order(std::int64_t cycle) {
  for (std::int64_t r = 0; r < t_.rows; ++r) {
    for (std::int64_t c = 0; c < t_.cols; ++c) {
      const std::int64_t entered = cycle - t_.sum_latency() - r - c;
      if (entered < 0) break;
      const Edge& e = edge(entered);
      if (e.feed == nullptr || e.feed->act.empty()) continue;
      if (e.step) step_in_order(r, c, e);
      if (!e.merge) continue;
      for (std::int64_t o = 0; o < t_.lanes_m * t_.lanes_n; ++o) {
        const std::int64_t output =
            (r * t_.lanes_m + o / t_.lanes_n) * output_cols_ + c * t_.lanes_n + o % t_.lanes_n;
        Sum* sums = &sums_[size(output * interleave_)];
        work_.pe->merge(sums[0], e.count < e.k ? sums[e.count] : Sum{},
                        counters_[Event::kOverflow]);
      }
    }
  }
}

Sum CycleOs::captured(std::size_t output) const {
  Sum sum;
  if (path_ == ValuePath::kInt16) sum.integer = integers_[output];
  if (path_ == ValuePath::kFloat) sum.real = canonical_nan(reals_[output]);
  if (path_ == ValuePath::kOrdered) sum = sums_[output * size(interleave_)];
  return sum;
}

/// The anti-diagonal of PEs that capture this segment at the end of this cycle.
void CycleOs::capture(Segment& s, std::int64_t cycle) {
  if (s.end < 0) return;
  const std::int64_t diagonal = cycle - (s.end - 1 + t_.sum_latency());
  if (diagonal < 0 || diagonal > s.job.rows + s.job.cols - 2) return;
  const std::int64_t from = std::max<std::int64_t>(0, diagonal - s.job.cols + 1);
  for (std::int64_t r = from; r <= std::min(diagonal, s.job.rows - 1); ++r) {
    const std::int64_t c = diagonal - r;
    const std::int64_t rows = std::clamp<std::int64_t>(s.job.m - r * t_.lanes_m, 0, t_.lanes_m);
    const std::int64_t cols = std::clamp<std::int64_t>(s.job.n - c * t_.lanes_n, 0, t_.lanes_n);
    if (work_.shadow) counters_[Event::kCapture] += static_cast<std::uint64_t>(rows * cols);
    if (s.sums.empty()) continue;
    for (std::int64_t o = 0; o < t_.lanes_m * t_.lanes_n; ++o) {
      const std::size_t output =
          size((r * t_.lanes_m + o / t_.lanes_n) * output_cols_ + c * t_.lanes_n + o % t_.lanes_n);
      s.sums[output] = captured(output);
    }
  }
}

void CycleOs::take(Segment& s, std::int64_t row, std::int64_t col) {
  --s.outputs_left;
  if (col >= s.job.n) return;
  // All sums above move down with it.
  counters_[Event::kShadowShift] += static_cast<std::uint64_t>(std::min(row, s.job.m));
  if (row >= s.job.m) return;
  ++counters_[Event::kLaneOp];
  if (s.sums.empty() || !keep_values_) return;
  const std::int64_t group = work_.scale_groups && work_.operands->group > 0
                                 ? s.job.segment_k0 / work_.operands->group
                                 : 0;
  take_sum(work_, s.job.m0 + row, s.job.n0 + col, group, s.sums[size(row * output_cols_ + col)],
           s.row_sums[size(row)], s.feed->exponent[size(row)], counters_[Event::kOverflow]);
}

/// The lanes' turns in this cycle.
void CycleOs::drain(Segment& s, std::int64_t cycle) {
  if (s.end < 0) return;
  const std::int64_t start = s.end + t_.sum_latency() + s.job.rows - 1;
  const std::int64_t output_rows = s.job.rows * t_.lanes_m;
  if (cycle < start) return;
  const std::int64_t before = s.outputs_left;
  for (std::int64_t j = 0; j < s.job.cols * t_.lanes_n; ++j) {
    const std::int64_t since = cycle - start - skew_[size(j)];
    if (since < 0 || since >= output_rows * t_.drain_interval) continue;
    if (since % t_.drain_interval != 0) continue;
    take(s, output_rows - 1 - since / t_.drain_interval, j);
  }
  for (TileLeft& tile : tiles_) {
    if (tile.tile == s.job.tile) tile.outputs_left -= before - s.outputs_left;
  }
}

void CycleOs::finish_tiles(std::int64_t cycle) {
  std::erase_if(segments_, [](const Segment& s) { return s.outputs_left == 0; });
  std::erase_if(tiles_, [&](const TileLeft& tile) {
    const bool done = tile.closed && tile.outputs_left == 0;
    if (done) completed_.push_back({tile.tile, cycle + 1 + t_.lane_latency});
    return done;
  });
}

void CycleOs::clock(const EdgeSlot& slot, std::int64_t cycle) {
  cycle_ = cycle;
  if (slot.begin) begin(slot);
  enter(slot, cycle);
  for (Segment& segment : segments_) drain(segment, cycle);
  if (path_ == ValuePath::kOrdered) {
    compute_in_order(cycle);
  } else if (path_ != ValuePath::kTimingOnly) {
    compute(cycle);
  }
  for (Segment& segment : segments_) capture(segment, cycle);
  finish_tiles(cycle);
}

bool CycleOs::valid(std::int64_t row, std::int64_t col) const {
  return cycle_ - row - col >= 0 && edge(cycle_ - row - col).step;
}

std::int64_t CycleOs::act(std::int64_t row, std::int64_t col) const {
  const Edge& e = edge(cycle_ - row - col);
  const std::int64_t at = e.index * t_.rows + row;
  if (!e.feed->act16.empty()) return e.feed->act16[size(at)];
  if (!e.feed->act_real.empty()) return float_to_bits(e.feed->act_real[size(at)]);
  return e.feed->act.empty() ? 0 : e.feed->act[size(at * t_.lanes_m * t_.lanes_k)];
}

std::int64_t CycleOs::weight(std::int64_t row, std::int64_t col) const {
  const Edge& e = edge(cycle_ - row - col);
  const std::int64_t at = e.index * t_.cols + col;
  if (!e.feed->weight16.empty()) return e.feed->weight16[size(at)];
  if (!e.feed->weight_real.empty()) return float_to_bits(e.feed->weight_real[size(at)]);
  return e.feed->weight.empty() ? 0 : e.feed->weight[size(at * t_.lanes_n * t_.lanes_k)];
}

Sum CycleOs::sum(std::int64_t row, std::int64_t col) const {
  return path_ == ValuePath::kTimingOnly
             ? Sum{}
             : captured(size(row * t_.lanes_m * output_cols_ + col * t_.lanes_n));
}

/// The segment whose sum the shadow register holds, and where that sum was captured.
const CycleOs::Segment* CycleOs::in_shadow(std::int64_t row, std::int64_t col,
                                           std::size_t& output) const {
  const std::int64_t j = col * t_.lanes_n;
  for (const Segment& s : segments_) {
    if (s.end < 0 || row >= s.job.rows || col >= s.job.cols) continue;
    if (cycle_ < s.end - 1 + t_.sum_latency() + row + col) continue;
    const std::int64_t since =
        cycle_ - (s.end + t_.sum_latency() + s.job.rows - 1 + skew_[size(j)]);
    const std::int64_t shifts = since < 0 ? 0 : since / t_.drain_interval + 1;
    if (row * t_.lanes_m < shifts) continue;
    output = size((row * t_.lanes_m - shifts) * output_cols_ + j);
    return &s;
  }
  return nullptr;
}

bool CycleOs::shadow_valid(std::int64_t row, std::int64_t col) const {
  std::size_t output = 0;
  return in_shadow(row, col, output) != nullptr;
}

Sum CycleOs::shadow(std::int64_t row, std::int64_t col) const {
  std::size_t output = 0;
  const Segment* s = in_shadow(row, col, output);
  return s == nullptr || s->sums.empty() ? Sum{} : s->sums[output];
}

}  // namespace mixpe
