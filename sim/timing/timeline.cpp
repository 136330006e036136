#include "sim/timing/timeline.h"

#include <algorithm>

namespace mixpe {

TimelineTile* GemmTimeline::tile(std::int64_t number) {
  if (number >= limit) return nullptr;
  const auto index = static_cast<std::size_t>(number);
  if (index >= tiles.size()) tiles.resize(index + 1);
  return &tiles[index];
}

std::int64_t first_segment_cycles(const ArrayTiming& array, const TileShape& tile) {
  const bool os = array.dataflow == Dataflow::kOutputStationary;
  TileShape first = tile;
  first.m = std::min(tile.m, os ? array.rows * array.lanes_m : array.accumulator_rows);
  first.n = std::min(tile.n, array.cols * array.lanes_n);
  if (tile.group > 0) first.k = std::min(tile.k, tile.group);
  EdgeState empty;
  const IssueCycles cycles = stream_tile(array, first, 0, empty).cycles;
  return cycles.compute + cycles.edge + cycles.merge;
}

}  // namespace mixpe
