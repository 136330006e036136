#include <gtest/gtest.h>

#include "models/formats/floats.h"
#include "models/pe/pe_test_support.h"

namespace mixpe {
namespace {

using testing::make_test_pe;
using testing::run_constant;
using testing::run_segment;

constexpr Operands kI8{signed_int(8), kFp16}, kU4{unsigned_int(4), kFp16};
constexpr Code kOne = 0x3c00, kLargest = 0x7bff, kInf = 0x7c00;

std::unique_ptr<PeModel> figna(int acc_bits) {
  return make_test_pe("figna", {.acc_bits = acc_bits, .row_sum_bits = 23});
}

// 1.0 is 2^14 in units of 2^-14 when it is the largest.
TEST(Figna, MultipliesAlignedActivationsByWholeWeights) {
  const auto out = run_segment(*figna(31), {{kOne, 0xb800}, {0x80, 3}, kI8});  // 1 * -128 - 0.5 * 3
  EXPECT_EQ(out.exponent, -14);
  EXPECT_EQ(out.sum.integer, -128 * (1 << 14) - 3 * (1 << 13));
}

// 16384 + 0.25 (one unit would be 1): the small one is rounded away, 1.5 units tie to 2.
TEST(Figna, RoundsActivationsFarBelowTheLargest) {
  const Code big = float_to_fp16(16384.0F);
  const auto out =
      run_segment(*figna(27), {{big, float_to_fp16(0.25F), float_to_fp16(1.5F)}, {1, 1, 1}, kU4});
  EXPECT_EQ(out.exponent, 0);
  EXPECT_EQ(out.sum.integer, 16384 + 0 + 2);
}

// 255 * 32752 * 128 < 2^30 <= 255 * 32752 * 129.
TEST(Figna, HoldsAGroupOf128OfEightBitWeightsIn31Bits) {
  const Operands u8{unsigned_int(8), kFp16};
  EXPECT_TRUE(figna(31)->cannot_overflow(u8, 128));
  EXPECT_FALSE(figna(31)->cannot_overflow(u8, 129));
  EXPECT_EQ(run_constant(*figna(31), kLargest, 255, u8, 128).overflows, 0U);
  EXPECT_EQ(run_constant(*figna(31), kLargest, 255, u8, 129).overflows, 1U);
}

TEST(Figna, CarriesInfinitiesBesideTheNumber) {
  EXPECT_EQ(run_constant(*figna(27), kInf, 3, kU4, 2).sum.special, Sum::kPlusInf);
  EXPECT_EQ(run_constant(*figna(27), kInf, 0, kU4, 1).sum.special, Sum::kNan);
  EXPECT_EQ(run_constant(*figna(31), kInf, 0xff, kI8, 1).sum.special, Sum::kMinusInf);
}

}  // namespace
}  // namespace mixpe
