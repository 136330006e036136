// Mapping and timing of every GEMM of LLaMA-2-7B, prefill of 128 tokens, W4A8 on 64 x 64 PEs:
// seconds to map, tiles per second through SystemC, and the recurrence against SystemC. Run from
// the source folder (it reads configs/).

#include <benchmark/benchmark.h>

#include "bench/paired.h"
#include "sim/app/work.h"
#include "sim/config/arch.h"
#include "sim/mapping/search.h"
#include "sim/timing/engines/tile_engine.h"
#include "sim/timing/machine.h"
#include "sim/workload/llm.h"

namespace mixpe::bench {
namespace {

struct Study {
  Study() {
    Diagnostics wrong;
    const auto arch = load_arch("configs/arch/mixpe_w4a8_64x64.yaml", wrong);
    const auto llm = load_llm("llama2-7b", wrong);
    const auto scheme = load_scheme("w4a8kv4_g128", wrong);
    wrong.throw_if_any();
    const LlmRun run{Phase::kPrefill, 1, 128, 0};
    const auto workload = build_llm_workload(*llm, run, *scheme, wrong);
    wrong.throw_if_any();
    request = {*arch, *workload};
    schedule = map_workload(request.workload, request.arch);
    for (const ScheduledGemm& gemm : schedule) {
      works.push_back(std::make_unique<GemmWork>(request, gemm, std::nullopt, works.size()));
    }
  }
  RunRequest request;
  std::vector<ScheduledGemm> schedule;
  std::vector<std::unique_ptr<GemmWork>> works;
};

const Study& study() {
  static const Study the_study;
  return the_study;
}

void map_llama2_7b(benchmark::State& state) {
  const Study& s = study();
  for (auto _ : state) {
    benchmark::DoNotOptimize(map_workload(s.request.workload, s.request.arch));
  }
  state.counters["gemms"] = static_cast<double>(s.schedule.size());
}
BENCHMARK(map_llama2_7b)->Unit(benchmark::kMillisecond);

/// One simulation per process is all that SystemC allows, so there is one turn.
void recurrence_vs_systemc(benchmark::State& state) {
  const Study& s = study();
  std::vector<GemmJob> jobs;
  for (const auto& work : s.works) jobs.push_back(work->job());
  for (auto _ : state) {
    std::vector<GemmResult> simulated, calculated;
    KernelStats stats;
    const double systemc = seconds_of([&] { simulated = simulate(jobs, {}, &stats); });
    constexpr int kRepeats = 50;
    const double recurrence = seconds_of([&] {
      for (int i = 0; i < kRepeats; ++i) {
        calculated.clear();
        for (const auto& work : s.works) calculated.push_back(work->calculate());
      }
    });
    double tiles = 0, differing = 0;
    for (std::size_t i = 0; i < simulated.size(); ++i) {
      tiles += static_cast<double>(simulated[i].tiles);
      differing += simulated[i].cycles != calculated[i].cycles;
    }
    state.counters["tiles"] = tiles;
    state.counters["systemc_tiles/s"] = tiles / systemc;
    state.counters["waits_per_tile"] = static_cast<double>(stats.waits) / tiles;
    state.counters["times_systemc"] = systemc / (recurrence / kRepeats);
    state.counters["gemms_with_other_cycles"] = differing;
  }
}
BENCHMARK(recurrence_vs_systemc)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace mixpe::bench
