#include "sim/config/pe_yaml.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "models/pe/registry.h"

namespace mixpe {
namespace {

constexpr const char* kDeclaration = R"(pe: toy
description: a toy
source: this test
values: true
params:
  sum: {type: choice, values: [fp32, fixed], default: fixed, doc: how}
  stages: {type: int, min: 1, max: 8, default: 3, unit: cycles, doc: of the adder}
variants:
  - when: {sum: fp32}
    sum_kind: fp32
    acc_bits: 32
    row_sum_bits: 32
    product_latency: 1
    add_latency: stages
    interleave: 2
    prescan: false
    modes:
      - {name: w4, weights: [u4, i4], acts: [fp16], lanes: {m: 1, n: 2, k: 1}, ii: 1}
  - when: {sum: fixed}
    sum_kind: integer
    acc_bits: 52
    row_sum_bits: 48
    product_latency: 1
    add_latency: 1
    interleave: 1
    prescan: true
    modes:
      - {name: w4, weights: [u4], acts: [fp16], ii: 3}
events:
  - {name: mac.w4, unit: MAC, doc: a MAC}
)";

std::string edited(const std::string& find, const std::string& with) {
  std::string text = kDeclaration;
  return text.replace(text.find(find), find.size(), with);
}

ResolvedPe resolve(const std::string& user, Diagnostics& wrong) {
  const auto pe = parse_pe_declaration("toy", kDeclaration, wrong);
  const auto node = parse_yaml("u.yaml", user, wrong);
  if (!pe || !node) return {};
  YamlMap map = YamlValue(*node, wrong).map();
  map.required("name");
  return resolve_pe(*pe, map);
}

TEST(PeDeclaration, VariantFollowsTheParameters) {
  Diagnostics wrong;
  const PeSpec spec = resolve("{name: toy, sum: fp32, stages: 5}", wrong).spec;
  EXPECT_EQ(wrong.text(), "");
  EXPECT_EQ(spec.sum_kind, SumKind::kFloat32);
  EXPECT_EQ(spec.add_latency, 5);
  EXPECT_EQ(spec.interleave, 2);
  ASSERT_EQ(spec.modes.size(), 1U);
  EXPECT_EQ(spec.modes[0].weights, (std::vector<Format>{unsigned_int(4), signed_int(4)}));
  EXPECT_EQ(spec.modes[0].lanes_n, 2);
  EXPECT_EQ(spec.params, (std::map<std::string, std::string>{{"stages", "5"}, {"sum", "fp32"}}));
}

TEST(PeDeclaration, DefaultsApplyToWhatIsNotSet) {
  Diagnostics wrong;
  const PeSpec spec = resolve("{name: toy}", wrong).spec;
  EXPECT_EQ(wrong.text(), "");
  EXPECT_EQ(spec.sum_kind, SumKind::kInteger);
  EXPECT_EQ(spec.acc_bits, 52);
  EXPECT_TRUE(spec.prescan);
  EXPECT_EQ(spec.modes[0].ii, 3);
  EXPECT_EQ(spec.params, (std::map<std::string, std::string>{{"sum", "fixed"}}));
}

TEST(PeDeclaration, ParametersWithoutEffectAreMistakes) {
  Diagnostics wrong;
  resolve("{name: toy, sum: fixed, stages: 5}", wrong);
  EXPECT_EQ(wrong.text(), "u.yaml:1:33: stages: has no effect with sum: fixed: remove it; got 5");
}

TEST(PeDeclaration, ItsOwnMistakesAreReported) {
  const struct {
    const char *find, *with, *expect;
  } kCases[] = {
      {"pe: toy", "pe: tay", ":1:5: pe: unknown value (did you mean 'toy'?); got tay; allowed toy"},
      {"default: fixed", "default: fixd",
       ":6:55: params.sum.default: unknown value (did you mean 'fixed'?); got fixd; allowed fp32, "
       "fixed"},
      {"default: 3", "default: 9",
       ":7:48: params.stages.default: out of range; got 9; allowed 1..8"},
      {"add_latency: stages", "add_latency: sum",
       ":14:18: variants[0].add_latency: must be a number or an integer parameter within its "
       "range; got sum; allowed 1..64"},
      {"when: {sum: fp32}", "when: {sum: fixed}",
       ":9:3: variants: the variants do not cover every choice"},
      {"when: {sum: fp32}", "when: {stages: 1}",
       ":9:20: variants[0].when.stages: `when` names no choice parameter"},
      {"{name: w4, weights: [u4], ", "{name: w3, weights: [u4], ",
       ":28:9: variants[1].modes[0]: the mode's event is not declared; got mac.w3"},
      {"prescan: true", "prescan: true\n    speed: 3", ":27:5: variants[1].speed: unknown key"},
  };
  for (const auto& c : kCases) {
    Diagnostics wrong;
    EXPECT_FALSE(parse_pe_declaration("toy", edited(c.find, c.with), wrong).has_value());
    const std::string expect = std::string("models/pe/toy/pe.yaml") + c.expect;
    EXPECT_EQ(wrong.text().substr(0, expect.size()), expect);
  }
}

TEST(PeVariants, AreAllCombinationsOfChoicesOfEveryDeclaredPe) {
  std::set<std::string> names;
  std::set<std::string> distinct;
  for (const PeSpec& spec : all_pe_variants()) {
    names.insert(spec.name);
    std::string key = spec.name;
    for (const auto& [param, value] : spec.params) key += " " + param + "=" + value;
    EXPECT_TRUE(distinct.insert(key).second) << key;
    EXPECT_FALSE(spec.modes.empty());
    EXPECT_FALSE(spec.source.empty());
  }
  std::set<std::string> declared;
  std::size_t combinations = 0;
  for (const auto& [name, pe] : pe_declarations()) {
    if (pe.on_paper()) continue;
    declared.insert(name);
    std::size_t product = 1;
    for (const PeParam& param : pe.params) product *= param.is_choice ? param.values.size() : 1;
    combinations += product;
  }
  EXPECT_EQ(names, declared);
  EXPECT_EQ(distinct.size(), combinations);
}

TEST(PePaper, TakesEverythingFromTheUser) {
  Diagnostics wrong;
  const auto node =
      parse_yaml("u.yaml",
                 "{name: abstract, area: 0.001 mm2, leakage: 2 nW, clock_energy: 5 fJ, "
                 "energy: {w4: 0.5 pJ}, modes: [{name: w4, weights: [i4], acts: [i8], "
                 "lanes: {k: 4}, ii: 2}]}",
                 wrong);
  ASSERT_TRUE(node.has_value());
  const ResolvedPe pe = read_pe(YamlValue(*node, wrong));
  EXPECT_EQ(wrong.text(), "");
  EXPECT_FALSE(pe.spec.has_values);
  ASSERT_EQ(pe.spec.modes.size(), 1U);
  EXPECT_EQ(pe.spec.modes[0].lanes_k, 4);
  EXPECT_EQ(pe.spec.modes[0].ii, 2);
  ASSERT_EQ(pe.spec.events.size(), 1U);
  EXPECT_EQ(pe.spec.events[0].name, "mac.w4");
  ASSERT_TRUE(pe.prices.has_value());
  EXPECT_EQ(pe.prices->area_um2, 1000);
  EXPECT_EQ(pe.prices->leakage_uw, 0.002);
  EXPECT_EQ(pe.prices->clock_pj, 0.005);
  EXPECT_EQ(pe.prices->mac_pj, (std::map<std::string, double>{{"w4", 0.5}}));
}

}  // namespace
}  // namespace mixpe
