#include "sim/workload/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <fstream>

#include "sim/workload/llm.h"
#include "sim/workload/locate.h"

namespace mixpe {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Workload parsed(const std::string& csv, const std::string& scheme = "w4a8kv4_g128") {
  Diagnostics wrong;
  const auto w = parse_trace_csv("t.csv", csv, scheme, wrong);
  EXPECT_TRUE(w) << wrong.text();
  return w.value_or(Workload{});
}

std::string errors(const std::string& csv, const std::string& scheme = "w4a8kv4_g128") {
  Diagnostics wrong;
  EXPECT_FALSE(parse_trace_csv("t.csv", csv, scheme, wrong));
  return wrong.text();
}

void expect_equal(const Workload& a, const Workload& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.scheme, b.scheme);
  EXPECT_EQ(a.llm, b.llm);
  EXPECT_EQ(a.phase, b.phase);
  EXPECT_EQ(a.tokens, b.tokens);
  EXPECT_EQ(a.notes, b.notes);
  EXPECT_EQ(a.quants, b.quants);
  ASSERT_EQ(a.gemms.size(), b.gemms.size());
  for (std::size_t i = 0; i < a.gemms.size(); ++i) {
    const Gemm &x = a.gemms[i], &y = b.gemms[i];
    const auto fields = [](const Gemm& g) {
      return std::tie(g.layer, g.op, g.m, g.n, g.k, g.batch, g.count, g.quant, g.role, g.head_dim,
                      g.scheme, g.causal, g.rows_per_token, g.causal_offset, g.act_k_pitch,
                      g.wgt_k_pitch);
    };
    EXPECT_EQ(fields(x), fields(y)) << x.op;
  }
}

Workload built(const std::string& model, const std::string& scheme, const LlmRun& run) {
  Diagnostics wrong;
  const auto llm = load_llm(model, wrong);
  const auto s = load_scheme(scheme, wrong);
  auto w = build_llm_workload(llm.value(), run, s.value(), wrong);
  wrong.throw_if_any();
  return w.value();
}

TEST(Trace, GeneratedOnesReadBackTheSame) {
  for (const char* model : {"llama2-7b", "llama3-8b", "opt-6.7b"}) {
    for (const ConfigEntry& scheme : list_schemes()) {
      for (const LlmRun& run :
           {LlmRun{Phase::kPrefill, 2, 100, 28}, LlmRun{Phase::kDecode, 3, 0, 70}}) {
        const Workload w = built(model, scheme.name, run);
        expect_equal(parsed(write_trace_csv(w), ""), w);
      }
    }
  }
  const Workload vit = built("vit-h14", "w8a8kv8", {Phase::kPrefill, 1, 0, 0});
  expect_equal(parsed(write_trace_csv(vit), ""), vit);
}

TEST(Trace, SchemesOfTheirOwnReadBackTheSame) {
  const Workload w = parsed(
      "layer,op,m,n,k,scheme\n"
      "a,x,1,2,3,fp16\n"
      "b,y,4,5,6,\n");
  EXPECT_EQ(w.scheme, "fp16, w4a8kv4_g128");
  EXPECT_EQ(w.gemms[0].scheme, "fp16");
  EXPECT_EQ(w.quants[static_cast<std::size_t>(w.gemms[1].quant)].weight.store, unsigned_int(4));
  expect_equal(parsed(write_trace_csv(w), ""), w);
}

TEST(Trace, ColumnsMayComeInAnyOrderAndMostAreOptional) {
  const Workload w = parsed(
      "# a comment\r\n"
      "\r\n"
      "K, n ,M,op,layer,count\r\n"
      "3,2,1,gemm,first,\r\n"
      " 6,5,4,gemm,second, 7\r\n");
  ASSERT_EQ(w.gemms.size(), 2u);
  EXPECT_EQ(w.name, "t");
  EXPECT_EQ(w.gemms[0].m, 1);
  EXPECT_EQ(w.gemms[0].n, 2);
  EXPECT_EQ(w.gemms[0].k, 3);
  EXPECT_EQ(w.gemms[0].count, 1);
  EXPECT_EQ(w.gemms[1].count, 7);
  EXPECT_EQ(w.gemms[1].at.line, 5);
  EXPECT_EQ(w.gemms[1].at.column, 2);
}

TEST(Trace, CommandLineSchemeGoesBeforeTheFilesDefault) {
  const std::string csv = "#: scheme = fp16\nlayer,op,m,n,k\na,b,1,2,3\n";
  EXPECT_EQ(parsed(csv, "").scheme, "fp16");
  EXPECT_EQ(parsed(csv, "w8a8kv8").scheme, "w8a8kv8");
  EXPECT_THAT(errors("layer,op,m,n,k\na,b,1,2,3\n", ""), HasSubstr("no scheme is given"));
}

TEST(Trace, AttentionRolesTakeTheCachesFormat) {
  const Workload w = parsed(
      "layer,op,role,m,n,k,causal,rows_per_token,causal_offset,head_dim\n"
      "l,k,k_cache,8,256,64,,,,128\n"
      "l,s,scores,8,6,128,yes,2,2,\n"
      "l,v,values,8,128,6,yes,2,2,\n");
  EXPECT_EQ(w.quants[static_cast<std::size_t>(w.gemms[0].quant)].out, unsigned_int(4));
  EXPECT_EQ(w.gemms[1].causal, Causal::kScores);
  EXPECT_EQ(w.gemms[2].causal, Causal::kValues);
  EXPECT_EQ(w.gemms[1].useful_macs(), 2 * (3 + 4 + 5 + 6) * 128);
}

TEST(Trace, AllMistakesAreShownAtOnceWithTheirPlace) {
  const std::string text = errors(
      "layer,op,m,n,k,role,batch\n"
      "a,b,one,2,3,,\n"
      "a,b,1,-2,3,,\n"
      "a,b,1,2,0,,\n"
      "a,b,9223372036854775808,2,3,,\n"
      "a,b,1,2,3,attention,\n"
      "a,b,1,2\n"
      "a,b,1,2,3,,010\n"
      "a,b,,2,3,,\n"
      "a,b,1,2,3,,1.5\n");
  EXPECT_THAT(text, AllOf(HasSubstr("t.csv:2:5: m: must be a whole number"),
                          HasSubstr("t.csv:3:7: n: out of range; got '-2'"),
                          HasSubstr("t.csv:4:9: k: out of range; got '0'"),
                          HasSubstr("t.csv:5:5: m:"), HasSubstr("t.csv:6:11: role: unknown role"),
                          HasSubstr("t.csv:7:"), HasSubstr("t.csv:8:12: batch:"),
                          HasSubstr("t.csv:9:5: m:"), HasSubstr("t.csv:10:12: batch:")));
  EXPECT_THAT(text, HasSubstr("wrong number of cells; got 4"));
}

TEST(Trace, MissingUnknownAndRepeatedColumnsAreNamed) {
  EXPECT_THAT(errors("layer,op,m,n,coumt,n\na,b,1,2,3,4\n"),
              AllOf(HasSubstr("t.csv:1:14: unknown column (did you mean 'count'?)"),
                    HasSubstr("t.csv:1:20: column given twice"),
                    HasSubstr("t.csv:1:1: k: missing column")));
}

TEST(Trace, EmptyFilesHaveNoHeader) {
  for (const char* text : {"", "\n\n", "# only a comment\n"}) {
    EXPECT_THAT(errors(text), HasSubstr("no header line"));
  }
  EXPECT_THAT(errors("layer,op,m,n,k\n"), HasSubstr("the trace has no GEMM"));
}

TEST(Trace, BinaryAndHugeLinesAreRefused) {
  EXPECT_THAT(errors(std::string("layer,op,m,n,k\na,b\0,1,2,3\n", 27)),
              HasSubstr("t.csv:2:4: control character; got byte 0"));
  EXPECT_THAT(errors("layer,op,m,n,k\n" + std::string(100'000, 'x') + "\n"),
              HasSubstr("t.csv:2:1: line is too long; got 100000 bytes"));
}

TEST(Trace, GarbageDoesNotDrownTheReader) {
  std::string csv = "layer,op,m,n,k\n";
  for (int i = 0; i < 10'000; ++i) csv += "x\n";
  const std::string text = errors(csv);
  EXPECT_THAT(text, HasSubstr("too many mistakes"));
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 300);
}

TEST(Trace, PaddedRowsReadBackTheSame) {
  const Workload w = parsed(
      "layer,op,m,n,k,act_k_pitch,wgt_k_pitch\na,b,4,6,16,28,32\na,c,4,6,16,,16\n", "w8a8kv8");
  EXPECT_EQ(w.gemms[0].act_k_pitch, 28);
  EXPECT_EQ(w.gemms[0].wgt_k_pitch, 32);
  EXPECT_EQ(w.gemms[1].act_k_pitch, 0);
  expect_equal(parsed(write_trace_csv(w), ""), w);
  const auto of = [&w](std::size_t i) { return compulsory_traffic(w.gemms[i], w.quants.at(0)); };
  EXPECT_EQ(of(0).act_bytes - of(1).act_bytes, 4 * (28 - 16));
  EXPECT_EQ(of(0).weight_bytes - of(1).weight_bytes, 6 * (32 - 16));
}

TEST(Trace, RulesBetweenCells) {
  EXPECT_THAT(errors("layer,op,m,n,k,act_k_pitch\na,b,1,2,30,28\n"),
              HasSubstr("a.b.act_k_pitch: is less than k; got 28; allowed 0 or at least 30"));
  EXPECT_THAT(errors("layer,op,m,n,k,role,causal,wgt_k_pitch\na,b,3,2,3,scores,yes,8\n"),
              HasSubstr("wgt_k_pitch: a causal GEMM"));
  EXPECT_THAT(errors("layer,op,m,n,k,wgt_k_pitch\na,b,1,2147483648,1,2147483648\n"),
              HasSubstr("k with its padding"));
  EXPECT_THAT(errors("layer,op,m,n,k,role\na,b,1,2,3,k_cache\n"), HasSubstr("needs its head_dim"));
  EXPECT_THAT(errors("layer,op,m,n,k,role,head_dim\na,b,1,256,3,v_cache,100\n"),
              HasSubstr("must divide n"));
  EXPECT_THAT(errors("layer,op,m,n,k,causal\na,b,1,2,3,yes\n"), HasSubstr("only attention"));
  EXPECT_THAT(errors("layer,op,m,n,k,role,causal,rows_per_token\na,b,3,2,3,scores,yes,2\n"),
              HasSubstr("rows_per_token: must divide m"));
  EXPECT_THAT(errors("layer,op,m,n,k\na,b,2147483648,2147483648,3\n"), HasSubstr("too large"));
  EXPECT_THAT(errors("layer,op,m,n,k\n\"a\",b,1,2,3\n"), HasSubstr("quote"));
  EXPECT_THAT(errors("#: colour = red\nlayer,op,m,n,k\na,b,1,2,3\n"), HasSubstr("unknown key"));
  EXPECT_THAT(errors("#: llm = a\n#: llm = b\nlayer,op,m,n,k\na,b,1,2,3\n"),
              HasSubstr("t.csv:2:1: llm: given twice"));
}

TEST(Trace, UnknownSchemeIsReportedOnceWhereItIsWritten) {
  const std::string text = errors(
      "layer,op,m,n,k,scheme\n"
      "a,b,1,2,3,fp17\n"
      "c,d,1,2,3,fp17\n");
  EXPECT_THAT(text, AllOf(HasSubstr("t.csv:2:1: scheme:"), HasSubstr("did you mean 'fp16'?")));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 0);
}

TEST(Trace, EveryGroupTailIsNamedWhereForbidden) {
  std::ifstream in(configs_root() + "/schemes/w4a8kv4_g128.yaml");
  std::string text((std::istreambuf_iterator<char>(in)), {});
  text.replace(text.find("k_tail: allow"), 13, "k_tail: forbid");
  const std::string path = testing::TempDir() + "strict_tails.yaml";
  std::ofstream(path) << text;
  EXPECT_THAT(errors("layer,op,m,n,k\na,b,1,2,128\na,c,1,2,129\n", path),
              AllOf(HasSubstr("t.csv:3:1: a.c.k:"), testing::Not(HasSubstr("a.b.k"))));
}

TEST(ScaleSim, TopologyIsReadByPosition) {
  // The layout of topologies/GEMM_mnk in SCALE-Sim: header, trailing commas, blanks.
  const Workload w = parsed(
      "Layer, M, N, K,\n"
      "QKT, 1024, 512, 64,\n"
      "Test 1,256,128,300,\n"
      "heads, 4, 5, 6, 12,\n"
      "dense, 4, 5, 6, 2:2, 3,\n"
      "no comma,1,2,3\n",
      "w8a8kv8");
  ASSERT_EQ(w.gemms.size(), 5u);
  EXPECT_EQ(w.gemms[0].layer, "QKT");
  EXPECT_EQ(w.gemms[0].m, 1024);
  EXPECT_EQ(w.gemms[0].n, 512);
  EXPECT_EQ(w.gemms[0].k, 64);
  EXPECT_EQ(w.gemms[1].layer, "Test 1");
  EXPECT_EQ(w.gemms[2].batch, 12);
  EXPECT_EQ(w.gemms[3].batch, 3);
  EXPECT_EQ(w.gemms[4].k, 3);
  expect_equal(parsed(write_trace_csv(w), ""), w);
}

TEST(ScaleSim, WhatIsNotModelledIsRefused) {
  EXPECT_THAT(errors("Layer,M,N,K,\na,1,2,3,2:4,\n"), HasSubstr("sparse weights"));
  EXPECT_THAT(errors("Layer name, IFMAP Height, IFMAP Width, Filter Height,\na,1,2,3,\n"),
              HasSubstr("topology of convolutions"));
  EXPECT_THAT(errors("Layer,M,N,K,\na,1,2,\nb,x,2,3,\n"),
              AllOf(HasSubstr("t.csv:2:7: K:"), HasSubstr("t.csv:3:3: M:")));
  // Another order of columns is neither SCALE-Sim's nor ours.
  EXPECT_THAT(errors("Layer,M,K,N,\na,1,2,3,\n"), HasSubstr("op: missing column"));
}

TEST(Trace, YamlFormSaysTheSame) {
  const std::string path = testing::TempDir() + "trace_form.yaml";
  std::ofstream(path)
      << "trace: t\nscheme: w4a8kv4_g128\ntokens: 4\nnotes: [one, two]\ngemms:\n"
         "  - {layer: l, op: s, role: scores, m: 8, n: 6, k: 128, causal: true,\n"
         "     rows_per_token: 2, causal_offset: 2, batch: 3}\n"
         "  - {layer: l, op: k, role: k_cache, m: 8, n: 256, k: 64, head_dim: 128,\n"
         "     count: 2}\n";
  Diagnostics wrong;
  const auto w = load_trace(path, "", wrong);
  ASSERT_TRUE(w) << wrong.text();
  expect_equal(*w, parsed("#: scheme = w4a8kv4_g128\n#: tokens = 4\n#: note = one\n#: note = two\n"
                          "layer,op,role,m,n,k,batch,count,head_dim,causal,rows_per_token,"
                          "causal_offset\n"
                          "l,s,scores,8,6,128,3,1,0,yes,2,2\nl,k,k_cache,8,256,64,1,2,128,no,1,0\n",
                          ""));
  std::ofstream(path) << "trace: t\ngemms:\n  - {layer: l, op: s, m: 8, n: x, kk: 128}\n";
  Diagnostics bad;
  EXPECT_FALSE(load_trace(path, "fp16", bad));
  EXPECT_THAT(bad.text(), AllOf(HasSubstr(":3:32: gemms[0].n:"), HasSubstr("gemms[0].kk"),
                                HasSubstr("gemms[0].k: missing key")));
}

TEST(Trace, DirectoriesAndMissingFilesAreNoTraces) {
  Diagnostics wrong;
  EXPECT_FALSE(load_trace(testing::TempDir(), "fp16", wrong));
  EXPECT_FALSE(load_trace(testing::TempDir() + "not_there.csv", "fp16", wrong));
  EXPECT_EQ(wrong.list().size(), 2u);
}

std::string checked(const std::string& name, const std::string& text) {
  const std::string path = testing::TempDir() + name;
  std::ofstream(path) << text;
  Diagnostics wrong;
  check_trace(path, wrong);
  return wrong.text();
}

TEST(Trace, CheckNeedsNoSchemeAndSeesEverythingElse) {
  EXPECT_EQ(checked("bare.csv", "Layer,M,N,K,\na,1,2,3,\n"), "");
  EXPECT_EQ(checked("bare.yaml", "trace: t\ngemms: [{layer: a, op: b, m: 1, n: 2, k: 3}]\n"), "");
  EXPECT_THAT(checked("bare.csv", "layer,op,m,n,k,scheme\na,b,1,2,0,fp16\na,c,1,2,3,fp17\n"),
              AllOf(HasSubstr("bare.csv:2:9: k: out of range"), HasSubstr("bare.csv:3:1: scheme: "),
                    HasSubstr("did you mean 'fp16'?")));
  EXPECT_THAT(checked("bare.csv", "layer,op,m,n,k,head_dim\na,b,1,2,3,2\n"),
              HasSubstr("a.b.head_dim: only a GEMM that writes the cache"));
  EXPECT_THAT(checked("bare.csv", "layer,op,m,n,k\na,b,2147483648,2147483648,3\n"),
              HasSubstr("too large"));
}

TEST(Trace, ShippedOnesLoad) {
  const std::filesystem::path traces = std::filesystem::path(MIXPE_SOURCE_DIR) / "traces";
  int loaded = 0;
  for (const auto& entry : std::filesystem::directory_iterator(traces)) {
    if (entry.path().extension() == ".md") continue;
    Diagnostics wrong;
    EXPECT_TRUE(load_trace(entry.path().string(), "w4a8kv4_g128", wrong)) << wrong.text();
    ++loaded;
  }
  EXPECT_GE(loaded, 2);
}

TEST(Trace, ShippedLlamaLayerIsALayerOfTheModel) {
  Workload w = built("llama2-7b", "w4a8kv4_g128", {Phase::kPrefill, 1, 512, 0});
  for (Gemm& g : w.gemms) g.count = 1;
  w.gemms.pop_back();  // the LM head is not of a layer
  w.name = "llama2-7b_layer_prefill512";
  w.notes.clear();
  Diagnostics wrong;
  const auto shipped = load_trace(
      std::string(MIXPE_SOURCE_DIR) + "/traces/llama2-7b_layer_prefill512.csv", "", wrong);
  ASSERT_TRUE(shipped) << wrong.text();
  expect_equal(*shipped, w);
}

TEST(TraceInfo, TotalsAreTheSums) {
  // 2*3*5 + 7*3 * 4 MACs; FP16 bytes: weights 2*15 + 2*12, activations 2*10 + 2*28 ...
  const std::string info = trace_info(parsed("layer,op,m,n,k\na,x,2,3,5\nb,y,7,3,4\n", "fp16"));
  const std::string total = info.substr(info.find("\ntotal") + 1);
  std::istringstream fields(total);
  std::string word;
  std::vector<std::string> words;
  while (fields >> word) words.push_back(word);
  // total, 2, GEMMs, dense, useful, saved, weights, activations, outputs, MACs per byte
  EXPECT_THAT(words, testing::ElementsAre("total", "2", "GEMMs", "114", "114", "0.00", "54", "76",
                                          "54", "0.62"));
}

TEST(TraceInfo, MaskShowsWhatItSaves) {
  const std::string info = trace_info(built("llama2-7b", "fp16", {Phase::kPrefill, 1, 4, 0}));
  // 4 x 4 scores, 10 of 16 remain.
  EXPECT_THAT(info, HasSubstr(" 37.50 "));
  EXPECT_THAT(info, HasSubstr("note: Outside the model"));
}

RC_GTEST_PROP(Trace, AnyTextIsReadOrRefusedButNeverBreaks, ()) {
  const auto alphabet = rc::gen::element<std::string>(
      "layer", "op", "m", "n", "k", ",", ",", ",", "\n", "\n", "1", "2", "-3", "#", "#:", "=",
      "yes", "scores", "role", "causal", "rows_per_token", "99999999999999999999", " ", "\"",
      std::string(1, '\0'), "Layer,M,N,K,\n", "layer,op,m,n,k\n");
  std::string text;
  for (const std::string& part : *rc::gen::container<std::vector<std::string>>(alphabet))
    text += part;
  Diagnostics wrong;
  const auto w = parse_trace_csv("t.csv", text, "fp16", wrong);
  RC_ASSERT(w.has_value() == wrong.ok());
}

}  // namespace
}  // namespace mixpe
