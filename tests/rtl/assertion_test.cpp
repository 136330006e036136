// Assertions of the RTL stop it: without --assert they would be comments.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "sim/cosim/flat_module.h"

namespace mixpe {
namespace {

/// Cycles until it stops, of four; what is wrong is so in the third.
std::int64_t cycles(bool wrong, bool wrong_now, std::string& error) {
  Verilation rtl;
  rtl.top = "assertion_fails";
  rtl.files = {std::string(MIXPE_SOURCE_DIR) + "/tests/rtl/assertion_fails.sv"};
  rtl.folders = {"common"};
  rtl.ports = {{"clk_i", 1, false},
               {"rst_ni", 1, false},
               {"wrong_i", 1, false},
               {"wrong_now_i", 1, false},
               {"seen_o", 1, true}};
  FlatModule dut(rtl, BuildCache(std::filesystem::path(MIXPE_BINARY).parent_path() / "rtl_cache"));
  std::vector<std::uint64_t> inputs;
  for (const bool third : {false, false, true, false}) {
    inputs.push_back(inputs.empty() ? 0 : 1);  // reset in the first
    inputs.push_back(third && wrong ? 1 : 0);
    inputs.push_back(third && wrong_now ? 1 : 0);
  }
  std::vector<std::uint64_t> after(4);
  const std::int64_t done = dut.run(inputs, {}, after);
  error = dut.error();
  return done;
}

TEST(RtlAssertions, AFailingAssertionStopsTheRtlAndIsNamed) {
  std::string error;
  EXPECT_EQ(cycles(true, false, error), 2);
  EXPECT_THAT(error, ::testing::HasSubstr("assertion NeverWrong failed"));
  EXPECT_EQ(cycles(false, true, error), 2);
  EXPECT_THAT(error, ::testing::HasSubstr("assertion NotWrongNow failed"));
}

TEST(RtlAssertions, ATrueAssertionDoesNot) {
  std::string error;
  EXPECT_EQ(cycles(false, false, error), 4);
  EXPECT_EQ(error, "");
}

}  // namespace
}  // namespace mixpe
