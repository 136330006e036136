// Characterisation as users run it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <sstream>

#include "sim/characterize/pe_prices.h"
#include "sim/characterize/synthesize.h"
#include "sim/characterize/unit_subjects.h"
#include "tests/support/command.h"

namespace mixpe::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kLiberty = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";

/// Cached RTL of the build folder: no test compiles what another did.
std::string with_cache(const std::string& command) {
  return std::string("export MIXPE_CACHE_DIR='") + MIXPE_TEST_RTL_CACHE + "'; " + command;
}

BuildCache cache() { return BuildCache(MIXPE_TEST_RTL_CACHE); }

class Characterize : public ::testing::Test {
 protected:
  void SetUp() override {
    const bool tools =
        shell("command -v yosys && command -v sta && command -v verilator").exit_code == 0;
    if (!tools || !std::filesystem::exists(kLiberty)) {
      GTEST_SKIP() << "needs apt-get install yosys opensta verilator qflow-tech-osu018";
    }
  }
};

TEST_F(Characterize, StoredPricesAreWhatTheProgramMakes) {
  const Folder folder("characterize");
  const Outcome run = shell(with_cache("mixpe characterize --pe int8 --output " + (folder / "t")));
  ASSERT_EQ(run.exit_code, 0) << run.out;
  EXPECT_EQ(file_text(folder / "t/int8.yaml"),
            file_text(std::string(MIXPE_SOURCE_DIR) + "/tests/characterize/golden/int8.yaml"));
}

/// The RTL of all modules that are characterised.
std::set<std::string> revisions_of_today() {
  std::vector<Subject> subjects = unit_subjects(1);
  for (const std::string& pe : characterised_pes()) {
    for (Subject& subject : pe_subjects(pe, 1)) subjects.push_back(std::move(subject));
  }
  std::set<std::string> revisions;
  for (const Subject& subject : subjects) revisions.insert(subject.rtl.revision());
  return revisions;
}

TEST(ShippedTechnology, IsOfTodaysRtl) {
  const std::set<std::string> today = revisions_of_today();
  int found = 0;
  for (const auto& file : std::filesystem::directory_iterator(std::string(MIXPE_SOURCE_DIR) +
                                                              "/configs/tech/osu018")) {
    std::istringstream lines(file_text(file.path().string()));
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string word;
      if (!(words >> word) || word != "rtl_revision:") continue;
      for (; words >> word; ++found) {
        EXPECT_TRUE(today.contains(word))
            << file.path() << ": of other RTL; mixpe characterize --output configs/tech/osu018";
      }
    }
  }
  EXPECT_GE(found, 9 + 6) << "PEs and the modules around them";
}

TEST_F(Characterize, AFolderThatCannotBeMadeIsFoundBeforeAnythingRuns) {
  const Folder folder("characterize");
  const std::string file = folder.write("file", "");
  const Outcome run = shell("mixpe characterize --output " + file + "/t");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.out, HasSubstr(file + "/t: "));
  EXPECT_THAT(run.out, Not(HasSubstr("modules")));  // no progress
}

TEST_F(Characterize, ACellWithoutPowerIsNamedAndNoFolderIsLeft) {
  const Folder folder("characterize");
  // The power of BUFX2 alone is left.
  std::istringstream lines(file_text(kLiberty));
  std::string text, line;
  for (bool buffer = false; std::getline(lines, line); text += line + "\n") {
    if (line.find("cell (") != std::string::npos) buffer = line.find("BUFX2") != std::string::npos;
    const std::size_t at = line.find("internal_power");
    if (at != std::string::npos && !buffer) line.replace(at, 14, "no_power");
  }
  const std::string library = folder.write("poorer.lib", text);
  const Outcome run = shell(with_cache("mixpe characterize --pe int8 --liberty " + library +
                                       " --output " + (folder / "new/t")));
  EXPECT_EQ(run.exit_code, 2) << run.out;
  EXPECT_THAT(run.out, HasSubstr(library + ": cell "));
  EXPECT_THAT(run.out, HasSubstr("has no power table"));
  EXPECT_FALSE(std::filesystem::exists(folder / "new"));
}

TEST_F(Characterize, AClockThatIsNotMetIsSaid) {
  const CellLibrary library = load_liberty(kLiberty);
  const RtlModule fifo{"row_sum_fifo", {"common", "array"}, {"Depth=2", "Width=4"}};
  const Netlist netlist = synthesize(fifo, library, 10, cache());
  EXPECT_GT(netlist.flops(), 8U);
  const Timing easy = time_netlist(netlist, library, 10),
               hard = time_netlist(netlist, library, 0.1);
  EXPECT_TRUE(easy.met);
  EXPECT_FALSE(hard.met);
  EXPECT_NEAR(easy.min_period_ns, hard.min_period_ns, 0.001) << "it does not depend on the clock";
  EXPECT_GT(easy.min_period_ns, 0.1);
}

TEST_F(Characterize, FasterLogicOfMoreBitsIsLarger) {
  const CellLibrary library = load_liberty(kLiberty);
  const auto area = [&](const char* width) {
    return synthesize({"row_sum_fifo", {"common", "array"}, {"Depth=2", width}}, library, 10,
                      cache())
        .area_um2();
  };
  EXPECT_GT(area("Width=8"), 1.5 * area("Width=4"));
}

TEST(CharacterizeMistakes, AMissingToolIsNamedWithItsPackage) {
  const Outcome run =
      shell("PATH=/nonexistent mixpe characterize --liberty " + std::string(kLiberty));
  if (!std::filesystem::exists(kLiberty)) GTEST_SKIP() << "apt-get install qflow-tech-osu018";
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.out,
              HasSubstr("yosys: not found; characterisation needs it: apt-get install yosys"));
}

TEST(CharacterizeMistakes, AreFoundBeforeAnythingRuns) {
  const Folder folder("characterize");
  const std::string cut = folder.write("cut.lib", "library (cut) { cell (A) { area : 1;\n");
  const struct {
    std::string arguments, message;
  } cases[] = {{"--liberty no/such.lib", "no/such.lib: cannot be read"},
               {"--liberty " + cut, "the file ends inside cell (A), which begins in line 1"},
               {"--pe nobody", "no PE with RTL has this name; got nobody; allowed "},
               {"--clock 5", "--clock"},
               {"--jobs 0", "--jobs"}};
  for (const auto& c : cases) {
    const Outcome run = shell("mixpe characterize " + c.arguments);
    EXPECT_EQ(run.exit_code, 2) << c.arguments;
    EXPECT_THAT(run.out, HasSubstr(c.message)) << c.arguments;
    EXPECT_THAT(run.out, Not(HasSubstr("internal error"))) << c.arguments;
  }
}

}  // namespace
}  // namespace mixpe::testing
