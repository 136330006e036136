// The running sums of CycleOs: 16-bit integers, FP32, and PeModel::mac() for everything else.

#include <algorithm>

#include "models/formats/floats.h"
#include "sim/timing/engines/cycle_os.h"
#include "sim/timing/segment_sum.h"

namespace mixpe {
namespace {

std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }

}  // namespace

void CycleOs::catch_up() {
  if (path_ == ValuePath::kInt16 && computed_ < cycle_) compute_integers();
  computed_ = cycle_;
}

/// All segments' sums in the cycles since the last one computed.
void CycleOs::compute_integers() {
  for (Segment& s : segments_) {
    if (s.skewed == nullptr) continue;
    const std::int64_t first = s.begin + t_.sum_latency();  // PE(0,0) writes its first sum
    add_skewed(isa_,
               s.skewed->sums(computed_ + 1 - first, cycle_ + 1 - first, s.values.integers.data()));
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
  const std::int64_t together = products_together(work_);
  for (std::int64_t a = 0; a < t_.lanes_m; ++a) {
    for (std::int64_t b = 0; b < t_.lanes_n; ++b) {
      const std::int64_t output = (row * t_.lanes_m + a) * output_cols_ + col * t_.lanes_n + b;
      for (std::int64_t j = 0; j < e.count; j += together) {
        Sum& sum = sums_[size(output * interleave_ + (e.k + j) % interleave_)];
        if (e.k + j < interleave_) sum = {};
        join_products(work_, sum, &e.feed->act[size(acts + a * t_.lanes_k + j)],
                      &e.feed->weight[size(weights + b * t_.lanes_k + j)],
                      std::min(together, e.count - j), counters_[Event::kOverflow]);
      }
    }
  }
}

void CycleOs::merge_in_order(std::int64_t row, std::int64_t col, const Edge& e) {
  for (std::int64_t o = 0; o < t_.lanes_m * t_.lanes_n; ++o) {
    const std::int64_t output =
        (row * t_.lanes_m + o / t_.lanes_n) * output_cols_ + col * t_.lanes_n + o % t_.lanes_n;
    Sum* sums = &sums_[size(output * interleave_)];
    work_.pe->merge(sums[0], e.count < e.k ? sums[e.count] : Sum{}, counters_[Event::kOverflow]);
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
      if (e.merge) merge_in_order(r, c, e);
    }
  }
}

/// What FP32 and ordered sums hold: of PE (row, col)'s first output, or of output (row, col).
Sum CycleOs::sum_of(std::size_t output) const {
  Sum sum;
  if (path_ == ValuePath::kFloat) sum.real = canonical_nan(reals_[output]);
  if (path_ == ValuePath::kOrdered) sum = sums_[output * size(interleave_)];
  return sum;
}

/// The anti-diagonal of PEs that capture this segment at the end of this cycle.
void CycleOs::capture_sums(Segment& s, std::int64_t cycle) {
  if (s.end < 0 || s.values.sums.empty()) return;
  const std::int64_t diagonal = cycle - (s.end - 1 + t_.sum_latency());
  const std::int64_t from = std::max<std::int64_t>(0, diagonal - s.job.cols + 1);
  for (std::int64_t r = from; r <= std::min(diagonal, s.job.rows - 1); ++r) {
    const std::int64_t c = diagonal - r;
    for (std::int64_t o = 0; o < t_.lanes_m * t_.lanes_n; ++o) {
      const std::size_t output =
          size((r * t_.lanes_m + o / t_.lanes_n) * output_cols_ + c * t_.lanes_n + o % t_.lanes_n);
      s.values.sums[output] = sum_of(output);
    }
  }
}

}  // namespace mixpe
