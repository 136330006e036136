#include "models/formats/coded.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "models/core/errors.h"
#include "models/formats/integers.h"

namespace mixpe {
namespace {

std::vector<int> values(const Format& format) {
  std::vector<int> all;
  for (Code code = 0; code < Code{1} << format.code_bits(); ++code) {
    all.push_back(decode_int(format, code));
  }
  return all;
}

// ANT, MICRO 2022, table 2: 1xxx by the first 1 after the top bit.
TEST(Coded, FlintIsAnIntegerOrAFloatByItsTopBit) {
  EXPECT_EQ(values(kUnsignedFlint4),
            (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 64, 32, 16, 24, 8, 10, 12, 14}));
  EXPECT_EQ(values(kFlint4), (std::vector<int>{0, 1, 2, 3, 16, 8, 4, 6,  //
                                               0, -1, -2, -3, -16, -8, -4, -6}));
}

TEST(Coded, PowersOfTwoStartAtOne) {
  EXPECT_EQ(values(kPowerOfTwo4), (std::vector<int>{0, 1, 2, 4, 8, 16, 32, 64,  //
                                                    0, -1, -2, -4, -8, -16, -32, -64}));
}

TEST(Coded, OutliersBeginAboveTheNormalValues) {
  EXPECT_EQ(
      values(kOutlierVictim4),
      (std::vector<int>{0, 1,  2,  3,  4,  5,  6,  7,  0,  -7,  -6,  -5,  -4,  -3,  -2,  -1,
                        8, 12, 16, 24, 32, 48, 64, 96, -8, -12, -16, -24, -32, -48, -64, -96}));
}

// A decoder's integers fit a 4-bit unit: this is what a PE multiplies.
TEST(Coded, IntegersAndExponentsAreSmall) {
  for (const Format& f : {kFlint4, kUnsignedFlint4, kPowerOfTwo4, kOutlierVictim4}) {
    for (Code code = 0; code < Code{1} << f.code_bits(); ++code) {
      const Decoded d = decode_coded(f, code);
      EXPECT_LE(std::abs(d.integer), 7) << f.name() << " " << code;
      EXPECT_LE(d.exponent, 6) << f.name() << " " << code;
    }
    EXPECT_EQ(int_max(f), f == kFlint4 ? 16 : f == kOutlierVictim4 ? 96 : 64);
    EXPECT_EQ(int_min(f), f == kUnsignedFlint4 ? 0 : -int_max(f));
  }
  EXPECT_THROW(decode_coded(kFp16, 0), InvariantError);
}

TEST(Coded, EncodesToTheNearestValueAndTiesToTheSmaller) {
  EXPECT_EQ(decode_int(kFlint4, encode_coded(kFlint4, 4.9)), 4);
  EXPECT_EQ(decode_int(kFlint4, encode_coded(kFlint4, 5.0)), 4);
  EXPECT_EQ(decode_int(kFlint4, encode_coded(kFlint4, -12.1)), -16);
  EXPECT_EQ(decode_int(kFlint4, encode_coded(kFlint4, 1e9)), 16);
  EXPECT_EQ(encode_coded(kUnsignedFlint4, -3), 0U);
  EXPECT_EQ(encode_coded(kFlint4, std::nan("")), 0U);
  EXPECT_EQ(decode_int(kOutlierVictim4, encode_coded(kOutlierVictim4, 9.5)), 7);
  EXPECT_EQ(decode_int(kOutlierVictim4, encode_coded(kOutlierVictim4, -9.6)), -12);
  for (const Format& f : {kFlint4, kUnsignedFlint4, kPowerOfTwo4, kOutlierVictim4}) {
    for (const int value : values(f)) {
      if (std::abs(value) == 8 && f == kOutlierVictim4) continue;  // has no code
      EXPECT_EQ(decode_int(f, encode_coded(f, value)), value) << f.name();
    }
  }
}

std::vector<std::uint16_t> paired(std::vector<double> x) {
  std::vector<std::uint16_t> codes;
  for (const double v : x) {
    codes.push_back(static_cast<std::uint16_t>(encode_coded(kOutlierVictim4, v)));
  }
  make_pairs(codes);
  return codes;
}

std::vector<int> decoded(const std::vector<std::uint16_t>& codes) {
  std::vector<int> all;
  for (const auto code : codes) all.push_back(decode_int(kOutlierVictim4, code));
  return all;
}

TEST(OutlierVictimPairs, AnOutlierCostsItsNeighbour) {
  EXPECT_EQ(decoded(paired({5, 90, 24, -3, 1, 2})), (std::vector<int>{0, 96, 24, 0, 1, 2}));
  EXPECT_EQ(decoded(paired({16, 50, -60, 60})), (std::vector<int>{0, 48, -64, 0}));  // the larger
  EXPECT_EQ(decoded(paired({1, 2, 30})), (std::vector<int>{1, 2, 32}));              // no neighbour
}

// What the edge decodes from memory's nibbles is what was encoded, for every pair of values.
TEST(OutlierVictimPairs, SurviveMemory) {
  for (int a = -100; a <= 100; ++a) {
    for (int b = -100; b <= 100; ++b) {
      const auto codes = paired({double(a), double(b)});
      ASSERT_EQ(decode_pair(codes[0] & 0xfU, codes[1] & 0xfU), (CodePair{codes[0], codes[1]}))
          << a << " " << b;
    }
  }
}

/// SNR in dB of 2^16 numbers in groups of 128, every group with its own scale as in the schemes:
/// N(0, 1), `outliers` of them twenty times as large; or their magnitudes.
double snr_db(const Format& f, double outliers, bool magnitudes = false) {
  constexpr int kGroup = 128;
  std::mt19937_64 random(7);
  const auto uniform = [&] { return (static_cast<double>(random() >> 11) + 0.5) * 0x1p-53; };
  double signal = 0, error = 0;
  for (int g = 0; g < 512; ++g) {
    std::vector<double> x;
    double largest = 0, squares = 0;
    for (int i = 0; i < kGroup; ++i) {
      const double normal = std::sqrt(-2 * std::log(uniform())) * std::cos(2 * M_PI * uniform());
      x.push_back(uniform() < outliers ? 20 * normal : normal);
      if (magnitudes) x.back() = std::fabs(x.back());
      largest = std::max(largest, std::fabs(x.back()));
      squares += x.back() * x.back();
    }
    const bool pairs = f.kind == FormatKind::kOutlierVictim;
    const double scale = pairs ? 3 * std::sqrt(squares / kGroup) / 7 : largest / int_max(f);
    std::vector<std::uint16_t> codes;
    for (const double v : x) codes.push_back(static_cast<std::uint16_t>(encode(f, v / scale)));
    if (pairs) make_pairs(codes);
    for (int i = 0; i < kGroup; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const double back = decode_int(f, codes[at]) * scale;
      signal += x[at] * x[at];
      error += (x[at] - back) * (x[at] - back);
    }
  }
  return 10 * std::log10(signal / error);
}

// The numbers of README.md.
TEST(Coded, QuantisationErrorIsAsDocumented) {
  struct Row {
    Format format;
    double plain, outliers;
  };
  for (const Row& row : {Row{signed_int(4), 18.62, 11.13}, Row{kFlint4, 15.94, 14.90},
                         Row{kPowerOfTwo4, 14.33, 18.34}, Row{kOutlierVictim4, 18.07, 16.32}}) {
    EXPECT_NEAR(snr_db(row.format, 0), row.plain, 0.05) << row.format.name();
    EXPECT_NEAR(snr_db(row.format, 0.01), row.outliers, 0.05) << row.format.name();
  }
  for (const Row& row : {Row{unsigned_int(4), 25.20, 15.43}, Row{kUnsignedFlint4, 16.15, 20.62}}) {
    EXPECT_NEAR(snr_db(row.format, 0, true), row.plain, 0.05) << row.format.name();
    EXPECT_NEAR(snr_db(row.format, 0.01, true), row.outliers, 0.05) << row.format.name();
  }
}

}  // namespace
}  // namespace mixpe
