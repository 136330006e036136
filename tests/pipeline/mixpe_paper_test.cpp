// The MixPE paper's figures: what its simulator computes (published_model.h), what this program
// gives with the same assumptions (step 0 of configs/studies/mixpe_paper), and how they move as the
// assumptions are corrected (docs/studies/mixpe_paper.md, whose tables are checked here).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/pipeline/published_model.h"
#include "tests/support/command.h"

namespace mixpe::testing {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

/// Of the public simulator, github.com/yuzhang712/mixpe_simulator at 7e0d42c.
struct Published {
  const char *network, *design;
  double cycles, energy;  ///< energy over FP16's
};
const std::vector<Published> kPublished = {{"vit", "mixpe-w4a8", 2505112, .250},
                                           {"vit", "ant", 9890000, .385},
                                           {"vit", "bitfusion", 11254756, .479},
                                           {"vit", "int8", 13201920, .512},
                                           {"vit", "mixpe-w4a16", 8595472, .533},
                                           {"vit", "fp16", 16171420, 1},
                                           {"vit-huge", "mixpe-w4a8", 8026688, .177},
                                           {"vit-huge", "ant", 32349264, .294},
                                           {"vit-huge", "bitfusion", 45895884, .430},
                                           {"vit-huge", "int8", 56284864, .506},
                                           {"vit-huge", "mixpe-w4a16", 22051584, .327},
                                           {"vit-huge", "fp16", 68692620, 1},
                                           {"opt-6.7b", "mixpe-w4a8", 50671104, .141},
                                           {"opt-6.7b", "ant", 207625968, .254},
                                           {"opt-6.7b", "bitfusion", 357880480, .431},
                                           {"opt-6.7b", "int8", 452990464, .495},
                                           {"opt-6.7b", "mixpe-w4a16", 101131264, .223},
                                           {"opt-6.7b", "fp16", 524922368, 1},
                                           {"llama-2-13b", "mixpe-w4a8", 98629440, .143},
                                           {"llama-2-13b", "ant", 412883968, .256},
                                           {"llama-2-13b", "bitfusion", 698183240, .430},
                                           {"llama-2-13b", "int8", 884741120, .506},
                                           {"llama-2-13b", "mixpe-w4a16", 197607840, .223},
                                           {"llama-2-13b", "fp16", 1025781120, 1}};

const std::string kStudy = "configs/studies/mixpe_paper/";

TEST(MixpePaper, ThePublishedModelGivesEveryPublishedFigure) {
  for (const Published& p : kPublished) {
    const PublishedResult r = published_model(p.network, p.design);
    const double fp16 = published_model(p.network, "fp16").energy_nj();
    EXPECT_NEAR(r.cycles / p.cycles, 1.0, 0.001) << p.network << " " << p.design;
    EXPECT_NEAR(r.energy_nj() / fp16, p.energy, 0.0006) << p.network << " " << p.design;
  }
}

/// A run of step 0, energies in nJ.
struct Step0 {
  double cycles = 0, dram_nj = 0, other_nj = 0;
};
std::map<std::pair<std::string, std::string>, Step0> run_step_0() {
  const Folder folder("step0");
  const Outcome o = shell("mixpe compare " + kStudy + "step_0_published.yaml -o " + (folder / "o"));
  EXPECT_EQ(o.exit_code, 0) << o.out;
  std::map<std::pair<std::string, std::string>, Step0> runs;
  if (o.exit_code != 0) return runs;
  const Json result = Json::parse(file_text(folder / "o/result.json"));
  for (const Json& run : result["runs"]) {
    Step0& s = runs[{run["phase"], run["design"]}];
    s.cycles = run["result"]["totals"]["cycles"];
    for (const auto& [line, pj] : run["result"]["energy"].items()) {
      (line.starts_with("dram_") ? s.dram_nj : s.other_nj) += 1e-3 * pj.get<double>();
    }
  }
  return runs;
}

std::string text_of(const char* format, double x) {
  char text[32];
  std::snprintf(text, sizeof text, format, x);
  return text;
}

/// 1234567 as 1,234,567.
std::string grouped(double n) {
  std::string text = text_of("%.0f", n);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

TEST(MixpePaper, Step0RepeatsThePublishedFigures) {
  const std::string document = file_text(MIXPE_SOURCE_DIR "/docs/studies/mixpe_paper.md");
  const auto runs = run_step_0();
  ASSERT_EQ(runs.size(), kPublished.size());
  for (const Published& p : kPublished) {
    SCOPED_TRACE(std::string(p.network) + " " + p.design);
    const Step0 &here = runs.at({p.network, p.design}), &fp16 = runs.at({p.network, "fp16"});
    EXPECT_NEAR(here.cycles / p.cycles, 1.0, 0.01);
    const double fp16_nj = fp16.dram_nj + fp16.other_nj;
    const double energy = (here.dram_nj + here.other_nj) / fp16_nj;
    EXPECT_NEAR(energy / p.energy, 1.0, 0.02);
    // Not by errors that cancel: DRAM and all else, each as it is there.
    const PublishedResult there = published_model(p.network, p.design);
    EXPECT_NEAR(here.dram_nj, there.dram_nj, 0.01 * there.energy_nj());
    EXPECT_NEAR(here.other_nj, there.energy_nj() - there.dram_nj, 0.01 * there.energy_nj());
    const double there_fp16_nj = published_model(p.network, "fp16").energy_nj();
    const auto percent = [](const char* format, double ratio) {
      return text_of(format, 100 * (ratio - 1));
    };
    EXPECT_THAT(document, HasSubstr("| " + grouped(p.cycles) + " | " + grouped(here.cycles) +
                                    " | " + percent("%+.2f", here.cycles / p.cycles) + " | " +
                                    text_of("%.3f", p.energy) + " | " + text_of("%.3f", energy) +
                                    " | " + percent("%+.1f", energy / p.energy) + " | " +
                                    text_of("%.4f", there.dram_nj / there_fp16_nj) + " | " +
                                    text_of("%.4f", here.dram_nj / fp16_nj) + " |"));
  }
}

/// Tables that the document shows are those that the program prints.
void expect_document_has_tables(const std::string& document, const std::string& printed) {
  std::istringstream lines(printed);
  std::string line;
  int rows = 0;
  while (std::getline(lines, line)) {
    if (line.find(':') != std::string::npos || line.find("  ") == std::string::npos) continue;
    ++rows;
    EXPECT_THAT(document, HasSubstr(line));
  }
  EXPECT_GE(rows, 20);
}

TEST(MixpePaper, TheDocumentShowsTheStepsThatTheProgramGives) {
  const std::string document = file_text(MIXPE_SOURCE_DIR "/docs/studies/mixpe_paper.md");
  for (const char* design : {"mixpe-w4a8", "mixpe-w4a16"}) {
    const Outcome o = shell("mixpe compare " + kStudy + "step_*.yaml --follow " + design);
    ASSERT_EQ(o.exit_code, 0) << o.out;
    expect_document_has_tables(document, o.out);
  }
}

const std::vector<const char*> kOthers = {"mixpe-w4a16", "ant", "bitfusion", "int8", "fp16"};

/// What MixPE-W4A8 is ahead by, geometric means of the networks, by design.
struct Lead {
  std::map<std::string, double> time, energy;
};

/// The last step in one technology (osu018 at the clock of its prices, with as many bytes a cycle),
/// switching energy at one bound.
Lead last_step(const std::string& tech, const std::string& activity) {
  const Folder folder("last_step");
  const std::string copy = folder / tech;
  std::filesystem::copy(MIXPE_SOURCE_DIR "/configs/tech/" + tech, copy);
  std::string text = file_text(copy + "/tech.yaml");
  const std::string mean = "activity: mean";
  text.replace(text.find(mean), mean.size(), "activity: " + activity);
  folder.write(tech + "/tech.yaml", text);
  std::string command = "mixpe compare " + kStudy + "step_9_energies.yaml --set tech=" + copy;
  if (tech == "osu018") command += " --set clock=100MHz --set memory.bandwidth=12.8GB/s";
  const Outcome o = shell(command + " -o " + (folder / "o"));
  EXPECT_EQ(o.exit_code, 0) << o.out;
  Lead lead;
  if (o.exit_code != 0) return lead;
  std::map<std::string, double> log_time, log_energy;
  int networks = 0;
  const Json result = Json::parse(file_text(folder / "o/result.json"));
  for (const Json& run : result["runs"]) {
    const std::string design = run["design"];
    double energy = 0;
    for (const auto& [line, pj] : run["result"]["energy"].items()) energy += pj.get<double>();
    log_time[design] += std::log(run["result"]["totals"]["cycles"].get<double>());
    log_energy[design] += std::log(energy);
    if (design == "int8") ++networks;
  }
  for (const char* other : kOthers) {
    lead.time[other] = std::exp((log_time[other] - log_time["mixpe-w4a8"]) / networks);
    lead.energy[other] = std::exp((log_energy[other] - log_energy["mixpe-w4a8"]) / networks);
  }
  return lead;
}

std::string number(double x) { return text_of("%.2f", x); }

std::string range(const std::vector<double>& all) {
  const auto [least, most] = std::minmax_element(all.begin(), all.end());
  return number(*least) + "–" + number(*most);
}

TEST(MixpePaper, TheDocumentShowsTheSpreadOverThreeTechnologies) {
  const std::string document = file_text(MIXPE_SOURCE_DIR "/docs/studies/mixpe_paper.md");
  std::vector<Lead> leads;  // the defended one first
  for (const char* tech : {"nangate45", "osu018", "asap7"}) {
    for (const char* activity : {"mean", "zero_delay", "glitch"}) {
      Lead lead = last_step(tech, activity);
      std::string row = std::string("| ") + tech + " | " + activity;
      for (const char* other : kOthers) row += " | " + number(lead.time[other]);
      for (const char* other : kOthers) row += " | " + number(lead.energy[other]);
      EXPECT_THAT(document, HasSubstr(row + " |"));
      leads.push_back(std::move(lead));
    }
  }
  // The conclusion's ranges: of W4A8 over the others, and of W4A16 over FP16.
  const auto conclusion = [&](const auto& time_of, const auto& energy_of) {
    std::vector<double> times, energies;
    for (Lead& lead : leads) {
      times.push_back(time_of(lead));
      energies.push_back(energy_of(lead));
    }
    for (const std::vector<double>& all : {times, energies}) {
      EXPECT_THAT(document, HasSubstr("| **" + number(all[0]) + "** | " + range(all) + " |"));
    }
  };
  for (const char* other : {"ant", "bitfusion", "int8", "fp16"}) {
    conclusion([&](Lead& lead) { return lead.time[other]; },
               [&](Lead& lead) { return lead.energy[other]; });
  }
  conclusion([](Lead& lead) { return lead.time["fp16"] / lead.time["mixpe-w4a16"]; },
             [](Lead& lead) { return lead.energy["fp16"] / lead.energy["mixpe-w4a16"]; });
}

}  // namespace
}  // namespace mixpe::testing
