#include "sim/workload/workload.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "sim/workload/llm.h"

namespace mixpe {
namespace {

/// MACs of one instance that the mask leaves, counted one by one.
std::int64_t brute_force(const Gemm& g) {
  std::int64_t macs = 0;
  for (std::int64_t i = 0; i < g.m; ++i) {
    for (std::int64_t j = 0; j < g.n; ++j) {
      for (std::int64_t k = 0; k < g.k; ++k) {
        const std::int64_t seen = g.causal == Causal::kScores ? j : k;
        macs += g.causal == Causal::kNone || seen <= i / g.rows_per_token + g.causal_offset;
      }
    }
  }
  return macs * g.batch * g.count;
}

RC_GTEST_PROP(Gemm, UsefulMacsAreThoseTheMaskLeaves, ()) {
  Gemm g;
  g.m = *rc::gen::inRange(1, 25);
  g.n = *rc::gen::inRange(1, 25);
  g.k = *rc::gen::inRange(1, 25);
  g.batch = *rc::gen::inRange(1, 4);
  g.count = *rc::gen::inRange(1, 4);
  g.rows_per_token = *rc::gen::inRange(1, 6);
  g.causal_offset = *rc::gen::inRange(0, 30);
  g.causal = *rc::gen::element(Causal::kNone, Causal::kScores, Causal::kValues);
  RC_ASSERT(g.useful_macs() == brute_force(g));
}

TEST(Gemm, LargestSizesDoNotOverflow) {
  Gemm g;
  g.m = kMaxDimension;
  g.n = std::int64_t{1} << 25;
  g.k = 1;
  g.causal = Causal::kScores;
  EXPECT_EQ(g.dense_macs(), kMaxMacs);
  // All rows from 2^25 - 1 on see every column.
  const std::int64_t n = g.n;
  EXPECT_EQ(g.useful_macs(), (n - 1) * n / 2 + (g.m - n + 1) * n);
}

Workload llama(const std::string& scheme, const LlmRun& run) {
  Diagnostics wrong;
  const auto llm = load_llm("llama2-7b", wrong);
  const auto s = load_scheme(scheme, wrong);
  auto w = build_llm_workload(llm.value(), run, s.value(), wrong);
  wrong.throw_if_any();
  return w.value();
}

GemmTraffic traffic(const Workload& w, const std::string& op) {
  for (const Gemm& g : w.gemms) {
    if (g.op == op) return compulsory_traffic(g, w.quants.at(static_cast<std::size_t>(g.quant)));
  }
  throw InvariantError("no such op");
}

std::int64_t layer_weight_bytes(const Workload& w) {
  std::int64_t bytes = 0;
  for (const Gemm& g : w.gemms) {
    if (g.layer != "layers" || g.batch != 1) continue;
    bytes += compulsory_traffic(g, w.quants.at(static_cast<std::size_t>(g.quant))).weight_bytes;
  }
  return bytes;
}

TEST(Traffic, WeightsOfLlama2SevenB) {
  const LlmRun token{Phase::kDecode, 1, 0, 512};
  // 6,476,005,376 weights of half a byte: 3.24 GB; 50,593,792 groups of 128 with an FP16 scale
  // (0.10 GB, together 3.34 GB) and a 4-bit zero-point.
  const std::int64_t weights = 6'476'005'376, groups = weights / 128;
  EXPECT_EQ(layer_weight_bytes(llama("w4a8kv4_g128", token)),
            weights / 2 + groups * 2 + groups / 2);
  EXPECT_EQ(layer_weight_bytes(llama("fp16", token)), 2 * weights);
  // One FP16 scale per output channel: 32 layers of 4 x 4096 + 2 x 11008 + 4096.
  EXPECT_EQ(layer_weight_bytes(llama("w8a8kv8", token)), weights + 32 * 42'496 * 2);
}

TEST(Traffic, KvCacheOfLlama2SevenBPerToken) {
  // 524,288 B in FP16, 131,072 B at 4 bits: one token more of context in every layer and head.
  const auto cache = [](const char* scheme, std::int64_t context) {
    const Workload w = llama(scheme, {Phase::kDecode, 1, 0, context});
    return traffic(w, "attn_scores").weight_bytes + traffic(w, "attn_values").weight_bytes;
  };
  EXPECT_EQ(cache("fp16", 256) - cache("fp16", 255), 524'288);
  // 128 tokens more: the cache itself, and 20 bits for each group of 128.
  EXPECT_EQ(cache("w4a8kv4_g128", 256) - cache("w4a8kv4_g128", 128),
            128 * 131'072 + 128 * 2 * 32 * 32 * 20 / 8);
}

TEST(Traffic, OutputsOfTheCacheProjectionsAreNarrow) {
  const Workload w = llama("w4a8kv4_g128", {Phase::kPrefill, 1, 128, 0});
  EXPECT_EQ(traffic(w, "q_proj").out_bytes, 32LL * 128 * 4096 * 2);
  EXPECT_EQ(traffic(w, "k_proj").out_bytes, 32LL * (128 * 4096 / 2 + 128 * 32 * 20 / 8));
  EXPECT_EQ(traffic(w, "q_proj").act_bytes, 32LL * 128 * (4096 + 2));  // i8 and an FP16 scale
}

TEST(Traffic, MaskedScoresAreNotWritten) {
  const Workload w = llama("fp16", {Phase::kPrefill, 1, 128, 0});
  EXPECT_EQ(traffic(w, "attn_scores").out_bytes, 32LL * 32 * (128 * 129 / 2) * 2);
  EXPECT_EQ(traffic(w, "attn_values").act_bytes, 32LL * 32 * (128 * 129 / 2) * 2);
}

TEST(Workload, EqualQuantisationsAreKeptOnce) {
  const LlmRun run{Phase::kDecode, 1, 0, 8};
  // Linears and attention; the projections that write the cache.
  EXPECT_EQ(llama("w4a8kv4_g128", run).quants.size(), 2u);
  // Here K is written with a channel scale for each token, V is not.
  const Workload w = llama("w4a8kv4_g128_int8_before", run);
  EXPECT_EQ(w.quants.size(), 3u);
  for (std::size_t i = 0; i < w.quants.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_FALSE(w.quants[i] == w.quants[j]);
  }
}

}  // namespace
}  // namespace mixpe
