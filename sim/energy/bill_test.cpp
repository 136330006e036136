#include "sim/energy/bill.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "sim/energy/energy_test_support.h"

namespace mixpe {
namespace {

constexpr std::uint64_t kCycles = 1000;

/// Counters of a run in which every priced event happened; `share` of the MAC slots are used.
Counters busy(const ArchSpec& arch, const PriceList& prices, double share) {
  Counters c;
  for (const EnergyPrice& p : prices.energy) {
    if (p.event) c[*p.event] = 17 + static_cast<std::uint64_t>(*p.event);
  }
  const auto slots = static_cast<std::uint64_t>(arch.array.rows * arch.array.cols) * kCycles;
  c[Event::kPeCycle] = slots;
  c[Event::kMac] = static_cast<std::uint64_t>(share * static_cast<double>(slots));
  return c;
}

EnergyBill busy_bill(const ArchSpec& arch, const PriceList& prices, double share = 1.0) {
  return bill(busy(arch, prices, share), kCycles, "w4", arch, prices);
}

TEST(EnergyBill, TheLinesAddUpToTheTotal) {
  const ArchSpec arch = shipped_arch("mixpe_w4a8_64x64");
  const EnergyBill b = busy_bill(arch, priced_ok(arch, shipped_tech()));
  double sum = 0;
  for (const EnergyLine& line : b.lines) {
    EXPECT_DOUBLE_EQ(line.energy_pj, line.count * line.price_pj) << line.name;
    EXPECT_GT(line.energy_pj, 0) << line.name;
    sum += line.energy_pj;
  }
  EXPECT_EQ(b.total_pj, sum);  // same order, same bits
  EXPECT_DOUBLE_EQ(b.sum_pj(""), b.total_pj);
  EXPECT_GT(b.sum_pj("leakage_"), 0);
}

TEST(EnergyBill, DoublingAPriceDoublesItsLineOnly) {
  const ArchSpec arch = shipped_arch("mixpe_w4a8_64x64");
  PriceList prices = priced_ok(arch, shipped_tech());
  const EnergyBill before = busy_bill(arch, prices);
  for (std::size_t i = 0; i < prices.energy.size(); ++i) {
    PriceList changed = prices;
    changed.energy[i].price.value *= 2;
    const EnergyBill after = busy_bill(arch, changed);
    for (std::size_t j = 0; j < after.lines.size(); ++j) {
      EXPECT_DOUBLE_EQ(after.lines[j].energy_pj, before.lines[j].energy_pj * (i == j ? 2 : 1));
    }
  }
}

TEST(EnergyBill, AHalfEmptyArrayCostsMorePerMac) {
  const TechTable tech = shipped_tech();
  for (const char* name : {"mixpe_w4a8_64x64", "abstract_example"}) {
    const ArchSpec arch = shipped_arch(name);
    const PriceList prices = priced_ok(arch, tech);
    const EnergyBill full = busy_bill(arch, prices, 1.0), half = busy_bill(arch, prices, 0.5);
    EXPECT_GT(half.sum_pj("pe_") / 0.5, 1.2 * full.sum_pj("pe_")) << name;
    EXPECT_EQ(half.sum_pj("pe_clock"), full.sum_pj("pe_clock"));
    EXPECT_EQ(half.sum_pj("leakage_"), full.sum_pj("leakage_"));
  }
}

TEST(EnergyBill, AnIdleMachineStillPaysClockAndLeakage) {
  const ArchSpec arch = shipped_arch("mixpe_w4a8_64x64");
  Counters idle;
  idle[Event::kPeCycle] = 64 * 64 * kCycles;
  const EnergyBill b = bill(idle, kCycles, "w4", arch, priced_ok(arch, shipped_tech()));
  // 53 flops x 7.3 fJ in 4096 PEs.
  EXPECT_NEAR(b.sum_pj("pe_clock"), 53 * 7.3e-3 * 4096 * kCycles, 1e-3);
  EXPECT_NEAR(b.total_pj, b.sum_pj("pe_clock") + b.sum_pj("clock_") + b.sum_pj("leakage_"), 1e-3);
}

TEST(EnergyBill, AModesMacsAreBilledAtItsPrice) {
  const ArchSpec arch = shipped_arch("abstract_example");
  const PriceList prices = priced_ok(arch, shipped_tech());
  const Counters c = busy(arch, prices, 0.25);
  const EnergyBill w4 = bill(c, kCycles, "w4", arch, prices);
  const EnergyBill w8 = bill(c, kCycles, "w8", arch, prices);
  EXPECT_EQ(w4.sum_pj("pe_mac_w8"), 0);
  EXPECT_EQ(w8.sum_pj("pe_mac_w4"), 0);
  EXPECT_NEAR(w8.sum_pj("pe_mac_w8") / w4.sum_pj("pe_mac_w4"), 2.0, 1e-9);
}

TEST(EnergyBill, AnEventWithoutPriceIsABug) {
  const ArchSpec arch = bare("int8_64x64");
  const PriceList prices = priced_ok(arch, shipped_tech());
  Counters c;
  c[Event::kPeCycle] = 64 * 64 * kCycles;
  c[Event::kOverflow] = 3;  // counted, costs nothing of its own
  EXPECT_NO_THROW(bill(c, kCycles, "w8", arch, prices));
  c[Event::kAlign] = 1;
  EXPECT_THROW(bill(c, kCycles, "w8", arch, prices), InvariantError);
}

TEST(EnergyBill, AnUnknownModesMacsAreABug) {
  const ArchSpec arch = bare("int8_64x64");
  Counters c;
  c[Event::kPeCycle] = 64 * 64 * kCycles;
  c[Event::kMac] = 1;
  EXPECT_THROW(bill(c, kCycles, "w5", arch, priced_ok(arch, shipped_tech())), InvariantError);
}

TEST(EnergyBill, PeCyclesMustCoverIdlePes) {
  const ArchSpec arch = bare("int8_64x64");
  Counters c;
  c[Event::kPeCycle] = 32 * 64 * kCycles;
  EXPECT_THROW(bill(c, kCycles, "w8", arch, priced_ok(arch, shipped_tech())), InvariantError);
}

RC_GTEST_PROP(EnergyBillProperty, ABillOfTwoLayersIsTheSumOfTheirBills, (bool twice)) {
  static const ArchSpec arch = shipped_arch("mixpe_w4a8_64x64");
  static const PriceList prices = priced_ok(arch, shipped_tech());
  const auto draw = [&] {
    Counters c;
    for (const EnergyPrice& p : prices.energy) {
      if (p.event) c[*p.event] = *rc::gen::inRange<std::uint64_t>(0, 1'000'000'000);
    }
    return c;
  };
  const auto cycles_a = *rc::gen::inRange<std::uint64_t>(0, 1'000'000);
  const auto cycles_b = twice ? cycles_a : *rc::gen::inRange<std::uint64_t>(0, 1'000'000);
  Counters a = draw(), b = draw();
  a[Event::kPeCycle] = 4096 * cycles_a;
  b[Event::kPeCycle] = 4096 * cycles_b;
  Counters both = a;
  for (int i = 0; i < kEventCount; ++i) {
    both[static_cast<Event>(i)] += b[static_cast<Event>(i)];
  }
  EnergyBill sum = bill(a, cycles_a, "w4", arch, prices);
  sum += bill(b, cycles_b, "w4", arch, prices);
  const double together = bill(both, cycles_a + cycles_b, "w4", arch, prices).total_pj;
  RC_ASSERT(std::abs(sum.total_pj - together) <= 1e-9 * together);
}

TEST(AreaBill, TheLinesAddUpAndFollowTheDesign) {
  const TechTable tech = shipped_tech();
  const ArchSpec arch = shipped_arch("mixpe_w4a8_64x64");
  const AreaBill b = area(arch, priced_ok(arch, tech));
  double sum = 0;
  for (const AreaLine& line : b.lines) {
    EXPECT_DOUBLE_EQ(line.area_um2, static_cast<double>(line.instances) * line.unit_um2);
    sum += line.area_um2;
  }
  EXPECT_DOUBLE_EQ(b.total_um2, sum);
  EXPECT_NEAR(b.of(Component::kPeArray), 4096 * 541.0, 1);
  EXPECT_NEAR(b.of(Component::kDequantLanes), 32 * 5883.0, 1);
  EXPECT_EQ(b.of(Component::kAccumulatorMemory), 0);
  // Two words of 15 bits a row, and one for every column but the first.
  EXPECT_NEAR(b.of(Component::kRowSumFifo), (2 * 64 + 63) * 15 * 4.65, 1e-6);
}

TEST(AreaBill, WeightStationaryPaysForItsAccumulators) {
  const TechTable tech = shipped_tech();
  ArchSpec arch = shipped_arch("mixpe_w4a8_64x64");
  arch.array.dataflow = Dataflow::kWeightStationary;
  arch.array.accumulator_rows = 1024;  // slices of 32 KiB
  const AreaBill b = area(arch, priced_ok(arch, tech));
  // A sum of 20 bits per column, a row sum of 15 bits beside them.
  EXPECT_NEAR(b.of(Component::kAccumulatorMemory), 99600.0 * (64 * 20 + 15) / 256, 1e-3);
  EXPECT_GT(b.of(Component::kAccumulatorAdders), 0);
}

}  // namespace
}  // namespace mixpe
