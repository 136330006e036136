#include "sim/timing/engines/cycle_os.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

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
      window_(t_.rows + t_.cols + t_.sum_latency() + kBatch + 1),
      padded_cols_((t_.cols + kCycleColumns - 1) / kCycleColumns * kCycleColumns),
      stride_(path_ == ValuePath::kInt16 ? window_ + padded_cols_ : 2 * window_),
      edges_(size(window_)) {
  // Not a multiple of a cache line: rows do not fight for cache sets.
  stride_ |= 1;
  for (std::int64_t j = 0; j < output_cols_; ++j) {
    const std::int64_t first = j / t_.drain_interval * t_.drain_interval;
    skew_.push_back(static_cast<std::int32_t>(first / t_.lanes_n + j - first));
    turn_.push_back(static_cast<std::int32_t>(skew_.back() % t_.drain_interval));
  }
  const std::size_t pes = size(t_.rows * t_.cols);
  if (path_ == ValuePath::kInt16) {
    keep_.assign(size(stride_), -1);
    capture_.assign(size(stride_), 0);
    act_integer_.assign(size(stride_ * t_.rows), 0);
    weight_integer_.assign(size(window_ * padded_cols_), 0);
    integers_.assign(size(t_.rows * padded_cols_), 0);
    nowhere_.assign(size(padded_cols_), 0);
    for (const std::int32_t zero : work.operands->group_zero) {
      largest_zero_ = std::max<std::int64_t>(largest_zero_, std::abs(zero));
    }
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
  catch_up();
  for (Edge& edge : edges_) edge = {};
  feeds_.clear();
  std::fill(act_integer_.begin(), act_integer_.end(), 0);
  std::fill(keep_.begin(), keep_.end(), -1);
  std::fill(capture_.begin(), capture_.end(), 0);
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
  segment.feed = make_feed(work_, job, path_, FeedOrder::kByLane);
  segment.rows_left.assign(size(job.cols * t_.lanes_n),
                           static_cast<std::int32_t>(job.rows * t_.lanes_m));
  if (path_ != ValuePath::kTimingOnly && job.values) {
    if (path_ == ValuePath::kInt16) {
      segment.integers.resize(size(t_.rows * padded_cols_));
    } else {
      segment.sums.resize(size(output_rows_ * output_cols_));
    }
    segment.row_sums.resize(size(job.m));
    if (work_.zero_points) add_row_sums(segment);
  }
  if (tiles_.empty() || tiles_.back().tile != job.tile) tiles_.push_back({job.tile, 0, false});
  tiles_.back().outputs_left += segment.outputs_left;
  tiles_.back().closed = job.ends_tile;
  feeds_.emplace_back(cycle, segment.feed);
  while (feeds_.size() > 1 && feeds_[1].first <= cycle - window_) feeds_.pop_front();
  segments_.push_back(std::move(segment));
}

/// Row sums of 16-bit integers: one sum each, in order of k only where it could wrap.
void CycleOs::add_integer_row_sums(Segment& segment) {
  const ArrayJob& job = segment.job;
  const int bits = work_.pe->spec().row_sum_bits;
  constexpr std::int64_t kLongest = 65535;  // magnitudes of so many fit 32 bits
  for (std::int64_t i = 0; i < job.m; ++i) {
    const std::int16_t* acts = &segment.feed->act16[size(i * job.steps)];
    std::int64_t& total = segment.row_sums[size(i)].integer;
    if (job.k <= kLongest) {
      RowSum16 sum;
      cycle_row_sum(acts, static_cast<std::int32_t>(job.k), sum);
      total = sum.sum;
      if (sum.magnitude <= signed_max(bits)) continue;
    }
    total = 0;
    for (std::int64_t k = 0; k < job.k; ++k) {
      total = wrap_counted(total + acts[k], bits, counters_[Event::kOverflow]);
    }
  }
}

/// The row sums of a segment.
void CycleOs::add_row_sums(Segment& segment) {
  const ArrayJob& job = segment.job;
  if (path_ == ValuePath::kInt16) return add_integer_row_sums(segment);
  std::vector<Code> acts(size(job.k));
  for (std::int64_t i = 0; i < job.m; ++i) {
    for (std::int64_t k = 0; k < job.k; ++k) {
      const std::int64_t bundle = k / t_.lanes_k * t_.rows + i / t_.lanes_m;
      const std::int64_t lane = i % t_.lanes_m * t_.lanes_k + k % t_.lanes_k;
      acts[size(k)] = segment.feed->act[size(bundle * t_.lanes_m * t_.lanes_k + lane)];
    }
    segment.row_sums[size(i)] = row_sum(work_, acts, counters_[Event::kOverflow]);
  }
}

/// Writes this cycle's slot into the views.
void CycleOs::enter(const EdgeSlot& slot, std::int64_t cycle) {
  Edge& now = edges_[size(cycle % window_)];
  now.step = slot.step;
  now.first = slot.begin;
  now.last = slot.capture;
  now.merge = slot.merge;
  now.feed = nullptr;
  if (slot.job != nullptr) {
    Segment& segment = segments_.back();
    last_entry_ = cycle;
    now.feed = segment.feed.get();
    if (slot.step) {
      now.index = slot.index;
      now.steps = segment.job.steps;
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
    if (slot.capture) {
      segment.end = cycle + 1;
      capture_entries_.push_back(cycle);
      while (capture_entries_.front() <= cycle - window_) capture_entries_.pop_front();
    }
  }
  if (path_ == ValuePath::kFloat) enter_floats(slot, cycle);
}

/// Writes what has entered since the last cycle computed into the views: runs of consecutive steps
/// of one feed, or of bubbles, together.
void CycleOs::fill_views() {
  for (std::int64_t cycle = cycle_; cycle > computed_;) {
    const Edge& newest = edge(cycle);
    const auto feed = [](const Edge& e) {
      return e.step && !e.feed->act16.empty() ? e.feed : nullptr;
    };
    // A run neither wraps around the window nor crosses into the view's second part.
    const std::int64_t place = static_cast<std::int64_t>(newest_first(cycle));
    const std::int64_t most =
        std::min(cycle - computed_,
                 (place < padded_cols_ ? std::min(padded_cols_, window_) : window_) - place);
    std::int64_t count = 1;
    while (count < most && feed(edge(cycle - count)) == feed(newest) &&
           (feed(newest) == nullptr || edge(cycle - count).index == newest.index - count)) {
      ++count;
    }
    for (std::int64_t i = 0; i < count; ++i) {
      const Edge& e = edge(cycle - i);
      keep_[size(place + i)] = e.first ? 0 : -1;
      capture_[size(place + i)] = e.last ? -1 : 0;
    }
    if (feed(newest) != nullptr) {
      fill_acts(newest, place, count);
      fill_weights(newest, cycle, count);
    } else {
      for (std::int64_t r = 0; r < t_.rows; ++r) {
        std::fill_n(&act_integer_[size(r * stride_ + place)], count, 0);
      }
    }
    if (place < padded_cols_) {
      const auto again = [&](std::int32_t* from) { std::copy_n(from, count, from + window_); };
      again(&keep_[size(place)]);
      again(&capture_[size(place)]);
      for (std::int64_t r = 0; r < t_.rows; ++r) again(&act_integer_[size(r * stride_ + place)]);
    }
    cycle -= count;
  }
}

void CycleOs::fill_acts(const Edge& newest, std::int64_t place, std::int64_t count) {
  ReversedRows rows;
  rows.from = &newest.feed->act16[size(newest.index)];
  rows.from_stride = newest.steps;
  rows.to = &act_integer_[size(place)];
  rows.to_stride = stride_;
  rows.rows = static_cast<std::int32_t>(t_.rows);
  rows.count = static_cast<std::int32_t>(count);
  cycle_reverse_rows(rows);
}

void CycleOs::fill_weights(const Edge& newest, std::int64_t cycle, std::int64_t count) {
  const std::int64_t ring = window_ * padded_cols_;
  for (std::int64_t c = 0; c < t_.cols; ++c) {
    const std::int16_t* weight = &newest.feed->weight16[size(c * newest.steps + newest.index)];
    std::int64_t at = (cycle + c) % window_ * padded_cols_ + c;
    for (std::int64_t i = 0; i < count; ++i) {
      weight_integer_[size(at)] = weight[-i];
      at -= padded_cols_;
      if (at < 0) at += ring;
    }
  }
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

void CycleOs::catch_up() {
  if (path_ == ValuePath::kInt16 && computed_ < cycle_) {
    fill_views();
    for (std::int64_t r = 0; r < t_.rows; ++r) compute_row(r);
  }
  computed_ = cycle_;
}

/// A row's cycles since the last one computed.
void CycleOs::compute_row(std::int64_t row) {
  // What the first PE adds in the first and in the last of these cycles, by cycle at the edge.
  const std::int64_t newest = computed_ + 1 - t_.sum_latency() - row;
  const std::int64_t cycles = cycle_ - computed_, last = newest + cycles - 1;
  if (last < 0 || newest - (t_.cols - 1) > last_entry_) return;
  const auto in_row = [&](std::int64_t entry) {
    return entry >= newest - (t_.cols - 1) && entry <= last;
  };
  // Entries at which some PE of the row restarts or captures.
  std::int64_t from = last + 1, to = newest;
  const auto boundary = [&](std::int64_t entry) {
    if (!in_row(entry)) return false;
    from = std::min(from, std::max(newest, entry));
    to = std::max(to, std::min(last + 1, entry + t_.cols));
    return true;
  };
  // Narrow segments may have left while their mark still passes columns without outputs.
  const auto captures = std::count_if(capture_entries_.begin(), capture_entries_.end(), in_row);
  std::int32_t* captured = nowhere_.data();
  for (Segment& s : segments_) {
    boundary(s.begin);
    if (s.end < 0 || !boundary(s.end - 1) || s.integers.empty()) continue;
    captured = &s.integers[size(row * padded_cols_)];
  }
  to = std::max(from, to);
  if (captures <= 1) {
    run_row(row, newest, from - newest, false, nullptr);
    run_row(row, from, to - from, true, captured);
    run_row(row, to, last + 1 - to, false, nullptr);
    return;
  }
  // Several segments are captured in these cycles: one cycle at a time.
  for (std::int64_t entry = newest; entry <= last; ++entry) {
    run_row(row, entry, 1, true, nowhere_.data());
    for (Segment& s : segments_) {
      const std::int64_t col = entry - (s.end - 1);
      if (s.end < 0 || s.integers.empty() || col < 0 || col >= t_.cols) continue;
      const std::size_t pe = size(row * padded_cols_ + col);
      s.integers[pe] = integers_[pe];
    }
  }
}

void CycleOs::run_row(std::int64_t row, std::int64_t newest, std::int64_t cycles, bool boundary,
                      std::int32_t* captured) {
  for (std::int64_t done = 0; done < cycles;) {
    const std::int64_t at = (newest + done + window_) % window_;
    IntegerRun run;
    run.act = &act_integer_[size(row * stride_ + window_ - 1 - at)];
    run.weight = &weight_integer_[size(at * padded_cols_)];
    run.sum = &integers_[size(row * padded_cols_)];
    run.stride = static_cast<std::int32_t>(padded_cols_);
    run.cycles = static_cast<std::int32_t>(std::min(cycles - done, window_ - at));
    if (boundary) {
      run.keep = &keep_[size(window_ - 1 - at)];
      run.capture = &capture_[size(window_ - 1 - at)];
      run.captured = captured;
      cycle_run_boundary(run);
    } else {
      cycle_run(run);
    }
    done += run.cycles;
  }
}

/// Products whose sum is written at the end of this cycle.
void CycleOs::compute_floats(std::int64_t cycle) {
  const auto cols = static_cast<std::int32_t>(t_.cols);
  const std::int64_t newest = cycle - t_.sum_latency();
  // Rows below have not been reached yet; rows above have nothing left to look at.
  const std::int64_t last = std::min(t_.rows - 1, newest);
  const std::int64_t first = std::max<std::int64_t>(0, newest - t_.cols - last_entry_ + 1);
  for (std::int64_t r = first; r <= last; ++r) {
    const std::size_t p = newest_first(newest - r);
    const std::size_t row = size(r * stride_) + p;
    const std::size_t at = size((newest - r) % window_ * t_.cols), pes = size(r * t_.cols);
    for (std::int64_t i = 0; i < interleave_; ++i) {
      cycle_row_float(&act_real_[row], &weight_real_[at], &operation_[p],
                      static_cast<std::int32_t>(i), &reals_[size(i * t_.rows * t_.cols) + pes],
                      &reals_[pes], cols);
    }
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

/// Sum of PE (row, col)'s first output, or of output (row, col).
Sum CycleOs::captured(std::size_t output) const {
  Sum sum;
  if (path_ == ValuePath::kFloat) sum.real = canonical_nan(reals_[output]);
  if (path_ == ValuePath::kOrdered) sum = sums_[output * size(interleave_)];
  return sum;
}

/// The anti-diagonal of PEs that capture this segment at the end of this cycle.
void CycleOs::capture(Segment& s, std::int64_t cycle) {
  if (s.end < 0) return;
  const std::int64_t diagonal = cycle - (s.end - 1 + t_.sum_latency());
  if (diagonal < 0 || diagonal > s.job.rows + s.job.cols - 2) return;
  if (t_.lanes_m == 1 && t_.lanes_n == 1 && s.sums.empty()) {
    const std::int64_t from = std::max<std::int64_t>(0, diagonal - s.job.n + 1);
    const std::int64_t count = std::min(diagonal, s.job.m - 1) - from + 1;
    if (work_.shadow && count > 0) counters_[Event::kCapture] += static_cast<std::uint64_t>(count);
    return;
  }
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

/// Integer sums to FP32 outputs, a row at a time; false if a step could leave 32 bits.
bool CycleOs::scale_rows(const Segment& s, std::int64_t group) {
  const GemmOperands& o = *work_.operands;
  const PeSpec& pe = work_.pe->spec();
  if (s.integers.empty() || work_.psums->integer || pe.sum_kind != SumKind::kInteger) return false;
  if (!work_.scale_groups || o.group_scale.empty() || pe.acc_bits > 31) return false;
  const bool has_zero = work_.zero_points && !o.group_zero.empty();
  std::int64_t largest_row_sum = 0;
  for (const Sum& sum : s.row_sums) {
    largest_row_sum = std::max(largest_row_sum, std::abs(sum.integer));
  }
  const std::int64_t most = std::int64_t{1} << 31;
  if (has_zero && largest_row_sum >= most) return false;
  if (signed_max(pe.acc_bits) + (has_zero ? largest_zero_ * largest_row_sum : 0) >= most - 1) {
    return false;
  }
  // 2^exponent times a 32-bit integer stays a normal number.
  const auto [least, greatest] =
      std::minmax_element(s.feed->exponent.begin(), s.feed->exponent.end());
  if (*least < -126 || *greatest > 96) return false;
  std::vector<std::int32_t> zero(size(s.job.n));
  std::vector<float> scale(size(s.job.n));
  for (std::int64_t j = 0; j < s.job.n; ++j) {
    const std::size_t at = size((s.job.n0 + j) * o.groups() + group);
    if (has_zero) zero[size(j)] = o.group_zero[at];
    scale[size(j)] = fp16_to_float(o.group_scale[at]);
  }
  for (std::int64_t i = 0; i < s.job.m; ++i) {
    ScaledRow row;
    row.sum = &s.integers[size(i * padded_cols_)];
    row.zero = zero.data();
    row.scale = scale.data();
    row.y = &work_.psums->real[size((s.job.m0 + i) * o.n + s.job.n0)];
    row.columns = static_cast<std::int32_t>(s.job.n);
    row.row_sum = has_zero ? static_cast<std::int32_t>(s.row_sums[size(i)].integer) : 0;
    row.unit = std::ldexp(1.0F, s.feed->exponent[size(i)]);
    cycle_scale_row(row);
  }
  return true;
}

/// All sums have left: their way through the lanes into the output buffer.
void CycleOs::finish_segment(Segment& s) {
  if (!keep_values_ || s.row_sums.empty()) return;
  catch_up();
  const std::int64_t group = work_.scale_groups && work_.operands->group > 0
                                 ? s.job.segment_k0 / work_.operands->group
                                 : 0;
  if (scale_rows(s, group)) return;
  for (std::int64_t i = 0; i < s.job.m; ++i) {
    for (std::int64_t j = 0; j < s.job.n; ++j) {
      Sum sum;
      if (s.sums.empty()) {
        sum.integer = s.integers[size(i * padded_cols_ + j)];
      } else {
        sum = s.sums[size(i * output_cols_ + j)];
      }
      take_sum(work_, s.job.m0 + i, s.job.n0 + j, group, sum, s.row_sums[size(i)],
               s.feed->exponent[size(i)], counters_[Event::kOverflow]);
    }
  }
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
    if (left(s)) finish_segment(s);
  }
  std::erase_if(segments_, left);
  std::erase_if(tiles_, [&](const TileLeft& tile) {
    const bool done = tile.closed && tile.outputs_left == 0;
    if (done) completed_.push_back({tile.tile, cycle + 1 + t_.lane_latency});
    return done;
  });
}

void CycleOs::clock(const EdgeSlot& slot, std::int64_t cycle) {
  if (cycle_ - computed_ == kBatch) catch_up();
  cycle_ = cycle;
  if (slot.begin) begin(slot, cycle);
  enter(slot, cycle);
  for (Segment& segment : segments_) drain(segment, cycle);
  if (path_ == ValuePath::kOrdered) compute_in_order(cycle);
  if (path_ == ValuePath::kFloat) compute_floats(cycle);
  for (Segment& segment : segments_) capture(segment, cycle);
  finish_tiles(cycle);
}

bool CycleOs::valid(std::int64_t row, std::int64_t col) const {
  return cycle_ - row - col >= 0 && edge(cycle_ - row - col).step;
}

std::int64_t CycleOs::act(std::int64_t row, std::int64_t col) const {
  const Edge& e = edge(cycle_ - row - col);
  if (e.feed == nullptr) return 0;
  const std::int64_t at = e.index * t_.rows + row;
  if (!e.feed->act16.empty()) return e.feed->act16[size(row * e.steps + e.index)];
  if (!e.feed->act_real.empty()) return float_to_bits(e.feed->act_real[size(at)]);
  return e.feed->act.empty() ? 0 : e.feed->act[size(at * t_.lanes_m * t_.lanes_k)];
}

std::int64_t CycleOs::weight(std::int64_t row, std::int64_t col) const {
  const Edge& e = edge(cycle_ - row - col);
  if (e.feed == nullptr) return 0;
  const std::int64_t at = e.index * t_.cols + col;
  if (!e.feed->weight16.empty()) return e.feed->weight16[size(col * e.steps + e.index)];
  if (!e.feed->weight_real.empty()) return float_to_bits(e.feed->weight_real[size(at)]);
  return e.feed->weight.empty() ? 0 : e.feed->weight[size(at * t_.lanes_n * t_.lanes_k)];
}

Sum CycleOs::sum(std::int64_t row, std::int64_t col) const {
  if (path_ != ValuePath::kInt16) {
    return captured(size(row * t_.lanes_m * output_cols_ + col * t_.lanes_n));
  }
  Sum sum;
  sum.integer = integers_[size(row * padded_cols_ + col)];
  return sum;
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
    const bool integers = path_ == ValuePath::kInt16;
    output = size((row * t_.lanes_m - shifts) * (integers ? padded_cols_ : output_cols_) + j);
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
  Sum sum;
  if (s != nullptr && !s->integers.empty()) sum.integer = s->integers[output];
  if (s != nullptr && !s->sums.empty()) sum = s->sums[output];
  return sum;
}

}  // namespace mixpe
