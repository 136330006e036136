#include "sim/energy/tech.h"

#include <gmock/gmock.h>

#include "sim/config/pe_yaml.h"
#include "sim/config/reference.h"
#include "sim/energy/energy_test_support.h"

namespace mixpe {
namespace {

using testing::AllOf;
using testing::HasSubstr;

void expect_origin(const Origin& o, const std::string& of) {
  EXPECT_FALSE(o.source.empty()) << of;
  EXPECT_GT(o.uncertainty_pct, 0) << of;
}

TEST(TechTable, EveryShippedNumberHasASourceAndAnUncertainty) {
  const TechTable tech = shipped_tech();
  int parts = 0;
  for (const auto* files : {&tech.pes, &tech.modules}) {
    for (const auto& [name, file] : *files) {
      for (const Part& part : file.variants) {
        ++parts;
        expect_origin(part.origin, name + " " + part.name);
        for (const Extension& e : part.extend) expect_origin(e.origin, name + " " + e.of);
      }
    }
  }
  EXPECT_GE(parts, 20);
  for (const auto& [name, type] : tech.dram) expect_origin(type.origin, name);
  for (const Origin* o : {&tech.sram_origin, &tech.logic.flop, &tech.logic.register_bit,
                          &tech.logic.leakage, &tech.logic.integer_logic, &tech.logic.float_logic,
                          &tech.accumulator_memory.origin, &tech.scan_buffer.origin}) {
    expect_origin(*o, "tech");
  }
}

TEST(TechTable, EveryRegisteredPeThatComputesHasAPriceFile) {
  const TechTable tech = shipped_tech();
  for (const PeSpec& pe : all_pe_variants()) EXPECT_TRUE(tech.pes.contains(pe.name)) << pe.name;
}

TEST(TechTable, AreasOfFlopsAgreeWithTheSharesThatWereMeasured) {
  // docs/energy.md: 28 % of the INT8 PE, 33 % of W4A8, 23 % of FP16 in two stages are flops.
  const TechTable tech = shipped_tech();
  const auto share = [&](const char* pe, std::size_t variant) {
    const Part& p = tech.pes.at(pe).variants.at(variant);
    return 100 * p.flops * tech.logic.flop_area_um2 / p.area_um2;
  };
  EXPECT_NEAR(share("int8", 0), 28, 0.5);
  EXPECT_NEAR(share("mixpe_w4a8", 0), 33, 0.5);
  EXPECT_NEAR(share("fp16", 1), 23, 0.5);
}

TEST(TechTable, IsListedWithOneLine) {
  const auto techs = list_techs();
  ASSERT_FALSE(techs.empty());
  for (const ConfigEntry& tech : techs) EXPECT_FALSE(tech.description.empty()) << tech.name;
}

TEST(TechTable, TheMeanLiesBetweenTheBounds) {
  const Switching s{1.0, 3.0};
  EXPECT_EQ(s.at(Activity::kZeroDelay), 1.0);
  EXPECT_EQ(s.at(Activity::kMean), 2.0);
  EXPECT_EQ(s.at(Activity::kGlitch), 3.0);
}

TEST(TechLoader, RefusesAnUnknownKey) {
  const EditedTech tech("int8.yaml", "    flops: 49", "    flop: 49");
  EXPECT_THAT(tech.errors(), HasSubstr("int8.yaml:"));
  EXPECT_THAT(tech.errors(), HasSubstr("flop"));
}

TEST(TechLoader, RefusesAPriceOfZero) {
  const EditedTech tech("dram.yaml", "pj_per_bit: 3.9", "pj_per_bit: 0");
  EXPECT_THAT(tech.errors(), HasSubstr("types.hbm2.pj_per_bit: must be more than zero"));
}

TEST(TechLoader, RefusesANumberWithoutSource) {
  const EditedTech tech("aligner.yaml", "    source: s_fp16_align, Nangate45 flow C\n", "");
  EXPECT_THAT(tech.errors(), HasSubstr("source"));
}

TEST(TechLoader, RefusesAWhenThatIsNoFact) {
  const EditedTech tech("epilogue.yaml", "output_kind: integer", "colour: red");
  EXPECT_THAT(tech.errors(), HasSubstr("is no fact about a design; got colour"));
}

TEST(TechLoader, RefusesAnExtensionOfAFieldWithoutABase) {
  const EditedTech tech("int8.yaml", "    at: {acc_bits: 32, ", "    at: {");
  EXPECT_THAT(tech.errors(), HasSubstr("extends a field that `at` does not state"));
}

TEST(TechLoader, RefusesAFileThatNamesAnotherPe) {
  const EditedTech tech("int8.yaml", "pe: int8", "pe: int9");
  EXPECT_THAT(tech.errors(), HasSubstr("must be the file's own name; got int9; allowed int8"));
}

TEST(TechLoader, RefusesADefaultDramThatIsNotInTheTable) {
  const EditedTech tech("dram.yaml", "default: hbm2", "default: hbm9");
  EXPECT_THAT(tech.errors(), HasSubstr("is not among the types; got hbm9"));
}

TEST(TechLoader, ReportsAllMistakesAtOnce) {
  const EditedTech tech("dequant.yaml", "placement: after_group, sum_kind: integer, lanes: deep",
                        "placement: somewhere, sum_kind: decimal, lanes: deep");
  EXPECT_THAT(tech.errors(), HasSubstr("somewhere"));
  EXPECT_THAT(tech.errors(), HasSubstr("decimal"));
}

TEST(TechLoader, NamesTheKnownTechnologies) {
  Diagnostics wrong;
  load_tech(std::string(MIXPE_SOURCE_DIR) + "/configs/tech/nangate46", wrong);
  EXPECT_THAT(wrong.text(), HasSubstr("there is no such technology"));
  EXPECT_THAT(wrong.text(), AllOf(HasSubstr("allowed "), HasSubstr("nangate45")));
}

TEST(TechValidation, ShowsTheMistakesOfTheFileAndNotOfItsNeighbours) {
  const EditedTech tech("dram.yaml", "pj_per_bit: 15", "pj_per_bit: -15");
  EXPECT_THAT(validate_file(tech.file("dram.yaml")).text(),
              AllOf(HasSubstr(tech.file("dram.yaml") + ":"),
                    HasSubstr("types.ddr4.pj_per_bit: out of range; got -15")));
  for (const char* name : {"tech.yaml", "sram.yaml", "row_sum.yaml", "int8.yaml"}) {
    EXPECT_EQ(validate_file(tech.file(name)).text(), "") << name;
  }
}

TEST(TechValidation, TellsAPriceFileFromAnArchitecture) {
  const EditedTech tech("int8.yaml", "    flops: 49", "    flop: 49");
  EXPECT_THAT(validate_file(tech.file("int8.yaml")).text(),
              AllOf(HasSubstr("variants[0].flop: unknown key (did you mean 'flops'?)"),
                    HasSubstr("variants[0].flops: missing key")));
}

TEST(TechValidation, RefusesKeysOfTheOtherFormOfAPart) {
  const EditedTech tech("row_sum.yaml", "    logic: integer\n", "    area_um2: 100\n");
  EXPECT_THAT(tech.errors(), AllOf(HasSubstr("variants[0].area_um2: unknown key"),
                                   HasSubstr("variants[0].logic: missing key")));
}

}  // namespace
}  // namespace mixpe
