// The registers of CycleOs at its last clock, for those who look (array_state.h).

#include <algorithm>

#include "models/core/errors.h"
#include "models/formats/floats.h"
#include "sim/timing/engines/cycle_os.h"

namespace mixpe {
namespace {

std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }

}  // namespace

bool CycleOs::valid(std::int64_t row, std::int64_t col) const {
  return cycle_ - row - col >= 0 && edge(cycle_ - row - col).step;
}

std::int64_t CycleOs::act(std::int64_t row, std::int64_t col) const {
  const Edge& e = edge(cycle_ - row - col);
  if (!e.step) return 0;
  if (e.skewed != nullptr) return e.skewed->act(row, e.entry);
  const std::int64_t at = e.index * t_.rows + row;
  if (!e.feed->act_real.empty()) return float_to_bits(e.feed->act_real[size(at)]);
  return e.feed->act.empty() ? 0 : e.feed->act[size(at * t_.lanes_m * t_.lanes_k)];
}

std::int64_t CycleOs::weight(std::int64_t row, std::int64_t col) const {
  const Edge& e = edge(cycle_ - row - col);
  if (!e.step) return 0;
  if (e.skewed != nullptr) return e.skewed->weight(col, e.entry);
  const std::int64_t at = e.index * t_.cols + col;
  if (!e.feed->weight_real.empty()) return float_to_bits(e.feed->weight_real[size(at)]);
  return e.feed->weight.empty() ? 0 : e.feed->weight[size(at * t_.lanes_n * t_.lanes_k)];
}

Sum CycleOs::sum(std::int64_t row, std::int64_t col) const {
  if (path_ == ValuePath::kInt16) return integer_sum(row, col);
  return sum_of(size(row * t_.lanes_m * output_cols_ + col * t_.lanes_n));
}

/// The sum of the last segment that has reached this PE.
Sum CycleOs::integer_sum(std::int64_t row, std::int64_t col) const {
  const Segment* last = nullptr;
  for (const std::deque<Segment>* segments : {&left_, &segments_}) {
    for (const Segment& s : *segments) {
      const bool reached = s.begin + t_.sum_latency() + row + col <= cycle_;
      if (reached && (last == nullptr || s.begin > last->begin)) last = &s;
    }
  }
  Sum sum;
  if (last == nullptr || last->values.integers.empty()) return sum;
  sum.integer = last->values.integers[size(row * last->values.stride + col)];
  return sum;
}

void CycleOs::integer_sums(std::int32_t* sums) const {
  check_invariant(path_ == ValuePath::kInt16, "sums of other engines' paths");
  std::vector<const Segment*> newest_first;
  for (const std::deque<Segment>* segments : {&left_, &segments_}) {
    for (const Segment& s : *segments) newest_first.push_back(&s);
  }
  std::sort(newest_first.begin(), newest_first.end(),
            [](const Segment* a, const Segment* b) { return a->begin > b->begin; });
  for (std::int64_t r = 0; r < t_.rows; ++r) {
    // From left to right PEs are reached later: an older segment is their last.
    std::int64_t c = 0;
    for (auto s = newest_first.begin(); c < t_.cols; ++s) {
      if (s == newest_first.end()) {
        std::fill_n(sums + r * t_.cols + c, t_.cols - c, 0);
        break;
      }
      const std::int64_t reached = cycle_ - ((*s)->begin + t_.sum_latency() + r) + 1;
      const std::int64_t end = std::min(reached, t_.cols);
      if (end <= c) continue;
      const auto& values = (*s)->values;
      if (values.integers.empty()) {
        std::fill_n(sums + r * t_.cols + c, end - c, 0);
      } else {
        std::copy_n(&values.integers[size(r * values.stride + c)], end - c, sums + r * t_.cols + c);
      }
      c = end;
    }
  }
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
    output = size((row * t_.lanes_m - shifts) * s.values.stride + j);
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
  if (s != nullptr && !s->values.integers.empty()) sum.integer = s->values.integers[output];
  if (s != nullptr && !s->values.sums.empty()) sum = s->values.sums[output];
  return sum;
}

}  // namespace mixpe
