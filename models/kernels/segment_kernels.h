#pragma once
// Sums of products over one run of k, for a block of outputs: the inner loops of the tile engine.
//  * Operands are packed in 32-bit lanes along k: four bytes, two 16-bit integers or one float.
//  * Integer sums are exact modulo 2^32. The caller proves that the true sum fits 32 bits.
//  * Float sums start from +0 and add exact products in order of k, one rounding each; outputs are
//    vectorised, k never is, so every instruction set gives the same bits.
//  * With bytes the activation is stored as a + 128 (unsigned) and the weight signed; `start` holds
//    -128 * (sum of the column's weights), which cancels the offset without a correction per
//    output.

#include <cstdint>
#include <optional>

#include "models/kernels/isa.h"

namespace mixpe {

/// Columns that are packed side by side: one 512-bit register of 32-bit sums.
inline constexpr std::int64_t kPanelCols = 16;

enum class Packing { kBytes, kWords, kFloats };

/// Products along k in one 32-bit lane.
constexpr std::int64_t lane_products(Packing packing) {
  return packing == Packing::kBytes ? 4 : packing == Packing::kWords ? 2 : 1;
}

/// The smallest and the largest value of an operand.
struct OperandRange {
  std::int64_t min = 0, max = 0;
  bool within(std::int64_t low, std::int64_t high) const { return low <= min && max <= high; }
};

/// The densest packing in which `isa` is exact for integer operands in these ranges.
/// AVX2 multiplies bytes with vpmaddubsw, which saturates at 16 bits: four of its results, each of
/// two products of at most 255 * 16, add up to 32,640 and fit; larger weights take words.
/// None: operands need more than 16 bits.
std::optional<Packing> integer_packing(Isa isa, OperandRange act, OperandRange weight);

/// A block of outputs [rows][panels * kPanelCols] and the operands of one run of k.
/// Lane s of row r is act[r * act_stride + s * step]; lane s of column c of panel p is
/// weight[p * panel_stride + s * step * kPanelCols + c].
struct SegmentBlock {
  const std::uint32_t* act = nullptr;
  std::int64_t act_stride = 0;
  const std::uint32_t* weight = nullptr;
  std::int64_t panel_stride = 0;
  std::int64_t lanes = 0;               ///< length of the run
  std::int64_t step = 1;                ///< floats: 1, or the interleave of the PE; integers: 1
  const std::int32_t* start = nullptr;  ///< [panels * kPanelCols] first value of integer sums;
                                        ///< null: 0
  std::int64_t rows = 0, panels = 0;
};

/// Where a block's results go: row r begins at r * stride.
template <typename T>
struct BlockOut {
  T* data = nullptr;
  std::int64_t stride = 0;
};

/// out = start + sum of act * weight.
void integer_sums(Isa isa, Packing packing, const SegmentBlock& block, BlockOut<std::int32_t> out);

/// How a group's integer sums become FP32 and meet their scales.
struct GroupScale {
  const float* column = nullptr;  ///< [panels * kPanelCols] scales
  const float* row = nullptr;     ///< [rows] powers of two; null: all 1
  /// [panels * kPanelCols], or null. If given: `start` is kBiasBits too high, `bias` holds
  /// -kBias * column exactly, `row` is null and |sum| <= kBiasedSumMax. The bits of such a sum are
  /// those of the float kBias + sum, and one fma makes RNE(sum * column) of it: the conversion is
  /// saved.
  const float* bias = nullptr;
};
inline constexpr float kBias = 12582912.0F;  ///< 1.5 * 2^23: floats near it are 1 apart
inline constexpr std::int32_t kBiasBits = 0x4b400000;
inline constexpr std::int64_t kBiasedSumMax = (std::int64_t{1} << 22) - 1;

/// y = RNE(y + RNE(RNE(RNE(sum) * row[r]) * column[c])) with the sum of integer_sums().
void integer_sums_scaled(Isa isa, Packing packing, const SegmentBlock& block,
                         const GroupScale& scale, BlockOut<float> y);

/// merge false: out = the sum; true: out = RNE(out + the sum).
void float_sums(Isa isa, const SegmentBlock& block, bool merge, BlockOut<float> out);

/// y = RNE(y + RNE(RNE(sum - RNE(column_zero[c] * row_sum[r])) * column_scale[c])).
/// `column_zero` null: no zero-point. `column_scale` null: y = RNE(y + sum).
void float_scaled(Isa isa, BlockOut<const float> sums, std::int64_t rows, std::int64_t panels,
                  const float* row_sum, const float* column_zero, const float* column_scale,
                  BlockOut<float> y);

/// Operands whose products, and all sums of them, are integers below 2^53 in one unit: FP64 adds
/// them without rounding, in whatever order.
struct ExactBlock {
  const double* act = nullptr;  ///< [rows][act_stride]
  std::int64_t act_stride = 0;
  const std::uint32_t* weight = nullptr;  ///< floats, packed as in SegmentBlock
  std::int64_t panel_stride = 0;
  std::int64_t lanes = 0;
  std::int64_t rows = 0, panels = 0;
};

/// y = RNE(y + RNE(RNE(sum) * column[c]))
void exact_sums_scaled(Isa isa, const ExactBlock& block, const float* column, BlockOut<float> y);

/// to[i] = from[i], every NaN canonical.
void copy_canonical(const float* from, std::int64_t count, float* to);

}  // namespace mixpe
