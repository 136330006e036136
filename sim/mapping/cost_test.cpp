#include "sim/mapping/cost.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "sim/mapping/lower_bound.h"
#include "sim/mapping/search.h"
#include "tests/support/arbitrary_problem.h"

namespace mixpe {
namespace {

using I = std::int64_t;

/// The rules of sim/timing/README.md step by step, with every transfer's time kept by tile number.
struct Reference {
  std::vector<I> act_done, wgt_done, out_done, stored;  // by number of the distinct tile
  std::vector<I> act_last_issue, wgt_last_issue;        // by number: issue end of its last step
  I channel = 0, free = 0, steps = 0, read = 0, written = 0;
  I complete = 0, last_value = 0;  // of the last tile, of all
  TileStep previous;

  I transfer(const GemmProblem& p, I ready, I bytes) {
    channel = std::max(ready, channel) + p.memory.cycles(bytes);
    return channel + p.memory.latency;
  }
  I slot(const std::vector<I>& freed) {  // of the tile before the last
    return freed.size() < 2 ? 0 : freed[freed.size() - 2];
  }
  void store(const GemmProblem& p) {
    if (!previous.store_out) return;
    stored.push_back(transfer(p, complete, previous.out_store_bytes));
    written += previous.out_store_bytes;
  }
  I run(const GemmProblem& p, const Tiling& tiling) {
    TileSequence sequence(p, tiling);
    EdgeState edge;
    for (TileStep step; sequence.next(step); previous = step, ++steps) {
      if (step.load_out) {
        const I room = out_done.size() < 2 ? 0 : stored[out_done.size() - 2];
        out_done.push_back(transfer(p, room, step.out_load_bytes));
        read += step.out_load_bytes;
      } else if (step.first_visit) {
        out_done.push_back(out_done.size() < 2 ? 0 : stored[out_done.size() - 2]);
      }
      if (step.load_act) {
        act_done.push_back(transfer(p, slot(act_last_issue), step.act_bytes));
        act_last_issue.push_back(0);
        read += step.act_bytes;
      }
      if (step.load_wgt) {
        wgt_done.push_back(transfer(p, slot(wgt_last_issue), step.wgt_bytes));
        wgt_last_issue.push_back(0);
        read += step.wgt_bytes;
      }
      store(p);
      const I ready = std::max({out_done.back(), act_done.back(), wgt_done.back()});
      const TileTiming t = stream_tile(p.array, step.shape, ready, edge);
      free = act_last_issue.back() = wgt_last_issue.back() = t.issue_end;
      complete = t.complete;
      last_value = std::max(last_value, complete);
    }
    store(p);
    return std::max({stored.back(), last_value, free});
  }
};

RC_GTEST_PROP(Cost, EqualsTheRulesAppliedStepByStep, ()) {
  const GemmProblem p = testing::arbitrary_problem(60);
  const Tiling tiling = testing::arbitrary_tiling(p);
  RC_LOG() << testing::describe(p, tiling);
  Reference reference;
  const I cycles = reference.run(p, tiling);
  const Cost cost = evaluate(p, tiling);
  RC_ASSERT(cost.cycles == cycles);
  RC_ASSERT(cost.causes.store_tail == cycles - std::max(reference.last_value, reference.free));
  RC_ASSERT(cost.steps == reference.steps);
  RC_ASSERT(cost.dram_read_bytes == reference.read);
  RC_ASSERT(cost.dram_write_bytes == reference.written);
  RC_ASSERT(cost.causes.total() == cycles);
  const IssueCycles& i = cost.causes.issue;
  for (const I part :
       {i.compute, i.edge, i.merge, i.prescan, i.dequant, i.weight_load, i.fill_drain,
        cost.causes.wait_act, cost.causes.wait_wgt, cost.causes.wait_out, cost.causes.store_tail}) {
    RC_ASSERT(part >= 0);
  }
}

TEST(Cost, TheLastValueNeedNotBeTheLastTiles) {
  GemmProblem p;  // one row of eight columns; n = 9 in a tile of eight columns and one of one
  p.task.m = p.task.k = 1;
  p.task.n = 9;
  p.array.cols = 8;
  p.array.edge_tiles = EdgeTiles::kActual;
  p.act_buffer = p.wgt_buffer = p.out_buffer = {1024, 1, 64};
  // The first tile's last column leaves 7 cycles after its first, in cycle 1 + 7; the second
  // tile's only value in cycle 2. Memory takes no time.
  const Cost c = evaluate(p, {1, 8, 1, LoopOrder::kMNK});
  EXPECT_EQ(c.cycles, 9);
  EXPECT_EQ(c.causes.issue.compute, 2);
  EXPECT_EQ(c.causes.issue.fill_drain, 7);
  EXPECT_EQ(c.causes.store_tail, 0);
}

RC_GTEST_PROP(Cost, NarrowTilesMayCompleteBeforeWideOnes, ()) {
  GemmProblem p = testing::arbitrary_problem(12);
  p.array.cols = testing::between(4, 12);
  p.array.pass_overlap = true;
  p.array.edge_tiles = EdgeTiles::kActual;
  p.memory = {};
  RC_PRE(!all_tilings(p, {}).empty());
  const Tiling tiling = testing::arbitrary_tiling(p);
  RC_LOG() << testing::describe(p, tiling);
  Reference reference;
  const I cycles = reference.run(p, tiling);
  const Cost cost = evaluate(p, tiling);
  RC_ASSERT(cost.cycles == cycles);
  RC_ASSERT(cost.causes.store_tail == cycles - std::max(reference.last_value, reference.free));
}

RC_GTEST_PROP(Cost, LongBatchesEqualTheRulesAppliedStepByStep, ()) {
  // Many turns of the outer loops: the shortcut for steady states has something to skip.
  GemmProblem p = testing::arbitrary_problem(20);
  p.task.batch = testing::between(10, 60);
  const Tiling tiling = testing::arbitrary_tiling(p);
  RC_LOG() << testing::describe(p, tiling);
  Reference reference;
  RC_ASSERT(evaluate(p, tiling).cycles == reference.run(p, tiling));
}

RC_GTEST_PROP(Cost, TheLowerBoundIsNeverAboveTheCost, ()) {
  const GemmProblem p = testing::arbitrary_problem(40);
  const Tiling tiling = testing::arbitrary_tiling(p);
  RC_LOG() << testing::describe(p, tiling);
  RC_ASSERT(cycles_lower_bound(p, tiling) <= evaluate(p, tiling).cycles);
}

RC_GTEST_PROP(Cost, ALimitStopsOnlyWhatExceedsIt, ()) {
  const GemmProblem p = testing::arbitrary_problem(30);
  const Tiling tiling = testing::arbitrary_tiling(p);
  RC_LOG() << testing::describe(p, tiling);
  const I cycles = evaluate(p, tiling).cycles;
  RC_ASSERT(cycles_within(p, tiling, cycles) == cycles);
  RC_ASSERT(cycles_within(p, tiling, cycles - 1) > cycles - 1);
}

RC_GTEST_PROP(Search, FindsWhatExhaustiveSearchFinds, ()) {
  const GemmProblem p = testing::arbitrary_problem(18);
  // Every multiple of the granule or whole dimension, every order, no cleverness.
  std::optional<std::tuple<I, I, I>> best;
  const auto size = p.size();
  const auto granule = p.granule();
  const auto next = [&](std::size_t d, I tile) {
    return tile == size[d] ? size[d] + 1 : std::min(tile + granule[d], size[d]);
  };
  for (I m = std::min(granule[kM], size[kM]); m <= size[kM]; m = next(kM, m)) {
    for (I n = std::min(granule[kN], size[kN]); n <= size[kN]; n = next(kN, n)) {
      for (I k = std::min(granule[kK], size[kK]); k <= size[kK]; k = next(kK, k)) {
        if (!p.act_fits(m, k) || !p.wgt_fits(n, k) || !p.out_fits(m, n)) continue;
        for (int order = 0; order < 6; ++order) {
          const Cost c = evaluate(p, {m, n, k, static_cast<LoopOrder>(order)});
          const std::tuple cost{c.cycles, c.dram_bytes(), c.steps};
          if (!best || cost < *best) best = cost;
        }
      }
    }
  }
  RC_ASSERT(best.has_value());
  Diagnostics diagnostics;
  const std::optional<Tiling> found = best_tiling(p, {}, {}, diagnostics);
  RC_ASSERT(found.has_value());
  const Cost c = evaluate(p, *found);
  RC_ASSERT(std::tuple(c.cycles, c.dram_bytes(), c.steps) == *best);
}

RC_GTEST_PROP(Search, SlackBuysTheLeastTrafficWithinIt, ()) {
  const GemmProblem p = testing::arbitrary_problem(16);
  MappingSpec mapping;
  mapping.cycle_slack_ppm = testing::between(0, 300'000);
  I fewest = INT64_MAX;
  const std::vector<Tiling> all = all_tilings(p, {});
  for (const Tiling& t : all) fewest = std::min(fewest, evaluate(p, t).cycles);
  const I limit = fewest + fewest * mapping.cycle_slack_ppm / 1'000'000;
  I least = INT64_MAX;
  for (const Tiling& t : all) {
    const Cost c = evaluate(p, t);
    if (c.cycles <= limit) least = std::min(least, c.dram_bytes());
  }
  Diagnostics diagnostics;
  const Cost c = evaluate(p, *best_tiling(p, mapping, {}, diagnostics));
  RC_ASSERT(c.cycles <= limit);
  RC_ASSERT(c.dram_bytes() == least);
}

}  // namespace
}  // namespace mixpe
