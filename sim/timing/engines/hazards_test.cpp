// The edge's bubbles are as few as possible: with one less the literal engine stops at a hazard.

#include <gtest/gtest.h>

#include <array>

#include "models/core/errors.h"
#include "sim/timing/engines/clocked_engine.h"
#include "sim/timing/engines/engine_test_support.h"
#include "sim/timing/engines/literal_os.h"
#include "sim/timing/engines/literal_ws.h"

namespace mixpe {
namespace {

using testing::timing_work;
using testing::whole_tile;

template <typename Array>
std::int64_t run(const ArrayTiming& timing, const TileStep& tile, std::int64_t fewer_bubbles) {
  ClockedEngine<Array> engine(timing_work(timing));
  engine.edge().shorten_bubbles(fewer_bubbles);
  const std::int64_t complete = engine.stream(tile, 0, false).complete;
  engine.finish();
  return complete;
}

ArrayTiming os_array(std::int64_t rows, std::int64_t cols, std::int64_t drain_interval) {
  ArrayTiming t;
  t.rows = rows;
  t.cols = cols;
  t.drain_interval = drain_interval;
  return t;
}

ArrayTiming ws_array(std::int64_t rows, std::int64_t cols, std::int64_t drain_interval) {
  ArrayTiming t = os_array(rows, cols, drain_interval);
  t.dataflow = Dataflow::kWeightStationary;
  t.accumulator_rows = 16;
  return t;
}

TEST(Hazards, ShadowRegistersNeedRowsTimesDrainIntervalCycles) {
  // D = R * m = 4, groups of 2: two bubbles at each boundary, and not one.
  const TileStep tile = whole_tile(4, 3, 8, 2);
  EXPECT_NO_THROW(run<LiteralOs>(os_array(4, 3, 1), tile, 0));
  EXPECT_THROW(run<LiteralOs>(os_array(4, 3, 1), tile, 1), InvariantError);
}

TEST(Hazards, LanesNeedOneCycleForEachOfTheirColumns) {
  // One lane for 4 columns: D = 3 * 4 = 12.
  const TileStep tile = whole_tile(3, 4, 12, 3);
  EXPECT_NO_THROW(run<LiteralOs>(os_array(3, 4, 4), tile, 0));
  EXPECT_THROW(run<LiteralOs>(os_array(3, 4, 4), tile, 1), InvariantError);
}

TEST(Hazards, LanesMustNotRevisitAnOutputBeforeItsAddHasFinished) {
  ArrayTiming t = os_array(2, 2, 1);
  t.lane_accumulate = 9;
  const TileStep tile = whole_tile(2, 2, 6, 2);
  EXPECT_NO_THROW(run<LiteralOs>(t, tile, 0));
  EXPECT_THROW(run<LiteralOs>(t, tile, 1), InvariantError);
}

TEST(Hazards, ShorterPassesReachTheirLastRowSooner) {
  ArrayTiming t = os_array(5, 2, 1);
  t.edge_tiles = EdgeTiles::kActual;
  // A pass of 5 rows, then one of 2: D = 5 + (5 - 2) and k = 1.
  const TileStep tile = whole_tile(7, 2, 1, 0);
  EXPECT_NO_THROW(run<LiteralOs>(t, tile, 0));
  EXPECT_THROW(run<LiteralOs>(t, tile, 1), InvariantError);
}

TEST(Hazards, WsLanesNeedOneCycleForEachOfTheirColumns) {
  // One lane for 4 columns, 3 steps, one K-tile per group: q = 4, the next group 12 cycles later.
  const TileStep tile = whole_tile(3, 4, 6, 2);
  EXPECT_NO_THROW(run<LiteralWs>(ws_array(2, 4, 4), tile, 0));
  EXPECT_THROW(run<LiteralWs>(ws_array(2, 4, 4), tile, 1), InvariantError);
}

TEST(Hazards, WsWaitingSumsMustNotBeOverwritten) {
  // Two K-tiles per group: the first of the next group may not overtake the waiting sums.
  const TileStep tile = whole_tile(6, 4, 8, 4);
  EXPECT_NO_THROW(run<LiteralWs>(ws_array(2, 4, 4), tile, 0));
  EXPECT_THROW(run<LiteralWs>(ws_array(2, 4, 4), tile, 1), InvariantError);
}

TEST(Hazards, TextbookFoldsTakeTheTextbooksCycles) {
  // Unit latencies, as many lanes as columns, no groups: 2R + C + K - 2 and 2R + C + M - 2.
  for (const auto& [r, c, size] : {std::array<std::int64_t, 3>{1, 1, 1}, {4, 3, 7}, {2, 8, 30}}) {
    ArrayTiming os = os_array(r, c, 1), ws = ws_array(r, c, 1);
    os.pass_overlap = ws.pass_overlap = false;
    ws.accumulator_rows = 1024;
    EXPECT_EQ(run<LiteralOs>(os, whole_tile(2 * r, 3 * c, size, 0), 0), 6 * (2 * r + c + size - 2));
    EXPECT_EQ(run<LiteralWs>(ws, whole_tile(size, 3 * c, 2 * r, 0), 0), 6 * (2 * r + c + size - 2));
  }
}

TEST(LiteralEngine, RefusesArraysItIsNotMadeFor) {
  EXPECT_THROW(make_engine(Engine::kLiteral, timing_work(os_array(33, 4, 1))), UserError);
  EXPECT_NO_THROW(make_engine(Engine::kLiteral, timing_work(os_array(32, 32, 1))));
}

}  // namespace
}  // namespace mixpe
