#include <gtest/gtest.h>

#include "models/pe/pe_test_support.h"

namespace mixpe {
namespace {

using testing::make_test_pe;
using testing::run_constant;
using testing::run_segment;

constexpr Operands kI8{signed_int(8), signed_int(8)};

TEST(Int8, MultipliesEveryPair) {
  const auto pe = make_test_pe("int8", {});
  for (int a = -128; a < 128; ++a) {
    for (int w = -128; w < 128; ++w) {
      Sum sum{.integer = 7};
      std::uint64_t overflows = 0;
      pe->mac(sum, Code(a) & 0xff, Code(w) & 0xff, kI8, overflows);
      ASSERT_EQ(sum.integer, 7 + a * w);
      ASSERT_EQ(overflows, 0U);
    }
  }
}

// 24 bits: 2^23 - 1 = 511 * 128^2 + 16383, so product 512 of (-128)^2 makes exactly 2^23.
TEST(Int8, WrapsAndCountsTheSumThatLeavesItsRange) {
  const auto pe = make_test_pe("int8", {.acc_bits = 24});
  EXPECT_TRUE(pe->cannot_overflow(kI8, 511));
  EXPECT_FALSE(pe->cannot_overflow(kI8, 512));
  EXPECT_EQ(run_constant(*pe, 0x80, 0x80, kI8, 511).overflows, 0U);
  const auto over = run_constant(*pe, 0x80, 0x80, kI8, 512);
  EXPECT_EQ(over.overflows, 1U);
  EXPECT_EQ(over.sum.integer, -(1 << 23));
}

TEST(Int8, HoldsMoreProductsInAWiderSum) {
  EXPECT_TRUE(make_test_pe("int8", {.acc_bits = 32})->cannot_overflow(kI8, 131071));
  EXPECT_FALSE(make_test_pe("int8", {.acc_bits = 32})->cannot_overflow(kI8, 131072));
}

TEST(Int8, SumsARowOfActivationsInItsOwnWidth) {
  const auto pe = make_test_pe("int8", {.row_sum_bits = 9});
  Sum row;
  std::uint64_t overflows = 0;
  pe->add_activation(row, 0x80, kI8, overflows);
  pe->add_activation(row, 0x80, kI8, overflows);
  EXPECT_EQ(row.integer, -256);
  EXPECT_EQ(overflows, 0U);
  pe->add_activation(row, 0xff, kI8, overflows);  // -257 leaves 9 bits
  EXPECT_EQ(row.integer, 255);
  EXPECT_EQ(overflows, 1U);
  Sum part;
  part.integer = 1;
  pe->merge_row_sum(row, part, overflows);
  EXPECT_EQ(row.integer, -256);
  EXPECT_EQ(overflows, 2U);
}

}  // namespace
}  // namespace mixpe
