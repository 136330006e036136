#pragma once
// A GEMM's operands in the form its fastest exact path wants.
//  * One KTile per distinct range of k that tiles use: packed once, shared by all tiles over m, n.
//  * Zero-points are folded into integer weights (q - z): the sum is then zero-corrected as it is.

#include <boost/align/aligned_allocator.hpp>
#include <cstdint>
#include <map>
#include <vector>

#include "models/kernels/segment_kernels.h"
#include "sim/timing/array_engine.h"

namespace mixpe {

/// K elements [k, k + length) whose sum leaves the PEs together.
struct Segment {
  std::int64_t k = 0, length = 0;
  std::int64_t group = 0;  ///< index of its scale and zero-point
  std::int64_t lane = 0;   ///< first packed lane within the K-tile
  std::int64_t lanes = 0;
};

/// On cache lines: a 512-bit load that crosses two costs twice.
template <typename T>
using AlignedVector = std::vector<T, boost::alignment::aligned_allocator<T, 64>>;

enum class PackedPath { kOrdered, kIntegers, kFloats, kExact };

/// Operands of k in [k, k + length), all rows and columns of the GEMM. Arrays "per segment" hold
/// segments one after another, each with one entry per row, or per column padded to whole panels.
struct KTile {
  std::int64_t k = 0, length = 0;
  std::vector<Segment> segments;
  std::int64_t lanes = 0;  ///< of all segments
  PackedPath path = PackedPath::kOrdered;
  Packing packing = Packing::kFloats;
  std::int64_t largest_sum = 0;  ///< bound of a zero-corrected integer sum's magnitude

  // Ordered path.
  std::vector<Code> acts;                    ///< [m][length] as the PEs receive them
  std::vector<int> exponents;                ///< per segment and row
  std::vector<Sum> row_sums;                 ///< per segment and row
  std::vector<std::uint64_t> row_overflows;  ///< per row, of the row-sum adder

  // Packed paths (segment_kernels.h).
  AlignedVector<std::uint32_t> packed_act;     ///< segment after segment, [m][segment's lanes]
  AlignedVector<double> exact_act;             ///< the same for exact FP64 sums
  AlignedVector<std::uint32_t> packed_weight;  ///< [panels][lanes][kPanelCols]
  AlignedVector<std::int32_t> start;           ///< per segment and column; bytes only
  std::vector<float> row_scale;                ///< per segment and row: 2^exponent; empty: all 1
  std::vector<float> row_sum;                  ///< per segment and row; float sums with zero-points
  AlignedVector<float> column_scale;           ///< per segment and column; empty: unscaled
  AlignedVector<float> column_bias;  ///< per segment and column: GroupScale::bias; or empty
  AlignedVector<float> column_zero;  ///< per segment and column; float sums
};

class PackedOperands {
 public:
  PackedOperands(const ArrayWork& work, Isa isa);

  Isa isa() const { return isa_; }
  /// Columns of all panels.
  std::int64_t columns() const { return panels_ * kPanelCols; }
  /// The K-tile of this step, packed at its first use.
  const KTile& tile(const TileStep& step);

 private:
  KTile make_tile(const TileStep& step) const;
  std::vector<Segment> cut(const TileStep& step) const;
  void receive_activations(KTile& tile) const;
  void choose_path(KTile& tile) const;
  void lay_out(KTile& tile) const;
  void pack_integers(KTile& tile) const;
  void pack_floats(KTile& tile) const;
  void pack_exact(KTile& tile) const;
  void set_columns(KTile& tile) const;
  void set_bias(KTile& tile) const;
  bool has_zero() const { return work_.zero_points && !work_.operands->group_zero.empty(); }
  std::int32_t zero(std::int64_t n, std::int64_t group) const;
  /// Bounds of the integer operands of `tile`, zero-points folded in.
  OperandRange act_range(const KTile& tile) const;
  OperandRange weight_range() const;
  OperandRange folded(OperandRange weight) const;
  void choose_integers(KTile& tile, std::int64_t longest) const;
  void choose_exact(KTile& tile, std::int64_t longest) const;

  const ArrayWork& work_;
  Isa isa_;
  std::int64_t panels_;
  FastPath fast_ = FastPath::kNone;           ///< of the PE
  std::vector<std::int16_t> weight_integer_;  ///< by code
  std::vector<float> weight_float_;           ///< by code
  std::map<std::int64_t, KTile> tiles_;       ///< by first k
};

}  // namespace mixpe
