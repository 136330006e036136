#include <algorithm>

#include "models/core/ceil_div.h"
#include "sim/timing/engines/tile_engine.h"

namespace mixpe {
namespace {

/// size cut into blocks: calls body(block length, how many such).
template <typename Body>
void for_blocks(std::int64_t size, std::int64_t block, Body body) {
  if (size >= block) body(block, size / block);
  if (size % block != 0) body(size % block, std::int64_t{1});
}

/// K-tiles and segments of a WS tile: a segment of k elements has ceil(k / block_k) K-tiles.
struct WsParts {
  std::int64_t segments = 0, ktiles = 0;
};

WsParts ws_parts(const ArrayTiming& t, std::int64_t k, std::int64_t segment) {
  WsParts parts;
  for_blocks(k, segment, [&](std::int64_t length, std::int64_t count) {
    parts.segments += count;
    parts.ktiles += count * ceil_div(length, t.rows * t.lanes_k);
  });
  return parts;
}

/// The sum of output row i of n_rows moves down `last - i` registers.
std::int64_t os_shifts_per_column(const ArrayTiming& t, std::int64_t m) {
  std::int64_t shifts = 0;
  for_blocks(m, t.rows * t.lanes_m, [&](std::int64_t rows, std::int64_t count) {
    const std::int64_t active =
        t.edge_tiles == EdgeTiles::kActual ? ceil_div(rows, t.lanes_m) : t.rows;
    const std::int64_t last = active * t.lanes_m - 1;
    shifts += count * (rows * last - rows * (rows - 1) / 2);
  });
  return shifts;
}

/// Rows of m whose sum finds its lane's turn in the very cycle in which it leaves the array; the
/// others wait in the accumulator memory (docs/timing.md, lanes).
std::int64_t ws_rows_not_waiting(const ArrayTiming& t, std::int64_t m) {
  const std::int64_t lane_step = t.drain_interval * t.lanes_m;
  std::int64_t rows = 0;
  for_blocks(m, t.accumulator_rows, [&](std::int64_t chunk, std::int64_t count) {
    rows += count * (lane_step > t.step_cycles() ? 1 : ceil_div(chunk, t.lanes_m));
  });
  return rows;
}

std::uint64_t u64(std::int64_t n) { return static_cast<std::uint64_t>(n); }

}  // namespace

Counters tile_events(const ArrayWork& work, const TileShape& tile) {
  const ArrayTiming& t = work.timing;
  const std::int64_t segment = tile.group == 0 ? tile.k : std::min(tile.group, tile.k);
  const WsParts parts = ws_parts(t, tile.k, segment);
  // Activations stream past the array once for each block of its columns.
  const std::int64_t streams = ceil_div(tile.n, t.cols * t.lanes_n);
  const std::int64_t sums = tile.m * tile.n * parts.segments;
  Counters e;
  e[Event::kMac] = u64(tile.m * tile.n * tile.k);
  e[Event::kLaneOp] = u64(sums);
  if (work.zero_points) e[Event::kRowSumAdd] = u64(tile.m * tile.k * streams);
  if (t.prescan) e[Event::kAlign] = u64(tile.m * tile.k * streams);
  if (t.dataflow == Dataflow::kOutputStationary) {
    if (work.shadow) e[Event::kCapture] = u64(sums);
    e[Event::kShadowShift] = u64(os_shifts_per_column(t, tile.m) * tile.n * parts.segments);
  } else {
    // Of a segment's K-tiles all but the last write their sums, all but the first read them; the
    // last one's go to the lanes, by way of the memory if they have to wait.
    const std::int64_t between = tile.m * tile.n * (parts.ktiles - parts.segments);
    const std::int64_t waiting =
        (tile.m - ws_rows_not_waiting(t, tile.m)) * tile.n * parts.segments;
    e[Event::kAccumulatorWrite] = u64(between + waiting);
    e[Event::kAccumulatorRead] = u64(between + waiting);
  }
  return e;
}

}  // namespace mixpe
