// What the co-simulation of arrays must notice: a bubble too few, a broken line of RTL, a design
// that the RTL cannot run.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "models/core/errors.h"
#include "sim/cosim/embedded_rtl.h"
#include "sim/cosim/rtl_array_os.h"
#include "sim/timing/engines/clocked_engine.h"
#include "tests/cosim/rtl_machines.h"

namespace mixpe {
namespace {

using testing::EngineRun;
using ::testing::HasSubstr;
using testing::RtlMachine;
using testing::Scenario;

class RtlArray : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!testing::verilator_is_there()) {
      GTEST_SKIP() << "verilator is not installed (apt-get install verilator)";
    }
  }
};

/// One 4 x 4 x 4 tile in groups of one step: three bubbles at every boundary.
void run_short_segments(std::int64_t fewer_bubbles) {
  Scenario s = testing::random_work(testing::rtl_machines().front(), 1);
  s.work.timing.edge_ii = 1;
  s.work.timing.pass_overlap = true;
  s.work.timing.edge_tiles = EdgeTiles::kPadded;
  const ArrayWork work = s.work_on(nullptr);
  const RtlArrayDesign design = rtl_array_design(work);
  ClockedEngine<RtlOs> engine(
      work, RtlOs(work, design, make_rtl_model(design, testing::rtl_test_options())));
  engine.edge().shorten_bubbles(fewer_bubbles);
  engine.stream(testing::whole_tile(4, 4, 4, 1), 0, false);
  engine.finish();
}

TEST_F(RtlArray, StopsAtAnAssertionIfOneBubbleIsMissing) {
  EXPECT_NO_THROW(run_short_segments(0));
  try {
    run_short_segments(1);
    FAIL() << "nothing was noticed";
  } catch (const InvariantError& e) {
    EXPECT_THAT(e.what(), HasSubstr("assertion"));
  }
}

/// The array with a PE whose source has `line` in place of `right`.
RtlArrayDesign broken_design(const ArrayWork& work, const std::string& pe, const std::string& right,
                             const std::string& line) {
  RtlArrayDesign design = rtl_array_design(work);
  std::string source(embedded_rtl().find("pe/" + pe + "/" + pe + ".sv")->second);
  const std::string module = "module " + pe;
  source.replace(source.find(module), module.size(), "module broken_pe");
  check_invariant(source.find(right) != std::string::npos, "no such line to break");
  source.replace(source.find(right), right.size(), line);
  const std::filesystem::path folder = std::filesystem::path(MIXPE_TEST_RTL_CACHE) / "broken";
  std::filesystem::create_directories(folder);
  const std::string file = (folder / "broken_pe.sv").string();
  std::ofstream(file) << source;
  design.rtl.files = {file, MIXPE_SOURCE_DIR "/rtl/array/mixpe_array.sv"};
  design.rtl.defines.front() = "MIXPE_PE=broken_pe";
  return design;
}

TEST_F(RtlArray, DisagreesIfALineOfItsPeIsBroken) {
  RtlMachine machine = testing::rtl_machines()[3];  // int8, raw sums
  machine.rows = machine.cols = 2;
  machine.drain_interval = 1;
  int noticed = 0, runs = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed, ++runs) {
    const Scenario s = testing::random_work(machine, seed);
    OutputPsums psums = s.empty_psums();
    const ArrayWork work = s.work_on(&psums);
    // The sum does not restart with an odd activation.
    const RtlArrayDesign design =
        broken_design(work, machine.pe.name, ".first_i(first_o)", ".first_i(first_o & ~act_o[0])");
    ClockedEngine<RtlOs> engine(
        work, RtlOs(work, design, make_rtl_model(design, testing::rtl_test_options())));
    const EngineRun rtl = testing::run_engine(engine, s, psums);
    noticed += testing::difference(testing::run_engine(Engine::kTile, s), rtl).empty() ? 0 : 1;
  }
  EXPECT_GE(noticed, runs / 2) << "of " << runs;
}

/// Arrays are compiled with products as expressions; here with the PEs' own adder cells.
TEST_F(RtlArray, AgreesWithItsAdderCells) {
  RtlMachine machine = testing::rtl_machines().front();
  machine.rows = machine.cols = 2;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const Scenario s = testing::random_work(machine, seed);
    OutputPsums psums = s.empty_psums();
    const ArrayWork work = s.work_on(&psums);
    RtlArrayDesign design = rtl_array_design(work);
    ASSERT_EQ(std::erase(design.rtl.defines, "MIXPE_FAST_SIMULATION"), 1U);
    ClockedEngine<RtlOs> engine(
        work, RtlOs(work, design, make_rtl_model(design, testing::rtl_test_options())));
    const EngineRun rtl = testing::run_engine(engine, s, psums);
    EXPECT_EQ(testing::difference(testing::run_engine(Engine::kTile, s), rtl), "")
        << s.text() << " seed " << seed;
  }
}

TEST(RtlArrayDesigns, AreRefusedBeforeAnythingIsCompiled) {
  const RtlMachine& machine = testing::rtl_machines().front();
  const auto refusal = [&](const auto& change) -> std::string {
    Scenario s = testing::random_work(machine, 1);
    change(s.work.timing);
    try {
      check_rtl_can_run(s.work_on(nullptr));
    } catch (const UserError& e) {
      return e.what();
    }
    return "";
  };
  EXPECT_EQ(refusal([](ArrayTiming&) {}), "");
  EXPECT_THAT(refusal([](ArrayTiming& t) { t.lanes_m = 2; }), HasSubstr("one output each"));
  EXPECT_THAT(refusal([](ArrayTiming& t) { t.lane_latency = 3; }), HasSubstr("dequant.latency"));
  EXPECT_THAT(refusal([](ArrayTiming& t) {
                t.lane_accumulate = 0;
                t.edge_tiles = EdgeTiles::kActual;
              }),
              HasSubstr("dequant.accumulate"));
  EXPECT_THAT(refusal([](ArrayTiming& t) { t.rows = 65; }), HasSubstr("array.rows"));
  EXPECT_THAT(refusal([](ArrayTiming& t) { t.lane_latency = 30; }),
              HasSubstr("dequant.accumulate"));  // with an adder of 24 cycles
  EXPECT_THROW(check_rtl_can_run(testing::timing_work({})), UserError);
}

}  // namespace
}  // namespace mixpe
