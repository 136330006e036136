// `mixpe cosim` with RTL of the user's: the example passes, faults are found and can be run alone,
// mistakes are told with exit code 2.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/command.h"

namespace mixpe::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kExample = std::string(MIXPE_SOURCE_DIR) + "/rtl/pe/example/my_pe.sv";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

/// The example with one thing changed.
std::string example(const std::string& from, const std::string& to) {
  return replaced(file_text(kExample), from, to);
}

class Cosim : public ::testing::Test {
 protected:
  Cosim() {
    const auto build = std::filesystem::path(MIXPE_BINARY).parent_path();
    ::setenv("MIXPE_CACHE_DIR", (build / "rtl_cache").c_str(), 1);
  }
  Outcome check(const std::string& files, const std::string& more = "") const {
    return shell("mixpe cosim --rtl " + files + " --top my_pe --as mixpe_w4a8 " + more);
  }
  Outcome check_text(const std::string& text, const std::string& more = "") const {
    return check(folder_.write("my_pe.sv", text), more);
  }
  Folder folder_{"cosim_" +
                 std::string(::testing::UnitTest::GetInstance()->current_test_info()->name())};
};

std::string last_line_with(const std::string& text, const std::string& word) {
  const std::size_t at = text.rfind(word);
  if (at == std::string::npos) return "";
  return text.substr(at + word.size(), text.find('\n', at) - at - word.size());
}

TEST_F(Cosim, ExampleOfItsHelpWorks) {
  const Outcome help = shell("mixpe cosim --help");
  const std::string example = last_line_with(help.out, "Example: ");
  EXPECT_EQ(example.substr(0, 12), "mixpe cosim ") << help.out;
  const Outcome run = shell(example);
  EXPECT_EQ(run.exit_code, 0) << run.out;
  EXPECT_THAT(run.out, HasSubstr("comparisons"));
}

TEST_F(Cosim, ExampleOfTheManualPassesInBothDataflows) {
  const Outcome os = check(kExample);
  EXPECT_EQ(os.exit_code, 0) << os.out;
  EXPECT_THAT(os.out, AllOf(HasSubstr("equal"), Not(HasSubstr("DIFFERENT"))));
  const Outcome ws = check(kExample, "--dataflow ws --param \"WeightStationary=1'b1\"");
  EXPECT_EQ(ws.exit_code, 0) << ws.out;
}

TEST_F(Cosim, OneWrongProductIsFoundAndRunsAlone) {
  const std::string wrong = example(
      "assign product = ", "assign product = (act_o == 8'h85 && weight == 4'h9) ? 21'sd7 : ");
  const Outcome found = check_text(wrong);
  EXPECT_EQ(found.exit_code, 1) << found.out;
  EXPECT_THAT(found.out, AllOf(HasSubstr("sum_o in cycle"), HasSubstr("expected"),
                               HasSubstr("act 0x85 (-123), weight 0x9 (9)")));
  const Outcome alone = shell(last_line_with(found.out, "alone     "));
  EXPECT_EQ(alone.exit_code, 1) << alone.out;
  EXPECT_THAT(alone.out, HasSubstr("sum_o in cycle"));
}

// The fault shows only after thousands of steps: the command must bring enough of them along.
TEST_F(Cosim, FaultThatNeedsAHistoryRunsAloneWithIt) {
  const std::string wrong =
      example("logic signed [SumBits:0] product, sum;",
              "logic signed [SumBits:0] product, sum;\n"
              "  logic [9:0] steps = 0;\n"
              "  always_ff @(posedge clk_i) if (valid_o) steps <= steps + 1;");
  const Outcome found =
      check_text(replaced(wrong, "+ product;", "+ product + (steps == 10'd900 ? 21'sd1 : 21'sd0);"),
                 "--check mixpe_w4a8/weights=w4/os/u4xi8/pairs");
  EXPECT_EQ(found.exit_code, 1) << found.out;
  const std::string command = last_line_with(found.out, "alone     ");
  const Outcome alone = shell(command);
  EXPECT_EQ(alone.exit_code, 1) << command << "\n" << alone.out;
}

TEST_F(Cosim, EveryOutputIsCompared) {
  const std::pair<const char*, const char*> faults[] = {
      {"assign overflow_o = sum[SumBits] != sum[SumBits-1];", "assign overflow_o = 1'b0;"},
      {".shift_i(shift_o)", ".shift_i(1'b0)"},
      {".last_i(last_o)", ".last_i(last_o & valid_o)"},  // a late end of a segment
  };
  for (const auto& [from, to] : faults) {
    const Outcome o = check_text(example(from, to), "--first");
    EXPECT_EQ(o.exit_code, 1) << to << "\n" << o.out;
  }
}

// The last lane alone, one weight alone.
TEST_F(Cosim, AFaultInOneLaneIsFound) {
  const std::string text = replaced(
      file_text(std::string(MIXPE_SOURCE_DIR) + "/rtl/pe/mixpe_dot4/mixpe_dot4.sv"), ".x_i(act_o)",
      ".x_i({act_o[31:25], act_o[24] & (weight[15:12] != 4'h9), act_o[23:0]})");
  const Outcome o = shell("mixpe cosim --rtl " + folder_.write("mixpe_dot4.sv", text) +
                          " --top mixpe_dot4 --as mixpe_dot4 --first");
  EXPECT_EQ(o.exit_code, 1) << o.out;
  EXPECT_THAT(o.out, AllOf(HasSubstr("sum_o in cycle"), HasSubstr("weight 0x9")));
}

TEST_F(Cosim, PlusargsReachTheModule) {
  const std::string text =
      example("assign product = ",
              "logic [7:0] fault;\n"
              "  initial if (!$value$plusargs(\"mutant=%d\", fault)) fault = 0;\n"
              "  assign product = fault == 17 ? 21'sd3 : ");
  EXPECT_EQ(check_text(text).exit_code, 0);
  EXPECT_EQ(check_text(text, "--plusarg mutant=16").exit_code, 0);
  const Outcome o = check_text(text, "--first --plusarg mutant=17");
  EXPECT_EQ(o.exit_code, 1);
  EXPECT_THAT(o.out, HasSubstr("--plusarg mutant=17"));
}

TEST_F(Cosim, FailingAssertionIsADifference) {
  const Outcome o =
      check_text(example("endmodule",
                         "  Never: assert property (@(posedge clk_i) act_o != 8'h55);\nendmodule"),
                 "--first");
  EXPECT_EQ(o.exit_code, 1);
  EXPECT_THAT(o.out, AllOf(HasSubstr("the RTL stopped in cycle"), HasSubstr("Never")));
}

struct Mistake {
  const char *name, *from, *to, *says;
};
class CosimMistake : public Cosim, public ::testing::WithParamInterface<Mistake> {};

TEST_P(CosimMistake, IsToldWithTheToolsOwnLine) {
  const Outcome o = check_text(example(GetParam().from, GetParam().to));
  EXPECT_EQ(o.exit_code, 2) << o.out;
  EXPECT_THAT(o.out, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    User, CosimMistake,
    ::testing::Values(
        Mistake{"syntax", "assign overflow_o =", "assign overflow_o = =", "my_pe.sv:33"},
        Mistake{"missing_port", "  input  logic               take_i,\n", "  ", "take_i"},
        Mistake{"other_width", "parameter int SumBits = 20", "parameter int SumBits = 24",
                "got output logic [23:0] sum_o; allowed output logic [19:0] sum_o"},
        Mistake{"extra_port", "output logic               overflow_o",
                "input logic spare_i, output logic overflow_o",
                "my_pe.spare_i: no such port is expected"},
        Mistake{"no_clock", "input  logic               clk_i, rst_ni",
                "input  logic               clock, rst_ni", "'clk_i'"},
        Mistake{"loop", "assign overflow_o = sum[SumBits] != sum[SumBits-1];",
                "logic a, b; assign a = ~b; assign b = a & sum[0]; assign overflow_o = b;",
                "UNOPTFLAT"},
        Mistake{"unknown_module", "pe_links #(", "pe_chains #(", "pe_chains"}),
    [](const auto& info) { return info.param.name; });

TEST_F(Cosim, LoopThatNeverSettlesEndsWithAMessage) {
  const Outcome o = check_text(
      example(
          "assign overflow_o = sum[SumBits] != sum[SumBits-1];",
          "/* verilator lint_off UNOPTFLAT */ logic a, b; assign a = ~b; assign b = a & valid_o;\n"
          "assign overflow_o = b;"),
      "--first");
  EXPECT_EQ(o.exit_code, 1) << o.out;
  EXPECT_THAT(o.out, HasSubstr("did not converge"));
}

TEST_F(Cosim, ProcessThatNeverEndsIsStopped) {
  const Outcome o = check_text(example("assign overflow_o = sum[SumBits] != sum[SumBits-1];",
                                       "logic [7:0] n;\n  always @(posedge clk_i) begin n = act_i; "
                                       "while (n != act_i + 1) n = n ^ 8'h80; end\n"
                                       "assign overflow_o = n[0];"));
  EXPECT_EQ(o.exit_code, 2) << o.out;
  EXPECT_THAT(o.out, HasSubstr("does not finish"));
}

TEST_F(Cosim, MistakesOfTheCommandLineAreTold) {
  const std::pair<std::string, const char*> lines[] = {
      {"--rtl " + folder_.write("none", "") + "x --top m --as mixpe_w4a8", "no such file"},
      {"--rtl " + kExample + " --as mixpe_w4a8", "--top"},
      {"--rtl " + kExample + " --top my_pe", "--as"},
      {"--rtl " + kExample + " --top my_pe --as mine",
       "neither a PE with RTL nor a unit; got mine"},
      {"--rtl " + kExample + " --top my_pe --as mixpe_w4a8 --set weights=w5", "allowed w4, w8"},
      {"--top my_pe", "--rtl FILE is missing"},
      {"--pe mine", "no RTL of this name; got mine"},
      {"--unit mine", "no RTL of this name; got mine"},
      {"--unit int4_to_int8 --check nothing", "no check's name begins so"},
      {"--unit int4_to_int8 --cases 7:3", "may not be before"},
      {"--unit int4_to_int8 --cases x", "FIRST:LAST"},
  };
  for (const auto& [line, says] : lines) {
    const Outcome o = shell("mixpe cosim " + line);
    EXPECT_EQ(o.exit_code, 2) << line << "\n" << o.out;
    EXPECT_THAT(o.out, HasSubstr(says)) << line;
  }
}

TEST_F(Cosim, NothingComparedIsAFailure) {
  const Outcome o = shell("mixpe cosim --unit int4_to_int8 --cases 99999999:99999999");
  EXPECT_EQ(o.exit_code, 1) << o.out;
  EXPECT_THAT(o.out, HasSubstr("nothing was compared"));
}

TEST_F(Cosim, SameSeedSameTextOtherSeedOtherCases) {
  const auto run = [](const char* seed) {
    return shell(std::string("mixpe cosim --unit fp32_add --cases 0:2000 --seed ") + seed, false);
  };
  EXPECT_EQ(run("5").out, run("5").out);
  const std::string pe =
      "mixpe cosim --pe mixpe_w4a8 --check mixpe_w4a8/weights=w4/os/u4xi8/histories ";
  const Outcome first = shell(pe + "--seed 1", false), second = shell(pe + "--seed 2", false);
  EXPECT_EQ(first.exit_code, 0);
  EXPECT_NE(first.out, second.out) << "the number of steps depends on the seed";
}

TEST_F(Cosim, WithoutVerilatorOnlyThisCommandFails) {
  const Outcome o = shell("PATH=/nonexistent mixpe cosim --unit int4_to_int8");
  EXPECT_EQ(o.exit_code, 2);
  EXPECT_THAT(o.out, HasSubstr("apt-get install verilator"));
  EXPECT_EQ(shell("PATH=/nonexistent mixpe list pes").exit_code, 0);
}

}  // namespace
}  // namespace mixpe::testing
