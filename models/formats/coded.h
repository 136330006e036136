#pragma once
// Codes that stand for integers, of ANT (flint, power of two; Guo et al., MICRO 2022) and OliVe
// (outlier-victim pairs with abfloat outliers; Guo et al., ISCA 2023).
//  * Every value is an integer times a power of two, both small: what a decoder hands to the PE.
//  * flint4, pot4: a sign and a 3-bit magnitude; uflint4: a 4-bit magnitude.
//  * ovp4: 4 bits in memory, 5 as a Code: the edge's decoder has seen the neighbour, and bit 4 says
//    what the nibble is. 0: i4 without -8, or the victim 1000, worth 0. 1: an outlier, sign and
//    abfloat E2M1. Elements 2i and 2i + 1 are a pair; at most one is an outlier, the other is then
//    its victim.

#include <bit>
#include <cstdint>
#include <span>

#include "models/formats/format.h"

namespace mixpe {

/// integer * 2^exponent.
struct Decoded {
  std::int32_t integer = 0;
  int exponent = 0;
  constexpr std::int32_t value() const { return integer * (1 << exponent); }
};

/// Top bit 0: the low bits are the integer. Top bit 1 and z zeros before the first 1 of the low
/// bits: the same integer times 2^(2z + 1); low bits 0: the largest value, 2^(2 (bits - 1)).
constexpr Decoded decode_flint(Code magnitude, int bits) {
  const int low_bits = bits - 1;
  const Code low = magnitude & ((Code{1} << low_bits) - 1);
  if ((magnitude >> low_bits & 1U) == 0) return {static_cast<std::int32_t>(low), 0};
  if (low == 0) return {1, 2 * low_bits};
  return {static_cast<std::int32_t>(low),
          2 * (low_bits - static_cast<int>(std::bit_width(low))) + 1};
}

/// 0, then 1, 2, 4, …
constexpr Decoded decode_power_of_two(Code magnitude) {
  return magnitude == 0 ? Decoded{} : Decoded{1, static_cast<int>(magnitude) - 1};
}

/// E2M1 above the normal values of i4 (bias 2): 12, 16, 24, …, 96. Magnitude 0, worth 8, is never
/// encoded: with a sign it would be the victim's code.
constexpr int kAbfloatBias = 2;
constexpr Decoded decode_abfloat(Code magnitude) {
  return {static_cast<std::int32_t>(2 + (magnitude & 1U)),
          static_cast<int>(magnitude >> 1) + kAbfloatBias};
}

inline constexpr Code kOutlierFlag = 0x10;
inline constexpr Code kVictim = 0x8;

/// What the decoder makes of a code of a coded format.
Decoded decode_coded(const Format& format, Code code);
/// The largest value of a coded format; the smallest is 0 (uflint4) or minus that.
std::int32_t coded_max(const Format& format);
/// The code whose value is nearest to `value`, of two equally near ones the smaller in magnitude.
/// NaN gives 0. ovp4: as if every element might be an outlier; see make_pairs().
Code encode_coded(const Format& format, double value);

/// Makes pairs of ovp4 codes from k = 0 on: the partner of an outlier becomes its victim, and of
/// two outliers the larger stays (the first, if they are equal).
void make_pairs(std::span<std::uint16_t> codes);
/// The edge's decoder: two neighbouring nibbles of memory to codes.
struct CodePair {
  Code first = 0, second = 0;
  bool operator==(const CodePair&) const = default;
};
CodePair decode_pair(Code first_nibble, Code second_nibble);

}  // namespace mixpe
