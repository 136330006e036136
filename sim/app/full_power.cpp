#include "sim/app/full_power.h"

#include <algorithm>
#include <map>

#include "sim/energy/bill.h"
#include "sim/mapping/lower.h"
#include "sim/timing/engines/tile_engine.h"
#include "sim/timing/machine.h"
#include "sim/timing/machine_traffic.h"

namespace mixpe {
namespace {

/// Outputs that fill the array, along all of K.
TileStep full_block(const GemmProblem& problem) {
  const ArrayTiming& t = problem.array;
  const bool os = t.dataflow == Dataflow::kOutputStationary;
  TileStep step;
  step.shape = {.m = os ? t.rows * t.lanes_m : t.accumulator_rows,
                .n = t.cols * t.lanes_n,
                .k = problem.task.k,
                .group = problem.task.segment};
  step.first_visit = step.store_out = step.final_store = true;
  return step;
}

/// From one such block to the next, once fill and drain are hidden by their neighbours.
std::int64_t block_interval(const ArrayTiming& array, const TileShape& block) {
  EdgeState state;
  stream_tile(array, block, 0, state);
  const std::int64_t second = stream_tile(array, block, 0, state).issue_end;
  return stream_tile(array, block, 0, state).issue_end - second;
}

double power_w(const ScheduledGemm& gemm, const ArchSpec& arch, const PriceList& prices) {
  const TileStep block = full_block(gemm.problem);
  const std::int64_t cycles = block_interval(gemm.problem.array, block.shape);
  Counters events = tile_events(array_work(gemm), block.shape);
  events += step_traffic(gemm.problem, block);
  events[Event::kPeCycle] = static_cast<std::uint64_t>(arch.array.rows * arch.array.cols * cycles);
  const EnergyBill energy =
      bill(events, static_cast<std::uint64_t>(cycles), gemm.mode->name, arch, prices);
  const double pj = energy.total_pj - energy.sum_pj("dram_");
  return 1e-12 * pj * static_cast<double>(arch.clock_hz) / static_cast<double>(cycles);
}

/// One task of each GEMM: of row blocks under a mask, which see more and more of K, the last.
std::map<int, GemmTask> whole_gemms(const Workload& workload, const ArchSpec& arch) {
  std::map<int, GemmTask> tasks;
  for (const GemmTask& task : lower(workload, arch)) {
    const auto [at, first] = tasks.emplace(task.gemm, task);
    if (!first && task.k >= at->second.k) at->second = task;
  }
  return tasks;
}

}  // namespace

double full_power_w(const ArchSpec& arch, const TechTable& tech, const Workload& workload,
                    Diagnostics& wrong) {
  const std::size_t before = wrong.list().size();
  const PriceList prices = price(arch, tech, wrong);
  double most = 0;
  for (const auto& [index, task] : whole_gemms(workload, arch)) {
    const Gemm& gemm = workload.gemms[static_cast<std::size_t>(index)];
    const GemmQuant& quant = workload.quants[static_cast<std::size_t>(gemm.quant)];
    ScheduledGemm one;
    one.mode = select_mode(arch, quant, at_gemm(gemm), wrong);
    if (wrong.list().size() != before) return 0;
    one.problem = make_problem(arch, quant, *one.mode, task);
    most = std::max(most, power_w(one, arch, prices));
  }
  return most;
}

}  // namespace mixpe
