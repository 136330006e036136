#pragma once
// A run over time: one track per unit, tiles as slices, stalls with their cause. For Perfetto
// (Chrome trace format) and for the report page. The same run gives the same bytes.

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "sim/report/result.h"
#include "sim/timing/timeline.h"

namespace mixpe {

/// One task of a run as the machine went through it. `count` equal ones are shown once.
struct TaskTimeline {
  std::string name;  ///< of its GEMM; with the number of the row block if it was cut into several
  GemmProblem problem;
  double peak_macs_per_cycle = 0;
  std::int64_t tiles = 0;  ///< all, recorded or not
  GemmTimeline recorded;
};

struct TrackSlice {
  std::int64_t begin = 0, end = 0;  ///< cycles since the task's start
  std::size_t tile = 0;             ///< index into GemmTimeline::tiles
  const char* cause = nullptr;      ///< of a stall
  std::int64_t bytes = 0;           ///< of a transfer
};

/// What one unit did. Slices are in order and do not overlap.
struct Track {
  std::string name;
  std::vector<TrackSlice> slices;
};

/// Loads of activations, weights and partial sums, array, stalls, dequantisation lanes, stores.
///  * Array: a tile from its first step until the edge can take the next. The stalls inside it are
///    known by their sums: `stalls` shows each cause in one piece, at the begin of the tile what
///    comes before its first step (weight_load, prescan), at its end the rest.
///  * The lengths of the stalls by cause, and what of the array's slices is no stall (compute), add
///    up to the task's cycles, if all of its tiles are recorded.
///  * Lanes: from a tile's first sum, if nothing stalled it, to its last value in the buffer.
std::vector<Track> tracks(const TaskTimeline& task);

/// Chrome trace format, which Perfetto and chrome://tracing open: times in ns of the run's clock,
/// tasks one after another, each once; counters of DRAM bandwidth and of the array's utilisation.
std::string timeline_trace(const RunResult& result, std::span<const TaskTimeline> tasks);

/// Of each task the first `tiles_of_each` tiles: [{name, size, batch, count, tiles, shown, cycles,
/// tracks: [{name, slices}]}] for the page; a slice is [begin, length, tile], a stall's also has
/// its cause's number in named_causes().
nlohmann::ordered_json timeline_json(std::span<const TaskTimeline> tasks,
                                     std::size_t tiles_of_each);

}  // namespace mixpe
