#pragma once
// The dequantisation unit's arithmetic, operation by operation (docs/numerics.md).
//  * After a group:   t = sum - zero * row_sum;  p = RNE32(RNE32(t * 2^e) * scale);  y = RNE32(y +
//  p)
//  * Once per output: out = RNE_out(RNE32(y * act_scale))          (floats: y is FP32)
//                     out = RNE_out(RNE32(RNE32(RNE32(i) * weight_scale) * act_scale))  (i: integer
//                     psum)
//  * Before the array: i8 = wrap8(q * s2 - z * s2);  fp16 = RNE16((q - z) * scale)

#include <cstdint>
#include <optional>

#include "models/formats/format.h"
#include "models/pe/pe_model.h"

namespace mixpe {

/// A group's contribution in FP32 before its scale: RNE32(t * 2^exponent) for integer sums, and
/// RNE32(sum - RNE32(zero * row_sum)) for FP32 sums.
float zero_corrected(SumKind kind, const Sum& sum, const Sum& row_sum, std::int32_t zero,
                     int exponent);
/// RNE32(x * scale), NaN canonical.
float scaled(float x, float scale);
/// RNE32(y + p), NaN canonical.
float accumulated(float y, float p);
/// Integer group scale and zero-point of a two-level scheme: wrap8(q*s2 - z*s2).
Code int4_to_int8(std::int32_t q, std::int32_t zero, std::int32_t scale);
/// RNE16((q - zero) * scale), scale an FP16 code.
Code int_to_fp16(std::int32_t q, std::int32_t zero, Code scale_fp16);

}  // namespace mixpe
