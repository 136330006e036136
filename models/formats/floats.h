#pragma once
// IEEE 754 floats, in integer arithmetic: no result depends on the floating-point environment.
//  * A finite value is (-1)^negative * significand * 2^exponent, exactly, subnormals included.
//  * One routine rounds everything (encode_float); each helper rounds once.
//  * Overflow gives infinity, underflow subnormals and zeros with their sign; every NaN is
//    canonical: 0x7e00 (FP16), 0x7fc0 (BF16), 0x7fc00000 (FP32).

#include <bit>
#include <cstdint>

#include "models/formats/format.h"

namespace mixpe {

enum class FloatClass { kFinite, kInfinity, kNan };

/// A float taken apart. Finite: the significand holds the hidden bit (FP16: below 2^11) and
/// `exponent` is the weight of its last place (FP16: -24 .. 5). Otherwise both are 0.
struct Unpacked {
  FloatClass kind = FloatClass::kFinite;
  bool negative = false;
  int exponent = 0;
  std::uint32_t significand = 0;

  bool operator==(const Unpacked&) const = default;
  bool is_zero() const { return kind == FloatClass::kFinite && significand == 0; }
};

/// Exponent bias of a float format: FP16 15, BF16 and FP32 127.
constexpr int exponent_bias(const Format& f) { return (1 << (f.exponent_bits - 1)) - 1; }
/// Weight of the last place of subnormals and of the smallest normals: FP16 -24, FP32 -149.
constexpr int min_exponent(const Format& f) { return 1 - exponent_bias(f) - f.fraction_bits; }
/// The exponent field of `code` as it counts: biased, subnormals and zeros as 1 (FP16: 1 .. 31).
constexpr int biased_exponent(const Format& f, Code code) {
  const auto field = static_cast<int>((code >> f.fraction_bits) & ((1U << f.exponent_bits) - 1));
  return field == 0 ? 1 : field;
}

constexpr Code infinity_code(const Format& f, bool negative = false) {
  const Code sign = negative ? Code{1} << (f.bits - 1) : 0;
  return sign | (((Code{1} << f.exponent_bits) - 1) << f.fraction_bits);
}
constexpr Code nan_code(const Format& f) {
  return infinity_code(f) | (Code{1} << (f.fraction_bits - 1));
}

Unpacked unpack(const Format& f, Code code);

/// value / 2^shift to the nearest integer, ties to even. shift >= 0, of any size.
std::uint64_t shift_right_rne(std::uint64_t value, int shift);

/// RNE((-1)^negative * magnitude * 2^exponent): exact operand, one rounding. |exponent| < 2^20.
Code encode_float(const Format& f, bool negative, std::uint64_t magnitude, int exponent);

/// RNE32(integer * 2^exponent): one rounding. Zero is +0. |exponent| < 2^20.
float integer_to_fp32(std::int64_t integer, int exponent);

inline float bits_to_float(Code bits) { return std::bit_cast<float>(bits); }
inline Code float_to_bits(float value) { return std::bit_cast<Code>(value); }

inline bool is_nan(float value) { return (float_to_bits(value) & 0x7fffffffU) > 0x7f800000U; }
/// `value`, with every NaN replaced by 0x7fc00000.
inline float canonical_nan(float value) {
  return is_nan(value) ? bits_to_float(0x7fc00000U) : value;
}

/// Exact.
float fp16_to_float(Code code);
float bf16_to_float(Code code);
/// One rounding each.
Code float_to_fp16(float value);
Code double_to_fp16(double value);
Code float_to_bf16(float value);
float double_to_float(double value);

}  // namespace mixpe
