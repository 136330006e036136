#include <gtest/gtest.h>

#include "models/formats/integers.h"
#include "models/pe/pe_test_support.h"

namespace mixpe {
namespace {

using testing::make_test_pe;

class BitFusionProducts : public ::testing::TestWithParam<Operands> {};

TEST_P(BitFusionProducts, AreComposedOfBricks) {
  const auto pe = make_test_pe("bitfusion", {});
  const Operands f = GetParam();
  for (Code w = 0; w < Code{1} << f.weight.bits; ++w) {
    for (Code a = 0; a < Code{1} << f.act.bits; ++a) {
      Sum sum{.integer = 11};
      std::uint64_t overflows = 0;
      pe->mac(sum, a, w, f, overflows);
      ASSERT_EQ(sum.integer, 11 + decode_int(f.weight, w) * decode_int(f.act, a)) << a << " " << w;
      ASSERT_EQ(overflows, 0U);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(AllModes, BitFusionProducts,
                         ::testing::Values(Operands{signed_int(8), signed_int(8)},
                                           Operands{signed_int(8), unsigned_int(8)},
                                           Operands{unsigned_int(4), signed_int(8)},
                                           Operands{signed_int(4), unsigned_int(8)},
                                           Operands{unsigned_int(4), signed_int(4)},
                                           Operands{signed_int(4), unsigned_int(4)},
                                           Operands{unsigned_int(2), signed_int(2)},
                                           Operands{signed_int(2), signed_int(2)}),
                         [](const auto& info) {
                           return info.param.weight.name() + "_" + info.param.act.name();
                         });

// 16 x (-2 * 3) in one step.
TEST(BitFusion, AddsSixteenProductsOfTwoBitsInAStep) {
  const auto pe = make_test_pe("bitfusion", {});
  const std::vector<Code> acts(16, 3), weights(16, 2);
  Sum sum;
  std::uint64_t overflows = 0;
  pe->step(sum, acts, weights, {signed_int(2), unsigned_int(2)}, overflows);
  EXPECT_EQ(sum.integer, -96);
  EXPECT_EQ(overflows, 0U);
}

// 2^31 / (255 * 128) = 65793.0039
TEST(BitFusion, HoldsAllProductsOfTheLongestLayersIn32Bits) {
  const Operands f{signed_int(8), unsigned_int(8)};
  EXPECT_TRUE(make_test_pe("bitfusion", {.acc_bits = 32})->cannot_overflow(f, 65793));
  EXPECT_FALSE(make_test_pe("bitfusion", {.acc_bits = 32})->cannot_overflow(f, 65794));
  EXPECT_FALSE(make_test_pe("bitfusion", {.acc_bits = 18})->cannot_overflow(f, 5));
}

}  // namespace
}  // namespace mixpe
