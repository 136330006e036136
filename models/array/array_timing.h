#pragma once
// The closed form of the R x C array: when steps start, groups end, values leave (docs/timing.md).
//  * Time is in cycles and exact; the tile engine and the mapper use nothing else.
//  * The edge issues steps; PE(r,c) follows r + c cycles later (WS: r * add_latency + c). A tile's
//    issue interval is what the next tile must wait for; its values leave a constant time later.
//  * The array never freezes: what cannot be drained in time is answered by bubbles at the edge.

#include <cstdint>

namespace mixpe {

enum class Dataflow { kOutputStationary, kWeightStationary };
enum class EdgeTiles { kPadded, kActual };

/// Everything of array, PE mode and dequantisation lanes that timing depends on.
struct ArrayTiming {
  Dataflow dataflow = Dataflow::kOutputStationary;
  std::int64_t rows = 1, cols = 1;                     ///< PEs
  std::int64_t lanes_m = 1, lanes_n = 1, lanes_k = 1;  ///< of the PE mode
  std::int64_t ii = 1;       ///< cycles between steps that the PE itself needs in this dataflow
  std::int64_t edge_ii = 1;  ///< cycles between steps that SRAM ports and converters can feed, >= 1
  std::int64_t merge_cycles = 0;  ///< at each segment's end (OS)
  std::int64_t product_latency = 0;
  std::int64_t add_latency = 1;
  bool prescan = false;
  bool pass_overlap = true;
  EdgeTiles edge_tiles = EdgeTiles::kPadded;
  bool weight_double_buffering = true;  ///< WS: the next K-tile loads in the background
  std::int64_t weight_row_cycles = 1;   ///< WS: cycles that ports and converters need for a PE row
  std::int64_t accumulator_rows = 1;  ///< WS: outputs per column that the accumulator memory holds
  std::int64_t accumulator_cycles =
      1;                             ///< WS: cycles of one read-modify-write of an accumulator bank
  std::int64_t drain_interval = 1;   ///< m: cycles a lane takes for one output row of its columns
  std::int64_t lane_accumulate = 0;  ///< lambda: cycles before a lane may revisit an output
  std::int64_t lane_latency =
      0;  ///< cycles from a value's lane slot to the output buffer, beyond the slot

  /// Cycles between steps, all causes together.
  std::int64_t step_cycles() const;
  /// Cycles from a step's last operand cycle to its sum in the accumulator, beyond that cycle (OS).
  std::int64_t sum_latency() const { return product_latency + add_latency - 1; }
  /// WS: cycles by which a row follows the row above: its psum must have arrived.
  std::int64_t row_hop() const { return ii + add_latency - 1; }
  /// OS: cycles from the lane slot of the first output column to that of the last of `pe_columns`.
  std::int64_t column_skew(std::int64_t pe_columns) const;
};

/// The work of one SRAM-resident tile. group = 0: all of k is one segment.
struct TileShape {
  std::int64_t m = 0, n = 0, k = 0;
  std::int64_t group = 0;
  bool operator==(const TileShape&) const = default;
};

/// What the edge remembers between tiles of an uninterrupted run. Times are cycles of the run.
struct EdgeState {
  bool empty = true;               ///< nothing issued yet in this run
  std::int64_t free = 0;           ///< from this cycle on the edge may issue again
  std::int64_t start = 0;          ///< first step of the last segment (OS) or K-tile (WS)
  std::int64_t segment_start = 0;  ///< first step of the last segment
  std::int64_t boundary = 0;       ///< OS: end of the last segment; WS: start of its last K-tile
  std::int64_t drain = 0;          ///< cycles from `boundary` before the next one may come
  std::int64_t overwrite = 0;  ///< WS: before this start, sums still waiting would be overwritten
  std::int64_t rows = 0;       ///< active PE rows of the last segment or K-tile
  std::int64_t boundary_rows = 0;  ///< active PE rows at `boundary`
  bool operator==(const EdgeState&) const = default;
};

/// Cycles of one tile by cause; they add up to issue_end - max(ready, EdgeState::free before).
struct IssueCycles {
  std::int64_t compute = 0;      ///< PEs take operands (ii of the PE)
  std::int64_t edge = 0;         ///< steps stretched: SRAM port or converter too slow
  std::int64_t merge = 0;        ///< interleaved sums are merged
  std::int64_t prescan = 0;      ///< waiting for the exponent scan
  std::int64_t dequant = 0;      ///< bubbles: lanes cannot take the previous segment's sums in time
  std::int64_t weight_load = 0;  ///< WS: waiting for the array's weights
  std::int64_t fill_drain = 0;   ///< pass_overlap off: every pass fills and drains

  std::int64_t total() const {
    return compute + edge + merge + prescan + dequant + weight_load + fill_drain;
  }
  IssueCycles& operator+=(const IssueCycles& o);
  /// Adds times * (later - earlier).
  void add_difference(const IssueCycles& later, const IssueCycles& earlier, std::int64_t times);
  bool operator==(const IssueCycles&) const = default;
};

struct TileTiming {
  std::int64_t issue_end = 0;  ///< the edge can take the next tile; the operand buffers are free
  std::int64_t complete = 0;   ///< cycle after the tile's last value reached the output buffer
  IssueCycles cycles;
};

/// Streams one tile whose operands are ready at cycle `ready` and moves `state` on. The order
/// inside a tile is, outermost first: OS m-block, n-block, segment; WS n-block, m-chunk, segment,
/// K-tile. All of m, n, k must be positive. Cost: independent of m, n, k for the usual cases.
TileTiming stream_tile(const ArrayTiming& array, const TileShape& tile, std::int64_t ready,
                       EdgeState& state);

}  // namespace mixpe
