// The spine's property with the hardware in it: the tile engine, the cycle engine and the Verilated
// array give the same cycles, causes, events and output bits.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <random>

#include "tests/cosim/rtl_machines.h"

namespace mixpe {
namespace {

using testing::difference;
using testing::EngineRun;
using testing::RtlMachine;
using testing::Scenario;

EngineRun run_rtl(const Scenario& s) {
  OutputPsums psums = s.empty_psums();
  const auto engine = make_rtl_engine(s.work_on(&psums), testing::rtl_test_options());
  return testing::run_engine(*engine, s, psums);
}

/// Empty if all three agree.
std::string disagreement(const Scenario& s) {
  try {
    const EngineRun tile = run_engine(Engine::kTile, s);
    std::string text = difference(tile, run_engine(Engine::kCycle, s));
    if (!text.empty()) return "tile | cycle: " + text;
    text = difference(tile, run_rtl(s));
    return text.empty() ? "" : "tile | rtl: " + text;
  } catch (const std::exception& e) {
    return e.what();
  }
}

class RtlArrayAgrees : public ::testing::TestWithParam<RtlMachine> {
 protected:
  void SetUp() override {
    if (!testing::verilator_is_there()) {
      GTEST_SKIP() << "verilator is not installed (apt-get install verilator)";
    }
  }
};

TEST_P(RtlArrayAgrees, WithTileAndCycleEngine) {
  const RtlMachine& machine = GetParam();
  std::uint64_t outputs = 0;
  const bool held = rc::check(machine.name + ": cycles, causes, events, bits", [&] {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const Scenario s = testing::random_work(machine, seed);
    const std::string text = disagreement(s);
    if (!text.empty()) RC_FAIL(text + " in " + s.text() + " seed " + std::to_string(seed));
    outputs += static_cast<std::uint64_t>(s.operands.m * s.operands.n);
  });
  EXPECT_TRUE(held);
  EXPECT_GT(outputs, 0U);
}

TEST(RtlArrayAgreesOnRandomArrays, WithTileAndCycleEngine) {
  if (std::getenv("MIXPE_FULL_TESTS") == nullptr) GTEST_SKIP() << "set MIXPE_FULL_TESTS=1";
  const char* first = std::getenv("MIXPE_SEED");  // of the first array, to see a difference again
  std::random_device device;
  for (int array = 0; array < 40; ++array) {
    const std::uint64_t seed = array == 0 && first != nullptr ? std::stoull(first) : device();
    const RtlMachine machine = testing::random_rtl_machine(seed);
    for (std::uint64_t work = 0; work < 20; ++work) {
      const Scenario s = testing::random_work(machine, seed + work);
      ASSERT_EQ(disagreement(s), "") << s.text() << " seed " << seed << " + " << work;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Machines, RtlArrayAgrees, ::testing::ValuesIn(testing::rtl_machines()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace mixpe
