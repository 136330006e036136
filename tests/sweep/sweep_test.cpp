// Sweeps as users run them: the same bytes whatever happened on the way, and an answer to every
// mistake.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/command.h"

namespace mixpe::testing {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

constexpr const char* kBase = R"(sweep: test
base:
  arch: mixpe_w4a8_64x64
  scheme: w4a8kv4_g128
  llm: llama2-7b
  phases:
    - {name: prefill, phase: prefill, batch: 1, tokens: 64}
    - {name: decode, phase: decode, batch: 4, context: 128}
)";
constexpr const char* kAxes = R"(axes:
  - {key: arch.array.rows, pow2: [16, 64]}
  - {key: arch.buffers.wgt.size, list: [128 KiB, 256 KiB]}
  - {key: arch.memory.bandwidth, list: [32 GB/s, 64 GB/s]}
)";
constexpr const char* kObjectives = R"(objectives:
  - minimize: decode.cycles
  - minimize: area_mm2
)";

std::string sweep(const std::string& rest = {}) {
  return std::string(kBase) + kAxes + kObjectives + rest;
}

class Sweep : public ::testing::Test {
 protected:
  Outcome run(const std::string& text, const std::string& options = {}) {
    const std::string file = folder_.write("s.yaml", text);
    return shell("mixpe sweep " + file + " --store " + (folder_ / "s.db") + " " + options);
  }
  /// The points of a store as CSV.
  std::string csv(const std::string& store) {
    const std::string path = folder_ / "points.csv";
    const Outcome o = shell("mixpe sweep show " + (folder_ / store) + " --csv " + path);
    EXPECT_EQ(o.exit_code, 0) << o.out;
    return file_text(path);
  }
  /// Those of a file written with --json.
  Json points(const std::string& file) { return Json::parse(file_text(folder_ / file))["points"]; }
  Folder folder_{"sweep"};
};

TEST_F(Sweep, ResultsAreThoseOfRun) {
  const Outcome o = run(sweep(), "--json " + (folder_ / "points.json"));
  ASSERT_EQ(o.exit_code, 0) << o.out;
  const Json all = points("points.json");
  ASSERT_EQ(all.size(), 12U);
  const std::string trace = folder_ / "t.csv";
  shell(
      "mixpe trace gen --llm llama2-7b --phase decode --batch 4 --context 128 --scheme "
      "w4a8kv4_g128 -o " +
      trace);
  for (const Json& point : all) {
    const Json& v = point["values"];
    const auto set = [&](const char* key) {
      return " --set '" + std::string(key).substr(5) + "=" + v[key].get<std::string>() + "'";
    };
    const Outcome r = shell("mixpe run mixpe_w4a8_64x64 " + trace + set("arch.array.rows") +
                            set("arch.buffers.wgt.size") + set("arch.memory.bandwidth") +
                            " --json " + (folder_ / "r.json"));
    ASSERT_EQ(r.exit_code, 0) << r.out;
    const Json totals = Json::parse(file_text(folder_ / "r.json"))["totals"];
    const Json& m = point["metrics"];
    EXPECT_EQ(m["decode.cycles"], totals["cycles"]);
    EXPECT_DOUBLE_EQ(m["decode.energy_j"].get<double>(), 1e-12 * totals["energy_pj"].get<double>());
    EXPECT_DOUBLE_EQ(m["area_mm2"].get<double>(), 1e-6 * totals["area_um2"].get<double>());
    EXPECT_DOUBLE_EQ(m["decode.tokens_per_s"].get<double>(), totals["tokens_per_s"].get<double>());
    double causes = 0, energy_j = 0, area_mm2 = 0;
    for (const auto& [name, value] : m.items()) {
      if (name.rfind("cycles_", 0) == 0) causes += value.get<double>();
      if (name.rfind("energy_j_", 0) == 0) energy_j += value.get<double>();
      if (name.rfind("area_mm2_", 0) == 0) area_mm2 += value.get<double>();
    }
    EXPECT_EQ(causes, m["cycles"].get<double>());
    EXPECT_NEAR(energy_j, m["energy_j"].get<double>(), 1e-9 * energy_j);
    EXPECT_NEAR(area_mm2, m["area_mm2"].get<double>(), 1e-9 * area_mm2);
    EXPECT_NEAR(m["edp_js"].get<double>(), energy_j * m["time_s"].get<double>(), 1e-9);
    EXPECT_EQ(m["cycles"].get<double>(),
              m["prefill.cycles"].get<double>() + m["decode.cycles"].get<double>());
  }
}

TEST_F(Sweep, BytesAreTheSameWhateverTheWorkersShardsAndInterruptions) {
  ASSERT_EQ(run(sweep(), "-j 1").exit_code, 0);
  const std::string expected = csv("s.db");

  const std::string command = "mixpe sweep " + (folder_ / "s.yaml") + " ";
  ASSERT_EQ(shell(command + "-j 3 --store " + (folder_ / "j3.db")).exit_code, 0);
  EXPECT_EQ(csv("j3.db"), expected);

  std::string shards;
  for (const char* shard : {"1/3", "2/3", "3/3"}) {
    const std::string store = folder_ / (std::string("shard") + shard[0] + ".db");
    ASSERT_EQ(shell(command + "--shard " + shard + " --store " + store).exit_code, 0);
    shards += store + " ";
  }
  const Outcome merged = shell("mixpe sweep merge " + shards + "-o " + (folder_ / "all.db"));
  EXPECT_THAT(merged.out, HasSubstr("12 points from 3 stores, 0 of them in more than one"));
  EXPECT_EQ(csv("all.db"), expected);

  const std::string killed = command + "--store " + (folder_ / "killed.db");
  for (int i = 0; i < 3; ++i)
    shell("timeout -s KILL 0.15 " + std::string(MIXPE_BINARY) + killed.substr(5));
  ASSERT_EQ(shell(killed).exit_code, 0);
  EXPECT_EQ(csv("killed.db"), expected);

  ASSERT_EQ(shell(command + "--store " + (folder_ / "two.db") + " & " + command + "--store " +
                  (folder_ / "two.db") + "; wait")
                .exit_code,
            0);
  EXPECT_EQ(csv("two.db"), expected);
}

TEST_F(Sweep, ASecondStartRunsNothing) {
  ASSERT_EQ(run(sweep()).exit_code, 0);
  const std::string before = file_text(folder_ / "s.db");
  ASSERT_EQ(run(sweep()).exit_code, 0);
  EXPECT_EQ(file_text(folder_ / "s.db"), before);
}

TEST_F(Sweep, EveryKindOfAxisAndDerivedValue) {
  const Outcome o = run(std::string(kBase) + R"(axes:
  - zip:
      - {key: arch, list: [mixpe_w4a8_64x64, int8_64x64]}
      - {key: scheme, list: [w4a8kv4_g128, w8a8kv8]}
  - {key: arch.array.rows, range: [32, 64, 16]}
  - {key: phases.decode.batch, list: [1, 4]}
derived:
  arch.array.cols: rows
  arch.dequant.lanes: max(cols / 2, 1)
  arch.buffers.act.size: arch.buffers.wgt.size / 2
constraints:
  - rows * cols <= 3000
)" + kObjectives,
                        "--json " + (folder_ / "p.json"));
  ASSERT_EQ(o.exit_code, 0) << o.out;
  EXPECT_THAT(o.out, HasSubstr("12 combinations looked at, 8 points"));
  EXPECT_THAT(o.out, HasSubstr("4 excluded by rows * cols <= 3000"));
  const Json all_points = points("p.json");
  for (const Json& point : all_points) {
    const Json& v = point["values"];
    EXPECT_EQ(v["arch.array.cols"], v["arch.array.rows"]);
    EXPECT_EQ(std::stoi(v["arch.dequant.lanes"].get<std::string>()) * 2,
              std::stoi(v["arch.array.rows"].get<std::string>()));
    EXPECT_EQ(v["arch.buffers.act.size"], "128 KiB");
    EXPECT_EQ(v["arch"] == "int8_64x64", v["scheme"] == "w8a8kv8");
  }
}

TEST_F(Sweep, AKeyLeftAloneHasItsFilesNumber) {
  const Outcome o = run(std::string(kBase) + R"(axes:
  - zip:
      - {key: arch.array.rows, list: [default, 32]}
      - {key: arch.pe.name, list: [mixpe_w4a8, mixpe_w4a8]}
derived:
  arch.dequant.lanes: rows / 2
)" + kObjectives,
                        "--json " + (folder_ / "p.json"));
  ASSERT_EQ(o.exit_code, 0) << o.out;
  std::set<std::string> lanes;
  const Json all_points = points("p.json");
  for (const Json& p : all_points) lanes.insert(p["values"]["arch.dequant.lanes"]);
  EXPECT_EQ(lanes, (std::set<std::string>{"16", "32"}));
}

TEST_F(Sweep, KeysOfSchemeAndModelAreAxes) {
  const Outcome o = run(std::string(kBase) + R"(axes:
  - {key: scheme.weight.scales.0.k, list: [64, 128]}
  - {key: llm.layers, list: [1, 2]}
derived:
  scheme.weight.zero.k: scheme.weight.scales.0.k
)" + kObjectives,
                        "--json " + (folder_ / "p.json"));
  ASSERT_EQ(o.exit_code, 0) << o.out;
  std::map<std::string, double> bytes;
  const Json all_points = points("p.json");
  for (const Json& p : all_points) {
    bytes[p["values"]["scheme.weight.scales.0.k"].get<std::string>() + "/" +
          p["values"]["llm.layers"].get<std::string>()] = p["metrics"]["dram_bytes"];
  }
  ASSERT_EQ(bytes.size(), 4U);
  EXPECT_GT(bytes["64/1"], bytes["128/1"]);  // twice the scales
  EXPECT_GT(bytes["128/2"], 1.5 * bytes["128/1"]);
}

TEST_F(Sweep, PricesAloneAreNotTimedAgain) {
  const std::string axes = "axes:\n  - {key: arch.memory.dram, list: [";
  const auto timed = [&](const std::string& drams) {
    std::filesystem::remove(folder_ / "s.db");
    const Outcome o =
        run(kBase + axes + drams + "]}\n" + kObjectives, "-j 1 --json " + (folder_ / "p.json"));
    const std::size_t at = o.out.find(" different GEMMs timed");
    EXPECT_NE(at, std::string::npos) << o.out;
    return o.out.substr(o.out.rfind('\n', at) + 1, at - o.out.rfind('\n', at) - 1);
  };
  const std::string once = timed("hbm2");
  EXPECT_EQ(timed("hbm2, ddr4, lpddr4"), once);
  const Json all = points("p.json");
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0]["metrics"]["cycles"], all[1]["metrics"]["cycles"]);
  EXPECT_NE(all[0]["metrics"]["energy_j"], all[1]["metrics"]["energy_j"]);
}

TEST_F(Sweep, WhatCannotRunIsRecordedWithItsReason) {
  const Outcome o = run(std::string(kBase) + R"(axes:
  - {key: arch.buffers.act.size, list: [4 KiB, 128 KiB]}
)" + kObjectives);
  EXPECT_EQ(o.exit_code, 0);
  EXPECT_THAT(o.out, HasSubstr("2 points: 1 done, 0 violate a constraint, 1 impossible, 0 failed"));
  EXPECT_THAT(o.out, HasSubstr("the activation buffer cannot hold a tile"));
}

TEST_F(Sweep, FailedPointsStayUntilTheyAreAskedForAgain) {
  // 16 rows cut the mask of 65,536 tokens into 4,096 blocks: far more than a millisecond's work.
  const std::string axes =
      "axes:\n  - {key: arch.array.rows, list: [16]}\n"
      "  - {key: phases.prefill.tokens, list: [65536]}\n";
  const std::string text = kBase + axes + kObjectives;
  const Outcome o = run(text + "limits: {time: 1 ms}\n");
  EXPECT_EQ(o.exit_code, 0);
  EXPECT_THAT(o.out, AllOf(HasSubstr("1 points: 0 done"), HasSubstr("1 failed"),
                           HasSubstr("1 x failed: took longer than 1 ms")));
  EXPECT_THAT(run(text).out, HasSubstr("1 failed"));
  EXPECT_THAT(run(text, "--retry-failed").out, HasSubstr("1 points: 1 done"));
}

TEST_F(Sweep, ConstraintsOnResultsMarkPoints) {
  const Outcome o = run(sweep("constraints:\n  - decode.tokens_per_s >= 1e9\n"));
  EXPECT_EQ(o.exit_code, 0);
  EXPECT_THAT(o.out, HasSubstr("12 points: 0 done, 12 violate a constraint"));
  EXPECT_THAT(o.out, HasSubstr("12 x violates: decode.tokens_per_s >= 1e9"));
  EXPECT_THAT(o.out, HasSubstr("No point is done"));
}

TEST_F(Sweep, SamplersTakeWhatIsAskedAndAreReproducible) {
  for (const char* sampler : {"random, points: 5, seed: 3", "sobol, points: 5"}) {
    std::filesystem::remove(folder_ / "s.db");
    const std::string text = sweep(std::string("sampler: {name: ") + sampler + "}\n");
    const Outcome o = run(text);
    EXPECT_THAT(o.out, HasSubstr("5 points: 5 done")) << sampler;
    const std::string first = csv("s.db");
    std::filesystem::remove(folder_ / "s.db");
    run(text, "-j 3");
    EXPECT_EQ(csv("s.db"), first) << sampler;
  }
}

TEST_F(Sweep, ASearchIsReplayedFromItsStore) {
  const std::string text =
      sweep("sampler: {name: nsga2, population: 8, generations: 4, seed: 5}\n");
  ASSERT_EQ(run(text, "-j 1").exit_code, 0);
  const std::string expected = csv("s.db");
  const std::string command = "sweep " + (folder_ / "s.yaml") + " --store " + (folder_ / "k.db");
  for (int i = 0; i < 3; ++i) {
    shell("timeout -s KILL 0.2 " + std::string(MIXPE_BINARY) + " " + command);
  }
  const Outcome o = shell("mixpe " + command);
  ASSERT_EQ(o.exit_code, 0) << o.out;
  EXPECT_EQ(csv("k.db"), expected);
  EXPECT_THAT(run(text, "--shard 1/2").out, HasSubstr("a search cannot be divided"));
}

TEST_F(Sweep, ASearchFindsTheFrontOfASmallGrid) {
  ASSERT_EQ(run(sweep(), "--json " + (folder_ / "grid.json")).exit_code, 0);
  std::filesystem::remove(folder_ / "s.db");
  ASSERT_EQ(run(sweep("sampler: {name: nsga2, population: 12, generations: 12}\n"),
                "--json " + (folder_ / "search.json"))
                .exit_code,
            0);
  const auto front = [&](const std::string& file) {
    std::set<std::string> keys;
    const Json all_points = points(file);
    for (const Json& p : all_points) {
      if (p["pareto"]) keys.insert(p["key"]);
    }
    return keys;
  };
  EXPECT_EQ(front("search.json"), front("grid.json"));
}

TEST_F(Sweep, EveryShippedSweepHasPoints) {
  int sweeps = 0;
  for (const auto& entry : std::filesystem::directory_iterator("configs/sweeps")) {
    if (entry.path().extension() != ".yaml") continue;
    ++sweeps;
    const Outcome o = shell("mixpe sweep " + entry.path().string() + " --dry-run");
    EXPECT_EQ(o.exit_code, 0) << o.out;
    EXPECT_THAT(o.out,
                AnyOf(HasSubstr("first points:\n  arch"), HasSubstr("first points:\n  scheme")));
  }
  EXPECT_GE(sweeps, 5);
}

TEST_F(Sweep, ADryRunShowsPointsAndAnEstimateAndWritesNothing) {
  const Outcome o = run(sweep(), "--dry-run");
  EXPECT_EQ(o.exit_code, 0);
  EXPECT_THAT(o.out, AllOf(HasSubstr("12 points"), HasSubstr("arch.array.rows = 16"),
                           HasSubstr("points that were tried: at most about")));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "s.db"));
}

TEST_F(Sweep, CtrlCKeepsWhatIsFinishedAndSaysHowToGoOn) {
  std::string text = sweep();
  // Points are listed first, for a tenth of the time; a signal after that finds some finished.
  text.replace(text.find("pow2: [16, 64]"), 14, "range: [4, 256, 2]");
  text.replace(text.find("axes:\n"), 6,
               "axes:\n  - {key: arch.clock, range: [1 MHz, 20 MHz, 1 MHz]}\n");
  folder_.write("s.yaml", text);
  Outcome o;
  for (const char* seconds : {"0.2", "0.5", "1", "2", "4", "8", "16"}) {
    o = shell(std::string("timeout --preserve-status -s INT ") + seconds + " " + MIXPE_BINARY +
              " sweep " + (folder_ / "s.yaml") + " -j 1 --shard 1/2 --store " + (folder_ / "s.db"));
    if (!o.out.empty()) break;
  }
  EXPECT_EQ(o.exit_code, 130);
  EXPECT_THAT(o.out, HasSubstr("interrupted; finished points are in"));
  EXPECT_THAT(o.out, HasSubstr("To go on: mixpe sweep"));
  EXPECT_THAT(o.out, HasSubstr("s.db --shard 1/2"));
}

class SweepReport : public Sweep {
 protected:
  Outcome report(const std::string& options = {}) {
    return shell("mixpe report " + (folder_ / "s.db") + " -o " + (folder_ / "r.html") + " " +
                 options);
  }
  /// What the page's scripts draw the layers from.
  Json layers() {
    const std::string html = file_text(folder_ / "r.html");
    const std::string open = "id=\"data\">";
    const std::size_t begin = html.find(open) + open.size();
    return Json::parse(html.substr(begin, html.find("</script>", begin) - begin))["layers"];
  }
};

TEST_F(SweepReport, HasTheLayersOfDesignsAsRunGivesThem) {
  // An engine and operands do not keep the page from it: the cycles are the same.
  ASSERT_EQ(run(R"(sweep: tiny
base: {arch: mixpe_w4a8_64x64, scheme: w4a8kv4_g128, trace: traces/tiny.csv, values: gaussian}
axes:
  - {key: arch.array.rows, list: [16, 32, 64]}
  - {key: arch.array.engine, list: [cycle]}
objectives: [{minimize: cycles}, {maximize: area_mm2}]
)",
                "--json " + (folder_ / "p.json"))
                .exit_code,
            0);
  const Json stored = points("p.json");
  ASSERT_EQ(stored.size(), 3U);
  for (int row = 1; row <= 3; ++row) {
    ASSERT_EQ(report("--design " + std::to_string(row)).exit_code, 0);
    const Json design = layers()["designs"][0];  // what was asked for comes first
    EXPECT_EQ(design["design"], row - 1);
    const Json& result = design["runs"][0]["result"];
    const Json& point = stored[row - 1];
    std::int64_t cycles = 0;
    double energy_pj = 0;
    for (const Json& layer : result["layers"]) {
      cycles += layer["cycles"].get<std::int64_t>();
      energy_pj += layer["energy_pj"].get<double>();
    }
    EXPECT_EQ(cycles, point["metrics"]["cycles"]);
    EXPECT_NEAR(energy_pj * 1e-12 / point["metrics"]["energy_j"].get<double>(), 1, 1e-9);
    EXPECT_EQ(result["config"]["array"]["rows"].dump(), point["values"]["arch.array.rows"]);
    EXPECT_EQ(result["config"]["array"]["engine"], "cycle");
  }
}

TEST_F(SweepReport, SaysWhyItHasNoLayers) {
  std::filesystem::copy("configs/arch/mixpe_w4a8_64x64.yaml", folder_ / "arch.yaml");
  std::string text = sweep();
  text.replace(text.find("arch: mixpe_w4a8_64x64"), 22, "arch: " + (folder_ / "arch.yaml"));
  ASSERT_EQ(run(text).exit_code, 0);
  ASSERT_EQ(report().exit_code, 0);
  ASSERT_FALSE(layers()["designs"].empty());
  EXPECT_EQ(layers()["designs"][0]["runs"][1]["phase"], "decode");
  std::string arch = file_text(folder_ / "arch.yaml");
  const std::size_t at = arch.find("size: 128 KiB");
  ASSERT_NE(at, std::string::npos);
  folder_.write("arch.yaml", arch.replace(at, 13, "size: 256 KiB"));
  EXPECT_THAT(report().out, HasSubstr("note: The store keeps no layers"));
  EXPECT_TRUE(layers()["designs"].empty());
  EXPECT_THAT(layers()["without"].get<std::string>(), HasSubstr("has changed since"));
  EXPECT_THAT(report("--design 1").out, HasSubstr("--design: layers cannot be shown"));
  EXPECT_THAT(report("--design 13").out, HasSubstr("--design: no such design; got 13"));
}

TEST_F(SweepReport, PeEnergyFollowsTheOperandsIfAsked) {
  const auto text = [](const std::string& base) {
    return "sweep: operands\nbase: {arch: mixpe_w4a8_64x64, scheme: w4a8kv4_g128, trace: "
           "traces/tiny.csv, " +
           base + R"(}
axes:
  - {key: arch.tech, list: [osu018]}
  - {key: arch.array.rows, list: [64, 32]}
objectives: [{minimize: energy_j}]
)";
  };
  std::map<std::string, double> energy_j;
  for (const std::string base : {"values: llm", "values: llm, data_dependent_energy: true",
                                 "values: uniform, data_dependent_energy: true"}) {
    std::filesystem::remove(folder_ / "s.db");
    const Outcome o = run(text(base), "--json " + (folder_ / "p.json"));
    ASSERT_EQ(o.exit_code, 0) << o.out;
    const bool follows = base.ends_with("true");
    const std::string said = "operands of seed 1, PE energy follows them\n";
    EXPECT_EQ(o.out.find(said) != std::string::npos, follows) << o.out;
    EXPECT_EQ(Json::parse(file_text(folder_ / "p.json"))["operands"].get<std::string>().ends_with(
                  "PE energy follows them"),
              follows);
    const Json all_points = points("p.json");  // in the order of their keys
    for (const Json& p : all_points) {
      if (p["values"]["arch.array.rows"] == "64") energy_j[base] = p["metrics"]["energy_j"];
    }
  }
  EXPECT_LT(energy_j["values: llm, data_dependent_energy: true"],
            0.99 * energy_j["values: uniform, data_dependent_energy: true"]);
  EXPECT_NE(energy_j["values: llm, data_dependent_energy: true"], energy_j["values: llm"]);
  ASSERT_EQ(report("--design 1 --design 2").exit_code, 0);
  // Layers are shown: those of the energies that the store has.
  const Json designs = layers()["designs"], stored = points("p.json");
  ASSERT_EQ(designs.size(), 2u);
  for (const Json& one : designs) {
    double pj = 0;
    for (const auto& [part, energy] : one["runs"][0]["result"]["energy"].items()) {
      pj += energy.get<double>();
    }
    const Json& metrics = stored[one["design"].get<std::size_t>()]["metrics"];
    EXPECT_NEAR(1e-12 * pj / metrics["energy_j"].get<double>(), 1.0, 1e-9);
  }
  EXPECT_THAT(file_text(folder_ / "r.html"), HasSubstr("uniform operands of seed 1, PE energy"));
}

class SweepHelp : public ::testing::TestWithParam<const char*> {};

TEST_P(SweepHelp, ExampleWorks) {
  const Outcome help = shell(std::string("mixpe ") + GetParam() + " --help");
  ASSERT_EQ(help.exit_code, 0);
  std::string example = help.out.substr(help.out.find("Example: mixpe ") + 9);
  example = example.substr(0, example.find_last_not_of(" \n") + 1);
  const Folder folder("sweep_help");
  // From the source folder, whose configs/ the path names; what it writes goes elsewhere.
  for (const char* file : {" s.db", " s.csv", " a.db", " b.db", " all.db"}) {
    for (std::size_t at = 0; (at = example.find(file, at)) != std::string::npos;) {
      example.replace(at, std::string(file).size(), " " + (folder / (file + 1)));
      at += 1;
    }
  }
  const Outcome o = shell(example);
  EXPECT_EQ(o.exit_code, 0) << example << "\n" << o.out;
}

INSTANTIATE_TEST_SUITE_P(EveryCommand, SweepHelp,
                         ::testing::Values("sweep", "sweep show", "sweep merge"));

// Mistakes.

struct Mistake {
  const char* name;
  const char* rest;  ///< after the base
  const char* says;
};

class SweepMistake : public ::testing::TestWithParam<Mistake> {};

TEST_P(SweepMistake, IsNamedWithItsPlace) {
  const Folder folder("sweep_mistake");
  const std::string file = folder.write("s.yaml", std::string(kBase) + GetParam().rest);
  const Outcome o = shell("mixpe sweep " + file + " --store " + (folder / "s.db"));
  EXPECT_EQ(o.exit_code, 2);
  EXPECT_THAT(o.out, HasSubstr(GetParam().says));
  EXPECT_THAT(o.out, HasSubstr("s.yaml:"));
  EXPECT_EQ(folder.files(), 1U) << "nothing is written";
}

#define OBJECTIVE "objectives: [{minimize: cycles}]\n"
INSTANTIATE_TEST_SUITE_P(
    Every, SweepMistake,
    ::testing::Values(
        Mistake{"NoSuchKey", "axes: [{key: arch.array.row, list: [16]}]\n" OBJECTIVE,
                "s.yaml:9:37: arch.array.row: unknown key (did you mean 'rows'?)"},
        Mistake{"NoSuchPlace", "axes: [{key: array.rows, list: [16]}]\n" OBJECTIVE,
                "axes[0]: names no key; got array.rows"},
        Mistake{"NoSuchPhase", "axes: [{key: phases.train.batch, list: [16]}]\n" OBJECTIVE,
                "names no key; got phases.train.batch"},
        Mistake{"NoSuchItem", "axes: [{key: scheme.weight.scales.7.k, list: [16]}]\n" OBJECTIVE,
                "no such item of the list; got 7; allowed 0..0"},
        Mistake{"OutOfRange", "axes: [{key: arch.array.rows, list: [16, 0]}]\n" OBJECTIVE,
                "s.yaml:9:42: arch.array.rows: out of range; got 0; allowed 1..4096"},
        Mistake{"WrongUnit", "axes: [{key: arch.buffers.act.size, list: [128 kB]}]\n" OBJECTIVE,
                "unknown unit 'kB'"},
        Mistake{"ValueTwice", "axes: [{key: arch.array.rows, list: [16, 16]}]\n" OBJECTIVE,
                "a value may stand only once"},
        Mistake{"ZippedValuesTwice",
                "axes: [{zip: [{key: arch.array.rows, list: [16, 16]}, "
                "{key: arch.array.cols, list: [8, 8]}]}]\n" OBJECTIVE,
                "a value may stand only once; got 16, 8"},
        Mistake{"KeyTwice",
                "axes: [{key: arch.array.rows, list: [16]}, {key: arch.array.rows, list: "
                "[32]}]\n" OBJECTIVE,
                "a key may be given only once"},
        Mistake{"TwoForms", "axes: [{key: arch.array.rows, list: [16], pow2: [1, 2]}]\n" OBJECTIVE,
                "an axis has one kind of values"},
        Mistake{"UnevenZip",
                "axes: [{zip: [{key: arch.array.rows, list: [16]}, {key: arch.array.cols, list: "
                "[16, 32]}]}]\n" OBJECTIVE,
                "zipped axes must have equally many values; got 2; allowed 1"},
        Mistake{"NoPow2", "axes: [{key: arch.array.rows, pow2: [16, 100]}]\n" OBJECTIVE,
                "doubling the first value must lead to the last"},
        Mistake{"NoRange", "axes: [{key: arch.array.rows, range: [16, 100, 10]}]\n" OBJECTIVE,
                "the step must lead from the first value to the last"},
        Mistake{"BadExpression",
                "axes: [{key: arch.array.rows, list: [16]}]\nderived: {arch.array.cols: rows "
                "+}\n" OBJECTIVE,
                "no expression: a number or a name is missing at character 7"},
        Mistake{"UnknownName",
                "axes: [{key: arch.array.rows, list: [16]}]\nderived: {arch.array.cols: "
                "row}\n" OBJECTIVE,
                "derived.arch.array.cols: 'row' is no number here"},
        Mistake{"NoConstraint",
                "axes: [{key: arch.array.rows, list: [16]}]\nconstraints: [rows + 1]\n" OBJECTIVE,
                "constraints[0]: must compare two values"},
        Mistake{"ConstraintOnNothing",
                "axes: [{key: arch.array.rows, list: [16]}]\nconstraints: [cycle <= 7]\n" OBJECTIVE,
                "'cycle' is neither a metric nor a number of the configuration (did you mean "
                "'cycles'?)"},
        Mistake{"ConstraintExcludesAll",
                "axes: [{key: arch.array.rows, list: [16, 32]}]\nconstraints: [area_mm2 <= "
                "0.001]\n" OBJECTIVE,
                "s.yaml:10:15: constraints: no point is left; got area_mm2 <= 0.001; allowed a "
                "constraint that some point fulfils: it excludes 2 of 2"},
        Mistake{"ConstraintOnBytes",
                "axes: [{key: arch.array.rows, list: [16, 32]}]\nconstraints: [sram_bytes <= 1 "
                "KiB]\n" OBJECTIVE,
                "no point is left; got sram_bytes <= 1 KiB"},
        Mistake{
            "ConstraintOnResultsOfUnits",
            "axes: [{key: arch.array.rows, list: [16]}]\nconstraints: [power_w <= 5 W]\n" OBJECTIVE,
            "constraints: '<=' between a plain number and uW; got power_w <= 5 W"},
        Mistake{"ConstraintOfUnits",
                "axes: [{key: arch.buffers.act.size, list: [128 KiB]}]\nconstraints: [act.size <= "
                "7]\n" OBJECTIVE,
                "'<=' between B and a plain number"},
        Mistake{"UnknownObjective",
                "axes: [{key: arch.array.rows, list: [16]}]\nobjectives: [{minimize: cycle}]\n",
                "objectives: 'cycle' is neither a metric"},
        Mistake{"TooManyPoints",
                "axes: [{key: arch.array.rows, range: [1, 400, 1]}, {key: arch.array.cols, range: "
                "[1, 400, 1]}]\n" OBJECTIVE,
                "the grid has more points than limits.points: fewer values, a sampler, or a higher "
                "limit; got 160000; allowed 100000"},
        Mistake{"SamplerWithoutPoints",
                "axes: [{key: arch.array.rows, list: [16]}]\nsampler: {name: random}\n" OBJECTIVE,
                "sampler: missing key: points"},
        Mistake{"SearchOfOneObjective",
                "axes: [{key: arch.array.rows, list: [16]}]\nsampler: {name: nsga2, population: 8, "
                "generations: 1}\n" OBJECTIVE,
                "a search for a front needs at least two objectives"},
        Mistake{"UnknownKeyOfTheFile",
                "axes: [{key: arch.array.rows, list: [16]}]\nsamplr: {name: grid}\n" OBJECTIVE,
                "unknown key (did you mean 'sampler'?)"}),
    [](const auto& info) { return info.param.name; });
#undef OBJECTIVE

// Stores that cannot be used.

TEST_F(Sweep, AStoreOfAnotherSweepFileIsRefused) {
  ASSERT_EQ(run(sweep()).exit_code, 0);
  std::string other = sweep();
  other.replace(other.find("pow2: [16, 64]"), 14, "pow2: [16, 32]");
  const Outcome o = run(other);
  EXPECT_EQ(o.exit_code, 2);
  EXPECT_THAT(o.out, HasSubstr("belongs to another sweep file, or this one before it was edited"));
  EXPECT_THAT(o.out, HasSubstr("another --store"));
}

TEST_F(Sweep, OtherObjectivesOfTheSamePointsAreShown) {
  ASSERT_EQ(run(sweep()).exit_code, 0);
  std::string other = "# a comment\n" + sweep();
  other.replace(other.find("minimize: area_mm2"), 18, "maximize: utilization");
  const Outcome o = run(other);
  EXPECT_EQ(o.exit_code, 0);
  EXPECT_THAT(o.out, HasSubstr("utilization (max)"));
}

TEST_F(Sweep, AStoreOfAnotherRevisionIsRefused) {
  ASSERT_EQ(run(sweep()).exit_code, 0);
  if (shell("command -v sqlite3").exit_code != 0) GTEST_SKIP() << "needs the sqlite3 shell";
  shell("sqlite3 " + (folder_ / "s.db") +
        " \"UPDATE meta SET value='0.0.1 (abc)' WHERE "
        "key='revision'\"");
  const Outcome o = run(sweep());
  EXPECT_EQ(o.exit_code, 2);
  EXPECT_THAT(o.out, HasSubstr("was written by another revision of the program; got 0.0.1 (abc)"));
}

TEST_F(Sweep, WhatIsNoStoreIsRefusedAndUntouched) {
  const std::string text = "this is not a database, but a letter to a friend of some length";
  folder_.write("s.db", text);
  const Outcome o = run(sweep());
  EXPECT_EQ(o.exit_code, 2);
  EXPECT_THAT(o.out, HasSubstr("s.db: is no sweep store"));
  EXPECT_EQ(file_text(folder_ / "s.db"), text);
  EXPECT_EQ(shell("mixpe sweep show " + (folder_ / "s.db")).exit_code, 2);
}

TEST_F(Sweep, ATruncatedStoreIsRefused) {
  ASSERT_EQ(run(sweep()).exit_code, 0);
  std::filesystem::resize_file(folder_ / "s.db", 5000);
  for (const Outcome& o : {run(sweep()), shell("mixpe sweep show " + (folder_ / "s.db"))}) {
    EXPECT_EQ(o.exit_code, 2);
    EXPECT_THAT(o.out, HasSubstr("s.db: is damaged")) << o.out;
  }
}

TEST_F(Sweep, AFullDiskKeepsWhatIsFinished) {
  ASSERT_EQ(run(sweep()).exit_code, 0);
  const std::string expected = csv("s.db");
  // A limit on the size of files stands for the disk: 64 KiB hold the tables and a few points.
  const std::string command = "sweep " + (folder_ / "s.yaml") + " --store " + (folder_ / "f.db");
  const Outcome full = shell("trap \"\" XFSZ; ulimit -f 128; mixpe " + command);
  EXPECT_EQ(full.exit_code, 2) << full.out;
  EXPECT_THAT(full.out, AllOf(HasSubstr("f.db: cannot be written"),
                              HasSubstr("finished points are kept: free some and start again")));
  ASSERT_EQ(shell("mixpe " + command).exit_code, 0);
  EXPECT_EQ(csv("f.db"), expected);
}

TEST_F(Sweep, ALockedStoreIsRefused) {
  if (shell("command -v sqlite3").exit_code != 0) GTEST_SKIP() << "needs the sqlite3 shell";
  ASSERT_EQ(run(sweep()).exit_code, 0);
  const std::string lock = "(printf \"BEGIN EXCLUSIVE;\\n.shell sleep 8\\n\" | sqlite3 " +
                           (folder_ / "s.db") + ") & sleep 0.5; ";
  const Outcome o =
      shell(lock + "mixpe sweep " + (folder_ / "s.yaml") + " --store " + (folder_ / "s.db"));
  EXPECT_EQ(o.exit_code, 2);
  EXPECT_THAT(o.out, HasSubstr("s.db: is locked by another program"));
}

TEST_F(Sweep, AMissingStoreIsNotCreatedByShow) {
  const Outcome o = shell("mixpe sweep show " + (folder_ / "none.db"));
  EXPECT_EQ(o.exit_code, 2);
  EXPECT_THAT(o.out, HasSubstr("none.db: cannot be read; got no such file"));
  EXPECT_EQ(folder_.files(), 0U);
}

TEST_F(Sweep, ConflictsOfAMergeAreNamed) {
  if (shell("command -v sqlite3").exit_code != 0) GTEST_SKIP() << "needs the sqlite3 shell";
  ASSERT_EQ(run(sweep()).exit_code, 0);
  std::filesystem::copy_file(folder_ / "s.db", folder_ / "t.db");
  shell("sqlite3 " + (folder_ / "t.db") +
        " 'UPDATE points SET cycles = cycles + 1 WHERE key = "
        "(SELECT min(key) FROM points)'");
  const Outcome o = shell("mixpe sweep merge " + (folder_ / "s.db") + " " + (folder_ / "t.db") +
                          " -o " + (folder_ / "all.db"));
  EXPECT_EQ(o.exit_code, 2);
  EXPECT_THAT(o.out, AllOf(HasSubstr("t.db: point "), HasSubstr("conflicts with")));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "all.db"));
}

TEST_F(Sweep, EnergyOfOperandsThatAreNotThereIsRefused) {
  const std::string text = R"(sweep: operands
base: {arch: int8_64x64, scheme: w8a8kv8, trace: traces/tiny.csv, data_dependent_energy: true}
axes: [{key: arch.tech, list: [osu018]}]
objectives: [{minimize: energy_j}]
)";
  const Outcome none = run(text);
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.out, HasSubstr("s.yaml:2:90: base.data_dependent_energy: there are no operands "
                                  "to follow; allowed with base.values"));
  std::string unmeasured = text;
  unmeasured.replace(unmeasured.find("[osu018]"), 8, "[osu018, asap7]");
  unmeasured.replace(unmeasured.find("data_dep"), 0, "values: llm, ");
  const Outcome no_fit = run(unmeasured);
  EXPECT_EQ(no_fit.exit_code, 2);
  EXPECT_THAT(no_fit.out, HasSubstr("how the energy of mac.w8 follows its operands; got asap7"));
  EXPECT_EQ(folder_.files(), 1U) << "nothing is written";
}

TEST_F(Sweep, AWrongShardIsRefused) {
  for (const char* shard : {"0/2", "3/2", "2", "a/b", "1/0"}) {
    const Outcome o = run(sweep(), std::string("--shard ") + shard);
    EXPECT_EQ(o.exit_code, 2) << shard;
    EXPECT_THAT(o.out, HasSubstr("--shard: must be which/how many"));
  }
}

}  // namespace
}  // namespace mixpe::testing
