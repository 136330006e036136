// Assertions of the RTL stop the program: without --assert they would be comments.

#include <gtest/gtest.h>

#include "Vassertion_fails.h"
#include "verilated.h"

namespace {

void run(bool wrong) {
  VerilatedContext context;
  Vassertion_fails dut(&context);
  dut.clk_i = 0;
  dut.rst_ni = 0;
  dut.wrong_i = 0;
  dut.eval();
  dut.rst_ni = 1;
  dut.wrong_i = wrong;
  for (int i = 0; i < 4; ++i) {
    dut.clk_i = !dut.clk_i;
    dut.eval();
  }
}

TEST(RtlAssertionsDeathTest, AFailingAssertionStopsTheProgram) { EXPECT_DEATH(run(true), ""); }

TEST(RtlAssertions, ATrueAssertionDoesNot) { run(false); }

}  // namespace
