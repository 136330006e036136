// Verilated W4A8 arrays: what they cost to build, how fast they run, what it costs to compare every
// PE's running sum in every cycle, and how much faster the cycle engine is. All in one run:
//   rtl_array_bench [SIDE …]       default 16 32
// CPU time; each rate is the median of turns. Builds go to a cache of their own that is removed.

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/paired.h"
#include "models/pe/registry.h"
#include "sim/config/pe_yaml.h"
#include "sim/cosim/rtl_array_os.h"
#include "sim/cosim/rtl_engine.h"
#include "sim/timing/engines/array_job.h"
#include "sim/timing/engines/cycle_os.h"

namespace mixpe {
namespace {

/// Of compilers that have ended.
double children_seconds() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// A GEMM of three passes with groups of 128 on an array with a lane for two columns.
struct Job {
  std::unique_ptr<PeModel> pe;
  GemmOperands operands;
  OutputPsums psums;
  ArrayWork work;
  TileStep tile;

  explicit Job(std::int64_t side) {
    for (const PeSpec& spec : all_pe_variants()) {
      if (spec.name == "mixpe_w4a8" && spec.params.at("weights") == "w4") pe = make_pe(spec);
    }
    ArrayTiming& t = work.timing;
    t.rows = t.cols = side;
    t.drain_interval = 2;
    t.lane_latency = 11;
    t.lane_accumulate = 4;
    work.pe = pe.get();
    work.formats = {unsigned_int(4), signed_int(8)};
    work.scale_groups = work.zero_points = true;
    operands.formats = work.formats;
    operands.m = side, operands.n = 3 * side, operands.k = 512, operands.group = 128;
    const auto fill = [](auto& codes, std::int64_t count, unsigned mask) {
      for (std::int64_t i = 0; i < count; ++i) {
        codes.push_back(static_cast<typename std::decay_t<decltype(codes)>::value_type>(
            static_cast<unsigned>(std::rand()) & mask));
      }
    };
    std::srand(1);
    fill(operands.act, operands.m * operands.k, 255);
    fill(operands.weight, operands.n * operands.k, 15);
    fill(operands.group_zero, operands.n * operands.groups(), 15);
    operands.group_scale.assign(static_cast<std::size_t>(operands.n * operands.groups()), 0x2c00);
    psums.real.resize(static_cast<std::size_t>(operands.m * operands.n));
    work.operands = &operands;
    work.psums = &psums;
    tile.shape = {operands.m, operands.n, operands.k, operands.group};
    tile.first_visit = true;
  }
};

/// Runs the job clock by clock and calls each(slot, cycle). Returns the cycles.
template <typename Array, typename Each>
std::int64_t run(const Job& job, Array& array, Each&& each) {
  EdgeSequencer edge(job.work.timing);
  edge.add(array_jobs(job.work.timing, job.tile, 0, true), 0);
  std::int64_t cycle = 0;
  for (;; ++cycle) {
    edge.settle(cycle, array.drained());
    if (edge.done() && array.empty()) return cycle;
    each(edge.tick(cycle), cycle);
  }
}

struct Measured {
  double build = 0, verilated = 0, engine = 0, lockstep = 0, cycle_engine = 0;
};

/// Running sums: bits of the RTL's registers against the cycle engine's integers.
void compare(const std::vector<std::uint32_t>& rtl, const std::vector<std::int32_t>& expected,
             std::uint32_t mask, std::int64_t cycle) {
  std::uint32_t differences = 0;
  for (std::size_t i = 0; i < rtl.size(); ++i) {
    differences |= (rtl[i] ^ static_cast<std::uint32_t>(expected[i])) & mask;
  }
  if (differences == 0) return;
  throw std::runtime_error(fmt::format("a PE's sum differs in cycle {}", cycle));
}

Measured measure(std::int64_t side, const BuildCache& cache) {
  Measured m;
  Job job(side);
  RtlArrayDesign design = rtl_array_design(job.work);
  show_registers(job.work, design);
  const double before = children_seconds();
  RtlEngineOptions options;
  options.cache = cache;
  const RtlArrayModel model = make_rtl_model(design, options);
  m.build = children_seconds() - before;

  std::vector<double> verilated, engine, lockstep, cycle_engine;
  std::vector<std::uint32_t> sums(static_cast<std::size_t>(side * side));
  std::vector<std::int32_t> expected(sums.size());
  const std::uint32_t mask = (std::uint32_t{1} << design.sum_bits) - 1;
  for (int turn = 0; turn < 5; ++turn) {
    std::int64_t cycles = 0;
    // The same inputs, without looking at what comes out.
    RtlOs driven(job.work, design, RtlArrayModel(model));
    engine.push_back(bench::seconds_of([&] {
      cycles = run(job, driven, [&](const EdgeSlot& s, std::int64_t c) { driven.clock(s, c); });
    }));
    RtlArrayModel alone(model);
    const RtlBus act = alone.bus("act_i", 8), wgt = alone.bus("wgt_i", 4),
                 valid = alone.bus("valid_i"), first = alone.bus("first_i");
    verilated.push_back(bench::seconds_of([&] {
      alone.put(valid, 0, 1);
      for (std::int64_t c = 0; c < cycles; ++c) {
        alone.put(first, 0, c % 128 == 0 ? 1 : 0);
        for (std::int64_t i = 0; i < side; ++i) {
          alone.put(act, i, job.operands.act[static_cast<std::size_t>(i * 512 + c % 512)]);
          alone.put(wgt, i, job.operands.weight[static_cast<std::size_t>(i * 512 + c % 512)]);
        }
        alone.clock(c);
      }
    }));
    RtlOs rtl(job.work, design, RtlArrayModel(model));
    CycleOs judge(job.work);
    std::int64_t compared = 0;
    lockstep.push_back(bench::seconds_of([&] {
      run(job, rtl, [&](const EdgeSlot& slot, std::int64_t cycle) {
        rtl.clock(slot, cycle);
        rtl.model().read_sums(sums.data());
        // A register shows in this cycle what was added in the one before.
        if (cycle > 0) {
          judge.integer_sums(expected.data());
          compare(sums, expected, mask, cycle);
          compared += side * side;
        }
        judge.clock(slot, cycle);
        judge.catch_up();
      });
    }));
    if (compared == 0) throw std::runtime_error("nothing was compared");
    CycleOs fast(job.work);
    cycle_engine.push_back(bench::seconds_of(
        [&] { run(job, fast, [&](const EdgeSlot& s, std::int64_t c) { fast.clock(s, c); }); }));
    for (auto* times : {&verilated, &engine, &lockstep, &cycle_engine}) {
      times->back() = static_cast<double>(cycles) / times->back();
    }
  }
  m.verilated = bench::median(verilated);
  m.engine = bench::median(engine);
  m.lockstep = bench::median(lockstep);
  m.cycle_engine = bench::median(cycle_engine);
  return m;
}

}  // namespace
}  // namespace mixpe

int main(int argc, char** argv) {
  std::vector<std::int64_t> sides;
  for (int i = 1; i < argc; ++i) sides.push_back(std::atoll(argv[i]));
  if (sides.empty()) sides = {16, 32};
  const auto folder = std::filesystem::temp_directory_path() /
                      fmt::format("mixpe-rtl-bench-{}", static_cast<long>(getpid()));
  fmt::print("{:>5} {:>9} {:>12} {:>12} {:>12} {:>9} {:>14} {:>9}\n", "side", "build s",
             "verilated/s", "engine/s", "lockstep/s", "of veril.", "cycle engine/s", "x veril.");
  for (const std::int64_t side : sides) {
    const mixpe::Measured m = mixpe::measure(side, mixpe::BuildCache(folder));
    fmt::print("{:>5} {:>9.1f} {:>12.0f} {:>12.0f} {:>12.0f} {:>9.2f} {:>14.0f} {:>9.0f}\n", side,
               m.build, m.verilated, m.engine, m.lockstep, m.lockstep / m.verilated, m.cycle_engine,
               m.cycle_engine / m.verilated);
    std::fflush(stdout);
  }
  std::filesystem::remove_all(folder);
  return 0;
}
