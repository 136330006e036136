// The SystemC machine against the recurrence. A process elaborates once, so every case is drawn
// first and all run in one simulation.

#include "sim/timing/machine.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <random>

#include "sim/timing/machine_traffic.h"
#include "sim/timing/memory.h"
#include "tests/support/arbitrary_problem.h"

namespace mixpe {
namespace {

/// The closed form as an engine, with one made-up event per tile's MAC.
class ClosedFormEngine final : public ArrayEngine {
 public:
  explicit ClosedFormEngine(const ArrayTiming& array) : array_(array) {}
  TileTiming stream(const TileStep& step, std::int64_t ready, bool) override {
    counters_ += events(step.shape);
    return stream_tile(array_, step.shape, ready, edge_);
  }
  void finish() override {}
  const Counters& counters() const override { return counters_; }

  static Counters events(const TileShape& tile) {
    Counters c;
    c[Event::kMac] = static_cast<std::uint64_t>(tile.m * tile.n * tile.k);
    return c;
  }

 private:
  ArrayTiming array_;
  EdgeState edge_;
  Counters counters_;
};

struct Outcome {
  std::vector<ScheduledGemm> gemms;
  std::vector<GemmResult> results;
  KernelStats stats;
  std::size_t progress = 0;
};

/// The last value is the first tile's: eight columns, then one.
ScheduledGemm narrow_after_wide() {
  ScheduledGemm g;
  GemmProblem& p = g.problem;
  p.task.m = p.task.k = 1;
  p.task.n = 9;
  p.array.cols = 8;
  p.array.edge_tiles = EdgeTiles::kActual;
  p.act_buffer = p.wgt_buffer = p.out_buffer = {1024, 1, 64};
  g.tiling = {1, 8, 1, LoopOrder::kMNK};
  g.cost = evaluate(p, g.tiling);
  return g;
}

std::vector<ScheduledGemm> draw_cases() {
  std::vector<ScheduledGemm> cases = {narrow_after_wide()};
  // One draw per property run; rc::check prints the seed. Drawing cannot fail.
  rc::check("draw cases", [&] {
    ScheduledGemm g;
    g.problem = testing::arbitrary_problem(40);
    g.tiling = testing::arbitrary_tiling(g.problem);
    g.cost = evaluate(g.problem, g.tiling);
    cases.push_back(g);
  });
  return cases;
}

const Outcome& outcome() {
  static const Outcome once = [] {
    Outcome o;
    o.gemms = draw_cases();
    std::vector<GemmJob> jobs;
    for (const ScheduledGemm& g : o.gemms) {
      jobs.push_back({&g, [&g] { return std::make_unique<ClosedFormEngine>(g.problem.array); }});
    }
    SimulateOptions options;
    options.progress = [&](std::size_t done) { o.progress = done; };
    o.results = simulate(jobs, options, &o.stats);
    return o;
  }();
  return once;
}

TEST(Machine, FindsTheCyclesAndCausesOfTheRecurrence) {
  ASSERT_GE(outcome().results.size(), 50U);
  for (std::size_t i = 0; i < outcome().results.size(); ++i) {
    const ScheduledGemm& g = outcome().gemms[i];
    const GemmResult& r = outcome().results[i];
    SCOPED_TRACE(testing::describe(g.problem, g.tiling));
    ASSERT_EQ(r.cycles, g.cost.cycles);
    ASSERT_EQ(r.tiles, g.cost.steps);
    ASSERT_TRUE(r.causes == g.cost.causes);
  }
}

TEST(Machine, CountsWhatTheClosedFormCounts) {
  for (std::size_t i = 0; i < outcome().results.size(); ++i) {
    const ScheduledGemm& g = outcome().gemms[i];
    SCOPED_TRACE(testing::describe(g.problem, g.tiling));
    const GemmResult calculated = calculate(g, ClosedFormEngine::events);
    const GemmResult& r = outcome().results[i];
    for (int e = 0; e < kEventCount; ++e) {
      const Event event = static_cast<Event>(e);
      ASSERT_EQ(r.counters[event], calculated.counters[event]) << event_info(event).name;
    }
    ASSERT_EQ(r.counters[Event::kMac],
              static_cast<std::uint64_t>(g.problem.task.m * g.problem.task.n * g.problem.task.k *
                                         g.problem.task.batch));
    ASSERT_EQ(r.counters[Event::kDramReadBytes],
              static_cast<std::uint64_t>(g.cost.dram_read_bytes));
    ASSERT_EQ(r.counters[Event::kDramWriteBytes],
              static_cast<std::uint64_t>(g.cost.dram_write_bytes));
    ASSERT_EQ(r.bound, calculated.bound);
  }
}

TEST(Machine, NeedsAtMostEightKernelEventsPerTile) {
  std::uint64_t tiles = 0;
  for (const GemmResult& r : outcome().results) tiles += static_cast<std::uint64_t>(r.tiles);
  const std::uint64_t events = outcome().stats.waits + outcome().stats.notifications;
  EXPECT_GT(events, tiles / 2);  // they are counted
  EXPECT_LE(events, 8 * tiles);
}

TEST(Machine, ReportsProgressAfterEveryJob) {
  EXPECT_EQ(outcome().progress, outcome().results.size());
}

TEST(Machine, RefusesASecondElaboration) {
  outcome();
  EXPECT_THROW(simulate({}), InvariantError);
}

}  // namespace
}  // namespace mixpe
