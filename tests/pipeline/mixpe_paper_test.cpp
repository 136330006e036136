// The MixPE paper's published figures, repeated with its assumptions (configs/studies/mixpe_paper):
// the whole program on PEs on paper. docs/studies/mixpe_paper.md tells what is repeated and what is
// not.
//  * Cycles: within 1 % of every figure.
//  * Energy over FP16's: within 10 %. The published DRAM traffic follows from a tile search that
//  this
//    machine does not repeat; all other terms are the published price list on our counts.

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/command.h"

namespace mixpe::testing {
namespace {

using Json = nlohmann::json;

/// Of the public simulator, github.com/yuzhang712/mixpe_simulator at 7e0d42c.
struct Published {
  std::string design;
  double cycles, energy;  ///< energy over FP16's
};
struct Network {
  std::string name;
  std::vector<Published> designs;
};
void PrintTo(const Network& n, std::ostream* out) { *out << n.name; }

/// PEs and their power at 500 MHz, nW each: published for (8, 4), (16, 8) and (16, 16) bits.
struct Core {
  double pes, leakage_nw, dynamic_nw;
};
const std::map<std::string, Core> kCores = {
    {"mixpe-w4a8", {64 * 64, 64314, 279960}},   {"ant", {32 * 32, 64314, 279960}},
    {"bitfusion", {32 * 40, 64314, 279960}},    {"int8", {32 * 32, 64314, 279960}},
    {"mixpe-w4a16", {32 * 32, 128458, 544982}}, {"fp16", {32 * 28, 192942, 839982}}};

Json run(const std::string& network, const std::string& design) {
  const Folder folder("paper");
  const std::string study = "configs/studies/mixpe_paper/";
  const Outcome o = shell("mixpe run " + study + "arch/" + design + ".yaml " + study + "traces/" +
                          network + "_" + design + ".csv --json " + (folder / "r.json"));
  EXPECT_EQ(o.exit_code, 0) << o.out;
  return o.exit_code == 0 ? Json::parse(file_text(folder / "r.json")) : Json();
}

/// The published price list on the counts of a run, pJ.
double energy_pj(const std::string& design, const Json& result) {
  const double cycles = result["totals"]["cycles"];
  const double read_bits = 8.0 * result["totals"]["dram_read_bytes"].get<double>();
  const double written_bits = 8.0 * result["totals"]["dram_write_bytes"].get<double>();
  double operand_bits = 0;  // of each operand, read for every MAC
  for (const auto& [event, bits] : {std::pair{"mac.w4", 4}, {"mac.w8", 8}, {"mac.w16", 16}}) {
    for (const Json& layer : result["layers"])
      operand_bits += bits * layer["events"].value(event, 0.0);
  }
  const Core& core = kCores.at(design);
  const double core_pj = core.pes * (core.leakage_nw + core.dynamic_nw) * 2e-6;  // nW x 2 ns
  const double dram_pj = 0.629 * read_bits + 0.766 * written_bits;
  const double sram_pj = (0.0347 + 0.0330) * operand_bits + (0.0486 + 0.0397) / 2 * read_bits +
                         (0.0092 + 0.0130) * written_bits;
  return cycles * (969.23 + core_pj) + dram_pj + sram_pj;
}

class MixpePaper : public ::testing::TestWithParam<Network> {};

TEST_P(MixpePaper, FiguresAreRepeatedWithItsAssumptions) {
  std::map<std::string, double> energy;
  for (const Published& p : GetParam().designs) {
    SCOPED_TRACE(p.design);
    const Json result = run(GetParam().name, p.design);
    ASSERT_FALSE(result.is_null());
    EXPECT_NEAR(result["totals"]["cycles"].get<double>() / p.cycles, 1.0, 0.01);
    energy[p.design] = energy_pj(p.design, result);
  }
  for (const Published& p : GetParam().designs) {
    EXPECT_NEAR(energy[p.design] / energy["fp16"] / p.energy, 1.0, 0.10) << p.design;
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, MixpePaper,
                         ::testing::Values(Network{"vit",
                                                   {{"mixpe-w4a8", 2505112, .250},
                                                    {"ant", 9890000, .385},
                                                    {"bitfusion", 11254756, .479},
                                                    {"int8", 13201920, .512},
                                                    {"mixpe-w4a16", 8595472, .533},
                                                    {"fp16", 16171420, 1}}},
                                           Network{"vit-huge",
                                                   {{"mixpe-w4a8", 8026688, .177},
                                                    {"ant", 32349264, .294},
                                                    {"bitfusion", 45895884, .430},
                                                    {"int8", 56284864, .506},
                                                    {"mixpe-w4a16", 22051584, .327},
                                                    {"fp16", 68692620, 1}}},
                                           Network{"opt-6.7b",
                                                   {{"mixpe-w4a8", 50671104, .141},
                                                    {"ant", 207625968, .254},
                                                    {"bitfusion", 357880480, .431},
                                                    {"int8", 452990464, .495},
                                                    {"mixpe-w4a16", 101131264, .223},
                                                    {"fp16", 524922368, 1}}},
                                           Network{"llama-2-13b",
                                                   {{"mixpe-w4a8", 98629440, .143},
                                                    {"ant", 412883968, .256},
                                                    {"bitfusion", 698183240, .430},
                                                    {"int8", 884741120, .506},
                                                    {"mixpe-w4a16", 197607840, .223},
                                                    {"fp16", 1025781120, 1}}}),
                         [](const auto& info) {
                           std::string name = info.param.name;
                           for (char& c : name) c = c == '-' || c == '.' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace mixpe::testing
