#include "models/array/array_timing.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>

namespace mixpe {
namespace {

using I = std::int64_t;

ArrayTiming textbook(Dataflow dataflow, I rows, I cols) {
  ArrayTiming a;
  a.dataflow = dataflow;
  a.rows = rows;
  a.cols = cols;
  a.pass_overlap = false;
  a.accumulator_rows = 1 << 20;
  return a;
}

I run_one(const ArrayTiming& a, const TileShape& tile) {
  EdgeState state;
  return stream_tile(a, tile, 0, state).complete;
}

TEST(ArrayTiming, OutputStationaryFoldsCostTheTextbookCycles) {
  // ceil(M/R) * ceil(N/C) * (2R + C + K - 2). SCALE-Sim leaves the R cycles of drain out and prints
  // one less: 2,128,895.
  constexpr I kFolds = 4 * 128;
  const I cycles = run_one(textbook(Dataflow::kOutputStationary, 32, 32), {128, 4096, 4096, 0});
  EXPECT_EQ(cycles, kFolds * (2 * 32 + 32 + 4096 - 2));
  EXPECT_EQ(cycles - kFolds * 32 - 1, 2'128'895);
  EXPECT_EQ(run_one(textbook(Dataflow::kOutputStationary, 8, 4), {1, 1, 1, 0}), 2 * 8 + 4 + 1 - 2);
}

TEST(ArrayTiming, WeightStationaryFoldsCostTheTextbookCycles) {
  // ceil(K/R) * ceil(N/C) * (2R + C + M - 2); SCALE-Sim prints one less: 1,047.
  EXPECT_EQ(run_one(textbook(Dataflow::kWeightStationary, 32, 32), {37, 50, 100, 0}), 1'048);
}

TEST(ArrayTiming, OverlappingPassesFillAndDrainOnce) {
  ArrayTiming a = textbook(Dataflow::kOutputStationary, 8, 8);
  a.pass_overlap = true;
  // Eight passes of 100 steps, then R + C - 2 of skew and R of drain.
  EXPECT_EQ(run_one(a, {16, 32, 100, 0}), 8 * 100 + 6 + 8 + 8);
}

TEST(ArrayTiming, BubblesComeWhenAGroupIsShorterThanItsDrain) {
  ArrayTiming a = textbook(Dataflow::kOutputStationary, 8, 8);
  a.pass_overlap = true;
  a.drain_interval = 2;  // D = 16
  const auto dequant_cycles = [&](I group) {
    EdgeState state;
    return stream_tile(a, {8, 8, 64, group}, 0, state).cycles.dequant;
  };
  EXPECT_EQ(dequant_cycles(16), 0);
  EXPECT_EQ(dequant_cycles(15), 3 * 1 + 12);  // 15, 15, 15, 15, 4: three boundaries, then the tail
  EXPECT_EQ(dequant_cycles(4), 15 * 12);
}

TEST(ArrayTiming, AccumulateLatencyBoundsShortGroups) {
  ArrayTiming a = textbook(Dataflow::kOutputStationary, 2, 2);
  a.pass_overlap = true;
  a.lane_accumulate = 7;
  EdgeState state;
  EXPECT_EQ(stream_tile(a, {2, 2, 12, 4}, 0, state).cycles.dequant, 2 * 3);
}

TEST(ArrayTiming, TheExampleOfTheDocumentTakesElevenCyclesWithOneLane) {
  ArrayTiming a = textbook(Dataflow::kOutputStationary, 2, 2);
  EXPECT_EQ(run_one(a, {2, 2, 4, 2}), 8);
  a.drain_interval = 2;
  EXPECT_EQ(run_one(a, {2, 2, 4, 2}), 11);
}

TEST(ArrayTiming, PrescanDelaysTheFirstSegmentAndLongerOnesAfterShort) {
  ArrayTiming a = textbook(Dataflow::kOutputStationary, 2, 2);
  a.pass_overlap = true;
  a.prescan = true;
  EdgeState state;
  // Segments 8, 8, 3 for each of two passes: 8 at the start, 8 - 3 where a full one follows the
  // tail.
  EXPECT_EQ(stream_tile(a, {2, 4, 19, 8}, 0, state).cycles.prescan, 8 + 5);
}

TEST(ArrayTiming, WeightLoadHidesBehindALongEnoughStream) {
  ArrayTiming a = textbook(Dataflow::kWeightStationary, 16, 4);
  a.pass_overlap = true;
  const auto end = [&](I m) {
    EdgeState state;
    return stream_tile(a, {m, 4, 16 * 10, 0}, 0, state).issue_end;
  };
  EXPECT_EQ(end(20), 16 + 10 * 20);
  EXPECT_EQ(end(5), 10 * 16 + 5);
}

ArrayTiming arbitrary_array() {
  ArrayTiming a;
  a.dataflow = *rc::gen::element(Dataflow::kOutputStationary, Dataflow::kWeightStationary);
  a.rows = *rc::gen::inRange<I>(1, 9);
  a.cols = *rc::gen::inRange<I>(1, 9);
  a.lanes_m = *rc::gen::inRange<I>(1, 3);
  a.lanes_n = *rc::gen::inRange<I>(1, 3);
  a.lanes_k = *rc::gen::inRange<I>(1, 3);
  a.ii = *rc::gen::inRange<I>(1, 4);
  a.edge_ii = *rc::gen::inRange<I>(1, 4);
  a.merge_cycles = a.dataflow == Dataflow::kOutputStationary ? *rc::gen::inRange<I>(0, 4) : 0;
  a.product_latency = *rc::gen::inRange<I>(0, 3);
  a.add_latency = *rc::gen::inRange<I>(1, 4);
  a.prescan = *rc::gen::arbitrary<bool>();
  a.pass_overlap = *rc::gen::arbitrary<bool>();
  a.edge_tiles = *rc::gen::element(EdgeTiles::kPadded, EdgeTiles::kActual);
  a.weight_double_buffering = *rc::gen::arbitrary<bool>();
  a.weight_row_cycles = *rc::gen::inRange<I>(1, 4);
  a.accumulator_rows = *rc::gen::inRange<I>(1, 12);
  a.accumulator_cycles = *rc::gen::inRange<I>(1, 4);
  a.drain_interval = *rc::gen::inRange<I>(1, 6);
  a.lane_accumulate = *rc::gen::inRange<I>(0, 40);
  a.lane_latency = *rc::gen::inRange<I>(0, 5);
  return a;
}

TEST(ArrayTiming, SlowWeightRowsLengthenTheLoadOnly) {
  ArrayTiming a;
  a.dataflow = Dataflow::kWeightStationary;
  a.rows = a.cols = 4;
  a.accumulator_rows = 64;
  a.weight_row_cycles = 3;
  // Four K-tiles of 5 steps: the first load of 4 x 3 cycles, then a load every 12 > 5.
  EdgeState state;
  const TileTiming hidden = stream_tile(a, {5, 4, 16, 0}, 0, state);
  EXPECT_EQ(hidden.issue_end, 4 * 12 + 5);
  EXPECT_EQ(hidden.cycles.compute, 4 * 5);
  EXPECT_EQ(hidden.cycles.weight_load, 12 + 3 * 7);
  // Exposed: each load behind the steps before.
  a.weight_double_buffering = false;
  EdgeState single;
  EXPECT_EQ(stream_tile(a, {5, 4, 16, 0}, 0, single).issue_end, 4 * (12 + 5));
}

RC_GTEST_PROP(ArrayTiming, ATileEqualsItsBlocksStreamedOneByOne, ()) {
  // The shortcuts for repeated passes against plain addition.
  const ArrayTiming a = arbitrary_array();
  const TileShape tile{*rc::gen::inRange<I>(1, 60), *rc::gen::inRange<I>(1, 60),
                       *rc::gen::inRange<I>(1, 60), *rc::gen::inRange<I>(0, 20)};
  const I ready = *rc::gen::inRange<I>(0, 50);
  const bool os = a.dataflow == Dataflow::kOutputStationary;
  const I block_m = os ? a.rows * a.lanes_m : a.accumulator_rows;
  const I block_n = a.cols * a.lanes_n;

  EdgeState whole;
  const TileTiming once = stream_tile(a, tile, ready, whole);
  EdgeState parts;
  TileTiming sum;
  const auto add = [&](I m0, I n0) {
    const TileShape block{std::min(block_m, tile.m - m0), std::min(block_n, tile.n - n0), tile.k,
                          tile.group};
    const TileTiming t = stream_tile(a, block, ready, parts);
    sum.cycles += t.cycles;
    sum.complete = std::max(sum.complete, t.complete);
    sum.issue_end = t.issue_end;
  };
  if (os) {
    for (I m0 = 0; m0 < tile.m; m0 += block_m)
      for (I n0 = 0; n0 < tile.n; n0 += block_n) add(m0, n0);
  } else {
    for (I n0 = 0; n0 < tile.n; n0 += block_n)
      for (I m0 = 0; m0 < tile.m; m0 += block_m) add(m0, n0);
  }
  RC_ASSERT(once.issue_end == sum.issue_end);
  RC_ASSERT(once.complete == sum.complete);
  RC_ASSERT(once.cycles.total() == sum.cycles.total());
  RC_ASSERT(once.cycles.compute == sum.cycles.compute);
  RC_ASSERT(once.cycles.dequant == sum.cycles.dequant);
  RC_ASSERT(once.cycles.total() == once.issue_end - ready);
}

}  // namespace
}  // namespace mixpe
