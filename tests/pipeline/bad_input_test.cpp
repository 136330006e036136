// Wrong input to the whole program: exit code 2, the mistake named, no file left behind.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/command.h"

namespace mixpe::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Case {
  std::string name;
  std::string command;  ///< $T is the test's folder
  std::string expected;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class BadInput : public ::testing::TestWithParam<Case> {};

TEST_P(BadInput, IsRefusedWithExitCode2AndWithoutOutput) {
  const Folder folder("bad");
  folder.write("missing.csv", "layer,op,role,m,n\nl,o,linear,1,1\n");
  folder.write("text.csv", "layer,op,role,m,n,k\nl,o,linear,1,two,3\n");
  folder.write("huge.csv", "layer,op,role,m,n,k\nl,o,linear,1,9223372036854775808,3\n");
  folder.write("zero.csv", "layer,op,role,m,n,k\nl,o,linear,0,-1,3\n");
  folder.write("empty.csv", "");
  folder.write("tail.yaml", "");
  std::string command = GetParam().command;
  for (std::size_t at = 0; (at = command.find("$T", at)) != std::string::npos;) {
    command.replace(at, 2, folder / "");
  }
  const std::size_t before = folder.files();
  const Outcome o = shell(command);
  EXPECT_EQ(o.exit_code, 2) << o.out;
  EXPECT_THAT(o.out, HasSubstr(GetParam().expected));
  EXPECT_THAT(o.out, Not(HasSubstr("terminate")));
  EXPECT_EQ(folder.files(), before) << "a file was left behind";
}

const char* const kRun = "mixpe run mixpe_w4a8_64x64 traces/tiny.csv ";

INSTANTIATE_TEST_SUITE_P(
    Program, BadInput,
    ::testing::Values(
        Case{"NoCommand", "mixpe", "subcommand"}, Case{"UnknownCommand", "mixpe walk", "walk"},
        Case{"UnknownOption", std::string(kRun) + "--wings", "wings"},
        Case{"UnknownArch", "mixpe run mixpe_w4a9_64x64 traces/tiny.csv", "mixpe_w4a8_64x64"},
        Case{"MissingTrace", "mixpe run mixpe_w4a8_64x64 $Tnone.csv", "none.csv"},
        Case{"TraceIsAFolder", "mixpe run mixpe_w4a8_64x64 $T --scheme fp16", "directory"},
        Case{"MissingColumn", "mixpe run mixpe_w4a8_64x64 $Tmissing.csv --scheme fp16", "k"},
        Case{"TextInANumber", "mixpe run int8_64x64 $Ttext.csv --scheme w8a8kv8", "text.csv:2:14"},
        Case{"TwoToThe63", "mixpe run int8_64x64 $Thuge.csv --scheme w8a8kv8", "huge.csv:2:14"},
        Case{"ZeroAndNegative", "mixpe run int8_64x64 $Tzero.csv --scheme w8a8kv8",
             "zero.csv:2:12"},
        Case{"EmptyTrace", "mixpe run int8_64x64 $Tempty.csv --scheme w8a8kv8", "empty"},
        Case{"TokensBeyond64Bits",
             "mixpe trace gen --llm llama2-7b --phase prefill --scheme fp16 --tokens "
             "99999999999999999999",
             "got 99999999999999999999"},
        Case{"UnknownSchemeBesideWrongRows", "mixpe run int8_64x64 $Ttext.csv --scheme w5a5",
             "w5a5"},
        Case{"UnknownScheme", std::string(kRun) + "--scheme w5a5", "w5a5"},
        Case{"PeCannotRunTheScheme",
             "mixpe run mixpe_w4a8_64x64 traces/scale_sim_gemms.csv --scheme w8a8kv8",
             "mixpe_w4a8"},
        Case{"PlacementDoesNotFitTheScheme", "mixpe run int8_64x64 traces/tiny.csv", "int8_64x64"},
        Case{"BufferTooSmall",
             std::string(kRun) + "--set \"buffers.out.size=512 B\" --set buffers.out.banks=1",
             "out"},
        Case{"OverrideOfAnUnknownKey", std::string(kRun) + "--set array.rowz=3", "rows"},
        Case{"OverrideOutOfRange", std::string(kRun) + "--set array.rows=0", "--set"},
        Case{"OverrideWithoutUnit", std::string(kRun) + "--set buffers.act.size=64", "KiB"},
        Case{"TooLargeForTheLiteralEngine", std::string(kRun) + "--engine literal", "literal"},
        Case{"UnknownTechnology", std::string(kRun) + "--set tech=nangate46", "nangate45"},
        Case{"ValuesOfAPeOnPaper", "mixpe run abstract_example traces/tiny.csv --values uniform",
             "no values"},
        Case{"EnergyOfNoOperands", std::string(kRun) + "--data-dependent-energy",
             "--data-dependent-energy: there are no operands to follow; allowed with --values"},
        Case{"EnergyOfOperandsThatNobodyMeasured",
             std::string(kRun) + "--values llm --data-dependent-energy",
             "how the energy of mac.w4 follows its operands"},
        Case{"NegativeSeed", std::string(kRun) + "--values uniform --seed -1", "seed"},
        Case{"OneFileForTwoResults", std::string(kRun) + "--json $Tx --csv $Tx", "--csv"},
        Case{"OutputInNoFolder", std::string(kRun) + "--json $Tnone/r.json", "cannot be written"},
        Case{"OutputIsAFolder", std::string(kRun) + "--json $T", "cannot be written"},
        Case{"OutputBelowAFile", std::string(kRun) + "--json $Tempty.csv/r.json",
             "cannot be written"},
        Case{"DiskFull", "trap \"\" XFSZ; ulimit -f 1; " + std::string(kRun) + "--json $Tr.json",
             "cannot be written"},
        Case{"WavesOfTheTileEngine", std::string(kRun) + "--waves $Tw.vcd",
             "--waves: only these engines have signals to show; allowed rtl, cycle"},
        Case{"WavesInAnUnknownFormat", std::string(kRun) + "--engine cycle --waves $Tw.ghw",
             "allowed a file .vcd"},
        Case{"CompressedWavesOfTheCycleEngine",
             std::string(kRun) + "--engine cycle --waves $Tw.fst", "allowed a file .vcd"},
        Case{"WavesInNoFolder", std::string(kRun) + "--engine cycle --waves $Tnone/w.vcd",
             "cannot be written"},
        Case{"ComparedEnergyOfNoOperands", "mixpe compare llama2-7b --data-dependent-energy",
             "--data-dependent-energy: there are no operands to follow; allowed with --values"},
        Case{"ComparedEnergyOfOperandsThatNobodyMeasured",
             "mixpe compare llama2-7b --values llm --data-dependent-energy",
             "how the energy of mac.w4 follows its operands"},
        Case{"ComparedValuesOfAPeOnPaper",
             "mixpe compare configs/studies/mixpe_paper/step_0_published.yaml --values llm",
             "computes no values"},
        Case{"StudyOfAnUnknownDesign", "mixpe compare configs/arch/int8_64x64.yaml", "study"},
        Case{"ValidateReportsEveryFile", "mixpe validate $Tempty.csv $Tnone.yaml", "none.yaml"},
        Case{"DecodeWithoutContext", "mixpe trace gen --llm llama2-7b --phase decode --scheme fp16",
             "--context: is missing"},
        Case{"PrefillWithoutTokens",
             "mixpe trace gen --llm llama2-7b --phase prefill --scheme fp16",
             "--tokens: is missing"},
        Case{"ZeroCorrectionTooWide",
             "mixpe run mixpe_w4a16_64x64 traces/tiny.csv --scheme w4a16kv4_g128 --set "
             "pe.acc_bits_fixed=62 --set pe.row_sum_bits_fixed=62",
             "up to 64 bits"},
        Case{"UnknownLlm", "mixpe trace gen --llm llama9 --phase prefill --tokens 1 --scheme fp16",
             "llama2-7b"}),
    [](const auto& info) { return info.param.name; });

/// Runs a script in which $D is a file system of 64 KiB of its own.
Outcome on_a_small_disk(const Folder& folder, const std::string& script) {
  std::filesystem::create_directories(folder / "disk");
  const std::string disk = folder / "disk";
  return shell("unshare -rm sh -c 'mount -t tmpfs -o size=64k tmpfs \"" + disk +
               "\" || exit 77; D=\"" + disk + "\"; mixpe() { \"" MIXPE_BINARY "\" \"$@\"; }; " +
               script + "'");
}

TEST(BadInput, AFullFileSystemIsSaidAndKeepsNothingHalfWritten) {
  const Folder folder("disk");
  if (on_a_small_disk(folder, "true").exit_code != 0) {
    GTEST_SKIP() << "no user namespaces here: a full file system cannot be made without root";
  }
  // Room for the beginning of a result, then for none of it, then for one of several results.
  for (const char* run : {"head -c 60000 /dev/zero >$D/fill; mixpe run mixpe_w4a8_64x64 "
                          "traces/tiny.csv --json $D/r.json",
                          "cat /dev/zero >$D/fill; mixpe run mixpe_w4a8_64x64 traces/tiny.csv "
                          "--csv $D/r.csv",
                          "touch $D/fill; mixpe compare llama2-7b --output $D"}) {
    const Outcome o = on_a_small_disk(folder, std::string(run) + "; echo exit $?; ls -A $D");
    EXPECT_THAT(o.out, HasSubstr("cannot be written; got No space left on device")) << run;
    EXPECT_THAT(o.out, HasSubstr("exit 2\nfill\n")) << run;
    EXPECT_TRUE(o.out.ends_with("fill\n")) << o.out;
  }
}

TEST(BadInput, StandardOutputThatCannotBeWrittenIsSaid) {
  const Outcome o = shell("mixpe list >/dev/full");
  EXPECT_EQ(o.exit_code, 2);
  EXPECT_THAT(o.out, HasSubstr("standard output"));
}

}  // namespace
}  // namespace mixpe::testing
