// Compiling and caching RTL, with modules small enough to compile in a second.

#include "sim/cosim/verilate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "models/core/errors.h"
#include "sim/cosim/flat_module.h"
#include "sim/cosim/run_tool.h"

namespace mixpe {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Adds wide_i to a register at each edge; sum_o is combinational in twice_i.
constexpr const char* kAdder = R"(
module adder #(parameter int Step = 1) (
  input  logic        clk_i,
  input  logic        twice_i,
  input  logic [71:0] wide_i,
  output logic [71:0] sum_o,
  output logic [7:0]  count_o
);
  logic [71:0] sum_q = 72'd0;
  logic [7:0] offset;
  always_ff @(posedge clk_i) sum_q <= sum_q + wide_i;
  assign sum_o = twice_i ? sum_q << 1 : sum_q;
  initial if (!$value$plusargs("offset=%d", offset)) offset = 8'd0;
  always_ff @(posedge clk_i) count_o <= count_o + Step[7:0] + offset;
endmodule
)";
const std::vector<RtlPort> kAdderPorts{{"clk_i", 1, false},
                                       {"twice_i", 1, false},
                                       {"wide_i", 72, false},
                                       {"sum_o", 72, true},
                                       {"count_o", 8, true}};

class Verilate : public ::testing::Test {
 protected:
  Verilate() {
    if (!run_tool({"verilator", "--version"}, "/").found) skip_ = true;
    folder_ = root() / ::testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void SetUp() override {
    if (skip_) GTEST_SKIP() << "verilator is not installed";
  }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  Verilation rtl(const std::string& top, const std::string& text) const {
    Verilation v;
    v.top = top;
    v.files = {write(top + ".sv", text)};
    v.optimise = "-O0";
    return v;
  }
  Verilation adder() const {
    Verilation v = rtl("adder", kAdder);
    v.ports = kAdderPorts;
    return v;
  }
  /// In the build folder, so that most of the modules are compiled once for all runs.
  static fs::path root() { return fs::path(MIXPE_BINARY).parent_path() / "verilate_test"; }
  BuildCache cache() const { return BuildCache(own_cache_ ? folder_ / "cache" : root() / "cache"); }
  /// For tests that count what is compiled.
  void start_with_nothing_compiled() { own_cache_ = true; }
  Say counting() {
    return [this](const std::string& line) { said_.push_back(line); };
  }
  std::string refused(const Verilation& v) {
    try {
      verilate(v, cache(), counting());
    } catch (const UserError& e) {
      return e.what();
    }
    return "accepted";
  }

  bool skip_ = false;
  bool own_cache_ = false;
  fs::path folder_;
  std::vector<std::string> said_;
};

TEST_F(Verilate, RunsAModuleClockByClockThroughFlatPorts) {
  FlatModule m(adder(), cache(), {"offset=3"}, counting());
  ASSERT_EQ(m.input_words(), 3);   // twice_i, wide_i in two words
  ASSERT_EQ(m.output_words(), 3);  // sum_o in two, count_o
  EXPECT_EQ(m.offset("count_o"), 2);
  const std::uint64_t all = ~std::uint64_t{0};
  // The carry crosses words: 2^64 - 1 twice.
  const std::vector<std::uint64_t> in{0, all, 0, 0, all, 0, 1, 0, 0};
  std::vector<std::uint64_t> before(9), after(9);
  ASSERT_EQ(m.run(in, before, after), 3);
  EXPECT_EQ(after, (std::vector<std::uint64_t>{all, 0, 4, all - 1, 1, 8, all - 3, 3, 12}));
  // Combinational outputs follow the inputs before the edge.
  EXPECT_EQ(before, (std::vector<std::uint64_t>{0, 0, 0, all, 0, 4, all - 3, 3, 8}));
}

TEST_F(Verilate, RestartForgetsTheState) {
  FlatModule m(adder(), cache());
  const std::vector<std::uint64_t> in{0, 7, 0};
  std::vector<std::uint64_t> first(3), second(3);
  m.run(in, {}, first);
  m.restart();
  m.run(in, {}, second);
  EXPECT_EQ(first, second);
  m.run(in, {}, second);
  EXPECT_NE(first, second);
}

TEST_F(Verilate, CompilesOnceAndSaysSo) {
  start_with_nothing_compiled();
  const fs::path first = verilate(adder(), cache(), counting());
  ASSERT_EQ(said_.size(), 1U);
  EXPECT_THAT(said_[0], AllOf(HasSubstr("adder"), HasSubstr("verilator")));
  EXPECT_EQ(verilate(adder(), cache(), counting()), first);
  EXPECT_EQ(said_.size(), 1U);
}

TEST_F(Verilate, ParametersSourcesAndShimsAreOtherLibraries) {
  start_with_nothing_compiled();
  const fs::path first = verilate(adder(), cache(), counting());
  Verilation parameter = adder();
  parameter.parameters = {"Step=2"};
  EXPECT_NE(verilate(parameter, cache(), counting()), first);
  Verilation shim = adder();
  shim.shim = "// another\n";
  EXPECT_NE(verilate(shim, cache(), counting()), first);
  Verilation source = rtl("adder", std::string(kAdder) + "// another\n");
  source.ports = kAdderPorts;
  EXPECT_NE(verilate(source, cache(), counting()), first);
  EXPECT_EQ(said_.size(), 4U);
}

TEST_F(Verilate, DamagedLibraryIsCompiledAgain) {
  start_with_nothing_compiled();
  const fs::path library = verilate(adder(), cache(), counting());
  std::ofstream(library, std::ios::binary | std::ios::app) << "x";
  EXPECT_EQ(verilate(adder(), cache(), counting()), library);
  fs::resize_file(library, 10);
  FlatModule works(adder(), cache(), {}, counting());
  fs::remove(library.parent_path() / "manifest");
  verilate(adder(), cache(), counting());
  EXPECT_EQ(said_.size(), 4U);
}

TEST_F(Verilate, LibraryOfAnIncludeThatChangedIsCompiledAgain) {
  start_with_nothing_compiled();
  write("step.svh", "`define STEP 1\n");
  const Verilation v = rtl("m",
                           "`include \"step.svh\"\n"
                           "module m (input logic clk_i, output logic [7:0] o);\n"
                           "  always_ff @(posedge clk_i) o <= o + `STEP;\nendmodule\n");
  verilate(v, cache(), counting());
  verilate(v, cache(), counting());
  EXPECT_EQ(said_.size(), 1U);
  write("step.svh", "`define STEP 2\n");
  verilate(v, cache(), counting());
  EXPECT_EQ(said_.size(), 2U);
}

TEST_F(Verilate, AssertionsStopTheRtlAndNotTheProgram) {
  Verilation v = rtl("checked", R"(
module checked (input logic clk_i, input logic [7:0] a_i, output logic [7:0] a_o);
  always_ff @(posedge clk_i) a_o <= a_i;
  NeverFive: assert property (@(posedge clk_i) a_i != 8'd5) else $error("five");
endmodule
)");
  v.ports = {{"clk_i", 1, false}, {"a_i", 8, false}, {"a_o", 8, true}};
  FlatModule m(v, cache(), {}, counting());
  std::vector<std::uint64_t> out(4);
  EXPECT_EQ(m.run(std::vector<std::uint64_t>{1, 2, 5, 3}, {}, out), 2);
  EXPECT_THAT(m.error(), AllOf(HasSubstr("NeverFive"), HasSubstr("checked.sv")));
  EXPECT_EQ(m.run(std::vector<std::uint64_t>{1}, {}, out), 0) << "it stays stopped";
  m.restart();
  EXPECT_EQ(m.run(std::vector<std::uint64_t>{1, 2}, {}, out), 2);
}

TEST_F(Verilate, LoopThatDoesNotSettleEndsWithAMessage) {
  Verilation v = rtl("ring", R"(
/* verilator lint_off UNOPTFLAT */
module ring (input logic clk_i, input logic on_i, output logic o);
  logic q;
  always_ff @(posedge clk_i) q <= on_i;
  assign o = q & ~o;
endmodule
)");
  v.ports = {{"clk_i", 1, false}, {"on_i", 1, false}, {"o", 1, true}};
  FlatModule m(v, cache(), {}, counting());
  std::vector<std::uint64_t> out(2);
  EXPECT_EQ(m.run(std::vector<std::uint64_t>{0, 1}, {}, out), 1);
  EXPECT_THAT(m.error(), HasSubstr("did not converge"));
}

TEST_F(Verilate, MistakesInTheRtlQuoteTheTool) {
  EXPECT_THAT(refused(rtl("m", "module m (input logic clk_i);\n  assign = 1;\nendmodule\n")),
              AllOf(HasSubstr("m.sv:2"), HasSubstr("syntax error")));
  EXPECT_THAT(refused(rtl("m",
                          "module m (input logic a_i, output logic x_o, output logic y_o);\n"
                          "  assign x_o = ~y_o;\n  assign y_o = x_o & a_i;\nendmodule\n")),
              AllOf(HasSubstr("m.sv:1"), HasSubstr("UNOPTFLAT"), HasSubstr("x_o")));
  EXPECT_THAT(refused(rtl("m", "module other (input logic clk_i);\nendmodule\n")), HasSubstr("m"));
  EXPECT_THAT(refused(rtl("m", "module m (input logic clk_i);\n  nowhere u ();\nendmodule\n")),
              HasSubstr("nowhere"));
}

TEST_F(Verilate, EveryWrongPortIsNamed) {
  Verilation v = rtl("m",
                     "module m (input logic [3:0] a_i, input logic extra_i,\n"
                     "          input logic [8:0] o, output logic [64:0] w_o);\n"
                     "  assign w_o = {52'd0, o, a_i};\nendmodule\n");
  v.ports = {{"clk_i", 1, false}, {"a_i", 8, false}, {"o", 9, true}, {"w_o", 65, true}};
  const std::string message = refused(v);
  EXPECT_THAT(message, AllOf(HasSubstr("m.clk_i: the port is missing"),
                             HasSubstr("m.a_i: the port is another one; got input logic [3:0]"),
                             HasSubstr("m.o: the port is another one; got input logic [8:0]"),
                             HasSubstr("m.extra_i: no such port is expected")));
  EXPECT_THAT(message, Not(HasSubstr("w_o")));
}

TEST_F(Verilate, ModuleWithoutAClockedProcessIsRefused) {
  Verilation v = rtl("m",
                     "module m (input logic clk_i, output logic o);\n  assign o = clk_i;\n"
                     "endmodule\n");
  v.clocked = true;
  EXPECT_THAT(refused(v), HasSubstr("no process that waits for its clock"));
  v = rtl("m",
          "module m (input logic clk_i, output logic o);\n"
          "  always_ff @(posedge clk_i) o <= ~o;\nendmodule\n");
  v.clocked = true;
  EXPECT_EQ(refused(v), "accepted");
}

TEST_F(Verilate, FilesThatCannotBeReadAreNamedTogether) {
  Verilation v;
  v.top = "m";
  v.files = {(folder_ / "none.sv").string(), folder_.string()};
  EXPECT_THAT(refused(v), AllOf(HasSubstr("none.sv: no such file"), HasSubstr(": is not a file")));
  EXPECT_TRUE(said_.empty());
}

TEST_F(Verilate, ModulesOfTheProjectAreFoundByName) {
  Verilation v;
  v.top = "leading_zeros";
  v.folders = {"common"};
  EXPECT_EQ(refused(v), "accepted");
}

TEST(VerilateDeathTest, WithoutVerilatorTheMessageSaysHowToInstallIt) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto run = [] {
    ::setenv("PATH", "/nonexistent", 1);
    try {
      Verilation v;
      v.top = "leading_zeros";
      v.folders = {"common"};
      verilate(v, BuildCache(fs::temp_directory_path() / "mixpe_never"));
    } catch (const UserError& e) {
      std::fputs(e.what(), stderr);
      std::exit(2);
    }
  };
  EXPECT_EXIT(run(), ::testing::ExitedWithCode(2), "apt-get install verilator");
}

}  // namespace
}  // namespace mixpe
