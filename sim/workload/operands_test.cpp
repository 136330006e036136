#include "sim/workload/operands.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "models/formats/floats.h"
#include "models/formats/integers.h"

namespace mixpe {
namespace {

GemmQuant w4a8(std::int64_t group) {
  GemmQuant q;
  q.weight.store = q.weight.mac = unsigned_int(4);
  q.weight.scales = {{.k = group, .type = kFp16, .apply = Apply::kAfterGroup}};
  q.weight.zero =
      ZeroSpec{.k = group, .type = unsigned_int(4), .apply = Apply::kAfterGroup, .stored = {}};
  return q;
}

GemmQuant two_level(std::int64_t group) {
  GemmQuant q;
  q.weight.store = unsigned_int(4);
  q.weight.mac = signed_int(8);
  q.weight.convert = Convert::kInt;
  q.weight.scales = {{.k = group, .type = unsigned_int(8), .apply = Apply::kBeforeMac},
                     {.k = -1, .type = kFp16, .apply = Apply::kEpilogue}};
  q.weight.zero =
      ZeroSpec{.k = group, .type = unsigned_int(4), .apply = Apply::kBeforeMac, .stored = {}};
  return q;
}

GemmQuant before_fp16(std::int64_t group) {
  GemmQuant q = w4a8(group);
  q.weight.mac = kFp16;
  q.weight.convert = Convert::kFp16;
  q.weight.scales[0].apply = q.weight.zero->apply = Apply::kBeforeMac;
  q.act = {.store = kFp16, .token_scale = false};
  return q;
}

/// Root mean square of the dequantised weights.
double weight_rms(const GemmOperands& o) {
  double square = 0.0;
  for (std::int64_t n = 0; n < o.n; ++n) {
    for (std::int64_t k = 0; k < o.k; ++k) square += std::pow(o.weight_value(n, k), 2);
  }
  return std::sqrt(square / static_cast<double>(o.n * o.k));
}

TEST(Operands, RowsDoNotDependOnHowManyThereAre) {
  const auto small = make_operands(w4a8(32), 3, 5, 70, Distribution::kLlm, 11, 2);
  const auto large = make_operands(w4a8(32), 6, 9, 70, Distribution::kLlm, 11, 2);
  EXPECT_TRUE(std::equal(small.act.begin(), small.act.end(), large.act.begin()));
  EXPECT_TRUE(std::equal(small.weight.begin(), small.weight.end(), large.weight.begin()));
  EXPECT_TRUE(
      std::equal(small.group_scale.begin(), small.group_scale.end(), large.group_scale.begin()));
}

TEST(Operands, DifferWithSeedStreamAndDistribution) {
  const auto base = make_operands(w4a8(32), 4, 4, 64, Distribution::kGaussian, 1, 1);
  EXPECT_EQ(base.act, make_operands(w4a8(32), 4, 4, 64, Distribution::kGaussian, 1, 1).act);
  EXPECT_NE(base.act, make_operands(w4a8(32), 4, 4, 64, Distribution::kGaussian, 2, 1).act);
  EXPECT_NE(base.weight, make_operands(w4a8(32), 4, 4, 64, Distribution::kGaussian, 1, 2).weight);
  EXPECT_NE(base.weight, make_operands(w4a8(32), 4, 4, 64, Distribution::kUniform, 1, 1).weight);
  EXPECT_NE(base.act, make_operands(w4a8(32), 4, 4, 64, Distribution::kLlm, 1, 1).act);
}

/// FNV-1a over codes, low byte first.
std::uint64_t digest(const std::vector<std::uint16_t>& codes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::uint16_t code : codes) {
    hash = (hash ^ (code & 0xff)) * 0x100000001b3;
    hash = (hash ^ (code >> 8)) * 0x100000001b3;
  }
  return hash;
}

// Pinned: the same bits on every platform and with every build type. A change of the recipe is a
// change of all published digests.
TEST(Operands, AreTheSameBitsEverywhere) {
  const auto llm = make_operands(w4a8(128), 8, 8, 1000, Distribution::kLlm, 42, 7);
  EXPECT_EQ(digest(llm.act), 0x5777a0c3fc45384bULL);
  EXPECT_EQ(digest(llm.weight), 0x219becb958470008ULL);
  const auto fp16 = make_operands(before_fp16(128), 8, 8, 1000, Distribution::kGaussian, 42, 7);
  EXPECT_EQ(digest(fp16.act), 0x31df79b5af12975fULL);
  EXPECT_EQ(digest(fp16.weight), 0x56d86504376c571aULL);
}

TEST(Operands, HaveAScaleAndAZeroPointForEveryGroup) {
  const auto o = make_operands(w4a8(32), 2, 3, 70, Distribution::kGaussian, 1, 0);
  EXPECT_EQ(o.group, 32);
  EXPECT_EQ(o.groups(), 3);  // 32 + 32 + 6
  EXPECT_EQ(o.group_scale.size(), 9U);
  EXPECT_EQ(o.group_zero.size(), 9U);
  EXPECT_EQ(o.act_scale.size(), 2U);
  EXPECT_TRUE(o.weight_scale.empty());
  // The range of a Gaussian group is well used: both ends of the codes occur.
  const std::set<std::uint16_t> codes(o.weight.begin(), o.weight.end());
  EXPECT_TRUE(codes.contains(0));
  EXPECT_TRUE(codes.contains(15));
  EXPECT_LE(*codes.rbegin(), 15);
}

TEST(Operands, WeightsHaveVarianceOneOverK) {
  for (const GemmQuant& quant : {w4a8(128), two_level(128), before_fp16(128)}) {
    const auto o = make_operands(quant, 1, 32, 512, Distribution::kGaussian, 3, 0);
    EXPECT_NEAR(weight_rms(o) * std::sqrt(512.0), 1.0, 0.04);
  }
}

TEST(Operands, ActivationsFillTheirRange) {
  const auto o = make_operands(w4a8(32), 5, 1, 256, Distribution::kGaussian, 5, 0);
  for (std::int64_t m = 0; m < o.m; ++m) {
    std::int32_t largest = 0;
    for (std::int64_t k = 0; k < o.k; ++k) {
      largest = std::max(
          largest,
          std::abs(decode_int(signed_int(8), o.act[static_cast<std::size_t>(m * o.k + k)])));
    }
    EXPECT_GE(largest, 126);  // the FP16 scale may round up by half a part in 1024
  }
}

TEST(Operands, TwoLevelConversionNeverWraps) {
  const auto o = make_operands(two_level(32), 1, 16, 256, Distribution::kLlm, 9, 0);
  EXPECT_EQ(o.group, 0);
  EXPECT_TRUE(o.group_scale.empty());
  ASSERT_EQ(o.weight_scale.size(), 16U);
  for (std::int64_t n = 0; n < o.n; ++n) {
    for (std::int64_t k = 0; k < o.k; ++k) {
      const auto at = static_cast<std::size_t>(n * o.k + k);
      const float scale = o.weight_scale[static_cast<std::size_t>(n)];
      EXPECT_EQ(static_cast<float>(decode_int(signed_int(8), o.weight[at])) * scale,
                o.weight_real[at]);
    }
  }
}

TEST(Operands, Fp16ConversionRoundsTheExactWeightOnce) {
  const auto o = make_operands(before_fp16(32), 1, 8, 96, Distribution::kGaussian, 9, 0);
  EXPECT_TRUE(o.act_scale.empty());
  bool rounded = false;
  for (std::size_t i = 0; i < o.weight.size(); ++i) {
    EXPECT_EQ(o.weight[i], float_to_fp16(o.weight_real[i]));
    rounded |= fp16_to_float(o.weight[i]) != o.weight_real[i];
  }
  EXPECT_TRUE(rounded);
}

TEST(Operands, ScalesAlongKAreFoldedIntoTheActivations) {
  GemmQuant quant;  // i8 x i8
  quant.weight.scales = {{.k = 1, .type = kFp16, .apply = Apply::kIntoP, .n = 4}};
  const auto o = make_operands(quant, 2, 4, 64, Distribution::kGaussian, 1, 0);
  for (std::int64_t k = 0; k < o.k; ++k) {
    std::int32_t largest = 0;
    for (std::int64_t n = 0; n < o.n; ++n) {
      largest = std::max(
          largest,
          std::abs(decode_int(signed_int(8), o.weight[static_cast<std::size_t>(n * o.k + k)])));
    }
    EXPECT_GE(largest, 126) << "each k has a scale of its own";
  }
  EXPECT_TRUE(o.weight_scale.empty());
  // Folded: activations are of the weights' size, 1/sqrt(K), not 1.
  EXPECT_LT(o.act_scale[0] * 127, 2.0F);
}

TEST(Operands, LlmActivationsHaveFewLargeFixedChannels) {
  GemmQuant quant = before_fp16(128);
  const auto o = make_operands(quant, 64, 1, 512, Distribution::kLlm, 4, 0);
  std::vector<double> rms;
  for (std::int64_t k = 0; k < o.k; ++k) {
    double square = 0.0;
    for (std::int64_t m = 0; m < o.m; ++m) square += std::pow(o.act_value(m, k), 2);
    rms.push_back(std::sqrt(square / static_cast<double>(o.m)));
  }
  const auto large = std::count_if(rms.begin(), rms.end(), [](double r) { return r > 8.0; });
  EXPECT_EQ(large, 6);  // 0.1 % of 512, at least 6
}

TEST(Operands, UnsignedFormatsWithoutZeroPointTakeAbsoluteValues) {
  GemmQuant quant = w4a8(32);
  quant.act.store = unsigned_int(8);
  const auto o = make_operands(quant, 1, 1, 64, Distribution::kGaussian, 1, 0);
  EXPECT_EQ(std::count(o.act.begin(), o.act.end(), 0) < 8, true);
  EXPECT_GE(*std::max_element(o.act.begin(), o.act.end()), 254);
}

}  // namespace
}  // namespace mixpe
