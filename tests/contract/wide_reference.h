#pragma once
// What a PE must compute, slowly and with nothing shared with models/: exact integers of 1024 bits,
// rounded or wrapped once where the contract says so.
//  * A value is a whole number of 2^-298 (the product of two smallest FP32 subnormals), or special.
//  * Range: |value| < 2^256 (a product of two FP32), so 852 bits before a product is scaled back.

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <cstdint>

#include "models/pe/pe_model.h"

namespace mixpe::testing {

using Wide = boost::multiprecision::number<boost::multiprecision::cpp_int_backend<
    1024, 1024, boost::multiprecision::signed_magnitude, boost::multiprecision::unchecked, void>>;

inline constexpr int kUnitExponent = -298;

struct Exact {
  Wide units = 0;
  std::uint32_t special = Sum::kNone;  ///< one of Sum::Special
};

/// NaN as soon as one is NaN or the infinities differ; an infinity wins over any number.
inline std::uint32_t special_sum(std::uint32_t a, std::uint32_t b) {
  if (a == Sum::kNone) return b;
  if (b == Sum::kNone || a == b) return a;
  return Sum::kNan;
}

inline Exact operator+(const Exact& a, const Exact& b) {
  return {a.units + b.units, special_sum(a.special, b.special)};
}

/// Inf * 0 = NaN; signs multiply.
inline Exact operator*(const Exact& a, const Exact& b) {
  if (a.special == Sum::kNone && b.special == Sum::kNone) {
    const Wide magnitude = (abs(a.units) * abs(b.units)) >> -kUnitExponent;
    return {(a.units < 0) == (b.units < 0) ? magnitude : Wide(-magnitude)};
  }
  const auto is_zero = [](const Exact& x) { return x.special == Sum::kNone && x.units == 0; };
  const auto is_negative = [](const Exact& x) {
    return x.special == Sum::kMinusInf || (x.special == Sum::kNone && x.units < 0);
  };
  if (a.special == Sum::kNan || b.special == Sum::kNan || is_zero(a) || is_zero(b)) {
    return {0, Sum::kNan};
  }
  return {0, is_negative(a) == is_negative(b) ? Sum::kPlusInf : Sum::kMinusInf};
}

/// Values of the codes of coded formats, copied from the papers' tables (magnitudes; ANT, table 2,
/// and OliVe's abfloat E2M1 with bias 2).
inline int coded_value(const Format& f, Code code) {
  constexpr int kFlint[] = {0, 1, 2, 3, 16, 8, 4, 6};
  constexpr int kUnsignedFlint[] = {0, 1, 2, 3, 4, 5, 6, 7, 64, 32, 16, 24, 8, 10, 12, 14};
  constexpr int kPower[] = {0, 1, 2, 4, 8, 16, 32, 64};
  constexpr int kOutlier[] = {8, 12, 16, 24, 32, 48, 64, 96};
  constexpr int kNormal[] = {0, 1, 2, 3, 4, 5, 6, 7, 0, -7, -6, -5, -4, -3, -2, -1};
  const int sign = (code & 8) != 0 ? -1 : 1;
  switch (f.kind) {
    case FormatKind::kFlint:
      return sign * kFlint[code & 7];
    case FormatKind::kUnsignedFlint:
      return kUnsignedFlint[code & 15];
    case FormatKind::kPowerOfTwo:
      return sign * kPower[code & 7];
    default:
      return (code & 16) != 0 ? sign * kOutlier[code & 7] : kNormal[code & 15];
  }
}

/// The value of a code, read from its fields as IEEE 754-2019 section 3.4 lays them out.
inline Exact exact_value(const Format& f, Code code) {
  const Wide one = Wide(1) << -kUnitExponent;
  if (f.is_coded()) return {one * coded_value(f, code)};
  if (f.is_integer()) {
    const std::int64_t raw = code & ((std::int64_t{1} << f.bits) - 1);
    const bool negative = f.is_signed() && (raw >> (f.bits - 1)) != 0;
    return {one * (negative ? raw - (std::int64_t{1} << f.bits) : raw)};
  }
  const bool negative = (code >> (f.bits - 1) & 1) != 0;
  const int field_max = (1 << f.exponent_bits) - 1;
  const int field = static_cast<int>(code >> f.fraction_bits) & field_max;
  const std::int64_t fraction = code & ((std::int64_t{1} << f.fraction_bits) - 1);
  if (field == field_max) {
    if (fraction != 0) return {0, Sum::kNan};
    return {0, negative ? Sum::kMinusInf : Sum::kPlusInf};
  }
  const std::int64_t hidden = field == 0 ? 0 : std::int64_t{1} << f.fraction_bits;
  const int bias = (1 << (f.exponent_bits - 1)) - 1;
  const int last_place = std::max(field, 1) - bias - f.fraction_bits;
  const Wide magnitude = Wide(hidden + fraction) << (last_place - kUnitExponent);
  return {negative ? Wide(-magnitude) : magnitude};
}

/// magnitude / 2^shift to the nearest integer, ties to even.
inline Wide nearest_even(const Wide& magnitude, unsigned shift) {
  if (shift == 0) return magnitude;
  const Wide quotient = magnitude >> shift;
  const Wide twice_rest = (magnitude - (quotient << shift)) << 1;
  const Wide step = Wide(1) << shift;
  const bool up = twice_rest > step || (twice_rest == step && bit_test(quotient, 0));
  return up ? Wide(quotient + 1) : quotient;
}

/// x / 2^exponent to the nearest integer, ties to even in magnitude. 0 for infinities and NaN.
inline Wide rounded_units(const Exact& x, int exponent) {
  const Wide q = nearest_even(abs(x.units), static_cast<unsigned>(exponent - kUnitExponent));
  return x.units < 0 ? Wide(-q) : q;
}

/// The FP32 code nearest to x, ties to even. Zero is +0: a sum that starts from +0 never is -0.
inline std::uint32_t nearest_fp32(const Exact& x) {
  constexpr std::uint32_t kInf = 0x7f800000, kSign = 0x80000000;
  if (x.special == Sum::kNan) return 0x7fc00000;
  if (x.special != Sum::kNone) return x.special == Sum::kPlusInf ? kInf : kSign | kInf;
  if (x.units == 0) return 0;
  const Wide magnitude = abs(x.units);
  constexpr unsigned kSubnormal = 298 - 149;  // FP32 has no finer last place than 2^-149
  const unsigned top = msb(magnitude);
  unsigned last_place = top < kSubnormal + 23 ? kSubnormal : top - 23;
  auto significand = static_cast<std::uint32_t>(nearest_even(magnitude, last_place));
  if (significand == 1U << 24) {  // rounded up to the next power of two
    significand >>= 1;
    ++last_place;
  }
  const std::uint32_t field = significand >> 23 == 0 ? 0 : last_place - kSubnormal + 1;
  const std::uint32_t sign = x.units < 0 ? kSign : 0;
  if (field >= 255) return sign | kInf;
  return sign | field << 23 | (significand & 0x7fffff);
}

/// A two's complement register: what it holds, and how often a sum did not fit.
struct WideRegister {
  int bits = 32;
  Wide value = 0;
  std::uint64_t overflows = 0;

  void add(const Wide& addend) {
    const Wide half = Wide(1) << (bits - 1);
    value += addend;
    if (value >= -half && value < half) return;
    ++overflows;
    while (value >= half) value -= half << 1;
    while (value < -half) value += half << 1;
  }
};

}  // namespace mixpe::testing
