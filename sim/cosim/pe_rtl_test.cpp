#include "sim/cosim/pe_rtl.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "models/formats/coded.h"
#include "sim/config/pe_yaml.h"

namespace mixpe {
namespace {

PeSpec variant(const std::string& name, const std::string& param = "",
               const std::string& value = "") {
  for (const PeSpec& spec : all_pe_variants()) {
    if (spec.name == name && (param.empty() || spec.params.at(param) == value)) return spec;
  }
  ADD_FAILURE() << "no such PE: " << name;
  return {};
}

PeRtl rtl_of(const PeSpec& spec) { return *find_pe_rtl(spec, Dataflow::kOutputStationary); }

constexpr Format kI4 = signed_int(4), kI8 = signed_int(8), kU8 = unsigned_int(8);

TEST(PeRtl, LanesLieSideBySideLaneZeroLowest) {
  const PeRtl dot4 = rtl_of(variant("mixpe_dot4"));
  const std::vector<Code> acts{0x01, 0x80, 0x7f, 0xff};
  EXPECT_EQ(dot4.act_word(acts, kI8), 0xff7f8001U);
  EXPECT_EQ(dot4.act_word(std::span(acts).first(2), kI8), 0x8001U);
  // i2 -1 and -2 fill a nibble with their sign, u2 does not.
  const std::vector<Code> weights{3, 2, 1, 0};
  EXPECT_EQ(dot4.weight_word(weights, signed_int(2), false), 0x01efU);
  EXPECT_EQ(dot4.weight_word(weights, unsigned_int(2), false), 0x0123U);
}

TEST(PeRtl, WideOperandsFillTheFieldsOfSeveralLanes) {
  const PeRtl bits16 = rtl_of(variant("bitfusion", "ports", "bits16"));
  EXPECT_EQ(bits16.act_field(kI8), 8);
  EXPECT_EQ(bits16.weight_field(kI4), 4);
  const PeRtl olive = rtl_of(variant("olive"));
  const std::vector<Code> pair{kOutlierFlag | 0x7, kVictim};
  EXPECT_EQ(olive.act_word(pair, kOutlierVictim4), 0x8U << 5 | 0x17U);
  EXPECT_EQ(olive.act_field(kI8), 8);
}

TEST(PeRtl, ModeIsWhatModeAndFormatsAddUpTo) {
  const PeSpec bitfusion = variant("bitfusion", "ports", "bits32");
  const PeRtl rtl = rtl_of(bitfusion);
  EXPECT_EQ(rtl.mode_word(bitfusion, {kI8, kI8}), 4U);
  EXPECT_EQ(rtl.mode_word(bitfusion, {kI8, kU8}), 0U);
  EXPECT_EQ(rtl.mode_word(bitfusion, {kI4, kI4}), 6U);
  EXPECT_EQ(rtl.mode_word(bitfusion, {unsigned_int(2), unsigned_int(2)}), 3U);
  const PeSpec ant = variant("ant", "unit", "fusable");
  EXPECT_EQ(rtl_of(ant).mode_word(ant, {kPowerOfTwo4, kUnsignedFlint4}), 16U + 4U + 1U);
}

TEST(PeRtl, OnlyPesWithAModeHaveItsPort) {
  const auto has_mode = [](const PeSpec& spec) {
    const std::vector<RtlPort> ports = rtl_of(spec).ports();
    return std::any_of(ports.begin(), ports.end(),
                       [](const RtlPort& p) { return p.name == "mode_i"; });
  };
  EXPECT_TRUE(has_mode(variant("ant", "unit", "w4a8")));
  EXPECT_FALSE(has_mode(variant("mixpe_dot4")));
}

}  // namespace
}  // namespace mixpe
