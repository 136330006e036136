#include "sim/characterize/operand_source.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "models/formats/integers.h"

namespace mixpe {
namespace {

struct Moments {
  double mean = 0, sigma = 0, zeros = 0, largest = 0;
};

template <class Draw>
Moments moments(const Format& format, const Draw& draw) {
  constexpr int kRows = 100, kColumns = 100, kDraws = kRows * kColumns;
  Moments m;
  double squares = 0;
  for (int row = 0; row < kRows; ++row) {
    for (int column = 0; column < kColumns; ++column) {
      const double x = decode(format, draw(row, column));
      m.mean += x / kDraws;
      squares += x * x / kDraws;
      m.zeros += (x == 0 ? 1.0 : 0.0) / kDraws;
      m.largest = std::max(m.largest, std::abs(x));
    }
  }
  m.sigma = std::sqrt(squares - m.mean * m.mean);
  return m;
}

Moments acts(StreamKind kind, const Format& format) {
  const OperandSource source(kind, 1);
  return moments(format, [&](int r, int c) { return source.act(format, r, c); });
}
Moments weights(StreamKind kind, const Format& format) {
  const OperandSource source(kind, 1);
  return moments(format, [&](int r, int c) { return source.weight(format, r, c); });
}

TEST(OperandSource, DrawsWhatTheDocumentSays) {
  // 1 % of the activations are six times as large: variance 0.99 + 0.01 x 36.
  const double with_outliers = std::sqrt(1.35);
  EXPECT_NEAR(acts(StreamKind::kLlm, signed_int(8)).sigma, 12.7 * with_outliers, 0.5);
  EXPECT_NEAR(acts(StreamKind::kLlm, kFp16).sigma, with_outliers, 0.05);
  EXPECT_GT(acts(StreamKind::kLlm, kFp16).largest, 6);
  const Moments uint4 = weights(StreamKind::kLlm, unsigned_int(4));
  EXPECT_NEAR(uint4.mean, 7.5, 0.1);
  EXPECT_NEAR(uint4.sigma, 2.9, 0.1);
  EXPECT_NEAR(weights(StreamKind::kLlm, signed_int(8)).sigma, 32, 1);
  EXPECT_NEAR(weights(StreamKind::kLlm, kFp16).sigma, 0.02, 0.001);
  EXPECT_NEAR(acts(StreamKind::kUniform, signed_int(8)).sigma, 256 / std::sqrt(12), 2);
  EXPECT_NEAR(weights(StreamKind::kUniform, unsigned_int(4)).mean, 7.5, 0.1);
}

TEST(OperandSource, SparseMeansHalfOfTheActivations) {
  const double dense = acts(StreamKind::kLlm, signed_int(8)).zeros;
  EXPECT_NEAR(acts(StreamKind::kSparse, signed_int(8)).zeros, 0.5 + 0.5 * dense, 0.02);
  EXPECT_NEAR(weights(StreamKind::kSparse, signed_int(8)).zeros,
              weights(StreamKind::kLlm, signed_int(8)).zeros, 0.01);
}

TEST(OperandSource, IsAFunctionOfSeedAndPlace) {
  const OperandSource a(StreamKind::kLlm, 1), b(StreamKind::kLlm, 1), c(StreamKind::kLlm, 2);
  int differ = 0;
  for (int k = 0; k < 100; ++k) {
    EXPECT_EQ(a.act(kFp16, 3, k), b.act(kFp16, 3, k));
    differ += a.act(kFp16, 3, k) != c.act(kFp16, 3, k) ? 1 : 0;
  }
  EXPECT_GT(differ, 90);
}

}  // namespace
}  // namespace mixpe
