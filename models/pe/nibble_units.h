#pragma once
// The multiplier of PEs that fuse 4-bit units: a unit multiplies two small integers and shifts the
// product by both exponents; four of them make one 8 x 8 bit product.

#include <cstdint>

#include "models/formats/coded.h"
#include "models/formats/integers.h"

namespace mixpe {

constexpr int kUnitBits = 4;

/// What a unit's decoder makes of an operand of up to 4 bits.
inline Decoded decode_operand(const Format& format, Code code) {
  return format.is_coded() ? decode_coded(format, code) : Decoded{decode_int(format, code), 0};
}

/// One 4-bit unit: integers multiplied, exponents added.
constexpr std::int64_t unit_product(const Decoded& a, const Decoded& b) {
  return std::int64_t{a.integer} * b.integer * (std::int64_t{1} << (a.exponent + b.exponent));
}

/// Nibble `i` of an 8-bit operand, worth 16^i: the low one is never signed.
constexpr Decoded nibble_of(Code code, int i, const Format& format) {
  const Format nibble = i == 0 ? unsigned_int(kUnitBits) : Format{format.kind, kUnitBits, 0, 0};
  return {decode_int(nibble, code >> (kUnitBits * i)), kUnitBits * i};
}

/// act * weight on as many units as it takes: one, two (8 x 4 bits) or four.
inline std::int64_t fused_product(Code act, Code weight, const Format& act_format,
                                  const Format& weight_format) {
  const auto parts = [](const Format& f) { return f.bits > kUnitBits ? 2 : 1; };
  const auto part = [](const Format& f, Code code, int i) {
    return f.bits > kUnitBits ? nibble_of(code, i, f) : decode_operand(f, code);
  };
  std::int64_t sum = 0;
  for (int i = 0; i < parts(act_format); ++i) {
    for (int j = 0; j < parts(weight_format); ++j) {
      sum += unit_product(part(act_format, act, i), part(weight_format, weight, j));
    }
  }
  return sum;
}

}  // namespace mixpe
