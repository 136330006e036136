#pragma once
// Runs mapped GEMMs and returns cycles, where they went, and what was counted.
//  * simulate(): the SystemC machine, for every engine. An array process and an in-order DMA
//    process over a TLM-2.0 memory; at most two process switches for each tile.
//  * calculate(): the same numbers from the recurrence of sim/mapping/cost.h, for an engine whose
//    events are known in closed form and no values. Cost grows with the number of different tiles.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "sim/mapping/search.h"
#include "sim/timing/array_engine.h"
#include "sim/timing/counters.h"
#include "sim/timing/timeline.h"

namespace mixpe {

class MemoryTarget;  // sim/timing/memory.h

/// One GEMM to run. Jobs may be of different machines.
struct GemmJob {
  const ScheduledGemm* gemm = nullptr;                   ///< outlives the run
  std::function<std::unique_ptr<ArrayEngine>()> engine;  ///< called when the job starts
  bool values = false;               ///< the first instance of the batch computes values
  GemmTimeline* timeline = nullptr;  ///< filled if not null; outlives the run
};

/// What an engine needs to know of a mapped GEMM for timing and events; the caller adds the PE's
/// model, operands and psums for values.
ArrayWork array_work(const ScheduledGemm& gemm);

/// One run of the task: all of its `batch`, once of its `count`.
struct GemmResult {
  Tiling tiling;
  std::int64_t tiles = 0;
  std::int64_t cycles = 0;
  CycleCauses causes;              ///< add up to `cycles`
  Counters counters;               ///< of array, buffers, DMA and DRAM
  std::int64_t memory_cycles = 0;  ///< the memory's channel is busy (by its nominal bandwidth)
  Bound bound = Bound::kCompute;
};

struct SimulateOptions {
  /// Another TLM-2.0 memory in place of IdealMemory; called once, during elaboration.
  std::function<std::unique_ptr<MemoryTarget>()> memory;
  /// Called after each job, with the number of jobs done.
  std::function<void(std::size_t)> progress;
};

/// What the kernel had to do.
struct KernelStats {
  std::uint64_t waits = 0;          ///< process suspensions
  std::uint64_t notifications = 0;  ///< of events between the processes
};

/// Runs the jobs one after another in one simulation. Once per process (a second elaboration is not
/// possible in SystemC): another call is an InvariantError. So is any warning of the kernel.
std::vector<GemmResult> simulate(std::span<const GemmJob> jobs, const SimulateOptions& options = {},
                                 KernelStats* stats = nullptr);

/// `array_events`: an engine's events for one tile.
GemmResult calculate(const ScheduledGemm& gemm,
                     const std::function<Counters(const TileShape&)>& array_events);

}  // namespace mixpe
