#pragma once
// What the machine did with each tile of a GEMM, if somebody wants to see it.

#include <cstdint>
#include <limits>
#include <vector>

#include "sim/mapping/tiling.h"

namespace mixpe {

/// Of one tile, in cycles since its GEMM's start. A transfer's slice begins when it may start and
/// the transfer before it has arrived: the queue is in order, so slices of transfers never overlap.
struct TransferSlice {
  std::int64_t begin = 0, end = 0;
  std::int64_t bytes = 0;  ///< 0: there is no such transfer
};

struct TimelineTile {
  TileStep step;
  std::int64_t instance = 0;  ///< of the batch
  TransferSlice out_load, act_load, wgt_load, out_store;
  std::int64_t idle_from = 0;                             ///< the edge has issued the tile before
  std::int64_t wait_out = 0, wait_act = 0, wait_wgt = 0;  ///< one after another from `idle_from`
  TileTiming timing;                                      ///< issue begins after the waits

  std::int64_t issue_begin() const { return idle_from + wait_out + wait_act + wait_wgt; }
};

struct GemmTimeline {
  std::int64_t limit = std::numeric_limits<std::int64_t>::max();  ///< tiles to record
  std::vector<TimelineTile> tiles;                                ///< the first ones
  std::int64_t array_end = 0;  ///< last value in the output buffer; later cycles are the store tail
  std::int64_t cycles = 0;

  /// Where to note what happens to the tile of this number; null beyond the limit.
  TimelineTile* tile(std::int64_t number);
};

/// Cycles from the issue of a tile's first step to the last step of its first segment, if nothing
/// stalls: no sum leaves the PEs before.
std::int64_t first_segment_cycles(const ArrayTiming& array, const TileShape& tile);

}  // namespace mixpe
