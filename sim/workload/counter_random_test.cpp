#include "sim/workload/counter_random.h"

#include <gtest/gtest.h>

#include <cmath>

namespace mixpe {
namespace {

using Counter = std::array<std::uint32_t, 4>;

// Known answers of the authors' Random123 distribution (kat_vectors, philox4x32 10).
TEST(Philox, GivesTheAuthorsKnownAnswers) {
  EXPECT_EQ(philox4x32_10({0, 0, 0, 0}, {0, 0}),
            (Counter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  const std::uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox4x32_10({ones, ones, ones, ones}, {ones, ones}),
            (Counter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(
      philox4x32_10({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
      (Counter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(NormalQuantile, InvertsTheNormalDistribution) {
  for (double p = to_unit(0); p < 0.5; p *= 1.7) {
    const double x = normal_quantile(p);
    const double back = 0.5 * std::erfc(-x / std::sqrt(2.0));
    // A relative error e of x moves p by about x^2 * e in the tail; e is about 1e-7.
    EXPECT_NEAR(back / p, 1.0, 2e-7 * (1.0 + x * x)) << "p = " << p;
    EXPECT_NEAR(normal_quantile(1.0 - p), -x, 1e-5 + 1e-16 / p) << "p = " << p;
  }
  EXPECT_EQ(normal_quantile(0.5), 0.0);
}

TEST(PortableLogAndExp, AgreeWithTheLibraryTo1e12) {
  for (double x = 1e-12; x < 1e12; x *= 1.37) {
    EXPECT_NEAR(portable_log(x), std::log(x), 1e-12 * (1.0 + std::fabs(std::log(x))));
  }
  for (double x = -20.0; x < 20.0; x += 0.173) {
    EXPECT_NEAR(portable_exp(x) / std::exp(x), 1.0, 1e-12);
  }
}

TEST(RandomField, DrawsDependOnEveryPartOfTheirAddress) {
  const RandomField field(1, 2, 3);
  EXPECT_EQ(field.bits(4, 5), RandomField(1, 2, 3).bits(4, 5));
  EXPECT_EQ(field.bits(4, 5), field.block(4, 1)[1]);
  for (const RandomField& other :
       {RandomField(9, 2, 3), RandomField(1ULL << 32 | 1, 2, 3), RandomField(1, 9, 3),
        RandomField(1, 1ULL << 32 | 2, 3), RandomField(1, 2, 9)}) {
    EXPECT_NE(field.bits(4, 5), other.bits(4, 5));
  }
  EXPECT_NE(field.bits(4, 5), field.bits(5, 5));
  EXPECT_NE(field.bits(4, 5), field.bits(4, 6));
  EXPECT_NE(field.bits(4, 5), field.bits(4, 9));
}

TEST(RandomField, GaussianDrawsHaveTheMomentsOfTheNormalDistribution) {
  const RandomField field(7, 0, 0);
  constexpr int kDraws = 40000;
  double mean = 0.0, square = 0.0, fourth = 0.0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = field.gaussian(i / 1000, i % 1000);
    mean += x / kDraws;
    square += x * x / kDraws;
    fourth += x * x * x * x / kDraws;
  }
  // Five standard errors: 1/sqrt(n), sqrt(2/n), sqrt(96/n).
  EXPECT_NEAR(mean, 0.0, 0.025);
  EXPECT_NEAR(square, 1.0, 0.036);
  EXPECT_NEAR(fourth, 3.0, 0.25);
}

}  // namespace
}  // namespace mixpe
