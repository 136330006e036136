#pragma once
// The order in which a segment's terms are added up: products in the PEs, and activations in the
// row-sum adders, which follow the same order (docs/numerics.md). PEs with lanes along k add the
// products of a step together, unless interleaving gives each a sum of its own.

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "sim/timing/array_engine.h"

namespace mixpe {

/// A code that stands for "no operand here": padding of rows, columns and k.
inline constexpr Code kNoOperand = 0xffffffffU;

/// The runs of k that a segment's sum consists of: interleaved (OS) or K-tiles of the array (WS).
/// part(first, step, count) is called in the order in which they are merged.
template <class Function>
void for_each_part(const ArrayWork& work, std::int64_t length, Function&& part) {
  if (work.timing.dataflow == Dataflow::kOutputStationary) {
    const std::int64_t p = work.pe->spec().interleave;
    for (std::int64_t i = 0; i < p; ++i) part(i, p, i < length ? (length - i + p - 1) / p : 0);
  } else {
    const std::int64_t depth = work.timing.rows * work.timing.lanes_k;
    for (std::int64_t k = 0; k < length; k += depth) part(k, 1, std::min(depth, length - k));
  }
}

/// The row sum of a segment's activations, as align_segment() left them.
inline Sum row_sum(const ArrayWork& work, std::span<const Code> acts, std::uint64_t& overflows) {
  Sum total;
  bool first = true;
  const auto length = static_cast<std::int64_t>(acts.size());
  for_each_part(work, length, [&](std::int64_t k, std::int64_t step, std::int64_t count) {
    Sum sum;
    for (std::int64_t i = 0; i < count; ++i, k += step) {
      work.pe->add_activation(sum, acts[static_cast<std::size_t>(k)], work.formats, overflows);
    }
    if (first) {
      total = sum;
    } else {
      work.pe->merge_row_sum(total, sum, overflows);
    }
    first = false;
  });
  return total;
}

/// Products of one step that join the same sum: all lanes along k, or one if sums are interleaved.
inline std::int64_t products_together(const ArrayWork& work) {
  const bool interleaved =
      work.timing.dataflow == Dataflow::kOutputStationary && work.pe->spec().interleave > 1;
  return interleaved ? 1 : work.timing.lanes_k;
}

/// The products of one step, kMaxLanes at most, join `sum`; a place without an operand adds none.
template <class Weight>
void join_products(const ArrayWork& work, Sum& sum, const Code* acts, const Weight* weights,
                   std::int64_t count, std::uint64_t& overflows) {
  constexpr std::size_t kMaxLanes = 64;  // of a mode, along k
  std::array<Code, kMaxLanes> act, weight;
  std::size_t filled = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    if (acts[i] == kNoOperand || weights[i] == kNoOperand) continue;
    act[filled] = acts[i];
    weight[filled++] = weights[i];
  }
  work.pe->step(sum, {act.data(), filled}, {weight.data(), filled}, work.formats, overflows);
}

}  // namespace mixpe
