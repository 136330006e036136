#include "sim/energy/price.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "sim/config/pe_yaml.h"
#include "sim/energy/energy_test_support.h"

namespace mixpe {
namespace {

using testing::HasSubstr;

constexpr double kMoves = 65.0 / 128;  // of a shadow register per cycle: 64 shifts, 1 capture

/// pJ per cycle of a PE that does a MAC in every cycle, as it was measured.
double busy_pe_pj(const ArchSpec& arch, const PriceList& list) {
  const double pes = static_cast<double>(arch.array.rows * arch.array.cols);
  double sum = pj(list, "pe_mac_" + arch.pe.modes.front().name) + pj(list, "pe_clock") +
               pj(list, "leakage_pe_array") / pes;
  if (has_shadow(arch)) sum += kMoves * pj(list, "pe_shift");
  return sum;
}

/// pJ per cycle of a lane that takes a value in every cycle.
double busy_lane_pj(const ArchSpec& arch, const PriceList& list) {
  return pj(list, "dequant_lanes") +
         (pj(list, "clock_dequant_lanes") + pj(list, "leakage_dequant_lanes")) /
             static_cast<double>(arch.dequant.lanes);
}

/// With shadow registers and the lanes that were characterised, which do not close 2 ns.
ArchSpec characterised_w4a8() {
  ArchSpec arch = shipped_arch("mixpe_w4a8_64x64");
  arch.dequant.latency_cycles = 5;
  return arch;
}

ArchSpec with_acc_bits(ArchSpec arch, int bits) {
  arch.pe.acc_bits = bits;
  return arch;
}

bool has_line(const PriceList& list, const std::string& name) {
  return std::any_of(list.energy.begin(), list.energy.end(),
                     [&](const EnergyPrice& p) { return p.name == name; });
}

/// A shipped PE with the sums asked for.
PeSpec pe_variant(const std::string& name, SumKind sum, bool prescan = false) {
  for (const PeSpec& pe : all_pe_variants()) {
    if (pe.name == name && pe.sum_kind == sum && pe.prescan == prescan) return pe;
  }
  ADD_FAILURE() << name << " has no such variant";
  return {};
}

PeSpec aligned_pe() { return pe_variant("mixpe_w4a16", SumKind::kInteger, true); }

TEST(Price, ABusyPeCostsWhatWasMeasured) {
  TechTable tech = shipped_tech();
  for (const auto& [name, zero_delay, glitch] :
       {std::tuple{"int8_64x64", 1.50, 1.94}, std::tuple{"mixpe_w4a8_64x64", 0.88, 1.11},
        std::tuple{"fp16_64x64", 6.22, 10.75}, std::tuple{"mixpe_w4a16_64x64", 3.04, 4.38}}) {
    const ArchSpec arch = bare(name);
    tech.activity = Activity::kZeroDelay;
    EXPECT_NEAR(busy_pe_pj(arch, priced_ok(arch, tech)), zero_delay, 1e-9) << name;
    tech.activity = Activity::kGlitch;
    EXPECT_NEAR(busy_pe_pj(arch, priced_ok(arch, tech)), glitch, 1e-9) << name;
    tech.activity = Activity::kMean;
    EXPECT_NEAR(busy_pe_pj(arch, priced_ok(arch, tech)), (zero_delay + glitch) / 2, 1e-9) << name;
  }
}

TEST(Price, AreaRatiosAreThoseOfTheCharacterisation) {
  const TechTable tech = shipped_tech();
  const auto pe = [&](const ArchSpec& a) { return um2(priced_ok(a, tech), Component::kPeArray); };
  const ArchSpec int8 = bare("int8_64x64"), w4a8 = bare("mixpe_w4a8_64x64");
  EXPECT_NEAR(pe(int8) / pe(w4a8), 1.77, 0.005);
  EXPECT_NEAR(pe(with_acc_bits(int8, 24)) / pe(w4a8), 1.52, 0.005);
  EXPECT_NEAR(pe(int8) / pe(with_acc_bits(w4a8, 32)), 1.29, 0.005);
  EXPECT_NEAR(pe(bare("fp16_64x64")) / pe(int8), 3.30, 0.005);
  EXPECT_NEAR(pe(bare("mixpe_w4a16_64x64")) / pe(int8), 1.79, 0.005);

  const ArchSpec complete = characterised_w4a8();
  EXPECT_NEAR(pe(int8) / pe(complete), 1.47, 0.005);
  const PriceList list = priced_ok(complete, tech);
  const double with_lane =
      um2(list, Component::kPeArray) + um2(list, Component::kDequantLanes) / 128;
  EXPECT_NEAR(um2(priced_ok(int8, tech), Component::kPeArray) / with_lane, 1.38, 0.01);
}

TEST(Price, AsManyPesFitTheAreaOfACompleteArrayAsTheCharacterisationSays) {
  // docs/energy.md: in the area of 64 x 64 W4A8 PEs with shadow register and 1/128 of a lane, PEs
  // only.
  const TechTable tech = shipped_tech();
  const PriceList w4a8 = priced_ok(characterised_w4a8(), tech);
  const double budget =
      4096 * (um2(w4a8, Component::kPeArray) + um2(w4a8, Component::kDequantLanes) / 128);
  EXPECT_NEAR(budget, 2.37e6, 0.01e6);
  const auto pes = [&](const char* name) {
    return budget / um2(priced_ok(bare(name), tech), Component::kPeArray);
  };
  EXPECT_NEAR(pes("int8_64x64"), 2978, 5);
  EXPECT_NEAR(pes("fp16_64x64"), 901, 2);
  EXPECT_NEAR(pes("mixpe_w4a16_64x64"), 1664, 3);
}

TEST(Price, AShadowRegisterIsChargedToTheBaselineToo) {
  // Against an INT8 PE that also overlaps its passes the ratio is 1.6 (32 bits) and 1.4 (24).
  const TechTable tech = shipped_tech();
  const PriceList w4a8 = priced_ok(characterised_w4a8(), tech);
  const double complete =
      um2(w4a8, Component::kPeArray) + um2(w4a8, Component::kDequantLanes) / 128;
  const ArchSpec int8 = shipped_arch("int8_64x64");
  EXPECT_NEAR(um2(priced_ok(int8, tech), Component::kPeArray) / complete, 1.6, 0.05);
  EXPECT_NEAR(um2(priced_ok(with_acc_bits(int8, 24), tech), Component::kPeArray) / complete, 1.4,
              0.05);
  EXPECT_NEAR(um2(priced_ok(int8, tech), Component::kPeArray), 794 + 32 * 4.65, 1e-9);
}

TEST(Price, EnergyRatiosAreThoseOfTheCharacterisation) {
  TechTable tech = shipped_tech();
  const ArchSpec int8 = bare("int8_64x64"), w4a8 = bare("mixpe_w4a8_64x64"),
                 complete = characterised_w4a8();
  const auto ratio = [&](const ArchSpec& design, double lanes_per_pe) {
    const PriceList list = priced_ok(design, tech);
    return busy_pe_pj(int8, priced_ok(int8, tech)) /
           (busy_pe_pj(design, list) + lanes_per_pe * busy_lane_pj(design, list));
  };
  tech.activity = Activity::kZeroDelay;
  EXPECT_NEAR(ratio(w4a8, 0), 1.71, 0.01);
  EXPECT_NEAR(ratio(complete, 1.0 / 128), 1.21, 0.01);
  tech.activity = Activity::kGlitch;
  EXPECT_NEAR(ratio(w4a8, 0), 1.75, 0.01);
  EXPECT_NEAR(ratio(complete, 1.0 / 128), 1.27, 0.01);
}

TEST(Price, AShadowRegisterOnW4A8CostsWhatWasMeasured) {
  TechTable tech = shipped_tech();
  const ArchSpec arch = shipped_arch("mixpe_w4a8_64x64");
  EXPECT_NEAR(um2(priced_ok(arch, tech), Component::kPeArray), 541, 0.5);
  tech.activity = Activity::kZeroDelay;
  EXPECT_NEAR(busy_pe_pj(arch, priced_ok(arch, tech)), 1.14, 0.01);
  tech.activity = Activity::kGlitch;
  EXPECT_NEAR(busy_pe_pj(arch, priced_ok(arch, tech)), 1.33, 0.01);
}

TEST(Price, AModeOfTwoPassesCostsTwoCyclesPerMac) {
  Diagnostics wrong;
  ArchSpec arch = bare("mixpe_w4a8_64x64");
  for (const PeSpec& pe : all_pe_variants()) {
    if (pe.name == "mixpe_w4a8" && pe.modes.size() == 2) arch.pe = pe;
  }
  const PriceList list = priced_ok(arch, shipped_tech());
  EXPECT_NEAR(pj(list, "pe_mac_w8"), 2 * pj(list, "pe_mac_w4"), 1e-12);
}

/// Events that a design raises, from its description alone.
std::set<Event> raised(const ArchSpec& arch) {
  std::set<Event> events = {Event::kMac,      Event::kPeCycle,       Event::kLaneOp,
                            Event::kEpilogue, Event::kActRead,       Event::kActWrite,
                            Event::kWgtRead,  Event::kWgtWrite,      Event::kOutRead,
                            Event::kOutWrite, Event::kDramReadBytes, Event::kDramWriteBytes};
  const bool ws = arch.array.dataflow == Dataflow::kWeightStationary;
  if (ws) {
    events.insert({Event::kAccumulatorRead, Event::kAccumulatorWrite});
  } else {
    events.insert(Event::kShadowShift);
  }
  if (has_shadow(arch)) events.insert(Event::kCapture);
  if (arch.dequant.placement == DequantPlacement::kAfterGroup) events.insert(Event::kRowSumAdd);
  if (arch.dequant.placement == DequantPlacement::kBeforeArray) events.insert(Event::kConvert);
  if (arch.pe.prescan) events.insert(Event::kAlign);
  return events;
}

TEST(Price, EveryEventOfEveryDesignHasAPositivePriceAndNoOtherDoes) {
  const TechTable tech = shipped_tech();
  int designs = 0;
  for (const PeSpec& pe : all_pe_variants()) {
    for (const Dataflow dataflow : {Dataflow::kOutputStationary, Dataflow::kWeightStationary}) {
      for (const DequantPlacement placement :
           {DequantPlacement::kAfterGroup, DequantPlacement::kBeforeArray,
            DequantPlacement::kNone}) {
        for (const bool overlap : {false, true}) {
          ArchSpec arch = shipped_arch("mixpe_w4a8_64x64");
          arch.pe = pe;
          arch.array.dataflow = dataflow;
          arch.array.pass_overlap = overlap;
          arch.dequant.placement = placement;
          arch.dequant.converters = placement == DequantPlacement::kBeforeArray ? 64 : 0;
          const PriceList list = priced_ok(arch, tech);
          std::set<Event> priced_events;
          std::set<std::string> modes;
          for (const EnergyPrice& p : list.energy) {
            EXPECT_GT(p.price.value, 0) << pe.name << " " << p.name;
            EXPECT_FALSE(p.price.origin.source.empty()) << pe.name << " " << p.name;
            if (p.event) priced_events.insert(*p.event);
            if (p.event == Event::kMac) modes.insert(p.mode);
          }
          EXPECT_EQ(priced_events, raised(arch)) << pe.name;
          EXPECT_EQ(modes.size(), pe.modes.size()) << pe.name;
          for (const ComponentPrice& c : list.area) {
            if (c.built) {
              EXPECT_GT(c.area.value, 0) << pe.name;
            }
          }
          ++designs;
        }
      }
    }
  }
  EXPECT_GE(designs, 7 * 12);
}

TEST(Price, EveryShippedArchitectureIsPriced) {
  const TechTable tech = shipped_tech();
  const std::string folder = std::string(MIXPE_SOURCE_DIR) + "/configs/arch";
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    priced_ok(shipped_arch(entry.path().stem().string()), tech);
    ++count;
  }
  EXPECT_GE(count, 6);
}

TEST(Price, DerivedPricesSaySo) {
  const TechTable tech = shipped_tech();
  const auto method = [&](const ArchSpec& a) {
    return priced_ok(a, tech)[Component::kPeArray].area.origin.method;
  };
  ArchSpec arch = bare("int8_64x64");
  EXPECT_EQ(method(arch), Method::kMeasured);
  EXPECT_EQ(method(with_acc_bits(arch, 24)), Method::kDerived);
  EXPECT_EQ(method(shipped_arch("int8_64x64")), Method::kDerived);
  arch.array.dataflow = Dataflow::kWeightStationary;
  EXPECT_EQ(method(arch), Method::kDerived);
}

TEST(Price, AWeightStationaryPePaysForItsSecondWeight) {
  const TechTable tech = shipped_tech();
  ArchSpec arch = bare("int8_64x64");
  arch.array.dataflow = Dataflow::kWeightStationary;
  EXPECT_NEAR(um2(priced_ok(arch, tech), Component::kPeArray), 794 + 8 * 4.65, 1e-9);
  arch.array.weight_double_buffering = false;
  EXPECT_NEAR(um2(priced_ok(arch, tech), Component::kPeArray), 794, 1e-9);
}

TEST(Price, ARowSumCostsARegisterWriteAtItsGroupsEndAndInEveryColumn) {
  // 15 bits x (11.2 | 7.3) fJ per 128 additions, and per value that a lane takes.
  TechTable tech = shipped_tech();
  const ArchSpec arch = shipped_arch("mixpe_w4a8_64x64");
  tech.activity = Activity::kZeroDelay;
  EXPECT_NEAR(pj(priced_ok(arch, tech), "row_sum_push"), 15 * 11.2e-3 / 128, 1e-12);
  EXPECT_NEAR(pj(priced_ok(arch, tech), "row_sum_pass"), 15 * 11.2e-3, 1e-12);
  tech.activity = Activity::kGlitch;
  EXPECT_NEAR(pj(priced_ok(arch, tech), "row_sum_push"), 15 * 7.3e-3 / 128, 1e-12);
}

TEST(Price, MergingInterleavedSumsCostsAMacEach) {
  const TechTable tech = shipped_tech();
  ArchSpec arch = bare("fp16_64x64");
  const PriceList two = priced_ok(arch, tech);
  EXPECT_DOUBLE_EQ(pj(two, "pe_merge"), pj(two, "pe_mac_w16"));
  arch.pe.interleave = 4;
  const PriceList four = priced_ok(arch, tech);
  EXPECT_DOUBLE_EQ(pj(four, "pe_merge"), 3 * pj(four, "pe_mac_w16"));
  arch.pe.interleave = 1;
  EXPECT_FALSE(has_line(priced_ok(arch, tech), "pe_merge"));
  arch.pe.interleave = 2;
  arch.array.dataflow = Dataflow::kWeightStationary;  // sums in order, nothing to merge
  EXPECT_FALSE(has_line(priced_ok(arch, tech), "pe_merge"));
}

TEST(Price, AnInterleavedRowSumHasAsManyRegistersAsThePe) {
  const TechTable tech = shipped_tech();
  ArchSpec arch = shipped_arch("mixpe_w4a16_64x64");
  arch.pe = pe_variant("mixpe_w4a16", SumKind::kFloat32);
  const auto adder = [&] { return um2(priced_ok(arch, tech), Component::kRowSum); };
  const double with_two = adder();
  const double push = pj(priced_ok(arch, tech), "row_sum_push");
  arch.pe.interleave = 3;
  EXPECT_NEAR(adder() - with_two, 32 * tech.logic.flop_area_um2, 1e-9);
  EXPECT_GT(pj(priced_ok(arch, tech), "row_sum_push"), push);
  arch.pe.add_latency = 3;
  EXPECT_NEAR(adder() - with_two, 32 * tech.logic.flop_area_um2 + 176.4, 1e-9);
}

TEST(Price, AScannedSegmentWaitsInAMemory) {
  // 64 rows x 128 activations x 16 bits; a slice of 256 x 128 bits is half of the 8 KiB macro.
  const TechTable tech = shipped_tech();
  ArchSpec arch = shipped_arch("mixpe_w4a16_64x64");
  EXPECT_FALSE(priced_ok(arch, tech)[Component::kScanBuffer].built);
  arch.pe = aligned_pe();
  const PriceList list = priced_ok(arch, tech);
  EXPECT_EQ(instances(Component::kScanBuffer, arch, list), 64 * 128 * 16);
  EXPECT_NEAR(um2(list, Component::kScanBuffer), 30800.0 / 2 / (256 * 128), 1e-9);
  EXPECT_NEAR(pj(list, "aligner_buffer_read"), 11.5 / 16, 1e-12);
  EXPECT_NEAR(pj(list, "aligner_buffer_write"), 26.4 / 16, 1e-12);
}

TEST(Price, AWeightStationaryArrayAddsUpRowSumsBesideItsColumns) {
  const TechTable tech = shipped_tech();
  ArchSpec arch = shipped_arch("mixpe_w4a8_64x64");
  arch.array.dataflow = Dataflow::kWeightStationary;
  const PriceList list = priced_ok(arch, tech);
  EXPECT_EQ(instances(Component::kAccumulatorMemory, arch, list), 1024 * (64 * 20 + 15));
  EXPECT_EQ(instances(Component::kAccumulatorAdders, arch, list), 65);
  arch.dequant.placement = DequantPlacement::kNone;
  EXPECT_EQ(instances(Component::kAccumulatorMemory, arch, list), 1024 * 64 * 20);
  const double plain = pj(priced_ok(arch, tech), "accumulator_read");
  EXPECT_NEAR(pj(list, "accumulator_read") / plain, (20 + 15.0 / 64) / 20, 1e-9);
}

TEST(Price, RefusesAPeWithoutAPriceFile) {
  ArchSpec arch = bare("int8_64x64");
  arch.pe.name = "int9";
  EXPECT_THAT(refusal(arch, shipped_tech()), HasSubstr("has no prices in"));
}

TEST(Price, RefusesAWidthBeyondTheCharacterisedRange) {
  EXPECT_THAT(refusal(with_acc_bits(bare("int8_64x64"), 40), shipped_tech()),
              HasSubstr("s_int8 has no price for this acc_bits; got 40; allowed 16 to 32"));
}

TEST(Price, RefusesAFieldThatNothingExtends) {
  ArchSpec arch = bare("int8_64x64");
  arch.pe.product_latency = 1;
  EXPECT_THAT(refusal(arch, shipped_tech()),
              HasSubstr("s_int8 has no price for this product_latency; got 1; allowed 0"));
}

TEST(Price, RefusesAModeWithoutPriceAndAPriceWithoutEvent) {
  const EditedTech edited("int8.yaml", "mac.w8:", "mac.w9:");
  Diagnostics wrong;
  const TechTable tech = edited.load(wrong);
  ASSERT_TRUE(wrong.ok()) << wrong.text();
  const std::string text = refusal(bare("int8_64x64"), tech);
  EXPECT_THAT(text, HasSubstr("int8.yaml"));
  EXPECT_THAT(text, HasSubstr("has no price for mac.w8, which the PE raises"));
  EXPECT_THAT(text, HasSubstr("prices an event that the PE does not declare; got mac.w9"));
}

TEST(Price, RefusesADesignThatNoVariantCovers) {
  const EditedTech edited("converters.yaml", "weight_kind: integer", "weight_kind: float");
  Diagnostics wrong;
  const TechTable tech = edited.load(wrong);
  ArchSpec arch = bare("int8_64x64");
  arch.dequant.placement = DequantPlacement::kBeforeArray;
  arch.dequant.converters = 64;
  EXPECT_THAT(refusal(arch, tech), HasSubstr("converters.yaml: variants: none is for this design"));
}

TEST(Price, NoOtherLaneStandsInForOneWithoutPrice) {
  for (const auto& [lanes, latency_cycles] : {std::pair{"deep", 11}, {"short", 5}}) {
    const std::string when = "sum_kind: integer, lanes: " + std::string(lanes);
    const EditedTech edited("dequant.yaml", "after_group, " + when, "before_array, " + when);
    Diagnostics wrong;
    const TechTable tech = edited.load(wrong);
    ASSERT_TRUE(wrong.ok()) << wrong.text();
    ArchSpec arch = shipped_arch("mixpe_w4a8_64x64");
    arch.dequant.latency_cycles = latency_cycles;
    EXPECT_THAT(refusal(arch, tech), HasSubstr("dequant.yaml: variants: none is for this design: "
                                               "it raises lane_op, which has no price"));
  }
}

TEST(Price, RefusesBuffersAndDramThatAreNotInTheTable) {
  ArchSpec arch = bare("int8_64x64");
  arch.act_buffer.width_bits = 96;
  arch.out_buffer.bytes = std::int64_t{1} << 40;
  arch.memory.dram = "sdram";
  const std::string text = refusal(arch, shipped_tech());
  EXPECT_THAT(text, HasSubstr("no macro with a port of 96 bit"));
  EXPECT_THAT(text, HasSubstr("larger than the largest in the table"));
  EXPECT_THAT(text, HasSubstr("memory.dram"));
}

TEST(Price, EachHalfOfEachBankIsAMacro) {
  const TechTable tech = shipped_tech();
  ArchSpec arch = bare("int8_64x64");
  arch.act_buffer = {.bytes = 128 * 1024, .banks = 4, .width_bits = 64};
  const PriceList list = priced_ok(arch, tech);  // 8 macros of 16 KiB
  EXPECT_DOUBLE_EQ(pj(list, "act_sram_read"), 7.1);
  EXPECT_DOUBLE_EQ(pj(list, "act_sram_write"), 13.3);
  EXPECT_NEAR(um2(list, Component::kActSram), 8 * 53700.0, 1e-6);
  EXPECT_NEAR(pj(list, "leakage_act_sram"), 8 * 0.003 * 2, 1e-12);  // mW x 2 ns
}

TEST(Price, TheDramTypeIsTheUsersChoice) {
  const TechTable tech = shipped_tech();
  ArchSpec arch = bare("int8_64x64");
  EXPECT_NEAR(pj(priced_ok(arch, tech), "dram_read"), 8 * 3.9, 1e-12);
  arch.memory.dram = "ddr4";
  EXPECT_NEAR(pj(priced_ok(arch, tech), "dram_write"), 8 * 15.0, 1e-12);
}

TEST(Price, LeakagePerCycleGoesWithTheClockPeriod) {
  const TechTable tech = shipped_tech();
  ArchSpec arch = bare("int8_64x64");
  const double slow = pj(priced_ok(arch, tech), "leakage_pe_array");
  arch.clock_hz *= 2;
  EXPECT_NEAR(pj(priced_ok(arch, tech), "leakage_pe_array"), slow / 2, 1e-9);
}

TEST(Price, TellsWhichPartsDoNotReachTheClock) {
  const TechTable tech = shipped_tech();
  const ArchSpec fp16 = bare("fp16_64x64");
  const auto names = [](const std::vector<PeriodNote>& notes) {
    std::vector<std::string> out;
    for (const PeriodNote& n : notes) out.push_back(n.part);
    return out;
  };
  EXPECT_THAT(names(priced_ok(fp16, tech).too_slow_for(500'000'000)),
              testing::Contains("s_fp16_i2"));
  EXPECT_THAT(names(priced_ok(fp16, tech).too_slow_for(100'000'000)), testing::IsEmpty());
  const ArchSpec int8 = bare("int8_64x64");
  EXPECT_THAT(names(priced_ok(int8, tech).too_slow_for(500'000'000)), testing::IsEmpty());
}

TEST(Price, DeepLanesCloseTheClockUnlessSumsAreWideAndCostTheirRegisters) {
  const TechTable tech = shipped_tech();
  const auto slow_lane = [](const PriceList& list) {
    const auto slow = list.too_slow_for(500'000'000);
    return std::any_of(slow.begin(), slow.end(), [](const PeriodNote& n) {
      return n.part.find("dequant") != std::string::npos;
    });
  };
  for (const char* name : {"mixpe_w4a8_64x64", "mixpe_w4a16_64x64"}) {
    ArchSpec arch = shipped_arch(name);
    arch.dequant.latency_cycles = 11;
    const PriceList deep = priced_ok(arch, tech);
    EXPECT_EQ(slow_lane(deep), arch.pe.acc_bits > 45) << name;
    arch.dequant.latency_cycles = 5;
    const PriceList characterised = priced_ok(arch, tech);
    EXPECT_TRUE(slow_lane(characterised)) << name;
    const double um2_more =
        um2(deep, Component::kDequantLanes) - um2(characterised, Component::kDequantLanes);
    const double clock_more =
        pj(deep, "clock_dequant_lanes") - pj(characterised, "clock_dequant_lanes");
    const double flops =
        clock_more / static_cast<double>(arch.dequant.lanes) / (tech.logic.flop_clock_fj * 1e-3);
    EXPECT_GT(flops, 200) << name;
    EXPECT_NEAR(um2_more, flops * tech.logic.flop_area_um2, 2) << name;
  }
  // A weight-stationary array's latency contains the way to the lane.
  ArchSpec ws = shipped_arch("mixpe_w4a8_64x64");
  ws.array.dataflow = Dataflow::kWeightStationary;
  ws.dequant.latency_cycles = 11;
  EXPECT_TRUE(slow_lane(priced_ok(ws, tech)));
  ws.dequant.latency_cycles = 13;
  EXPECT_FALSE(slow_lane(priced_ok(ws, tech)));
}

TEST(Price, APeOnPaperIsPricedByTheArchitectureFile) {
  const ArchSpec arch = shipped_arch("abstract_example");
  ASSERT_TRUE(arch.paper_prices);
  const PriceList list = priced_ok(arch, shipped_tech());
  EXPECT_DOUBLE_EQ(um2(list, Component::kPeArray), arch.paper_prices->area_um2);
  EXPECT_DOUBLE_EQ(pj(list, "pe_clock"), arch.paper_prices->clock_pj);
  EXPECT_DOUBLE_EQ(pj(list, "pe_mac_w8"), arch.paper_prices->mac_pj.at("w8"));
  ArchSpec incomplete = arch;
  incomplete.paper_prices->mac_pj.erase("w8");
  incomplete.paper_prices->mac_pj["w5"] = 1.0;
  const std::string text = refusal(incomplete, shipped_tech());
  EXPECT_THAT(text, HasSubstr("has no energy for mac.w8"));
  EXPECT_THAT(text, HasSubstr("prices a mode that the PE does not have; got w5"));
}

}  // namespace
}  // namespace mixpe
