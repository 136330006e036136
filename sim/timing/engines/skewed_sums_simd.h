#pragma once
// The loops of add_skewed() for one instruction set: include it behind the target pragma, and give
// add_all() a Unit:
//   Vector, kLanes; load(p), store(p, v), zero(), plus(a, b);
//   pairs(p): lane i holds p[i + 1] in its low half and p[i] in its high half;
//   only(v, mask): what the mask keeps of every lane;
//   add(sum, act, weight): sum += both halves' products.

namespace mixpe::skewed {
namespace {

// Nothing of the standard library in here: what this file instantiates is compiled for its
// instruction set, and the linker could choose it for the whole program.

#define MIXPE_INLINE [[gnu::always_inline]] inline

/// kVectors registers of neighbouring PEs through cycles [from, to). `act` is the first PE's.
template <class Unit, int kVectors>
MIXPE_INLINE void add_pes(const std::int16_t* act, const std::int32_t* weight, std::int64_t columns,
                          std::int32_t* sum, std::int32_t from, std::int32_t to) {
  using Vector = typename Unit::Vector;
  // Two chains of sums: additions that wait for each other would leave the multipliers idle.
  Vector even[kVectors], odd[kVectors];
  for (int v = 0; v < kVectors; ++v) {
    even[v] = Unit::load(sum + v * Unit::kLanes);
    odd[v] = Unit::zero();
  }
  const auto add_two = [](Vector(&sums)[kVectors], const std::int16_t* a, const std::int32_t* w,
                          std::uint32_t mask) {
    for (int v = 0; v < kVectors; ++v) {
      Vector pairs = Unit::pairs(a + v * Unit::kLanes);
      if (mask != ~0U) pairs = Unit::only(pairs, mask);
      Unit::add(sums[v], pairs, Unit::load(w + v * Unit::kLanes));
    }
  };
  std::int32_t left = to - from;
  const std::int32_t first = from & ~1;
  const std::int16_t* a = act - (first + 1);
  const std::int32_t* w = weight + first / 2 * columns;
  if (first != from) {
    add_two(even, a, w, 0xffff0000U);
    --left, a -= 2, w += columns;
  }
  for (; left >= 4; left -= 4, a -= 4, w += 2 * columns) {
    add_two(even, a, w, ~0U);
    add_two(odd, a - 2, w + columns, ~0U);
  }
  if (left >= 2) {
    add_two(even, a, w, ~0U);
    left -= 2, a -= 2, w += columns;
  }
  if (left > 0) add_two(odd, a, w, 0x0000ffffU);
  for (int v = 0; v < kVectors; ++v) {
    Unit::store(sum + v * Unit::kLanes, Unit::plus(even[v], odd[v]));
  }
}

template <class Unit>
MIXPE_INLINE void add_all(const SkewedSums& s) {
  constexpr std::int32_t kTwo = 2 * Unit::kLanes;
  for (std::int32_t r = 0; r < s.rows; ++r) {
    const auto limited = [&](std::int32_t t) { return t < 0 ? 0 : t > s.cycles ? s.cycles : t; };
    const std::int32_t from = limited(s.from - r), to = limited(s.to - r);
    if (from >= to) continue;
    const std::int16_t* act = s.act + r * s.act_stride;
    std::int32_t* sum = s.sum + r * s.columns;
    std::int32_t c = 0;
    for (; c + kTwo <= s.columns; c += kTwo) {
      add_pes<Unit, 2>(act + c, s.weight + c, s.columns, sum + c, from, to);
    }
    for (; c < s.columns; c += Unit::kLanes) {
      add_pes<Unit, 1>(act + c, s.weight + c, s.columns, sum + c, from, to);
    }
  }
}

#undef MIXPE_INLINE

}  // namespace
}  // namespace mixpe::skewed
