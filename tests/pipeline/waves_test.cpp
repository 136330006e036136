// --waves and --engine rtl: the run that docs/waves shows, signal by signal.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "tests/support/command.h"

namespace mixpe::testing {
namespace {

using Json = nlohmann::json;

/// The run of docs/waves/README.md. What it compiles stays in the build folder.
Outcome run_tile(const std::string& options) {
  const std::string build = std::filesystem::path(MIXPE_BINARY).parent_path().string();
  return shell("MIXPE_CACHE_DIR='" + build +
               "/rtl_cache' mixpe run mixpe_w4a8_64x64 docs/waves/os_tile.csv --scheme "
               "docs/waves/w4a8_g4.yaml --values uniform --set array.rows=2 --set array.cols=2 "
               "--set dequant.lanes=2 " +
               options);
}

bool verilator_is_there() { return shell("verilator --version").exit_code == 0; }

/// A VCD file: each signal's value (as written, without leading zeros) from each time on.
struct Vcd {
  std::map<std::string, std::map<std::int64_t, std::string>> signals;

  explicit Vcd(const std::string& file) {
    std::ifstream in(file);
    std::map<std::string, std::vector<std::string>> names;  // [id]
    std::vector<std::string> scopes;
    std::int64_t now = 0;
    for (std::string line; std::getline(in, line);) {
      std::istringstream words(line);
      std::string word, type, bits, id, name, range;
      if (!(words >> word)) continue;
      if (word == "$scope") {
        words >> type >> name;
        scopes.push_back(name);
      } else if (word == "$upscope") {
        scopes.pop_back();
      } else if (word == "$var") {
        words >> type >> bits >> id >> name >> range;
        std::string full;
        for (const std::string& scope : scopes) full += scope + ".";
        full += name + (range == "$end" ? "" : range);
        names[id].push_back(full);
        signals[full];
      } else if (word[0] == '#') {
        now = std::stoll(word.substr(1));
      } else if (word[0] != '$') {
        const bool scalar = word[0] != 'b';
        std::string value = scalar ? word.substr(0, 1) : word.substr(1);
        if (scalar) {
          id = word.substr(1);
        } else {
          words >> id;
        }
        value.erase(0, std::min(value.find_first_not_of('0'), value.size() - 1));
        for (const std::string& full : names[id]) signals[full][now] = value;
      }
    }
  }
  std::string value(const std::string& signal, std::int64_t time) const {
    const auto& changes = signals.at(signal);
    const auto after = changes.upper_bound(time);
    return after == changes.begin() ? "x" : std::prev(after)->second;
  }
};

/// The signals of docs/waves/os_tile.gtkw.
std::vector<std::string> saved_signals() {
  std::istringstream lines(file_text("docs/waves/os_tile.gtkw"));
  std::vector<std::string> signals;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("TOP.")) signals.push_back(line);
  }
  return signals;
}

TEST(Waves, OfTheCycleEngineHaveTheSavedSignals) {
  const Folder folder("waves");
  const Outcome o = run_tile("--engine cycle --waves " + (folder / "cycle.vcd"));
  ASSERT_EQ(o.exit_code, 0) << o.out;
  const Vcd cycle(folder / "cycle.vcd");
  EXPECT_EQ(saved_signals().size(), 21U);
  for (const std::string& signal : saved_signals()) {
    EXPECT_TRUE(cycle.signals.contains(signal)) << signal;
  }
}

TEST(Waves, AreThePictureInTheDocuments) {
  const Folder folder("waves");
  const Outcome o =
      run_tile("--engine cycle --waves " + (folder / "cycle.vcd") + " && tools/draw_waves " +
               (folder / "cycle.vcd") + " docs/waves/os_tile.gtkw 4 >" + (folder / "tile.svg"));
  ASSERT_EQ(o.exit_code, 0) << o.out;
  EXPECT_EQ(file_text(folder / "tile.svg"), file_text("docs/waves/os_tile.svg"));
}

TEST(Waves, OfTheRtlShowTheCycleEnginesSignalsAndValues) {
  if (!verilator_is_there()) GTEST_SKIP() << "verilator is not installed";
  const Folder folder("waves");
  for (const std::string engine : {"cycle", "rtl"}) {
    const Outcome o = run_tile("--engine " + engine + " --waves " + (folder / (engine + ".vcd")));
    ASSERT_EQ(o.exit_code, 0) << o.out;
  }
  const Vcd cycle(folder / "cycle.vcd"), rtl(folder / "rtl.vcd");
  for (const std::string& signal : saved_signals()) {
    ASSERT_TRUE(rtl.signals.contains(signal)) << signal;
  }
  // The lanes' pipelines, which the cycle engine does not have, keep the RTL running a little
  // longer.
  const std::int64_t end = cycle.signals.at("TOP.mixpe_array.clk_i").rbegin()->first;
  ASSERT_LE(end, rtl.signals.at("TOP.mixpe_array.clk_i").rbegin()->first);
  for (const auto& [signal, changes] : cycle.signals) {
    ASSERT_TRUE(rtl.signals.contains(signal)) << signal;
    std::set<std::string> values;
    for (std::int64_t time = 0; time <= end; time += 10) {
      const std::string value = cycle.value(signal, time);
      if (value[0] == 'x') continue;
      EXPECT_EQ(rtl.value(signal, time), value) << signal << " at " << time;
      values.insert(value);
    }
    EXPECT_GT(values.size(), signal.ends_with("clk_i") ? 0U : 1U) << signal << " never changes";
  }
}

TEST(Run, GivesTheSameWithTheRtl) {
  if (!verilator_is_there()) GTEST_SKIP() << "verilator is not installed";
  const Folder folder("rtl");
  Json results[2];
  for (const std::string engine : {"tile", "rtl"}) {
    const bool rtl = engine == "rtl";
    const std::string file = folder / (engine + ".json");
    // With waves, so that one compiled array does for all tests.
    const Outcome o = run_tile("--engine " + engine + " --json " + file +
                               (rtl ? " --waves " + (folder / "w.vcd") : ""));
    ASSERT_EQ(o.exit_code, 0) << o.out;
    results[rtl ? 1 : 0] = Json::parse(file_text(file));
  }
  for (const char* part : {"totals", "stalls", "energy", "events", "layers"}) {
    EXPECT_EQ(results[0][part], results[1][part]) << part;
  }
  EXPECT_TRUE(results[0]["layers"][0].contains("values")) << results[0]["layers"][0];
}

}  // namespace
}  // namespace mixpe::testing
