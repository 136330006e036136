// PE energy that follows its operands, at the prices of a technology that was characterised.

#include <gmock/gmock.h>

#include "sim/energy/bill.h"
#include "sim/energy/energy_test_support.h"

namespace mixpe {
namespace {

using testing::HasSubstr;

TechTable osu018() {
  Diagnostics wrong;
  TechTable tech = load_tech(std::string(MIXPE_SOURCE_DIR) + "/configs/tech/osu018", wrong);
  EXPECT_TRUE(wrong.ok()) << wrong.text();
  return tech;
}

const EnergyPrice& mac_price(const PriceList& list) {
  const auto mac = std::find_if(list.energy.begin(), list.energy.end(),
                                [](const EnergyPrice& p) { return p.event == Event::kMac; });
  EXPECT_NE(mac, list.energy.end());
  return *mac;
}

/// The bill of one cycle of an array in full use.
EnergyBill bill_of(const ArchSpec& arch, const PriceList& list,
                   const std::optional<OperandStatistics>& operands) {
  Counters c;
  const auto pes = static_cast<std::uint64_t>(arch.array.rows * arch.array.cols);
  c[Event::kPeCycle] = pes;
  c[Event::kMac] = pes;
  return bill(c, 1, mac_price(list).mode, arch, list, operands);
}

class OperandPrices : public testing::TestWithParam<const char*> {};

TEST_P(OperandPrices, ZerosCostLessAndChangesMore) {
  const ArchSpec arch = shipped_arch(GetParam());
  const PriceList list = priced_ok(arch, osu018());
  const OperandPrice& price = mac_price(list).operands.value();
  EXPECT_DOUBLE_EQ(price.difference_pj(price.typical), 0);
  OperandStatistics zeros = price.typical, restless = price.typical;
  zeros.zero_acts = 0.8;
  zeros.act_toggles *= 0.3;
  restless.act_toggles *= 1.3;
  const double typical_pj = bill_of(arch, list, price.typical).total_pj;
  EXPECT_DOUBLE_EQ(typical_pj, bill_of(arch, list, std::nullopt).total_pj);
  EXPECT_LT(bill_of(arch, list, zeros).total_pj, 0.9 * typical_pj);
  EXPECT_GT(bill_of(arch, list, restless).total_pj, typical_pj);
  EXPECT_GT(price.error_pct, 0);
  EXPECT_GT(price.held_out_pct, price.error_pct);
}

INSTANTIATE_TEST_SUITE_P(Shipped, OperandPrices,
                         testing::Values("int8_64x64", "mixpe_w4a8_64x64", "mixpe_w4a16_64x64",
                                         "fp16_64x64"));

TEST(OperandPrices, AreNeverLessThanNothing) {
  const ArchSpec arch = shipped_arch("int8_64x64");
  const PriceList list = priced_ok(arch, osu018());
  const OperandStatistics still{.act_toggles = 0, .weight_toggles = 0, .zero_acts = 1};
  EXPECT_GE(bill_of(arch, list, still).sum_pj("pe_mac_"), 0);
}

TEST(OperandPrices, ATechnologyWithoutThemIsNamed) {
  const ArchSpec arch = shipped_arch("int8_64x64");
  const TechTable tech = shipped_tech();
  Diagnostics wrong;
  require_operand_prices(arch, tech, priced_ok(arch, tech), wrong);
  EXPECT_THAT(wrong.text(), HasSubstr("nangate45/int8.yaml"));
  EXPECT_THAT(wrong.text(), HasSubstr("mac.w8"));
  Diagnostics right;
  require_operand_prices(arch, osu018(), priced_ok(arch, osu018()), right);
  EXPECT_TRUE(right.ok()) << right.text();
}

}  // namespace
}  // namespace mixpe
