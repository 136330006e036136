// The engines that step the array clock by clock, W4A8 with values in groups of 128 on 32 x 32
// PEs, against one sc_module per PE.

#include <benchmark/benchmark.h>

#include "bench/paired.h"
#include "bench/sc_module_array.h"
#include "bench/w4_job.h"

namespace mixpe::bench {
namespace {

constexpr int kSize = 32;
constexpr std::int64_t kWsRows = 512;    ///< outputs along m that stream past resident weights
constexpr std::int64_t kScCycles = 400;  ///< of the yardstick in each turn: 20 ms

/// One elaboration per process is all that SystemC allows.
ScModuleArray& sc_array() {
  static ScModuleArray array("array", kSize, static_cast<int>(kGroup));
  return array;
}

/// Streams one tile of this k and returns the cycles it took.
std::int64_t run_engine(Engine kind, const W4Job& job) {
  const std::unique_ptr<ArrayEngine> engine = make_engine(kind, job.work);
  std::int64_t cycles = 0;
  for (const TileStep& step : job.steps) cycles = engine->stream(step, 0, true).complete;
  engine->finish();
  return cycles;
}

void engine_vs_sc_modules(benchmark::State& state, Engine kind) {
  const W4Job job(signed_int(8), kSize, kSize, state.range(0), kSize);
  const auto cycles = static_cast<double>(run_engine(kind, job));
  ScModuleArray& array = sc_array();
  Rates rates;
  for (auto _ : state) {
    state.SetIterationTime(rates.turn(
        cycles, [&] { run_engine(kind, job); }, static_cast<double>(kScCycles),
        [&] { array.run(kScCycles); }));
    benchmark::DoNotOptimize(array.checksum());
  }
  rates.report(state, "cycles/s", "sc_module_cycles/s", "times_sc_modules");
}

/// The weight-stationary array: the cycle engine against the literal, which shifts every register.
void ws_cycle_vs_literal(benchmark::State& state) {
  const W4Job job(signed_int(8), kWsRows, kSize, state.range(0), kSize,
                  Dataflow::kWeightStationary);
  const auto cycles = static_cast<double>(run_engine(Engine::kCycle, job));
  Rates rates;
  for (auto _ : state) {
    state.SetIterationTime(rates.turn(
        cycles, [&] { run_engine(Engine::kCycle, job); }, cycles,
        [&] { run_engine(Engine::kLiteral, job); }));
  }
  rates.report(state, "cycles/s", "literal_cycles/s", "times_literal");
}

BENCHMARK_CAPTURE(engine_vs_sc_modules, cycle, Engine::kCycle)
    ->Arg(65536)
    ->UseManualTime()
    ->Iterations(20);
BENCHMARK_CAPTURE(engine_vs_sc_modules, literal, Engine::kLiteral)
    ->Arg(16384)
    ->UseManualTime()
    ->Iterations(20);
BENCHMARK(ws_cycle_vs_literal)->Arg(512)->UseManualTime()->Iterations(20);

}  // namespace
}  // namespace mixpe::bench
