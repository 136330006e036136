#pragma once
// What a GEMM costs under a tiling: exact cycles and DRAM bytes, without a simulation kernel.
//  * The pipeline of DMA, buffers and array is a max-plus recurrence (sim/timing/README.md has its
//    rules); the SystemC machine is the same rules as processes and must find the same cycles.
//  * A loop whose turns leave the pipeline in the same state but for a shift in time is not walked
//    to its end, so cost grows with the number of different tiles, not with their count.

#include <cstdint>

#include "sim/mapping/schedule.h"
#include "sim/mapping/tiling.h"

namespace mixpe {

/// Where the cycles of a GEMM went (docs/timing.md); the causes add up to its cycles.
struct CycleCauses {
  IssueCycles issue;          ///< inside the array; fill_drain includes the way to the last output
  std::int64_t wait_act = 0;  ///< the edge is idle: activations, weights, room or psums missing
  std::int64_t wait_wgt = 0;
  std::int64_t wait_out = 0;
  std::int64_t store_tail = 0;  ///< the last outputs are on their way to DRAM

  std::int64_t total() const { return issue.total() + wait_act + wait_wgt + wait_out + store_tail; }
  CycleCauses& operator+=(const CycleCauses& o);
  /// Adds times * (later - earlier).
  void add_difference(const CycleCauses& later, const CycleCauses& earlier, std::int64_t times);
  bool operator==(const CycleCauses&) const = default;
};

/// One run of the task: all of `batch`, once of `count`.
struct Cost {
  std::int64_t cycles = 0;
  CycleCauses causes;
  std::int64_t dram_read_bytes = 0, dram_write_bytes = 0;
  std::int64_t memory_cycles = 0;  ///< the memory's channel is busy
  std::int64_t steps = 0;          ///< tiles computed

  std::int64_t dram_bytes() const { return dram_read_bytes + dram_write_bytes; }
};

Cost evaluate(const GemmProblem& problem, const Tiling& tiling);
/// Cost::cycles if they are at most `limit`, else some number above `limit`, sooner.
std::int64_t cycles_within(const GemmProblem& problem, const Tiling& tiling, std::int64_t limit);

/// Transfers of one run in closed form: everything of Cost but cycles and causes.
Cost traffic(const GemmProblem& problem, const TileGrid& grid);

/// What limits a GEMM: the memory if its channel is busy at least as long as the array's edge, else
/// the largest of the edge's causes.
enum class Bound { kCompute, kEdge, kPrescan, kDequant, kWeightLoad, kFillDrain, kMemory };
const char* bound_name(Bound bound);
Bound bound_of(const Cost& cost);

}  // namespace mixpe
