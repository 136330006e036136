// Sweeps: points per second of LLaMA-2-7B, prefill and decode, with one worker and with two, and
// the answers of a store of 100,000 points. Run from the source folder (it reads configs/).

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string>

#include "sim/app/sweep_evaluate.h"
#include "sim/sweep/answers.h"
#include "sim/sweep/explore.h"
#include "sim/sweep/fingerprint.h"
#include "sim/sweep/metrics.h"

namespace mixpe::bench {
namespace {

constexpr const char* kSweep = R"(sweep: bench
base:
  arch: mixpe_w4a8_64x64
  scheme: w4a8kv4_g128
  llm: llama2-7b
  phases:
    - {name: prefill, phase: prefill, batch: 1, tokens: 512}
    - {name: decode, phase: decode, batch: 16, context: 512}
axes:
  - {key: arch.array.rows, list: [32, 48, 64, 96, 128]}
  - {key: arch.array.cols, list: [32, 64, 96, 128, 160]}
  - {key: arch.buffers.wgt.size, pow2: [128 KiB, 1 MiB]}
  - {key: arch.memory.bandwidth, pow2: [16 GB/s, 256 GB/s]}
  - {key: arch.array.pass_overlap, list: [true, false]}
derived:
  arch.dequant.lanes: cols / 2
objectives:
  - minimize: cycles
  - minimize: energy_j
  - minimize: area_mm2
)";

SweepPlan plan() {
  Diagnostics wrong;
  auto read = load_sweep_text("bench", kSweep, wrong);
  wrong.throw_if_any();
  return std::move(*read);
}

std::string new_store() {
  const std::string path = "/tmp/mixpe_sweep_bench_" + std::to_string(::getpid()) + ".db";
  std::remove(path.c_str());
  return path;
}

StoreMeta meta_of(const SweepPlan& plan, const Resolver& resolver) {
  return {"bench",     plan.identity, plan.file,
          plan.source, plan.keys(),   metric_names(resolver.phases())};
}

/// Seconds by the clock: work is in other processes. Everything from the file to the full store.
double seconds_for_the_sweep(int workers, std::size_t& points) {
  const auto begin = std::chrono::steady_clock::now();
  const SweepPlan the_plan = plan();
  Resolver resolver(the_plan, "bench");
  const ResolvedPoint example = first_valid_point(the_plan, resolver);
  Diagnostics wrong;
  const Judge judge(the_plan, resolver, example, wrong);
  wrong.throw_if_any();
  GemmResults known(1 << 18);
  const Exploration exploration{
      the_plan,
      resolver,
      judge,
      [&](const ResolvedPoint& point) { return evaluate(point, std::nullopt, known); },
      {.workers = workers}};
  const PlannedSweep planned = plan_points(the_plan, resolver, judge);
  points = planned.points.size();
  const std::string path = new_store();
  {
    Store store = Store::open(path, meta_of(the_plan, resolver));
    explore(exploration, planned.points, store, [](std::size_t) {});
  }
  std::remove(path.c_str());
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void sweep_llama2_7b(benchmark::State& state) {
  for (auto _ : state) {
    std::size_t points = 0;
    const double one = seconds_for_the_sweep(1, points);
    const double two = seconds_for_the_sweep(2, points);
    state.counters["points"] = static_cast<double>(points);
    state.counters["two_workers_s"] = two;
    state.counters["times_one_worker"] = one / two;
  }
}
BENCHMARK(sweep_llama2_7b)->Iterations(1)->Unit(benchmark::kSecond)->UseRealTime();

void show_100000_points(benchmark::State& state) {
  constexpr std::size_t kPoints = 100'000;
  const SweepPlan the_plan = plan();
  const Resolver resolver(the_plan, "bench");
  const StoreMeta meta = meta_of(the_plan, resolver);
  const std::string path = new_store();
  Store store = Store::open(path, meta);
  std::vector<StoredPoint> points(kPoints);
  for (std::size_t i = 0; i < kPoints; ++i) {
    points[i].key = to_string(content_hash(std::to_string(i)));
    for (std::size_t k = 0; k < meta.keys.size(); ++k) {
      points[i].values.push_back(std::to_string((i >> k) % 10));
    }
    // Every metric another scramble of the number, so that the front is long.
    for (std::size_t m = 0; m < meta.metrics.size(); ++m) {
      points[i].metrics.push_back(1 + static_cast<double>((i * (2 * m + 7919)) % 100'003));
    }
  }
  store.add_all(points);
  for (auto _ : state) {
    Store read = Store::read(path);
    benchmark::DoNotOptimize(answers_text(read, the_plan));
  }
  std::remove(path.c_str());
}
BENCHMARK(show_100000_points)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace mixpe::bench
