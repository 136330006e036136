#pragma once
// The values of one tile, with the bits the array produces, as fast as the host allows.
//  * A segment's sum is what the PEs make: OS, `interleave` sums merged in index order; WS, K-tiles
//    of rows * lanes_k summed from zero and merged in order of k.
//  * Row sums (for zero-points) are added up in the same order, one adder per row.
//  * A sum leaves through take_sum(), segments in order of k.
//  * Where no accumulator can overflow, packed kernels compute the same bits; otherwise, and for
//    PEs without a fast path, PeModel::mac() runs in order and overflows are counted.
//  * Row-sum adders see a row's activations once per pass of the array over the tile's columns, so
//    their overflows count once per pass.

#include <cstdint>
#include <memory>

#include "models/kernels/isa.h"
#include "sim/timing/array_engine.h"

namespace mixpe {

/// What a lane, or the output buffer's adder, does with one segment's sum of output (m, n) of the
/// GEMM. `group` indexes the scales and zero-points of n.
void take_sum(const ArrayWork& work, std::int64_t m, std::int64_t n, std::int64_t group,
              const Sum& sum, const Sum& row_sum, int exponent, std::uint64_t& overflows);

/// One output's segment through PeModel::mac(), as the PEs go. `acts` are what align_segment()
/// left.
Sum ordered_sum(const ArrayWork& work, const Code* acts, const std::uint16_t* weights,
                std::int64_t length, std::uint64_t& overflows);

/// The operands of one GEMM in the kernels' form, packed once per K-tile.
class PackedOperands;

/// Computes tiles of one GEMM instance into work.psums.
class TileValues {
 public:
  /// `work` must have operands, psums and a PE, and outlive this object.
  explicit TileValues(const ArrayWork& work, Isa isa = best_isa());
  ~TileValues();
  TileValues(const TileValues&) = delete;
  TileValues& operator=(const TileValues&) = delete;

  /// Adds the tile's products to its outputs (from zero at the first visit), its accumulator
  /// overflows to `counters`. Throws InvariantError if the tile cuts a group.
  void compute(const TileStep& step, Counters& counters);

 private:
  const ArrayWork& work_;
  std::unique_ptr<PackedOperands> packed_;
};

}  // namespace mixpe
