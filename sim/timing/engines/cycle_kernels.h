#pragma once
// Rows of PEs of the cycle engine, for the host's vector units.

#include <cstdint>

namespace mixpe {

/// Columns of weights and of sums are padded to a multiple of this.
inline constexpr std::int64_t kCycleColumns = 8;

/// One row of PEs through several cycles: 16-bit operands, held in 32 bits as the vector
/// units multiply them, and 32-bit sums. From a cycle to the
/// next activations and marks stand one place earlier, and weights `stride` places later.
struct IntegerRun {
  const std::int32_t* act = nullptr;
  const std::int32_t* weight = nullptr;
  std::int32_t* sum = nullptr;
  std::int32_t stride = 0;  ///< padded columns
  std::int32_t cycles = 0;
  // At the boundary of a segment:
  const std::int32_t* keep = nullptr;     ///< 0: the sum restarts, else -1
  const std::int32_t* capture = nullptr;  ///< -1: the sum is captured, else 0
  std::int32_t* captured = nullptr;
};
/// Every cycle: sum += act * weight
void cycle_run(const IntegerRun& run);
/// Every cycle: sum = (sum & keep) + act * weight; captured = sum where capture says so.
void cycle_run_boundary(const IntegerRun& run);

/// Rows of activations into the views: to[i] = from[-i], i < count.
struct ReversedRows {
  const std::int16_t* from = nullptr;
  std::int32_t* to = nullptr;
  std::int64_t from_stride = 0, to_stride = 0;
  std::int32_t rows = 0, count = 0;
};
void cycle_reverse_rows(const ReversedRows& rows);

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

/// FP32 operations of a PE in a cycle: sum number, and one of these in the bits above.
inline constexpr std::int32_t kFpSum = 0xff;     ///< mask of the sum number
inline constexpr std::int32_t kFpAdd = 0x100;    ///< the product joins the sum
inline constexpr std::int32_t kFpFresh = 0x200;  ///< from zero (kFpMerge: zero is added)
inline constexpr std::int32_t kFpMerge = 0x400;  ///< the sum is added to sum 0

/// One of the interleaved sums of a row, `number`; `sum0` is sum 0 of the same row.
void cycle_row_float(const float* act, const float* weight, const std::int32_t* operation,
                     std::int32_t number, float* sum, float* sum0, std::int32_t cols);

}  // namespace mixpe
