// The program as users run it: every command, its help, its exit codes, its files.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "tests/support/command.h"

namespace mixpe::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using Json = nlohmann::json;

class HelpExample : public ::testing::TestWithParam<const char*> {};

TEST_P(HelpExample, Works) {
  const Outcome help = shell(std::string("mixpe ") + GetParam() + " --help");
  ASSERT_EQ(help.exit_code, 0);
  const std::size_t at = help.out.find("Example: mixpe ");
  ASSERT_NE(at, std::string::npos) << help.out;
  std::string example = help.out.substr(at + 9);
  example = example.substr(0, example.find_last_not_of(" \n") + 1);
  const Folder folder("help");
  // What the example writes goes elsewhere, so that the test leaves nothing behind.
  example = std::regex_replace(example, std::regex("results/llama2-7b"), folder / "out");
  example = std::regex_replace(example, std::regex(" tiny"), " " + (folder / "tiny"));
  const Outcome run = shell(example);
  EXPECT_EQ(run.exit_code, 0) << example << "\n" << run.out;
  EXPECT_FALSE(run.out.empty());
}

INSTANTIATE_TEST_SUITE_P(EveryCommand, HelpExample,
                         ::testing::Values("", "run", "compare", "validate", "list", "trace",
                                           "trace gen", "trace info", "report"));

Json run_json(const std::string& arguments) {
  const Folder folder("run");
  const Outcome o = shell("mixpe run " + arguments + " --json " + (folder / "r.json"));
  EXPECT_EQ(o.exit_code, 0) << o.out;
  return o.exit_code == 0 ? Json::parse(file_text(folder / "r.json")) : Json();
}

TEST(Run, TextbookFoldsThroughTheWholeProgram) {
  // ceil(M/R) ceil(N/C) (2R + C + K - 2) for M, K, N = 128, 4096, 4096 on 32 x 32.
  const Folder folder("textbook");
  const std::string os = folder.write("t.csv", "Layer, M, N, K,\nsquare, 128, 4096, 4096,\n");
  EXPECT_EQ(run_json("textbook_os_32x32 " + os + " --scheme w8a8kv8")["totals"]["cycles"],
            4 * 128 * (2 * 32 + 32 + 4096 - 2));
  // ceil(K/R) ceil(N/C) (2R + C + M - 2) for 37, 100, 50.
  const std::string ws = folder.write("w.csv", "Layer, M, N, K,\nodd, 37, 50, 100,\n");
  EXPECT_EQ(run_json("textbook_os_32x32 " + ws +
                     " --scheme w8a8kv8 --set array.dataflow=ws")["totals"]["cycles"],
            4 * 2 * (2 * 32 + 32 + 37 - 2));
}

TEST(Run, ResultHasTheDocumentedFieldsAndItsPartsAddUp) {
  const Json r = run_json("mixpe_w4a8_64x64 traces/tiny.csv --values gaussian --seed 3");
  for (const char* key : {"schema_version", "version", "git_revision", "config", "totals", "stalls",
                          "energy", "events", "layers", "notes"}) {
    EXPECT_TRUE(r.contains(key)) << key;
  }
  for (const char* key : {"cycles", "time_s", "macs", "utilization", "energy_pj", "area_um2",
                          "dram_read_bytes", "dram_write_bytes"}) {
    EXPECT_TRUE(r["totals"].contains(key)) << key;
  }
  std::int64_t stalls = 0, layer_cycles = 0;
  for (const auto& [cause, cycles] : r["stalls"].items()) stalls += cycles.get<std::int64_t>();
  for (const Json& layer : r["layers"]) layer_cycles += layer["cycles"].get<std::int64_t>();
  EXPECT_EQ(stalls, r["totals"]["cycles"]);
  EXPECT_EQ(layer_cycles, r["totals"]["cycles"]);
  double energy = 0, area = 0;
  for (const auto& [line, pj] : r["energy"].items()) energy += pj.get<double>();
  for (const auto& [part, um2] : r["area"].items()) area += um2.get<double>();
  EXPECT_NEAR(energy, r["totals"]["energy_pj"].get<double>(), 1e-9 * energy);
  EXPECT_NEAR(area, r["totals"]["area_um2"].get<double>(), 1e-9 * area);
  EXPECT_EQ(r["totals"]["macs"], 1 + 37 * 50 * 300 + 4 * 200 * 256);
  EXPECT_EQ(r["events"]["pe_cycle"], r["totals"]["cycles"].get<std::int64_t>() * 64 * 64);
  EXPECT_TRUE(r["layers"][1]["values"].contains("digest"));
}

TEST(Run, EnginesGiveTheSameResultBitForBit) {
  const std::string arguments =
      "mixpe_w4a8_64x64 traces/tiny.csv --set array.rows=8 --set array.cols=8 --set "
      "dequant.lanes=4 "
      "--values llm --seed 7 --engine ";
  Json tile = run_json(arguments + "tile");
  Json cycle = run_json(arguments + "cycle");
  Json literal = run_json(arguments + "literal");
  for (Json* r : {&tile, &cycle, &literal}) (*r)["config"]["array"].erase("engine");
  EXPECT_EQ(tile, cycle);
  EXPECT_EQ(tile, literal);
}

TEST(Run, SeedsChangeValuesAndNothingElse) {
  Json one = run_json("mixpe_w4a8_64x64 traces/tiny.csv --values llm --seed 1");
  Json two = run_json("mixpe_w4a8_64x64 traces/tiny.csv --values llm --seed 2");
  EXPECT_NE(one["layers"][1]["values"]["digest"], two["layers"][1]["values"]["digest"]);
  EXPECT_EQ(one["totals"]["cycles"], two["totals"]["cycles"]);
}

TEST(Run, PeEnergyFollowsTheOperandsIfAsked) {
  const std::string run = "mixpe_w4a8_64x64 traces/tiny.csv --set tech=osu018 --values ";
  const auto energy = [](const Json& r) { return r["totals"]["energy_pj"].get<double>(); };
  const Json typical = run_json(run + "llm"), also_typical = run_json(run + "uniform");
  EXPECT_EQ(energy(typical), energy(also_typical)) << "off: operands do not matter";
  EXPECT_FALSE(typical["layers"][1].contains("operands"));
  const Json llm = run_json(run + "llm --data-dependent-energy");
  const Json uniform = run_json(run + "uniform --data-dependent-energy");
  EXPECT_NE(energy(llm), energy(typical));
  EXPECT_LT(energy(llm), energy(uniform)) << "a few large channels leave the rest small";
  EXPECT_LT(llm["layers"][1]["operands"]["act_toggles"],
            uniform["layers"][1]["operands"]["act_toggles"]);
  EXPECT_EQ(llm["totals"]["cycles"], typical["totals"]["cycles"]);
  for (const auto& [line, pj] : typical["energy"].items()) {
    if (line.starts_with("pe_mac_")) continue;
    EXPECT_EQ(llm["energy"][line], pj) << line;
  }
}

TEST(Run, SystemCGivesWhatTheRecurrenceGives) {
  // Without values the tile engine is calculated; with values it runs in the SystemC machine.
  const Json calculated = run_json("mixpe_w4a8_64x64 traces/llama2-7b_layer_prefill512.csv");
  Json narrow = run_json("mixpe_w4a8_64x64 traces/tiny.csv --set array.dataflow=ws");
  Json simulated =
      run_json("mixpe_w4a8_64x64 traces/tiny.csv --set array.dataflow=ws --values uniform");
  EXPECT_GT(calculated["totals"]["cycles"], 0);
  EXPECT_EQ(narrow["totals"], simulated["totals"]);
  EXPECT_EQ(narrow["stalls"], simulated["stalls"]);
}

TEST(Run, SameBytesFromAnyFolderAndLocale) {
  const Folder folder("bytes");
  const std::string here = shell("pwd", false).out;
  const std::string root = here.substr(0, here.find('\n'));
  const std::string tail = " '" + root + "/traces/tiny.csv' --values llm --json ";
  EXPECT_EQ(shell("mixpe run mixpe_w4a8_64x64" + tail + (folder / "a.json")).exit_code, 0);
  EXPECT_EQ(
      shell("cd / && LC_ALL=de_DE.UTF-8 mixpe run mixpe_w4a8_64x64" + tail + (folder / "b.json"))
          .exit_code,
      0);
  EXPECT_EQ(file_text(folder / "a.json"), file_text(folder / "b.json"));
}

TEST(Compare, ReportsEveryDesignInEveryViewAndPhase) {
  const Folder folder("compare");
  const std::string study = folder.write("s.yaml", R"(study: small
llm: vit-b16
phases: [{name: p, phase: prefill}]
baseline: b
designs:
  - {name: a, arch: mixpe_w4a8_64x64, scheme: w4a8kv4_g128}
  - {name: b, arch: int8_64x64, scheme: w8a8kv8}
views: [{name: array}, {name: area, area_of: a}]
)");
  const Outcome o = shell("mixpe compare " + study + " -o " + (folder / "out"));
  ASSERT_EQ(o.exit_code, 0) << o.out;
  EXPECT_EQ(o.out, file_text(folder / "out/report.txt"));
  const Json r = Json::parse(file_text(folder / "out/result.json"));
  ASSERT_EQ(r["runs"].size(), 4U);
  const Json& budget = r["runs"][2]["result"]["totals"]["area_um2"];
  const Json& fitted = r["runs"][3]["result"]["totals"]["area_um2"];
  EXPECT_LE(fitted, budget);
  EXPECT_GT(fitted.get<double>(), 0.9 * budget.get<double>());
  EXPECT_EQ(r["runs"][1]["speed_up"], 1.0);
  EXPECT_THAT(o.out, HasSubstr("Outside the model"));
  EXPECT_THAT(o.out, HasSubstr("DRAM is ideal"));
}

TEST(Compare, SizesArraysToThePowerOfADesign) {
  const Folder folder("power");
  const std::string study = folder.write("s.yaml", R"(study: small
llm: vit-b16
phases: [{name: p, phase: prefill}]
baseline: b
designs:
  - {name: a, arch: mixpe_w4a8_64x64, scheme: w4a8kv4_g128}
  - {name: b, arch: int8_64x64, scheme: w8a8kv8}
  - {name: c, arch: fp16_64x64, scheme: fp16}
views: [{name: array}, {name: power, power_of: a}]
)");
  const Outcome o = shell("mixpe compare " + study + " -o " + (folder / "out"));
  ASSERT_EQ(o.exit_code, 0) << o.out;
  const Json r = Json::parse(file_text(folder / "out/result.json"));
  ASSERT_EQ(r["runs"].size(), 6U);
  const double budget = r["runs"][0]["full_power_w"];
  const auto pes = [&](std::size_t i) {
    const Json& array = r["runs"][i]["result"]["config"]["array"];
    return array["rows"].get<int>() * array["cols"].get<int>();
  };
  for (std::size_t i = 3; i < 6; ++i) {
    EXPECT_LE(r["runs"][i]["full_power_w"], budget);
    EXPECT_GT(r["runs"][i]["full_power_w"].get<double>(), 0.85 * budget);
  }
  // The dearer a PE's cycle, the fewer of them.
  EXPECT_GT(pes(3), pes(4));
  EXPECT_GT(pes(4), 3 * pes(5));
  EXPECT_THAT(o.out, HasSubstr("at most the power in full use (full W) of a"));
}

TEST(Compare, PeEnergyFollowsTheOperandsIfAsked) {
  const Folder folder("operands");
  const std::string study = folder.write("s.yaml", R"(study: small
phases: [{name: p}]
baseline: b
designs:
  - {name: a, arch: mixpe_w4a8_64x64, scheme: w4a8kv4_g128, trace: traces/tiny.csv}
  - {name: b, arch: int8_64x64, scheme: w8a8kv8, trace: './g.csv'}
  - {name: b again, arch: int8_64x64, scheme: w8a8kv8, trace: './g.csv'}
views: [{name: array}]
)");
  folder.write("g.csv", "layer,op,m,n,k\nl,o,37,50,300\n");
  const auto result = [&](const std::string& options) {
    const Outcome o = shell("mixpe compare " + study + " --set tech=osu018 " + options + " -o " +
                            (folder / "out"));
    EXPECT_EQ(o.exit_code, 0) << o.out;
    return std::pair(o.out, Json::parse(file_text(folder / "out/result.json"))["runs"]);
  };
  const auto energy = [](const Json& runs, std::size_t i) {
    return runs[i]["result"]["totals"]["energy_pj"].get<double>();
  };
  const auto [text, typical] = result("--values llm");
  EXPECT_THAT(text, HasSubstr("llm operands of seed 1\n"));
  const auto [priced_text, llm] = result("--values llm --data-dependent-energy");
  EXPECT_THAT(priced_text, HasSubstr("llm operands of seed 1, PE energy follows them\n"));
  EXPECT_THAT(priced_text, HasSubstr("note (a): PE energy is that of these operands"));
  const auto [uniform_text, uniform] = result("--values uniform --data-dependent-energy");
  for (std::size_t i = 0; i < 3; ++i) {
    // A few large channels leave the rest small, many of them zero.
    EXPECT_LT(energy(llm, i), 0.99 * energy(uniform, i));
    EXPECT_NE(energy(llm, i), energy(typical, i));
    EXPECT_EQ(llm[i]["result"]["values"]["pe_energy"], "of these operands");
    EXPECT_FALSE(typical[i]["result"]["values"].contains("pe_energy"));
  }
  EXPECT_EQ(llm[0]["energy_ratio"], energy(llm, 0) / energy(llm, 1));
  // Designs that run the same GEMMs get the same operands.
  EXPECT_EQ(llm[1]["result"]["layers"], llm[2]["result"]["layers"]);
}

/// Two studies whose designs differ in the array's height.
std::vector<std::string> two_steps(const Folder& folder) {
  std::vector<std::string> paths;
  for (const char* rows : {"64", "32"}) {
    const std::string text = std::string("study: rows ") + rows + R"(
description: b has )" + rows +
                             R"( rows
phases: [{name: one}, {name: two}]
baseline: b
designs:
  - {name: a, arch: int8_64x64, scheme: w8a8kv8, trace: './{phase}.csv'}
  - {name: b, arch: int8_64x64, scheme: w8a8kv8, trace: './{phase}.csv', set: [array.rows=)" +
                             rows + R"(]}
views: [{name: array}]
)";
    paths.push_back(folder.write(std::string("rows") + rows + ".yaml", text));
  }
  folder.write("one.csv", "layer,op,m,n,k\nl,o,512,512,4096\n");
  folder.write("two.csv", "layer,op,m,n,k\nl,o,1024,512,4096\n");
  return paths;
}

TEST(Compare, FollowsADesignFromStudyToStudyOnTracesBesideThem) {
  const Folder folder("follow");
  const std::vector<std::string> steps = two_steps(folder);
  const std::string line = "mixpe compare " + steps[0] + " " + steps[1] + " --follow a";
  const Outcome o = shell(line + " -o " + (folder / "out") + " --chart " + (folder / "c.svg"));
  ASSERT_EQ(o.exit_code, 0) << o.out;
  EXPECT_THAT(o.out, HasSubstr("b has 32 rows"));
  const std::string csv = file_text(folder / "out/steps.csv");
  EXPECT_THAT(csv, HasSubstr("rows 64,a,b,1,1,1,1,1,1\n"));
  // Half the rows, twice the time, but for fill and drain.
  std::smatch half;
  ASSERT_TRUE(std::regex_search(csv, half, std::regex("rows 32,a,b,([0-9.]+),")));
  EXPECT_NEAR(std::stod(half[1]), 2.0, 0.02);
  EXPECT_THAT(file_text(folder / "c.svg"), HasSubstr("a against the others"));
  EXPECT_EQ(Json::parse(file_text(folder / "out/rows 32/result.json"))["runs"].size(), 4U);
}

TEST(Compare, SaysWhatAStudyLacks) {
  const Folder folder("lacks");
  const std::vector<std::string> steps = two_steps(folder);
  const Outcome unknown = shell("mixpe compare " + steps[0] + " --follow z");
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.out, HasSubstr("--follow: no such design; got z; allowed a, b"));
  const std::string study = folder.write("s.yaml", R"(study: s
phases: [{name: one}]
baseline: a
designs: [{name: a, arch: int8_64x64}]
views: [{name: v, area_of: a, power_of: a}]
)");
  const Outcome o = shell("mixpe compare " + study);
  EXPECT_EQ(o.exit_code, 2);
  for (const char* what :
       {"designs[0].scheme: is needed without a trace", "phases[0].llm: is needed",
        "phases[0].phase: is needed", "by area or by power, not both"}) {
    EXPECT_THAT(o.out, HasSubstr(what));
  }
}

TEST(TraceGen, WritesWhatRunReads) {
  const Folder folder("trace");
  const std::string trace = folder / "t.csv";
  const Outcome o = shell(
      "mixpe trace gen --llm llama3-8b --phase decode --batch 2 --context 64 --scheme fp16 -o " +
      trace);
  ASSERT_EQ(o.exit_code, 0) << o.out;
  EXPECT_EQ(shell("mixpe run fp16_64x64 " + trace).exit_code, 0);
  EXPECT_EQ(shell("mixpe trace info " + trace).exit_code, 0);
}

}  // namespace
}  // namespace mixpe::testing
