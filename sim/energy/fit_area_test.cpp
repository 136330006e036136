#include "sim/energy/fit_area.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "sim/energy/bill.h"
#include "sim/energy/energy_test_support.h"

namespace mixpe {
namespace {

/// All sizes up to 256 x 256, judged one by one from the definition.
std::vector<ArraySize> exhaustive(const ArchSpec& arch, const PriceList& prices, double budget) {
  std::vector<ArraySize> all;
  for (std::int64_t rows = 4; rows <= 256; rows += 4) {
    std::int64_t best = 0;
    for (std::int64_t cols = 4; cols <= 256; cols += 4) {
      if (rows > kMaxSkew * cols || cols > kMaxSkew * rows) continue;
      if (area(resized(arch, {rows, cols}), prices).total_um2 <= budget) best = cols;
    }
    if (best > 0) all.push_back({rows, best});
  }
  return all;
}

std::int64_t most_pes(const std::vector<ArraySize>& shapes) {
  std::int64_t most = 0;
  for (const ArraySize& s : shapes) most = std::max(most, s.rows * s.cols);
  return most;
}

RC_GTEST_PROP(FitArea, AgreesWithExhaustiveSearch, ()) {
  static const TechTable tech = shipped_tech();
  ArchSpec arch =
      shipped_arch(*rc::gen::element<std::string>("mixpe_w4a8_64x64", "int8_64x64", "fp16_64x64"));
  arch.dequant.lanes = *rc::gen::inRange<std::int64_t>(1, 65);
  if (*rc::gen::arbitrary<bool>()) arch.array.dataflow = Dataflow::kWeightStationary;
  const PriceList prices = priced_ok(arch, tech);
  const double buffers = prices[Component::kActSram].area.value +
                         prices[Component::kWgtSram].area.value +
                         prices[Component::kOutSram].area.value;
  // Arrays of up to 12,000 PEs stay inside the exhaustive search: 4 rows^2 < 256^2.
  const double pes = *rc::gen::inRange(0, 12'000);
  const double budget = buffers + pes * prices[Component::kPeArray].area.value;
  RC_ASSERT(shapes_within(arch, prices, budget) == exhaustive(arch, prices, budget));
}

TEST(FitArea, ADesignsOwnAreaHoldsItself) {
  const TechTable tech = shipped_tech();
  for (const char* name : {"mixpe_w4a8_64x64", "int8_64x64", "fp16_64x64"}) {
    const ArchSpec arch = shipped_arch(name);
    const PriceList prices = priced_ok(arch, tech);
    const double own = area(arch, prices).total_um2;
    const auto own_shapes = shapes_within(arch, prices, own);
    EXPECT_TRUE(std::find(own_shapes.begin(), own_shapes.end(), ArraySize{64, 64}) !=
                own_shapes.end())
        << name;
    for (const ArraySize& s : shapes_within(arch, prices, own - 1)) {
      EXPECT_FALSE(s == (ArraySize{64, 64})) << name;
    }
  }
}

TEST(FitArea, LargerPesGetFewer) {
  const TechTable tech = shipped_tech();
  const ArchSpec w4a8 = shipped_arch("mixpe_w4a8_64x64"), int8 = shipped_arch("int8_64x64"),
                 fp16 = shipped_arch("fp16_64x64");
  const double budget = area(w4a8, priced_ok(w4a8, tech)).total_um2;
  const auto pes = [&](const ArchSpec& a) {
    return most_pes(shapes_within(a, priced_ok(a, tech), budget));
  };
  EXPECT_LT(pes(int8), 4096);
  EXPECT_LT(pes(fp16), pes(int8) / 2);
}

TEST(FitArea, NothingFitsBesideTheBuffers) {
  const ArchSpec arch = shipped_arch("int8_64x64");
  EXPECT_TRUE(shapes_within(arch, priced_ok(arch, shipped_tech()), 1e6).empty());
}

TEST(FitArea, LanesAndConvertersKeepTheirRatioToTheColumns) {
  ArchSpec arch = shipped_arch("int8_64x64");
  arch.dequant.lanes = 32;
  arch.dequant.converters = 24;
  const ArchSpec smaller = resized(arch, {48, 36});
  EXPECT_EQ(smaller.array.rows, 48);
  EXPECT_EQ(smaller.array.cols, 36);
  EXPECT_EQ(smaller.dequant.lanes, 18);
  EXPECT_EQ(smaller.dequant.converters, 14);  // 13.5 rounded up
}

}  // namespace
}  // namespace mixpe
