#include "sim/workload/scheme.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "sim/workload/llm.h"
#include "sim/workload/locate.h"

namespace mixpe {
namespace {

using testing::HasSubstr;

Scheme shipped(const std::string& name) {
  Diagnostics wrong;
  const auto loaded = load_scheme(name, wrong);
  EXPECT_TRUE(loaded) << wrong.text();
  return loaded.value_or(Scheme{});
}

/// The errors of a shipped scheme after `from` was replaced by `to` everywhere.
std::string errors_after(const std::string& name, const std::string& from, const std::string& to) {
  std::ifstream in(configs_root() + "/schemes/" + name + ".yaml");
  std::string text((std::istreambuf_iterator<char>(in)), {});
  EXPECT_NE(text.find(from), std::string::npos) << from;
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const std::string path = testing::TempDir() + test->name() + ".yaml";
  std::ofstream(path) << text;
  Diagnostics wrong;
  EXPECT_FALSE(load_scheme(path, wrong)) << from << " -> " << to;
  return wrong.text();
}

TEST(Scheme, EveryShippedOneLoadsUnderItsOwnName) {
  const auto all = list_schemes();
  EXPECT_GE(all.size(), 6u);
  for (const ConfigEntry& entry : all) {
    const Scheme s = shipped(entry.name);
    EXPECT_EQ(s.name, entry.name);
    EXPECT_EQ(s.description, entry.description);
    EXPECT_FALSE(s.lm_head_note.empty());
  }
}

TEST(Scheme, GroupMetadataOfOneChannel) {
  // 4096 elements, 32 groups: an FP16 scale and a 4-bit zero-point each.
  EXPECT_EQ(shipped("w4a8kv4_g128").weight.metadata_bits(4096), 32 * (16 + 4));
  // A group begun is paid in full.
  EXPECT_EQ(shipped("w4a8kv4_g128").weight.metadata_bits(129), 2 * (16 + 4));
  // Two levels: u8 scale and i8 product per group, one FP16 scale per channel.
  const WeightQuant two = shipped("w4a8kv4_g128_int8_before").weight;
  EXPECT_EQ(two.group_metadata_bits(4096), 32 * (8 + 8));
  EXPECT_EQ(two.channel_metadata_bits(), 16);
  EXPECT_EQ(two.zero->type, unsigned_int(4)) << "z itself stays a 4-bit number";
  EXPECT_EQ(shipped("w8a8kv8").weight.metadata_bits(4096), 16);
  EXPECT_EQ(shipped("fp16").weight.metadata_bits(4096), 0);
}

TEST(Scheme, AfterGroupEndsPartialSumsOnlyAfterTheMac) {
  EXPECT_EQ(shipped("w4a8kv4_g128").weight.after_group(), 128);
  EXPECT_EQ(shipped("w4a16kv4_g128").weight.after_group(), 128);
  EXPECT_EQ(shipped("w4a8kv4_g128_int8_before").weight.after_group(), 0);
  EXPECT_EQ(shipped("w4a16kv4_g128_fp16_before").weight.after_group(), 0);
  EXPECT_EQ(shipped("w8a8kv8").weight.after_group(), 0);
}

TEST(Scheme, VariantsBeforeTheArrayKeepTheSameBitsInMemory) {
  for (const char* name : {"w4a8kv4_g128_int8_before", "w4a16kv4_g128_fp16_before"}) {
    const Scheme s = shipped(name);
    for (const WeightQuant* w : {&s.weight, &s.k_cache, &s.v_cache}) {
      EXPECT_EQ(w->store, unsigned_int(4));
      EXPECT_NE(w->mac, w->store);
      EXPECT_EQ(w->group_scale()->k, 128);
    }
  }
}

TEST(Scheme, AttentionTakesCacheAndQueryFormats) {
  const Scheme s = shipped("w4a8kv4_g128");
  EXPECT_EQ(gemm_quant(s, GemmRole::kScores, "attn_scores", 512, 0).weight, s.k_cache);
  EXPECT_EQ(gemm_quant(s, GemmRole::kScores, "attn_scores", 512, 0).act, s.q);
  EXPECT_EQ(gemm_quant(s, GemmRole::kValues, "attn_values", 128, 0).weight, s.v_cache);
  EXPECT_EQ(gemm_quant(s, GemmRole::kLinear, "q_proj", 4096, 0).out, kFp16);
}

TEST(Scheme, CacheProjectionsWriteTheCachesFormat) {
  const Scheme s = shipped("w4a8kv4_g128");
  const GemmQuant k = gemm_quant(s, GemmRole::kKCache, "k_proj", 4096, 128);
  EXPECT_EQ(k.out, unsigned_int(4));
  EXPECT_EQ(k.out_metadata_bits_n, 16 + 4);  // per token and head
  EXPECT_EQ(k.out_block_n, 128);
  const GemmQuant v = gemm_quant(s, GemmRole::kVCache, "v_proj", 4096, 128);
  EXPECT_EQ(v.out_metadata_bits_n, 16 + 4);  // per 128 tokens and channel: a token's share
  EXPECT_EQ(v.out_block_n, 128);
  // ViT-H: a head of 80 channels is one shorter group.
  EXPECT_EQ(gemm_quant(s, GemmRole::kKCache, "k_proj", 1280, 80).out_block_n, 80);
  const GemmQuant v8 = gemm_quant(shipped("w8a8kv8"), GemmRole::kVCache, "v_proj", 4096, 128);
  EXPECT_EQ(v8.out, signed_int(8));
  EXPECT_EQ(v8.out_metadata_bits_n, 16);
}

TEST(Scheme, ScaleFoldedIntoPIsStillTraffic) {
  // 512 tokens, one FP16 scale each, shared by the 128 channels of the head.
  const GemmQuant q = gemm_quant(shipped("w8a8kv8"), GemmRole::kValues, "attn_values", 128, 0);
  EXPECT_EQ(128 * q.weight.metadata_bits(512), 512 * 16);
  EXPECT_EQ(q.weight.group_scale(), nullptr) << "nothing is rescaled along K in the array";
}

TEST(Scheme, HeadOfItsOwnFormat) {
  const std::string path = testing::TempDir() + "own_head.yaml";
  std::ifstream in(configs_root() + "/schemes/w4a8kv4_g128.yaml");
  std::string text((std::istreambuf_iterator<char>(in)), {});
  const std::string from = "quant: as_layers";
  text.replace(
      text.find(from), from.size(),
      "quant: own\n    weight: {store: i8, mac: i8, convert: none,\n"
      "      scales: [{k: -1, type: fp16, apply: epi}]}\n    act: {store: i8, scale: token}");
  std::ofstream(path) << text;
  Diagnostics wrong;
  const auto s = load_scheme(path, wrong);
  ASSERT_TRUE(s) << wrong.text();
  EXPECT_EQ(gemm_quant(*s, GemmRole::kLinear, "lm_head", 32000, 0).weight.store, signed_int(8));
  EXPECT_EQ(gemm_quant(*s, GemmRole::kLinear, "head", 1000, 0).weight.store, signed_int(8));
  EXPECT_EQ(gemm_quant(*s, GemmRole::kLinear, "q_proj", 4096, 0).weight.store, unsigned_int(4));
}

TEST(Scheme, MessageNamesTheFormats) {
  EXPECT_EQ(
      format_names(gemm_quant(shipped("w4a8kv4_g128_int8_before"), GemmRole::kLinear, "q", 1, 0)),
      "u4 weights (multiplied as i8) x i8 activations");
  EXPECT_EQ(format_names(gemm_quant(shipped("fp16"), GemmRole::kLinear, "q", 1, 0)),
            "fp16 weights x fp16 activations");
}

TEST(SchemeRules, NarrowMultiplierIsRefused) {
  EXPECT_THAT(errors_after("w8a8kv8", "mac: i8", "mac: i4"), HasSubstr("weight.mac"));
}

TEST(SchemeRules, WideningWithoutConversionMustHoldEveryValue) {
  EXPECT_THAT(errors_after("w4a8kv4_g128", "mac: u4", "mac: fp16"), HasSubstr("cannot hold"));
}

TEST(SchemeRules, ZeroPointNeedsItsScale) {
  EXPECT_THAT(errors_after("w4a8kv4_g128", "zero: {k: 128", "zero: {k: 64"),
              HasSubstr("a scale of the same block"));
  EXPECT_THAT(errors_after("w4a8kv4_g128", "form: int, apply: acc", "form: int, apply: epi"),
              HasSubstr("zero.apply"));
  EXPECT_THAT(errors_after("w4a8kv4_g128", "store: u4", "store: i4"),
              HasSubstr("a zero-point belongs to an unsigned format"));
}

TEST(SchemeRules, GroupOfZeroElementsIsRefused) {
  EXPECT_THAT(errors_after("w4a8kv4_g128", "k: 128", "k: 0"), HasSubstr("weight.scales[0].k"));
}

TEST(SchemeRules, ConversionNeedsItsScaleAndResult) {
  EXPECT_THAT(errors_after("w4a8kv4_g128_int8_before", "type: u8", "type: fp16"),
              HasSubstr("wrong scale type; got fp16; allowed u8"));
  EXPECT_THAT(errors_after("w4a8kv4_g128_int8_before", "convert: int", "convert: none"),
              HasSubstr("needs a conversion"));
  EXPECT_THAT(errors_after("w4a16kv4_g128_fp16_before", "convert: fp16", "convert: int"),
              HasSubstr("is not what the conversion gives"));
}

TEST(SchemeRules, AfterGroupAndEpilogueScaleExcludeEachOther) {
  EXPECT_THAT(errors_after("w4a8kv4_g128", "- {k: 128, type: fp16, apply: acc}",
                           "- {k: 128, type: fp16, apply: acc}\n"
                           "    - {k: -1, type: fp16, apply: epi}"),
              testing::Not(testing::IsEmpty()));
}

TEST(SchemeRules, FoldIntoPNeedsSymmetricV) {
  EXPECT_THAT(errors_after("w8a8kv8", "- {k: 1, n: -1, type: fp16, apply: into_p}",
                           "- {k: 1, n: -1, type: fp16, apply: into_p}\n"
                           "    zero: {k: 1, type: u8, form: int, apply: pro}"),
              HasSubstr("must be symmetric"));
  EXPECT_THAT(errors_after("w8a8kv8", "value_fold: into_p", "value_fold: tokens_grouped"),
              HasSubstr("attention.value_fold"));
  EXPECT_THAT(errors_after("w4a8kv4_g128", "value_fold: tokens_grouped", "value_fold: none"),
              HasSubstr("say how it meets the array"));
}

TEST(SchemeRules, MistakesCarryTheirLineAndComeAllAtOnce) {
  const std::string text = errors_after("fp16", "scale: none}", "scale: nome, mode: x}");
  EXPECT_THAT(text, testing::AllOf(HasSubstr(":5:"), HasSubstr("act.scale"), HasSubstr("act.mode"),
                                   HasSubstr("attention.q.scale"), HasSubstr("attention.p.mode"),
                                   HasSubstr("did you mean 'none'?")));
}

TEST(SchemeRules, HeadMustBeStated) {
  EXPECT_THAT(
      errors_after("fp16", "    note: \"LM head (or classifier) in FP16, as the layers\"\n", ""),
      HasSubstr("layers.lm_head.note: missing key"));
}

TEST(SchemeRules, BrokenRuleIsShownAtItsPart) {
  EXPECT_THAT(errors_after("w4a8kv4_g128", "  zero: {k: 128", "  zero: {k: 64"),
              HasSubstr("yaml:13:9: weight.zero:"));
}

}  // namespace
}  // namespace mixpe
