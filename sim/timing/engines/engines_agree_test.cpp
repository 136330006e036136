// The project's central property: engines give the same cycles, causes, events and output bits.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

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
RC_GTEST_PROP(EnginesAgree, CycleAndTileOnValuesOfWs, ()) {
  expect_agreement(Engine::kCycle, Engine::kTile, Dataflow::kWeightStationary, true);
}

}  // namespace
}  // namespace mixpe
