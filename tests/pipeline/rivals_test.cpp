// The study of all PEs at once: docs/studies/rivals.md shows the tables that the program prints.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "tests/support/command.h"

namespace mixpe::testing {
namespace {

/// Time and energy by view, phase and design.
using RivalRuns =
    std::map<std::string, std::map<std::string, std::map<std::string, std::pair<double, double>>>>;

RivalRuns rival_runs(const std::string& options, const Folder& folder) {
  RivalRuns runs;
  const Outcome o = shell("mixpe compare rivals " + options + " -o " + (folder / "o"));
  EXPECT_EQ(o.exit_code, 0) << o.out;
  if (o.exit_code != 0) return runs;
  const auto result = nlohmann::json::parse(file_text(folder / "o/result.json"));
  for (const auto& run : result["runs"]) {
    const auto& totals = run["result"]["totals"];
    runs[run["view"]][run["phase"]][run["design"]] = {totals["cycles"], totals["energy_pj"]};
  }
  return runs;
}

TEST(Rivals, TheDocumentShowsTheTablesThatTheProgramPrints) {
  const std::string document = file_text(MIXPE_SOURCE_DIR "/docs/studies/rivals.md");
  const Outcome o = shell("mixpe compare rivals");
  ASSERT_EQ(o.exit_code, 0) << o.out;
  for (const char* view : {"equal-area, prefill", "equal-area, decode", "equal-power, prefill",
                           "equal-power, decode"}) {
    const std::size_t begin = o.out.find(std::string("== ") + view);
    ASSERT_NE(begin, std::string::npos) << view;
    const std::size_t end = o.out.find("\nenergy bill", begin);
    ASSERT_NE(end, std::string::npos) << view;
    EXPECT_THAT(document, ::testing::HasSubstr(o.out.substr(begin, end - begin - 1)));
  }
}

TEST(Rivals, TheDocumentShowsThreeTechnologies) {
  const std::string document = file_text(MIXPE_SOURCE_DIR "/docs/studies/rivals.md");
  const Folder folder("rivals");
  const std::map<std::string, std::string> technologies = {
      {"nangate45", ""},
      {"osu018", "--set tech=osu018 --set clock=100MHz --set memory.bandwidth=12.8GB/s"},
      {"asap7", "--set tech=asap7"}};
  for (const auto& [technology, options] : technologies) {
    RivalRuns runs = rival_runs(options, folder);
    for (const char* phase : {"prefill", "decode"}) {
      SCOPED_TRACE(technology + " " + phase);
      auto& designs = runs["equal-area"][phase];
      const auto [cycles, energy] = designs["mixpe-w4a8"];
      std::string row = "| " + technology + " | " + phase + " |";
      for (const char* design :
           {"mixpe-dot4", "bitfusion", "int8", "ant", "olive", "mixpe-w4a16", "figna", "fp16"}) {
        char text[64];
        std::snprintf(text, sizeof text, " %.2f / %.2f |", cycles / designs[design].first,
                      designs[design].second / energy);
        row += text;
      }
      EXPECT_THAT(document, ::testing::HasSubstr(row));
    }
    // What the page concludes, at equal area and at equal power.
    for (const char* view : {"equal-area", "equal-power"}) {
      for (auto& [phase, designs] : runs[view]) {
        SCOPED_TRACE(technology + " " + view + " " + phase);
        const auto [cycles, energy] = designs["mixpe-w4a8"];
        EXPECT_LT(designs["mixpe-dot4"].first, cycles);
        EXPECT_LT(designs["mixpe-dot4"].second, energy);
        for (const char* loser : {"int8", "figna", "mixpe-w4a16", "fp16"}) {
          EXPECT_GT(designs[loser].first, cycles) << loser;
          EXPECT_GT(designs[loser].second, energy) << loser;
        }
      }
    }
  }
}

}  // namespace
}  // namespace mixpe::testing
