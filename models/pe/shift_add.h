#pragma once
// The multiplication of the MixPE PEs: no multiplier, one conditional adder for each weight bit.

#include <cstdint>

#include "models/formats/format.h"

namespace mixpe {

/// weight * x: adds x shifted by each set bit of the weight, and subtracts at the sign bit of a
/// signed weight (two's complement gives that bit the weight -2^(bits-1)).
/// `x` may use 64 - bits bits at most.
constexpr std::int64_t shift_add(std::int64_t x, Code weight, int bits, bool is_signed) {
  std::int64_t sum = 0;
  for (int bit = 0; bit < bits; ++bit) {
    if ((weight >> bit & 1U) == 0) continue;
    const std::int64_t shifted = x << bit;
    const bool sign_bit = is_signed && bit == bits - 1;
    sum += sign_bit ? -shifted : shifted;
  }
  return sum;
}

constexpr std::int64_t shift_add(std::int64_t x, Code weight, const Format& format) {
  return shift_add(x, weight, format.bits, format.is_signed());
}

}  // namespace mixpe
