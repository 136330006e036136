#include <gtest/gtest.h>

#include "models/formats/integers.h"
#include "models/pe/pe_test_support.h"
#include "models/pe/shift_add.h"

namespace mixpe {
namespace {

using testing::make_test_pe;
using testing::run_constant;

constexpr Format kI8 = signed_int(8);

class MixpeW4a8Weights : public ::testing::TestWithParam<Format> {};

TEST_P(MixpeW4a8Weights, GiveTheProductByShiftAndAdd) {
  const auto pe = make_test_pe("mixpe_w4a8", {.acc_bits = 23});
  const Format weight = GetParam();
  for (Code w = 0; w < Code{1} << weight.bits; ++w) {
    for (Code a = 0; a < 256; ++a) {
      Sum sum{.integer = -5};
      std::uint64_t overflows = 0;
      pe->mac(sum, a, w, {weight, kI8}, overflows);
      ASSERT_EQ(sum.integer, -5 + decode_int(weight, w) * decode_int(kI8, a)) << a << " " << w;
      ASSERT_EQ(overflows, 0U);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(AllFormats, MixpeW4a8Weights,
                         ::testing::Values(unsigned_int(2), unsigned_int(3), unsigned_int(4),
                                           unsigned_int(8), signed_int(2), signed_int(3),
                                           signed_int(4), signed_int(8)),
                         [](const auto& info) { return info.param.name(); });

// 0x8f is high nibble 8 (-8 if signed), low nibble 15 (never signed).
TEST(MixpeW4a8, SignsOnlyTheHighNibbleOfSignedWeights) {
  const auto pe = make_test_pe("mixpe_w4a8", {.acc_bits = 23});
  EXPECT_EQ(run_constant(*pe, 1, 0x8f, {signed_int(8), kI8}, 1).sum.integer, -8 * 16 + 15);
  EXPECT_EQ(run_constant(*pe, 1, 0x8f, {unsigned_int(8), kI8}, 1).sum.integer, 8 * 16 + 15);
}

// The worst product is 15 * -128 = -1920; 2^19 / 1920 = 273.07.
TEST(MixpeW4a8, HoldsAGroupOf273In20Bits) {
  const auto pe = make_test_pe("mixpe_w4a8", {.acc_bits = 20});
  const Operands formats{unsigned_int(4), kI8};
  EXPECT_TRUE(pe->cannot_overflow(formats, 273));
  EXPECT_FALSE(pe->cannot_overflow(formats, 274));
  EXPECT_EQ(run_constant(*pe, 0x80, 15, formats, 273).overflows, 0U);
  const auto over = run_constant(*pe, 0x80, 15, formats, 274);
  EXPECT_EQ(over.overflows, 1U);
  EXPECT_EQ(over.sum.integer, -1920 * 274 + (1 << 20));
}

// 255 * -128 * 128 = -4177920: 22 bits do not hold it, 23 do. This is where the variant's least
// accumulator width comes from.
TEST(MixpeW4a8, Needs23BitsForAGroupOf128WithWeightsOf8) {
  const Operands formats{unsigned_int(8), kI8};
  EXPECT_FALSE(make_test_pe("mixpe_w4a8", {.acc_bits = 22})->cannot_overflow(formats, 128));
  EXPECT_TRUE(make_test_pe("mixpe_w4a8", {.acc_bits = 23})->cannot_overflow(formats, 128));
}

// -1 is high nibble -1 (pass: -16 * 127) and low nibble 15. In 12 bits the running sum sits at its
// end before the MAC: one pass alone would leave the range, the whole MAC does not.
TEST(MixpeW4a8, CountsOverflowsByMacNotByPass) {
  const auto pe = make_test_pe("mixpe_w4a8", {.acc_bits = 12});
  Sum sum{.integer = -1900};
  std::uint64_t overflows = 0;
  pe->mac(sum, 127, 0xff, {signed_int(8), kI8}, overflows);
  EXPECT_EQ(sum.integer, -1900 - 127);
  EXPECT_EQ(overflows, 0U);
  pe->mac(sum, 127, 0xff, {signed_int(8), kI8}, overflows);
  EXPECT_EQ(sum.integer, -1900 - 2 * 127 + 4096);
  EXPECT_EQ(overflows, 1U);
}

TEST(MixpeW4a8, SumsARowOf128In15Bits) {
  const auto pe = make_test_pe("mixpe_w4a8", {.row_sum_bits = 15});
  Sum row;
  std::uint64_t overflows = 0;
  for (int k = 0; k < 128; ++k) {
    pe->add_activation(row, 0x80, {unsigned_int(4), kI8}, overflows);
  }
  EXPECT_EQ(row.integer, -128 * 128);
  EXPECT_EQ(overflows, 0U);
}

}  // namespace
}  // namespace mixpe
