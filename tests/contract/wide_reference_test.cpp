#include "tests/contract/wide_reference.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

namespace mixpe::testing {
namespace {

// A judge must be right itself: the host's own FP32 arithmetic is a third opinion.
TEST(WideReference, AddsAndMultipliesAsTheHostDoes) {
  std::mt19937_64 random(1);
  int compared = 0;
  for (int i = 0; i < 200'000; ++i) {
    const auto a = static_cast<Code>(random()), b = static_cast<Code>(random());
    // Neighbouring exponents, so that additions round instead of returning the larger operand.
    const Code near_a = (a & 0x7f800000) | (b & 0x807fffff);
    const float x = std::bit_cast<float>(a), y = std::bit_cast<float>(b);
    const float near_x = std::bit_cast<float>(near_a);
    const Exact ex = exact_value(kFp32, a), ey = exact_value(kFp32, b);
    if (!std::isnan(x * y) && x * y != 0.0F) {
      ASSERT_EQ(nearest_fp32(ex * ey), std::bit_cast<Code>(x * y)) << x << " * " << y;
      ++compared;
    }
    if (!std::isnan(x + near_x) && x + near_x != 0.0F) {
      ASSERT_EQ(nearest_fp32(ex + exact_value(kFp32, near_a)), std::bit_cast<Code>(x + near_x))
          << x << " + " << near_x;
      ++compared;
    }
  }
  EXPECT_GT(compared, 250'000);
}

TEST(WideReference, KnowsSpecials) {
  const Exact inf{0, Sum::kPlusInf}, minus_inf{0, Sum::kMinusInf}, zero{};
  const Exact minus_two = exact_value(signed_int(4), 0xe);
  EXPECT_EQ((inf * zero).special, Sum::kNan);
  EXPECT_EQ((inf * minus_two).special, Sum::kMinusInf);
  EXPECT_EQ((inf + minus_inf).special, Sum::kNan);
  EXPECT_EQ((inf + minus_two).special, Sum::kPlusInf);
}

TEST(WideReference, WrapsAndCounts) {
  WideRegister r{.bits = 4};
  r.add(7);
  EXPECT_EQ(r.overflows, 0U);
  r.add(1);
  EXPECT_EQ(r.value, -8);
  EXPECT_EQ(r.overflows, 1U);
  r.add(-1);
  EXPECT_EQ(r.value, 7);
  EXPECT_EQ(r.overflows, 2U);
}

}  // namespace
}  // namespace mixpe::testing
