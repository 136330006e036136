#pragma once
// Why no tiling can be faster (used to prune the search, never as a result).

#include <cstdint>

#include "sim/mapping/tiling.h"

namespace mixpe {

/// What every tiling of a problem must spend in the array, whatever its tiles.
struct ArrayFloor {
  std::int64_t issue = 0;  ///< cycles from the first operand's arrival to the edge's last
  /// From there to the last output's arrival in its buffer; negative where slow steps outlast it.
  std::int64_t tail = 0;
};

/// Proof. Tile sizes are multiples of the granule, so any tiling has the same passes (OS) or column
/// blocks and K-tiles (WS), each with the same steps; without groups a K-tile's end only adds
/// segments. The edge issues nothing else while it issues them, so their cycles add up. Between the
/// boundaries of successive segments lie at least the previous one's drain cycles (docs/timing.md)
/// no matter how the edge waited, so each segment costs at least the larger of its duration and the
/// shortest drain; only the first has none before it. With edge_tiles `actual` the shortest rows
/// and columns that occur are taken. Waiting for memory only adds to all this.
ArrayFloor array_floor(const GemmProblem& problem);

}  // namespace mixpe
