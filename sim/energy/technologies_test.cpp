// The technologies beside nangate45, and scaling one to another node.

#include <gmock/gmock.h>

#include <algorithm>

#include "sim/energy/energy_test_support.h"
#include "sim/energy/scale.h"

namespace mixpe {
namespace {

using testing::HasSubstr;

TechTable tech_of(const std::string& name) {
  Diagnostics wrong;
  TechTable tech = load_tech(std::string(MIXPE_SOURCE_DIR) + "/configs/tech/" + name, wrong);
  EXPECT_TRUE(wrong.ok()) << wrong.text();
  return tech;
}

double pe_um2(const TechTable& tech, const char* arch) {
  return um2(priced_ok(bare(arch), tech), Component::kPeArray);
}

/// pJ of a busy cycle, clock and leakage included, as its file says.
double busy_pj(const TechTable& tech, const char* arch) {
  const PriceList list = priced_ok(bare(arch), tech);
  for (const EnergyPrice& p : list.energy) {
    if (p.event == Event::kMac) return p.price.value + pj(list, "pe_clock");
  }
  ADD_FAILURE() << arch << " has no MAC";
  return 0;
}

class Technology : public testing::TestWithParam<const char*> {};

TEST_P(Technology, AgreesWithThePrototypesOnRatios) {
  // docs/characterize.md: within 15 % of the prototypes in osu018, area 0.56, energy 0.55, and of
  // the fixed-point W4A16 PE, 1.79.
  const TechTable tech = tech_of(GetParam());
  const double int8_um2 = pe_um2(tech, "int8_64x64"), int8_pj = busy_pj(tech, "int8_64x64");
  EXPECT_NEAR(pe_um2(tech, "mixpe_w4a8_64x64") / int8_um2, 0.56, 0.15 * 0.56);
  EXPECT_NEAR(busy_pj(tech, "mixpe_w4a8_64x64") / int8_pj, 0.55, 0.15 * 0.55);
  EXPECT_NEAR(pe_um2(tech, "mixpe_w4a16_64x64") / int8_um2, 1.79, 0.15 * 1.79);
}

TEST_P(Technology, NamesASourceAndAnUncertaintyForEveryPart) {
  const TechTable tech = tech_of(GetParam());
  for (const auto* files : {&tech.pes, &tech.modules}) {
    for (const auto& [name, file] : *files) {
      for (const Part& part : file.variants) {
        EXPECT_FALSE(part.origin.source.empty()) << name;
        EXPECT_GT(part.origin.uncertainty_pct, 0) << name;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shipped, Technology,
                         testing::Values("nangate45", "asap7", "scaled16", "osu018"));

TEST(Technologies, AVariantForADataflowIsPricedAsItStands) {
  const EditedTech edited("int8.yaml", "when: {}", "when: {dataflow: ws}");
  Diagnostics wrong;
  const TechTable tech = edited.load(wrong);
  ASSERT_TRUE(wrong.ok()) << wrong.text();
  ArchSpec arch = bare("int8_64x64");
  EXPECT_THAT(refusal(arch, tech), HasSubstr("dataflow=os"));
  arch.array.dataflow = Dataflow::kWeightStationary;
  arch.array.weight_double_buffering = true;
  const PriceList list = priced_ok(arch, tech);
  EXPECT_DOUBLE_EQ(um2(list, Component::kPeArray), 794) << "its second weight is in it";
  EXPECT_EQ(list[Component::kPeArray].area.origin.method, Method::kMeasured);
}

TEST(Scale, FactorsAreThoseOfThePublication) {
  // Relative to 45 nm at 1.1 V, as worked out in the facts of this project.
  const struct {
    double node_nm, voltage_v, area, energy;
  } rows[] = {{130, 1.3, 6.4, 5.19},  {90, 1.2, 2.8, 2.65},   {65, 1.1, 1.5, 1.39},
              {45, 0.9, 1, 0.70},     {32, 0.9, 0.46, 0.45},  {20, 0.9, 0.21, 0.166},
              {16, 0.8, 0.19, 0.099}, {14, 0.8, 0.17, 0.079}, {10, 0.75, 0.10, 0.058},
              {7, 0.7, 0.059, 0.039}};
  for (const auto& row : rows) {
    const auto scale = scale_between({45, 1.1}, {row.node_nm, row.voltage_v});
    ASSERT_TRUE(scale.has_value()) << row.node_nm;
    EXPECT_DOUBLE_EQ(scale->area, row.area);
    constexpr double kLastDigit = 0.0005;  // half of one, of what is printed
    EXPECT_NEAR(scale->energy, row.energy, std::max(kLastDigit, 0.01 * row.energy)) << row.node_nm;
  }
  EXPECT_FALSE(scale_between({45, 1.1}, {22, 0.8}).has_value());
  EXPECT_FALSE(scale_between({180, 1.8}, {45, 1.1}).has_value());
}

TEST(Scale, EveryAreaAndEnergyFollows) {
  const TechTable here = shipped_tech(), there = tech_of("scaled16");
  const auto scale = scale_between({45, 1.1}, {16, 0.8});
  EXPECT_EQ(there.name, "scaled16");
  EXPECT_EQ(there.node_nm, 16);
  for (const char* name : {"int8_64x64", "mixpe_w4a8_64x64", "fp16_64x64"}) {
    const ArchSpec arch = shipped_arch(name);
    const PriceList a = priced_ok(arch, here), b = priced_ok(arch, there);
    for (int c = 0; c < kComponentCount; ++c) {
      const auto component = static_cast<Component>(c);
      if (!a[component].built) continue;
      EXPECT_NEAR(um2(b, component), scale->area * um2(a, component), 1e-9 * um2(a, component));
    }
    ASSERT_EQ(a.energy.size(), b.energy.size());
    for (std::size_t i = 0; i < a.energy.size(); ++i) {
      const bool dram = a.energy[i].name.starts_with("dram");
      EXPECT_NEAR(b.energy[i].price.value, (dram ? 1 : scale->energy) * a.energy[i].price.value,
                  1e-9)
          << a.energy[i].name;
    }
  }
  for (const auto& [name, file] : there.pes) {
    for (const Part& part : file.variants) {
      EXPECT_EQ(part.origin.method, Method::kDerived);
      EXPECT_THAT(part.origin.source, HasSubstr("scaled from 45 to 16 nm"));
    }
  }
}

TEST(Scale, RefusesNodesAndTechnologiesWithoutFactors) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(testing::TempDir()) / "mixpe_scale" / "mine";
  fs::remove_all(folder);
  fs::create_directories(folder);
  const auto errors = [&](const std::string& scaled) {
    std::ofstream(folder / "tech.yaml")
        << "tech: mine\ndescription: d\nscaled: {" << scaled << "}\n";
    Diagnostics wrong;
    load_tech(folder.string(), wrong);
    return wrong.text();
  };
  EXPECT_EQ(errors("from: nangate45, node_nm: 32, voltage_v: 0.9"), "");
  EXPECT_THAT(errors("from: nangate45, node_nm: 22, voltage_v: 0.9"),
              HasSubstr("scaled.node_nm: has no scaling factors; got 22"));
  EXPECT_THAT(errors("from: scaled16, node_nm: 32, voltage_v: 0.9"), HasSubstr("is scaled itself"));
  EXPECT_THAT(errors("from: nowhere, node_nm: 32, voltage_v: 0.9"),
              HasSubstr("there is no such technology"));
  EXPECT_THAT(errors("from: nangate45, node_nm: 32, voltage_v: 5"), HasSubstr("voltage_v"));
  fs::remove_all(folder.parent_path());
}

}  // namespace
}  // namespace mixpe
