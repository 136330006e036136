#include "sim/report/table.h"

#include <gtest/gtest.h>

#include "models/core/errors.h"

namespace mixpe {
namespace {

TEST(Table, AlignsNumbersRightAndTextLeft) {
  Table t({"design", "cycles"});
  t.row({"a", "1"});
  t.row({"longer", "1,234"});
  EXPECT_EQ(t.text(),
            "design  cycles\n"
            "--------------\n"
            "a            1\n"
            "longer   1,234\n");
}

TEST(Table, TextThatStartsWithADigitIsText) {
  Table t({"what", "n"});
  t.row({"64x64 array", "1.5 mJ"});
  t.row({"4-bit", "12 %"});
  EXPECT_EQ(t.text(),
            "what              n\n"
            "-------------------\n"
            "64x64 array  1.5 mJ\n"
            "4-bit          12 %\n");
}

TEST(Table, RefusesARowOfAnotherLength) {
  Table t({"a", "b"});
  EXPECT_THROW(t.row({"1"}), InvariantError);
}

TEST(Numbers, SiPrefixFollowsTheRoundedValue) {
  EXPECT_EQ(si(1234567.0, "J"), "1.235 MJ");
  EXPECT_EQ(si(999.96, "s"), "1.000 ks");
  EXPECT_EQ(si(0.0, "B"), "0.000 B");
  EXPECT_EQ(si(2.5e-6, "s"), "2.500 µs");
  EXPECT_EQ(si(-31.5, "W"), "-31.50 W");
}

TEST(Numbers, GroupsDigits) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(-1234567), "-1,234,567");
}

}  // namespace
}  // namespace mixpe
