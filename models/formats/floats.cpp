#include "models/formats/floats.h"

#include <algorithm>

namespace mixpe {

Unpacked unpack(const Format& f, Code code) {
  const Code sign = Code{1} << (f.bits - 1);
  const Code magnitude = code & (sign - 1);
  Unpacked u;
  u.negative = (code & sign) != 0;
  if (magnitude >= infinity_code(f)) {
    u.kind = magnitude == infinity_code(f) ? FloatClass::kInfinity : FloatClass::kNan;
    return u;
  }
  const Code hidden = Code{1} << f.fraction_bits;
  u.significand = (magnitude & (hidden - 1)) | (magnitude >= hidden ? hidden : 0);
  u.exponent = min_exponent(f) + biased_exponent(f, magnitude) - 1;
  return u;
}

std::uint64_t shift_right_rne(std::uint64_t value, int shift) {
  if (shift == 0) return value;
  if (shift > 64) return 0;  // value < 2^64 is less than half
  const std::uint64_t quotient = shift == 64 ? 0 : value >> shift;
  const std::uint64_t half = std::uint64_t{1} << (shift - 1);
  const std::uint64_t rest = value & (half | (half - 1));
  const bool up = rest > half || (rest == half && (quotient & 1) != 0);
  return quotient + (up ? 1 : 0);
}

Code encode_float(const Format& f, bool negative, std::uint64_t magnitude, int exponent) {
  const Code sign = negative ? Code{1} << (f.bits - 1) : 0;
  if (magnitude == 0) return sign;
  // Weight of the result's last place: as the leading bit asks, but no finer than subnormals.
  const int precision = f.fraction_bits + 1;
  const int last_place =
      std::max(exponent + static_cast<int>(std::bit_width(magnitude)) - precision, min_exponent(f));
  if (last_place > min_exponent(f) + (1 << f.exponent_bits)) return infinity_code(f, negative);
  const int shift = last_place - exponent;
  const std::uint64_t significand =
      shift <= 0 ? magnitude << -shift : shift_right_rne(magnitude, shift);
  // The hidden bit adds one to the exponent field; so does a carry out of the rounding, which also
  // turns the largest subnormal into the smallest normal and the largest normal into infinity.
  const std::uint64_t code =
      (static_cast<std::uint64_t>(last_place - min_exponent(f)) << f.fraction_bits) + significand;
  return sign | static_cast<Code>(std::min<std::uint64_t>(code, infinity_code(f)));
}

float integer_to_fp32(std::int64_t integer, int exponent) {
  const auto bits = static_cast<std::uint64_t>(integer);
  const bool negative = integer < 0;
  return bits_to_float(encode_float(kFp32, negative, negative ? 0 - bits : bits, exponent));
}

float fp16_to_float(Code code) {
  const Code sign = (code & 0x8000U) << 16;
  const Code magnitude = code & 0x7fffU;
  if (magnitude > 0x7c00U) return bits_to_float(nan_code(kFp32));
  if (magnitude == 0x7c00U) return bits_to_float(infinity_code(kFp32) | sign);
  // Normals keep their fraction (10 of 23 bits); the exponent changes its bias from 15 to 127.
  if (magnitude >= 0x0400U) return bits_to_float(sign | ((magnitude << 13) + ((127U - 15U) << 23)));
  // Subnormals count 2^-24, which is far from FP32's own subnormals: exact.
  return bits_to_float(sign | float_to_bits(static_cast<float>(magnitude) * 0x1p-24F));
}

float bf16_to_float(Code code) { return canonical_nan(bits_to_float(code << 16)); }

Code float_to_fp16(float value) { return encode(kFp16, value); }
Code double_to_fp16(double value) { return encode(kFp16, value); }
Code float_to_bf16(float value) { return encode(kBf16, value); }
float double_to_float(double value) { return bits_to_float(encode(kFp32, value)); }

}  // namespace mixpe
