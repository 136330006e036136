#include "models/memory/sram.h"

#include <gtest/gtest.h>

#include "models/memory/dram.h"

namespace mixpe {
namespace {

// Writes of 8 KiB cost more than of 16 KiB on purpose: interpolation would show.
SramTable table() {
  return {{64, 256},
          {{8, {5, 11}, {11, 60}, 0.002, 0.03, 1.0, 0.9},
           {16, {7, 14}, {13, 44}, 0.003, 0.05, 1.3, 1.1}}};
}

TEST(SramTable, TakesTheNextLargerRowForEnergyAndTiming) {
  std::string why;
  const auto macro = find_macro(table(), 8 * 1024 + 1, 256, why);
  ASSERT_TRUE(macro) << why;
  EXPECT_EQ(macro->row_kib, 16);
  EXPECT_EQ(macro->read_pj, 14);
  EXPECT_EQ(macro->write_pj, 44);
  EXPECT_EQ(macro->cycle_ns, 1.1);
}

TEST(SramTable, AnExactSizeTakesItsOwnRow) {
  std::string why;
  const auto macro = find_macro(table(), 8 * 1024, 64, why);
  ASSERT_TRUE(macro) << why;
  EXPECT_EQ(macro->row_kib, 8);
  EXPECT_EQ(macro->read_pj, 5);
  EXPECT_EQ(macro->write_pj, 11);
  EXPECT_DOUBLE_EQ(macro->area_um2, 30000);
}

TEST(SramTable, AreaAndLeakageGoWithTheCapacityOfTheRow) {
  std::string why;
  const auto macro = find_macro(table(), 12 * 1024, 256, why);
  ASSERT_TRUE(macro) << why;
  EXPECT_DOUBLE_EQ(macro->area_um2, 0.05e6 * 12 / 16);
  EXPECT_DOUBLE_EQ(macro->leakage_mw, 0.003 * 12 / 16);
}

TEST(SramTable, NothingIsSmallerThanAQuarterOfTheSmallestRow) {
  std::string why;
  EXPECT_DOUBLE_EQ(find_macro(table(), 4 * 1024, 64, why)->area_um2, 15000);
  EXPECT_DOUBLE_EQ(find_macro(table(), 2 * 1024, 64, why)->area_um2, 7500);
  EXPECT_DOUBLE_EQ(find_macro(table(), 1, 64, why)->area_um2, 7500);
  EXPECT_DOUBLE_EQ(find_macro(table(), 1, 64, why)->read_pj, 5);
}

TEST(SramTable, RefusesWidthsAndSizesItDoesNotHave) {
  std::string why;
  EXPECT_FALSE(find_macro(table(), 1024, 128, why));
  EXPECT_EQ(why, "no macro with a port of 128 bit; there are ports of 64 256");
  EXPECT_FALSE(find_macro(table(), 16 * 1024 + 1, 64, why));
  EXPECT_EQ(why, "a macro of 16385 B is larger than the largest in the table (16 KiB)");
}

TEST(DramEnergy, AByteIsEightBits) { EXPECT_DOUBLE_EQ(DramEnergy{3.9}.pj_per_byte(), 31.2); }

TEST(DramEnergy, WritesCostWhatReadsDoUnlessStated) {
  EXPECT_DOUBLE_EQ(DramEnergy{3.9}.write_pj_per_byte(), 31.2);
  EXPECT_DOUBLE_EQ((DramEnergy{3.9, 5}.write_pj_per_byte()), 40);
}

}  // namespace
}  // namespace mixpe
