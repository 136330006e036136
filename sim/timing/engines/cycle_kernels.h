#pragma once
// One row of PEs of the cycle engine, for the host's vector units.

#include <cstdint>

namespace mixpe {

/// sum = (sum & keep) + act * weight
void cycle_row_int16(const std::int16_t* act, const std::int16_t* weight, const std::int32_t* keep,
                     std::int32_t* sum, std::int32_t cols);

/// FP32 operations of a PE in a cycle: sum number, and one of these in the bits above.
inline constexpr std::int32_t kFpSum = 0xff;     ///< mask of the sum number
inline constexpr std::int32_t kFpAdd = 0x100;    ///< the product joins the sum
inline constexpr std::int32_t kFpFresh = 0x200;  ///< from zero (kFpMerge: zero is added)
inline constexpr std::int32_t kFpMerge = 0x400;  ///< the sum is added to sum 0

/// One of the interleaved sums of a row, `number`; `sum0` is sum 0 of the same row.
void cycle_row_float(const float* act, const float* weight, const std::int32_t* operation,
                     std::int32_t number, float* sum, float* sum0, std::int32_t cols);

}  // namespace mixpe
