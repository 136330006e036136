#pragma once
// The dequantisation unit's arithmetic, operation by operation (docs/numerics.md).
//  * After a group:   t = sum - zero * row_sum;  p = RNE32(RNE32(t * 2^e) * scale);
//                     y = RNE32(y + p)
//  * Once per output: out = RNE_out(RNE32(y * act_scale))          (floats: y is FP32)
//                     out = RNE_out(RNE32(RNE32(RNE32(i) * weight_scale) * act_scale))
//                                                                  (i: integer psum)
//  * Before the array: i8 = wrap8(q * s2 - z * s2);  fp16 = RNE16((q - z) * scale)
//  * Scales arrive in FP32; FP16 and BF16 scales widen exactly.
//  * Floating-point additions, products and conversions of integers are the machine's, in the
//    default environment (round to nearest even, subnormals kept); other conversions are our own
//    integer arithmetic.

#include <cstdint>

#include "models/formats/floats.h"
#include "models/formats/format.h"
#include "models/pe/pe_model.h"

namespace mixpe {

/// A group's contribution in FP32 before its scale: RNE32(t * 2^exponent) for integer sums, and
/// RNE32(sum - RNE32(zero * row_sum)) for FP32 sums. Integer sums that carry a special are turned
/// to FP32 first (the finite one of the two by RNE32), then follow the FP32 rule. A scheme without
/// zero-points passes zero = 0 and row_sum = Sum{}.
/// Throws InvariantError if t leaves 64 bits: the mapping refuses a scheme and a PE whose
/// zero_corrected_bits() exceed kMaxZeroCorrectedBits.
float zero_corrected(SumKind kind, const Sum& sum, const Sum& row_sum, std::int32_t zero,
                     int exponent);
inline constexpr int kMaxZeroCorrectedBits = 64;
/// Bits of t in two's complement: the narrowest width that holds every sum - zero * row_sum of
/// accumulators this wide and zero-points of this integer format. Widths 1-62.
int zero_corrected_bits(int acc_bits, int row_sum_bits, const Format& zero);
/// RNE32(x * scale), NaN canonical.
inline float scaled(float x, float scale) { return canonical_nan(x * scale); }
/// RNE32(y + p), NaN canonical.
inline float accumulated(float y, float p) { return canonical_nan(y + p); }

/// Once per output of FP32 values: RNE_out(RNE32(y * act_scale)).
Code epilogue_float(float y, float act_scale, const Format& out);
/// Once per output of integer psums: RNE_out(RNE32(RNE32(RNE32(i) * weight_scale) * act_scale)).
Code epilogue_integer(std::int32_t i, float weight_scale, float act_scale, const Format& out);

/// Integer group scale and zero-point of a two-level scheme: wrap8(q*s2 - z*s2), an i8 code.
Code int4_to_int8(std::int32_t q, std::int32_t zero, std::int32_t scale);
/// RNE16((q - zero) * scale), scale an FP16 code; |q|, |zero| < 2^16.
Code int_to_fp16(std::int32_t q, std::int32_t zero, Code scale_fp16);

}  // namespace mixpe
