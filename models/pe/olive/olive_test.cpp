#include <gtest/gtest.h>

#include "models/formats/integers.h"
#include "models/pe/pe_test_support.h"

namespace mixpe {
namespace {

using testing::make_test_pe;

constexpr Operands kPairs{kOutlierVictim4, kOutlierVictim4};

std::int64_t product(Code act, Code weight, const Operands& formats) {
  Sum sum;
  std::uint64_t overflows = 0;
  make_test_pe("olive", {})->mac(sum, act, weight, formats, overflows);
  return sum.integer;
}

TEST(Olive, MultipliesOutliersNormalValuesAndVictims) {
  const Code outlier_96 = kOutlierFlag | 0x7, minus_12 = kOutlierFlag | 0x9;
  EXPECT_EQ(product(outlier_96, outlier_96, kPairs), 96 * 96);
  EXPECT_EQ(product(minus_12, 0x9, kPairs), -12 * -7);
  EXPECT_EQ(product(outlier_96, kVictim, kPairs), 0);
  EXPECT_EQ(product(0x8, 0x8, {signed_int(4), signed_int(4)}), 64);  // plain INT4 has no victims
}

// Memory 0111 1000 is the outlier 96 and its victim, 0111 0001 the integers 7 and 1.
TEST(Olive, TheSameNibbleIsWorthWhatItsNeighbourSays) {
  const CodePair pair = decode_pair(0x7, kVictim), plain = decode_pair(0x7, 0x1);
  EXPECT_EQ(product(pair.first, 1, kPairs), 96);
  EXPECT_EQ(product(pair.second, 1, kPairs), 0);
  EXPECT_EQ(product(plain.first, 1, kPairs), 7);
}

TEST(Olive, FusesFourUnitsToAnInt8Product) {
  const Operands f{signed_int(8), signed_int(8)};
  for (Code a = 0; a < 256; a += 5) {
    for (Code w = 0; w < 256; ++w) {
      ASSERT_EQ(product(a, w, f), decode_int(f.act, a) * decode_int(f.weight, w)) << a << " " << w;
    }
  }
}

// 2^31 / 96^2 = 233016.9
TEST(Olive, HoldsTheLongestLayersInItsSum) {
  EXPECT_TRUE(make_test_pe("olive", {.acc_bits = 32})->cannot_overflow(kPairs, 233016));
  EXPECT_FALSE(make_test_pe("olive", {.acc_bits = 32})->cannot_overflow(kPairs, 233017));
}

}  // namespace
}  // namespace mixpe
