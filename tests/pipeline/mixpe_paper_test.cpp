// The MixPE paper's figures: what its simulator computes (published_model.h), what this program
// gives with the same assumptions (step 0 of configs/studies/mixpe_paper), and how they move as the
// assumptions are corrected (docs/studies/mixpe_paper.md, whose tables are checked here).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

TEST(MixpePaper, Step0RepeatsThePublishedFigures) {
  const auto runs = run_step_0();
  ASSERT_EQ(runs.size(), kPublished.size());
  for (const Published& p : kPublished) {
    SCOPED_TRACE(std::string(p.network) + " " + p.design);
    const Step0 &here = runs.at({p.network, p.design}), &fp16 = runs.at({p.network, "fp16"});
    EXPECT_NEAR(here.cycles / p.cycles, 1.0, 0.01);
    // All but DRAM. Its traffic follows from tiles that this machine does not use.
    const PublishedResult there = published_model(p.network, p.design);
    const PublishedResult there_fp16 = published_model(p.network, "fp16");
    const double published_other =
        (there.energy_nj() - there.dram_nj) / (there_fp16.energy_nj() - there_fp16.dram_nj);
    EXPECT_NEAR(here.other_nj / fp16.other_nj / published_other, 1.0, 0.015);
    const double energy = (here.dram_nj + here.other_nj) / (fp16.dram_nj + fp16.other_nj);
    EXPECT_NEAR(energy / p.energy, 1.0, 0.10);
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

}  // namespace
}  // namespace mixpe::testing
