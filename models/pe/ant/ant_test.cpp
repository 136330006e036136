#include <gtest/gtest.h>

#include "models/formats/integers.h"
#include "models/pe/pe_test_support.h"

namespace mixpe {
namespace {

using testing::make_test_pe;

std::int64_t product(Code act, Code weight, const Operands& formats) {
  Sum sum;
  std::uint64_t overflows = 0;
  make_test_pe("ant", {})->mac(sum, act, weight, formats, overflows);
  return sum.integer;
}

// 4-bit flint: sign, then 111 = 6, 100 = 16; unsigned 1011 = 24, 1000 = 64.
TEST(Ant, MultipliesDecodedFlints) {
  const Operands f{kFlint4, kUnsignedFlint4};
  EXPECT_EQ(product(0b1011, 0b0111, f), 24 * 6);
  EXPECT_EQ(product(0b1000, 0b1100, f), 64 * -16);
  EXPECT_EQ(product(0b0111, 0b1011, f), 7 * -3);
}

TEST(Ant, MixesTypesOfTensors) {
  EXPECT_EQ(product(0b1100, 0x9, {signed_int(4), kFlint4}), -16 * -7);
  EXPECT_EQ(product(0x7, 0b0111, {kPowerOfTwo4, signed_int(4)}), 7 * 64);
  EXPECT_EQ(product(0x80, 0b0100, {kFlint4, signed_int(8)}), -128 * 16);  // unit: w4a8
}

TEST(Ant, FusesFourUnitsToAnInt8Product) {
  const auto pe = make_test_pe("ant", {});
  const Operands f{signed_int(8), signed_int(8)};
  for (Code a = 0; a < 256; a += 5) {
    for (Code w = 0; w < 256; ++w) {
      ASSERT_EQ(product(a, w, f), decode_int(f.act, a) * decode_int(f.weight, w)) << a << " " << w;
    }
  }
}

TEST(Ant, AddsFourProductsBeforeTheSumIsJudged) {
  const auto pe = make_test_pe("ant", {.acc_bits = 18});
  const std::vector<Code> acts = {0b1000, 0b1000, 1, 1}, weights = {0b0100, 0b1100, 1, 2};
  Sum sum{.integer = signed_max(18) - 3};
  std::uint64_t overflows = 0;
  pe->step(sum, acts, weights, {kFlint4, kUnsignedFlint4}, overflows);  // 1024 - 1024 + 1 + 2
  EXPECT_EQ(sum.integer, signed_max(18));
  EXPECT_EQ(overflows, 0U);
}

}  // namespace
}  // namespace mixpe
