#pragma once
// The slow, wide reference of the formats' and the dequantisation unit's tests; used by tests only.
//  * A number is an integer count of 2^-kGrid: every double, and the product of any two FP32
//    values, is one exactly.
//  * Rounding is by search among the format's values and exact comparison. It shares no code with
//    what it judges.

// GCC 12 takes the small-number branch of cpp_int's union for uninitialised once it is inlined.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <boost/multiprecision/cpp_int.hpp>
#pragma GCC diagnostic pop
#include <cmath>
#include <cstdint>
#include <stdexcept>

#include "models/formats/format.h"

namespace mixpe::reference {

using Exact = boost::multiprecision::cpp_int;

inline constexpr int kGrid = 1100;  // the smallest double is 2^-1074

/// n * 2^exponent.
inline Exact exact_scaled(const Exact& n, int exponent) {
  if (exponent + kGrid < 0) throw std::domain_error("finer than the reference's grid");
  return n << (exponent + kGrid);
}

inline Exact exact(double value) {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  const auto n = static_cast<std::int64_t>(std::ldexp(fraction, 53));
  // The smallest subnormals have fewer than 53 bits: shift in two steps, the zeros fall off.
  return (Exact(n) << (exponent - 53 + kGrid + 64)) >> 64;
}

inline Exact exact_product(const Exact& a, const Exact& b) {
  const Exact wide = a * b;
  const Exact narrow = wide / (Exact(1) << kGrid);
  if (narrow << kGrid != wide) throw std::domain_error("finer than the reference's grid");
  return narrow;
}

/// Value of a positive code by the standard's definition, with the exponent range going on upwards:
/// the code of infinity stands for 2^(emax+1), the place from where rounding overflows.
inline Exact float_value(const Format& f, Code magnitude) {
  const int bias = (1 << (f.exponent_bits - 1)) - 1;
  const int field = static_cast<int>(magnitude >> f.fraction_bits);
  const Code hidden = Code{1} << f.fraction_bits;
  const Code fraction = magnitude & (hidden - 1);
  return field == 0 ? exact_scaled(fraction, 1 - bias - f.fraction_bits)
                    : exact_scaled(hidden + fraction, field - bias - f.fraction_bits);
}

/// The code nearest to `value`, ties to the even code. Zero is +0.
inline Code nearest_code(const Format& f, const Exact& value) {
  const Exact magnitude = abs(value);
  const Code sign = value < 0 ? Code{1} << (f.bits - 1) : 0;
  const Code infinity = ((Code{1} << f.exponent_bits) - 1) << f.fraction_bits;
  Code below = 0, above = infinity;  // below <= magnitude < above, when there is such a pair
  if (magnitude >= float_value(f, infinity)) return sign | infinity;
  while (above - below > 1) {
    const Code middle = below + (above - below) / 2;
    (float_value(f, middle) <= magnitude ? below : above) = middle;
  }
  const Exact to_below = magnitude - float_value(f, below);
  const Exact to_above = float_value(f, above) - magnitude;
  const bool up = to_above < to_below || (to_above == to_below && below % 2 == 1);
  return sign | (up ? above : below);
}

inline float nearest_float(const Exact& value) {
  const Code code = nearest_code(kFp32, value);
  float result = 0;
  static_assert(sizeof result == sizeof code);
  __builtin_memcpy(&result, &code, sizeof code);
  return result;
}

}  // namespace mixpe::reference
