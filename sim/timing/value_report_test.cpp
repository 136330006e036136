#include "sim/timing/value_report.h"

#include <gtest/gtest.h>

#include <cmath>

#include "models/formats/floats.h"

namespace mixpe {
namespace {

/// FP16 operands: act [m*k] and weight [n*k].
GemmOperands fp16_gemm(std::int64_t m, std::int64_t n, std::int64_t k,
                       const std::vector<float>& act, const std::vector<float>& weight) {
  GemmOperands g;
  g.m = m;
  g.n = n;
  g.k = k;
  g.formats = {kFp16, kFp16};
  for (const float a : act) g.act.push_back(static_cast<std::uint16_t>(float_to_fp16(a)));
  for (const float w : weight) g.weight.push_back(static_cast<std::uint16_t>(float_to_fp16(w)));
  return g;
}

OutputPsums real_psums(std::vector<float> values) { return {false, std::move(values), {}}; }

TEST(Fnv1a, GivesThePublishedValues) {
  // draft-eastlake-fnv, appendix C: "", "a", "foobar".
  EXPECT_EQ(fnv1a({}, 8), 0xcbf29ce484222325);
  EXPECT_EQ(fnv1a(std::vector<Code>{'a'}, 8), 0xaf63dc4c8601ec8c);
  EXPECT_EQ(fnv1a(std::vector<Code>{'f', 'o', 'o', 'b', 'a', 'r'}, 8), 0x85944171f73967e8);
  EXPECT_EQ(fnv1a(std::vector<Code>{'f' | 'o' << 8, 'o' | 'b' << 8, 'a' | 'r' << 8}, 16),
            0x85944171f73967e8);
}

TEST(ValueReport, DigestChangesWithAnyOutputBitAndTheirOrder) {
  const auto g = fp16_gemm(1, 2, 1, {1}, {1, 2});
  const auto digest = [&g](float a, float b) {
    return value_report(g, real_psums({a, b}), kFp16, 0, 1).digest;
  };
  EXPECT_EQ(digest(1, 2), digest(1, 2));
  EXPECT_NE(digest(1, 2), digest(2, 1));
  EXPECT_NE(digest(1, 2), digest(1, 2.001953125F));  // one FP16 step
}

TEST(ValueReport, SnrComparesWithTheDequantisedOperands) {
  const auto g = fp16_gemm(1, 2, 2, {3, 4}, {1, 2, -1, 1});  // 11, 1
  EXPECT_TRUE(std::isinf(value_report(g, real_psums({11, 1}), kFp16, 0, 1).snr_db));
  // signal 122, error 1: 20.86 dB
  const double snr = value_report(g, real_psums({11, 2}), kFp16, 0, 1).snr_db;
  EXPECT_NEAR(snr, 10 * std::log10(122.0), 1e-9);
}

TEST(ValueReport, AppliesTheEpilogueScalesOfIntegerPsums) {
  GemmOperands g;
  g.m = g.n = 1;
  g.k = 2;
  g.formats = {signed_int(8), signed_int(8)};
  g.act = {2, 0xfd};  // 2, -3
  g.weight = {10, 4};
  g.weight_scale = {0.5F};
  g.act_scale = {0.25F};
  const OutputPsums psums{true, {}, {8}};
  EXPECT_EQ(output_codes(g, psums, kFp16), std::vector<Code>{0x3c00});  // 8 * 0.5 * 0.25 = 1
  EXPECT_TRUE(std::isinf(value_report(g, psums, kFp16, 0, 1).snr_db));
}

TEST(ValueReport, CountsZerosAndWhatIsNotFinite) {
  const auto g = fp16_gemm(2, 2, 1, {0.0F, -0.0F}, {1, 0});
  const ValueReport r = value_report(g, real_psums({0, 1e30F, std::nanf(""), 2}), kFp16, 5, 1);
  EXPECT_EQ(r.act_zero_fraction, 1.0);
  EXPECT_EQ(r.weight_zero_fraction, 0.5);
  EXPECT_EQ(r.output_zero_fraction, 0.25);
  EXPECT_EQ(r.nonfinite, 2);
  EXPECT_EQ(r.overflows, 5U);
  EXPECT_TRUE(std::isnan(r.snr_db));  // the reference is all zero
}

TEST(ValueReport, SamplesAtMost4096OutputsAndAllOfASmallGemm) {
  const std::vector<float> ones(static_cast<std::size_t>(300 * 200), 1.0F);
  const auto outputs = [&ones](std::int64_t m, std::int64_t n) {
    const std::vector<float> act(static_cast<std::size_t>(m), 1.0F);
    const std::vector<float> weight(static_cast<std::size_t>(n), 1.0F);
    return value_report(fp16_gemm(m, n, 1, act, weight), real_psums(ones), kFp16, 0, 1).snr_outputs;
  };
  EXPECT_EQ(outputs(300, 200), 4096);
  EXPECT_EQ(outputs(1, 200), 200);
  EXPECT_EQ(outputs(300, 10), 3000);
  EXPECT_EQ(outputs(5, 7), 35);
}

TEST(ValueReport, TheModelsSnrHoldsWhatQuantisationLost) {
  // Exact sums of quantised operands: all error against the unquantised ones is quantisation's.
  const auto snr_of = [](int weight_bits) {
    GemmQuant quant;
    quant.weight.store = quant.weight.mac = signed_int(weight_bits);
    quant.weight.scales = {{.k = 64, .type = kFp16, .apply = Apply::kAfterGroup}};
    quant.act.store = kFp16;
    quant.act.token_scale = false;
    const GemmOperands g = make_operands(quant, 8, 8, 256, Distribution::kGaussian, 3, 0);
    const UnquantisedOperands source(quant, 256, Distribution::kGaussian, 3, 0);
    OutputPsums psums;
    for (std::int64_t m = 0; m < 8; ++m) {
      for (std::int64_t n = 0; n < 8; ++n) {
        double sum = 0;
        for (std::int64_t k = 0; k < 256; ++k) sum += g.act_value(m, k) * g.weight_value(n, k);
        psums.real.push_back(static_cast<float>(sum));
      }
    }
    const ValueReport r = value_report(g, psums, kFp32, 0, 1, &source);
    EXPECT_GT(r.snr_db, 120);
    return r.model_snr_db;
  };
  const double at4 = snr_of(4), at8 = snr_of(8);
  EXPECT_GT(at4, 12);
  EXPECT_LT(at4, 24);
  EXPECT_NEAR(at8 - at4, 24, 3);  // 6 dB for each bit
}

TEST(ValueReport, QuantisedCachesAreJudgedInFp16) {
  const auto g = fp16_gemm(1, 1, 1, {3}, {0.5F});
  const auto fp16 = value_report(g, real_psums({1.5F}), kFp16, 0, 1);
  const auto u4 = value_report(g, real_psums({1.5F}), unsigned_int(4), 0, 1);
  EXPECT_EQ(fp16.digest, u4.digest);
  EXPECT_TRUE(std::isinf(u4.snr_db));
}

}  // namespace
}  // namespace mixpe
