#pragma once
// Rows of PEs of the cycle engine, for the host's vector units.

#include <cstdint>

namespace mixpe {

/// The rows of PEs of a clock, with 16-bit operands and 32-bit sums. Row r looks at views[r].
struct Int16View {
  const std::int16_t* act;
  const std::int16_t* weight;
  const std::int32_t* keep;  ///< 0: the sum restarts, else -1
  std::int32_t* sum;
};
/// sum = (sum & keep) + act * weight
void cycle_rows_int16(const Int16View* views, std::int32_t rows, std::int32_t cols);

/// FP32 operations of a PE in a cycle: sum number, and one of these in the bits above.
inline constexpr std::int32_t kFpSum = 0xff;     ///< mask of the sum number
inline constexpr std::int32_t kFpAdd = 0x100;    ///< the product joins the sum
inline constexpr std::int32_t kFpFresh = 0x200;  ///< from zero (kFpMerge: zero is added)
inline constexpr std::int32_t kFpMerge = 0x400;  ///< the sum is added to sum 0

/// One of the interleaved sums of a row, `number`; `sum0` is sum 0 of the same row.
void cycle_row_float(const float* act, const float* weight, const std::int32_t* operation,
                     std::int32_t number, float* sum, float* sum0, std::int32_t cols);

}  // namespace mixpe
