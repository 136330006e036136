#pragma once
// Rows of PEs of the cycle engine, for the host's vector units.

#include <cstdint>

namespace mixpe {

/// The sum of a row's activations, and of their magnitudes.
struct RowSum16 {
  std::int32_t sum = 0, magnitude = 0;
};
void cycle_row_sum(const std::int16_t* act, std::int32_t count, RowSum16& sum);

/// The lanes' turns at one segment's columns. A column is served from cycle `skew` of the drain on,
/// every time the drain's phase is its `turn`, until no row is left.
struct DrainColumns {
  const std::int32_t* skew = nullptr;
  const std::int32_t* turn = nullptr;
  std::int32_t* left = nullptr;  ///< rows not yet taken
  std::int32_t columns = 0;
  std::int32_t m = 0, n = 0;  ///< outputs that exist
};
struct DrainEvents {
  std::int32_t taken = 0;  ///< slots used, padding included
  std::int32_t moved = 0;  ///< sums that exist and move down: all above in a column that is served
  std::int32_t real = 0;   ///< sums that exist and are taken
};
/// One cycle; `since`: cycles since the drain began, `phase`: the same modulo the drain interval.
void cycle_drain_columns(const DrainColumns& columns, std::int32_t since, std::int32_t phase,
                         DrainEvents& events);

/// One row of a segment on its way through the lanes; nothing here leaves 32 bits.
/// y = RNE(y + RNE(RNE(sum - zero * row_sum) * unit * scale)), NaN canonical; unit a power of two.
struct ScaledRow {
  const std::int32_t* sum = nullptr;
  const std::int32_t* zero = nullptr;
  const float* scale = nullptr;
  float* y = nullptr;
  std::int32_t columns = 0;
  std::int32_t row_sum = 0;
  float unit = 1.0F;
};
void cycle_scale_row(const ScaledRow& row);
/// Largest magnitude; 0 of none.
std::int64_t cycle_largest(const std::int32_t* values, std::int32_t count);

/// FP32 operations of a PE in a cycle: sum number, and one of these in the bits above.
inline constexpr std::int32_t kFpSum = 0xff;     ///< mask of the sum number
inline constexpr std::int32_t kFpAdd = 0x100;    ///< the product joins the sum
inline constexpr std::int32_t kFpFresh = 0x200;  ///< from zero (kFpMerge: zero is added)
inline constexpr std::int32_t kFpMerge = 0x400;  ///< the sum is added to sum 0

/// One of the interleaved sums of a row, `number`; `sum0` is sum 0 of the same row.
void cycle_row_float(const float* act, const float* weight, const std::int32_t* operation,
                     std::int32_t number, float* sum, float* sum0, std::int32_t cols);

}  // namespace mixpe
