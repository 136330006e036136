#pragma once
// A GEMM cut into tiles: what a tile weighs, whether it fits, and the sequence of steps.
//  * A tile's operands live in one half of their buffer; the other half is being filled.
//  * Bytes are those that are stored and moved: codes, scales, zero-points, whole bytes per tile.
//  * Tile sizes are multiples of what the array takes at once (`Granule`), or the whole dimension.

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "models/array/array_timing.h"
#include "models/core/errors.h"
#include "sim/config/arch_spec.h"
#include "sim/mapping/schedule.h"
#include "sim/mapping/transfer_rate.h"
#include "sim/workload/scheme.h"

namespace mixpe {

enum Dim { kM, kN, kK };

/// Everything a GEMM's cost depends on besides its tiling.
struct GemmProblem {
  GemmTask task;
  GemmQuant quant;
  ArrayTiming array;
  BufferSpec act_buffer, wgt_buffer, out_buffer;
  TransferRate memory;
  std::int64_t clock_hz = 1;

  std::array<std::int64_t, 3> size() const { return {task.m, task.n, task.k}; }
  /// Tile sizes are multiples of these: the array's output block, and the quantisation group (or,
  /// without groups, what a weight-stationary array holds of K).
  std::array<std::int64_t, 3> granule() const;

  /// A tile as it is stored. What the epilogue multiplies by, a token's or a channel's
  /// scale, comes with the last K-tile: no other tile's sums are finished.
  std::int64_t act_bytes(std::int64_t m, std::int64_t k, bool last_k = true) const;
  std::int64_t wgt_bytes(std::int64_t n, std::int64_t k, bool last_k = true) const;
  /// Over DRAM's bus: with the tile's share of the padding of its rows, which is dropped.
  std::int64_t act_load_bytes(std::int64_t m, std::int64_t k, bool last_k) const;
  std::int64_t wgt_load_bytes(std::int64_t n, std::int64_t k, bool last_k) const;
  std::int64_t psum_bytes(std::int64_t m, std::int64_t n) const { return 4 * m * n; }
  /// In the output format, with the scales written beside it.
  std::int64_t out_bytes(std::int64_t m, std::int64_t n) const;

  bool act_fits(std::int64_t m, std::int64_t k) const {
    return act_bytes(m, k) <= act_buffer.bytes / 2;
  }
  bool wgt_fits(std::int64_t n, std::int64_t k) const {
    return wgt_bytes(n, k) <= wgt_buffer.bytes / 2;
  }
  bool out_fits(std::int64_t m, std::int64_t n) const {
    return psum_bytes(m, n) <= out_buffer.bytes / 2;
  }
};

/// `mode` is the PE's for this quantisation.
GemmProblem make_problem(const ArchSpec& arch, const GemmQuant& quant, const PeMode& mode,
                         const GemmTask& task);

/// The dimension of each loop, outermost first.
std::array<Dim, 3> loops(LoopOrder order);
/// "mnk" … "knm".
std::string order_name(LoopOrder order);
std::optional<LoopOrder> parse_order(const std::string& name);

/// Adds a Diagnostic for each buffer that cannot hold this tile.
void check_fits(const GemmProblem& problem, const Tiling& tiling, const Diagnostic& where,
                Diagnostics& diagnostics);

/// The tiles of one instance. Only the last of a dimension may differ, so there are at most eight
/// shapes; [1] is the last index of a dimension, [0] every other.
struct TileGrid {
  TileGrid(const GemmProblem& problem, const Tiling& tiling);

  std::array<Dim, 3> loop;                            ///< outermost first
  std::array<std::int64_t, 3> trips;                  ///< by Dim
  std::array<std::array<std::int64_t, 2>, 3> extent;  ///< by Dim, last?
  std::int64_t group;
  using Bytes = std::array<std::array<std::int64_t, 2>, 2>;
  Bytes act;   ///< loaded; m last?, k last?
  Bytes wgt;   ///< loaded; n last?, k last?
  Bytes psum;  ///< m last?, n last?
  Bytes out;   ///< m last?, n last?

  std::int64_t steps() const { return trips[kM] * trips[kN] * trips[kK]; }
  bool last(Dim d, std::int64_t index) const { return index == trips[d] - 1; }
  TileShape shape(bool last_m, bool last_n, bool last_k) const {
    return {extent[kM][last_m], extent[kN][last_n], extent[kK][last_k], group};
  }
  /// How many tiles of dimension d are (not) the last.
  std::int64_t count(Dim d, bool last) const { return last ? 1 : trips[d] - 1; }
  /// Does the index of d change when the loop at `level` advances? (Inner loops start over.)
  bool changes(Dim d, int level) const;
  /// How often each tile over two dimensions is brought in: once for every turn of the third
  /// dimension's loop that has one of the two turning inside it.
  std::int64_t visits(Dim third) const;
};

/// The steps of `batch` instances in order, without a list in memory.
class TileSequence {
 public:
  TileSequence(const GemmProblem& problem, const Tiling& tiling);
  /// False when no step is left; `step` then is as before.
  bool next(TileStep& step);
  /// Of the step last returned.
  std::int64_t instance() const { return instance_; }

 private:
  int advancing_loop() const;

  TileGrid grid_;
  std::array<std::int64_t, 3> stride_;
  std::int64_t batch_;
  std::int64_t instance_ = 0;
  std::array<std::int64_t, 3> index_{};  ///< by Dim
  bool begun_ = false;
};

}  // namespace mixpe
