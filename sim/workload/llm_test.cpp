// Shapes and totals of the shipped models against constants from their publications.

#include "sim/workload/llm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "sim/workload/locate.h"

namespace mixpe {
namespace {

Llm llm(const std::string& name) {
  Diagnostics wrong;
  const auto loaded = load_llm(name, wrong);
  EXPECT_TRUE(loaded) << wrong.text();
  return loaded.value_or(Llm{});
}

Scheme scheme(const std::string& name) {
  Diagnostics wrong;
  const auto loaded = load_scheme(name, wrong);
  EXPECT_TRUE(loaded) << wrong.text();
  return loaded.value_or(Scheme{});
}

Workload build(const std::string& model, const LlmRun& run,
               const std::string& scheme_name = "w4a8kv4_g128") {
  Diagnostics wrong;
  const auto workload = build_llm_workload(llm(model), run, scheme(scheme_name), wrong);
  EXPECT_TRUE(workload) << wrong.text();
  return workload.value_or(Workload{});
}

std::string errors(const std::string& model, const LlmRun& run,
                   const std::string& scheme_name = "w4a8kv4_g128") {
  Diagnostics wrong;
  EXPECT_FALSE(build_llm_workload(llm(model), run, scheme(scheme_name), wrong));
  return wrong.text();
}

/// m, n, k, batch, count.
using Dims = std::array<std::int64_t, 5>;

std::map<std::string, Dims> dims(const Workload& w) {
  std::map<std::string, Dims> all;
  for (const Gemm& g : w.gemms) all[g.op] = {g.m, g.n, g.k, g.batch, g.count};
  EXPECT_EQ(all.size(), w.gemms.size()) << "an op appears twice";
  return all;
}

const Gemm& gemm(const Workload& w, const std::string& op) {
  for (const Gemm& g : w.gemms) {
    if (g.op == op) return g;
  }
  throw InvariantError("no such op");
}

TEST(Llm, ParametersEqualThePublishedTotals) {
  // Totals: the checkpoints (LLaMA, OPT) and torchvision's num_params (ViT); linears:
  // layers * (2 h (heads + kv) hd + 2 or 3 h i).
  struct Row {
    const char* name;
    std::int64_t linear, total;
  };
  for (const Row& row :
       {Row{"llama2-7b", 6'476'005'376, 6'738'415'616},
        Row{"llama2-13b", 12'687'769'600, 13'015'864'320},
        Row{"llama3-8b", 6'979'321'856, 8'030'261'248},
        Row{"opt-6.7b", 6'442'450'944, 6'658'473'984}, Row{"vit-b16", 84'934'656, 86'567'656},
        Row{"vit-h14", 629'145'600, 632'045'800}}) {
    EXPECT_EQ(linear_parameter_count(llm(row.name)), row.linear) << row.name;
    EXPECT_EQ(parameter_count(llm(row.name)), row.total) << row.name;
  }
}

TEST(Llm, EveryShippedModelIsListedWithALine) {
  std::vector<std::string> names;
  for (const ConfigEntry& entry : list_llms()) {
    names.push_back(entry.name);
    EXPECT_EQ(llm(entry.name).name, entry.name);
    EXPECT_FALSE(entry.description.empty()) << entry.name;
  }
  EXPECT_THAT(names, testing::ElementsAre("llama2-13b", "llama2-7b", "llama3-8b", "opt-6.7b",
                                          "vit-b16", "vit-h14"));
}

TEST(Llm, UnknownNameNamesTheNearest) {
  Diagnostics wrong;
  EXPECT_FALSE(load_llm("llama2-7", wrong));
  EXPECT_THAT(wrong.text(), testing::HasSubstr("did you mean 'llama2-7b'?"));
}

TEST(Llm, MistakesInAFileComeAllAtOnce) {
  std::ifstream in(configs_root() + "/llms/llama3-8b.yaml");
  std::string text((std::istreambuf_iterator<char>(in)), {});
  const auto replace = [&text](const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
  };
  replace("kv_heads: 8", "kv_heads: 5");
  replace("layers: 32", "layres: 32");
  replace("vocab: 128256", "vocab: 010");
  const std::string path = testing::TempDir() + "wrong_llm.yaml";
  std::ofstream(path) << text;
  Diagnostics wrong;
  EXPECT_FALSE(load_llm(path, wrong));
  EXPECT_THAT(
      wrong.text(),
      testing::AllOf(testing::HasSubstr("kv_heads: must divide heads"),
                     testing::HasSubstr("layres: unknown key (did you mean 'layers'?)"),
                     testing::HasSubstr("layers: missing key"), testing::HasSubstr("vocab:")));
}

TEST(Llm, TheFolderOfDescriptionsCanBeChosen) {
  namespace fs = std::filesystem;
  const fs::path root = fs::path(testing::TempDir()) / "own_configs";
  fs::create_directories(root / "llms");
  fs::copy_file(fs::path(configs_root()) / "llms/opt-6.7b.yaml", root / "llms/mine.yaml",
                fs::copy_options::overwrite_existing);
  ASSERT_EQ(setenv("MIXPE_CONFIGS", root.c_str(), 1), 0);
  Diagnostics wrong;
  const auto own = load_llm("mine", wrong);
  const bool known = load_llm("opt-6.7b", wrong).has_value();
  unsetenv("MIXPE_CONFIGS");
  EXPECT_TRUE(own);
  EXPECT_FALSE(known) << "only the chosen folder counts";
}

TEST(LlmWorkload, PrefillOfLlama2SevenB) {
  // h = 4096, i = 11008, 32 heads of 128, M = 2 * 512.
  const Workload w = build("llama2-7b", {Phase::kPrefill, 2, 512, 0});
  const std::map<std::string, Dims> expected = {
      {"q_proj", {1024, 4096, 4096, 1, 32}},     {"k_proj", {1024, 4096, 4096, 1, 32}},
      {"v_proj", {1024, 4096, 4096, 1, 32}},     {"attn_scores", {512, 512, 128, 64, 32}},
      {"attn_values", {512, 128, 512, 64, 32}},  {"o_proj", {1024, 4096, 4096, 1, 32}},
      {"gate_proj", {1024, 11008, 4096, 1, 32}}, {"up_proj", {1024, 11008, 4096, 1, 32}},
      {"down_proj", {1024, 4096, 11008, 1, 32}}, {"lm_head", {2, 32000, 4096, 1, 1}}};
  EXPECT_EQ(dims(w), expected);
  EXPECT_EQ(w.tokens, 1024);
  EXPECT_EQ(w.phase, "prefill");
  EXPECT_EQ(gemm(w, "attn_scores").causal, Causal::kScores);
  EXPECT_EQ(gemm(w, "attn_values").causal, Causal::kValues);
  EXPECT_EQ(gemm(w, "q_proj").causal, Causal::kNone);
  // Half and half a diagonal of 512 x 512 remain.
  EXPECT_EQ(gemm(w, "attn_scores").useful_macs(), 512LL * 513 / 2 * 128 * 64 * 32);
}

TEST(LlmWorkload, PrefillBehindACacheSeesIt) {
  const Workload w = build("llama2-7b", {Phase::kPrefill, 1, 100, 28});
  EXPECT_EQ(dims(w)["attn_scores"], (Dims{100, 128, 128, 32, 32}));
  EXPECT_EQ(dims(w)["attn_values"], (Dims{100, 128, 128, 32, 32}));
  EXPECT_EQ(gemm(w, "attn_scores").causal_offset, 28);
  // Row t sees 29 + t of 128 tokens.
  EXPECT_EQ(gemm(w, "attn_scores").useful_macs(), (100LL * 29 + 99 * 100 / 2) * 128 * 32 * 32);
}

TEST(LlmWorkload, DecodeOfLlama2SevenB) {
  const Workload w = build("llama2-7b", {Phase::kDecode, 16, 0, 512});
  const std::map<std::string, Dims> expected = {
      {"q_proj", {16, 4096, 4096, 1, 32}},     {"k_proj", {16, 4096, 4096, 1, 32}},
      {"v_proj", {16, 4096, 4096, 1, 32}},     {"attn_scores", {1, 512, 128, 512, 32}},
      {"attn_values", {1, 128, 512, 512, 32}}, {"o_proj", {16, 4096, 4096, 1, 32}},
      {"gate_proj", {16, 11008, 4096, 1, 32}}, {"up_proj", {16, 11008, 4096, 1, 32}},
      {"down_proj", {16, 4096, 11008, 1, 32}}, {"lm_head", {16, 32000, 4096, 1, 1}}};
  EXPECT_EQ(dims(w), expected);
  EXPECT_EQ(w.tokens, 16);
  for (const Gemm& g : w.gemms) EXPECT_EQ(g.useful_macs(), g.dense_macs()) << g.op;
}

TEST(LlmWorkload, GroupedQueriesOfLlama3ShareTheirKeys) {
  // 32 query and 8 KV heads: 4 query heads per KV head in m, token-major.
  const Workload w = build("llama3-8b", {Phase::kPrefill, 1, 256, 0});
  EXPECT_EQ(dims(w)["k_proj"], (Dims{256, 1024, 4096, 1, 32}));
  EXPECT_EQ(dims(w)["attn_scores"], (Dims{1024, 256, 128, 8, 32}));
  EXPECT_EQ(dims(w)["attn_values"], (Dims{1024, 128, 256, 8, 32}));
  EXPECT_EQ(dims(w)["gate_proj"], (Dims{256, 14336, 4096, 1, 32}));
  EXPECT_EQ(dims(w)["lm_head"], (Dims{1, 128256, 4096, 1, 1}));
  EXPECT_EQ(gemm(w, "attn_scores").rows_per_token, 4);
  EXPECT_EQ(gemm(w, "attn_scores").useful_macs(), 4 * (256LL * 257 / 2) * 128 * 8 * 32);
  EXPECT_EQ(dims(build("llama3-8b", {Phase::kDecode, 3, 0, 100}))["attn_scores"],
            (Dims{4, 100, 128, 24, 32}));
}

TEST(LlmWorkload, OptHasTwoFeedForwardLinears) {
  const auto d = dims(build("opt-6.7b", {Phase::kPrefill, 1, 8, 0}));
  EXPECT_EQ(d.at("fc1"), (Dims{8, 16384, 4096, 1, 32}));
  EXPECT_EQ(d.at("fc2"), (Dims{8, 4096, 16384, 1, 32}));
  EXPECT_EQ(d.at("lm_head"), (Dims{1, 50272, 4096, 1, 1}));
  EXPECT_EQ(d.count("gate_proj"), 0u);
}

TEST(LlmWorkload, VitHasPatchesAHeadAndNoMask) {
  const Workload w = build("vit-b16", {Phase::kPrefill, 2, 0, 0}, "w8a8kv8");
  const auto d = dims(w);
  EXPECT_EQ(d.at("patch_embed"), (Dims{2 * 196, 768, 768, 1, 1}));
  EXPECT_EQ(d.at("q_proj"), (Dims{2 * 197, 768, 768, 1, 12}));
  EXPECT_EQ(d.at("attn_scores"), (Dims{197, 197, 64, 24, 12}));
  EXPECT_EQ(d.at("fc1"), (Dims{2 * 197, 3072, 768, 1, 12}));
  EXPECT_EQ(d.at("head"), (Dims{2, 1000, 768, 1, 1}));
  for (const Gemm& g : w.gemms) EXPECT_EQ(g.causal, Causal::kNone);
}

TEST(LlmWorkload, LinearMacsArePerTokenTheParameters) {
  for (const char* name : {"llama2-7b", "llama2-13b", "llama3-8b", "opt-6.7b"}) {
    const Workload w = build(name, {Phase::kPrefill, 3, 5, 0}, "fp16");
    std::int64_t macs = 0;
    for (const Gemm& g : w.gemms) {
      if (g.layer == "layers" && g.batch == 1) macs += g.dense_macs();
    }
    EXPECT_EQ(macs, 15 * linear_parameter_count(llm(name))) << name;
  }
}

TEST(LlmWorkload, SaysWhatIsOutsideTheModel) {
  const Workload w = build("llama2-7b", {Phase::kPrefill, 1, 16, 0});
  const std::string all = testing::PrintToString(w.notes);
  for (const char* part :
       {"softmax", "norms", "Causal mask", "LM head", "groups of 128 tokens", "last token"}) {
    EXPECT_THAT(all, testing::HasSubstr(part));
  }
}

TEST(LlmWorkload, MistakesNameTheOption) {
  EXPECT_THAT(errors("llama2-7b", {Phase::kPrefill, 0, 0, -1}),
              testing::AllOf(testing::HasSubstr("--batch"), testing::HasSubstr("--tokens"),
                             testing::HasSubstr("--context")));
  EXPECT_THAT(errors("llama2-7b", {Phase::kDecode, 1, 0, 0}), testing::HasSubstr("--context"));
  EXPECT_THAT(errors("vit-b16", {Phase::kDecode, 1, 196, 1}, "w8a8kv8"),
              testing::AllOf(testing::HasSubstr("--phase"), testing::HasSubstr("--tokens"),
                             testing::HasSubstr("197"), testing::HasSubstr("--context")));
}

TEST(LlmWorkload, SizesBeyondTheLimitAreRefused) {
  EXPECT_THAT(errors("llama2-7b", {Phase::kPrefill, 1 << 20, 1 << 20, 0}),
              testing::HasSubstr("layers.q_proj.m"));
  // 2^31 rows fit, their MACs do not.
  EXPECT_THAT(errors("llama2-7b", {Phase::kPrefill, 1 << 16, 1 << 15, 0}),
              testing::HasSubstr("too large"));
}

TEST(LlmWorkload, TailForbiddenNamesTheLayer) {
  Scheme strict = scheme("w4a8kv4_g128");
  strict.allow_tail_group = false;
  Diagnostics wrong;
  // head_dim 80 is no multiple of 128; 257 tokens neither.
  EXPECT_FALSE(build_llm_workload(llm("vit-h14"), {Phase::kPrefill, 1, 0, 0}, strict, wrong));
  EXPECT_THAT(wrong.text(), testing::AllOf(testing::HasSubstr("layers.attn_scores.k"),
                                           testing::HasSubstr("layers.attn_values.k"),
                                           testing::HasSubstr("multiples of 128")));
}

}  // namespace
}  // namespace mixpe
