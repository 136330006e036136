#include "models/dequant/dequant.h"

#include "models/core/errors.h"
#include "models/formats/floats.h"
#include "models/formats/integers.h"

namespace mixpe {

namespace {

/// An integer sum as an FP32 value: its special if it carries one, else rounded once.
float sum_to_fp32(const Sum& sum, int exponent) {
  constexpr int kBothInf = Sum::kPlusInf | Sum::kMinusInf;
  if ((sum.special & Sum::kNan) != 0 || (sum.special & kBothInf) == kBothInf) {
    return bits_to_float(nan_code(kFp32));
  }
  if (sum.special != Sum::kNone) {
    return bits_to_float(infinity_code(kFp32, sum.special == Sum::kMinusInf));
  }
  return integer_to_fp32(sum.integer, exponent);
}

float zero_corrected_fp32(float sum, float row_sum, std::int32_t zero) {
  const float offset = static_cast<float>(zero) * row_sum;  // |zero| < 2^16: exact as a float
  return canonical_nan(sum - offset);
}

}  // namespace

float zero_corrected(SumKind kind, const Sum& sum, const Sum& row_sum, std::int32_t zero,
                     int exponent) {
  if (kind == SumKind::kFloat32) return zero_corrected_fp32(sum.real, row_sum.real, zero);
  if (sum.special != Sum::kNone || row_sum.special != Sum::kNone) {
    return zero_corrected_fp32(sum_to_fp32(sum, exponent), sum_to_fp32(row_sum, exponent), zero);
  }
  std::int64_t offset = 0, t = 0;
  const bool overflow = __builtin_mul_overflow(row_sum.integer, zero, &offset) ||
                        __builtin_sub_overflow(sum.integer, offset, &t);
  check_invariant(!overflow, "zero-corrected group sum leaves 64 bits");
  return exponent == 0 ? static_cast<float>(t) : integer_to_fp32(t, exponent);
}

int zero_corrected_bits(int acc_bits, int row_sum_bits, const Format& zero) {
  __extension__ using Wide = __int128;  // 62 + 16 bits and a carry
  // t is linear in each operand, so its extremes lie at the corners of their ranges.
  Wide low = 0, high = 0;
  for (const std::int64_t r : {signed_min(row_sum_bits), signed_max(row_sum_bits)}) {
    for (const std::int32_t z : {int_min(zero), int_max(zero)}) {
      const Wide offset = Wide{r} * z;
      if (signed_min(acc_bits) - offset < low) low = signed_min(acc_bits) - offset;
      if (signed_max(acc_bits) - offset > high) high = signed_max(acc_bits) - offset;
    }
  }
  int bits = acc_bits;
  while (low < -(Wide{1} << (bits - 1)) || high >= Wide{1} << (bits - 1)) ++bits;
  return bits;
}

Code epilogue_float(float y, float act_scale, const Format& out) {
  return encode(out, scaled(y, act_scale));
}

Code epilogue_integer(std::int32_t i, float weight_scale, float act_scale, const Format& out) {
  return epilogue_float(scaled(integer_to_fp32(i, 0), weight_scale), act_scale, out);
}

Code int4_to_int8(std::int32_t q, std::int32_t zero, std::int32_t scale) {
  return wrap_int(signed_int(8), std::int64_t{q} * scale - std::int64_t{zero} * scale);
}

Code int_to_fp16(std::int32_t q, std::int32_t zero, Code scale_fp16) {
  // 18 x 11 significant bits: the product is exact in a double, specials and signs are IEEE's.
  const double product = static_cast<double>(q - zero) * fp16_to_float(scale_fp16);
  return double_to_fp16(product);
}

}  // namespace mixpe
