// The project's central property: engines give the same cycles, causes, events and output bits.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "models/pe/registry.h"
#include "sim/config/pe_yaml.h"
#include "sim/timing/engines/engine_test_support.h"

namespace mixpe {
namespace {

using testing::difference;
using testing::random_scenario;
using testing::run_engine;
using testing::Scenario;

void expect_agreement(Engine one, Engine other, Dataflow dataflow, bool values) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const int size = *rc::gen::inRange(1, 10);
  const Scenario s = random_scenario(seed, size, dataflow, values);
  std::string failure;
  try {
    failure = difference(run_engine(one, s), run_engine(other, s));
  } catch (const std::exception& e) {
    failure = e.what();
  }
  if (!failure.empty()) RC_FAIL(failure + " in " + s.text());
}

RC_GTEST_PROP(EnginesAgree, LiteralAndTileOnTimingOfOs, ()) {
  expect_agreement(Engine::kLiteral, Engine::kTile, Dataflow::kOutputStationary, false);
}
RC_GTEST_PROP(EnginesAgree, LiteralAndTileOnTimingOfWs, ()) {
  expect_agreement(Engine::kLiteral, Engine::kTile, Dataflow::kWeightStationary, false);
}
RC_GTEST_PROP(EnginesAgree, LiteralAndTileOnValuesOfOs, ()) {
  expect_agreement(Engine::kLiteral, Engine::kTile, Dataflow::kOutputStationary, true);
}
RC_GTEST_PROP(EnginesAgree, LiteralAndTileOnValuesOfWs, ()) {
  expect_agreement(Engine::kLiteral, Engine::kTile, Dataflow::kWeightStationary, true);
}

RC_GTEST_PROP(EnginesAgree, LiteralAndCycleOnTimingOfOs, ()) {
  expect_agreement(Engine::kLiteral, Engine::kCycle, Dataflow::kOutputStationary, false);
}
RC_GTEST_PROP(EnginesAgree, LiteralAndCycleOnValuesOfOs, ()) {
  expect_agreement(Engine::kLiteral, Engine::kCycle, Dataflow::kOutputStationary, true);
}
RC_GTEST_PROP(EnginesAgree, LiteralAndCycleOnTimingOfWs, ()) {
  expect_agreement(Engine::kLiteral, Engine::kCycle, Dataflow::kWeightStationary, false);
}
RC_GTEST_PROP(EnginesAgree, LiteralAndCycleOnValuesOfWs, ()) {
  expect_agreement(Engine::kLiteral, Engine::kCycle, Dataflow::kWeightStationary, true);
}

/// Values of an m x n x k GEMM with 8-bit operands that all differ, on PEs that sum integers.
Scenario counting_scenario(std::int64_t m, std::int64_t n, std::int64_t k) {
  Scenario s;
  for (const PeSpec& spec : all_pe_variants()) {
    if (!spec.has_values || spec.find_mode(signed_int(8), signed_int(8)) == nullptr) continue;
    s.pe = make_pe(spec);
    s.work.timing.ii = spec.os_ii(*spec.find_mode(signed_int(8), signed_int(8)));
    break;
  }
  s.work.formats = {signed_int(8), signed_int(8)};
  s.operands.m = m, s.operands.n = n, s.operands.k = k;
  s.operands.formats = s.work.formats;
  for (std::int64_t i = 0; i < m * k; ++i) s.operands.act.push_back(i * 7 % 256 & 0xff);
  for (std::int64_t i = 0; i < n * k; ++i) s.operands.weight.push_back(i * 11 % 256 & 0xff);
  s.tiles = {testing::whole_tile(m, n, k, 0)};
  s.ready = {0};
  return s;
}

TEST(EnginesAgree, NarrowPassDoesNotTouchTheSumsOfWideOnesAroundIt) {
  // With actual edge tiles a pass of few columns has left while its end still moves through the
  // columns to its right, where the passes before and behind it are captured.
  for (const std::int64_t narrow : {1, 2, 5}) {
    for (const std::int64_t k : {1, 2, 3, 9}) {
      Scenario s = counting_scenario(6, 8 + narrow, k);
      s.work.timing.rows = 2;
      s.work.timing.cols = 8;
      s.work.timing.edge_tiles = EdgeTiles::kActual;
      const auto literal = run_engine(Engine::kLiteral, s);
      EXPECT_EQ(difference(literal, run_engine(Engine::kCycle, s)), "") << narrow << ' ' << k;
      EXPECT_EQ(difference(literal, run_engine(Engine::kTile, s)), "") << narrow << ' ' << k;
    }
  }
}

TEST(EnginesAgree, RowsThatTakeNoPartCountTheSegmentsThatPassThem) {
  // The first tile has left its one PE, and the array rests, before the rows below have seen it.
  Scenario s;
  s.work.zero_points = true;
  s.work.timing.rows = 3;
  s.work.timing.cols = 2;
  s.work.timing.edge_tiles = EdgeTiles::kActual;
  s.tiles = {testing::whole_tile(1, 1, 1, 0), testing::whole_tile(3, 2, 4, 2)};
  s.ready = {0, 100};
  const auto literal = run_engine(Engine::kLiteral, s);
  EXPECT_EQ(difference(literal, run_engine(Engine::kTile, s)), "");
  EXPECT_EQ(difference(literal, run_engine(Engine::kCycle, s)), "");
}

TEST(EnginesAgree, SumsMayTakeLongerThanTheArrayIsWide) {
  Scenario s;
  s.work.timing.rows = 3;
  s.work.timing.cols = 32;
  s.work.timing.product_latency = 64;  // the longest that a PE may have
  s.tiles = {testing::whole_tile(6, 70, 12, 3)};
  s.ready = {0};
  const auto literal = run_engine(Engine::kLiteral, s);
  EXPECT_EQ(difference(literal, run_engine(Engine::kTile, s)), "");
  EXPECT_EQ(difference(literal, run_engine(Engine::kCycle, s)), "");
}

}  // namespace
}  // namespace mixpe
