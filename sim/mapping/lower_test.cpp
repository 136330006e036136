#include "sim/mapping/lower.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/mapping/array_timing_of.h"
#include "sim/mapping/search.h"

namespace mixpe {
namespace {

using ::testing::HasSubstr;

ArchSpec arch_of(DequantPlacement placement) {
  ArchSpec a;
  a.name = "edge";
  a.file = "edge.yaml";
  a.array.rows = 4;
  a.array.cols = 8;
  a.pe.name = "paper";
  PeMode mode;
  mode.name = "w4";
  mode.weights = {unsigned_int(4)};
  mode.acts = {signed_int(8)};
  a.pe.modes = {mode};
  a.dequant.placement = placement;
  a.dequant.lanes = 8;
  a.dequant.converters = 8;
  a.act_buffer = a.wgt_buffer = a.out_buffer = {4096, 2, 256};
  a.memory.unlimited = true;
  return a;
}

GemmQuant quant_after_group(std::int64_t group) {
  GemmQuant q;
  q.weight.store = q.weight.mac = unsigned_int(4);
  q.weight.scales = {{group, kFp16, Apply::kAfterGroup, 1}};
  q.act.store = signed_int(8);
  return q;
}

Gemm gemm_of(std::int64_t m, std::int64_t n, std::int64_t k) {
  Gemm g;
  g.layer = "layers";
  g.op = "scores";
  g.m = m;
  g.n = n;
  g.k = k;
  return g;
}

std::string mistakes(const ArchSpec& arch, const GemmQuant& quant) {
  Diagnostics d;
  EXPECT_EQ(select_mode(arch, quant, at_gemm(gemm_of(1, 1, 1)), d), nullptr);
  return d.text();
}

TEST(Lower, TrimsCausalScoresToTheBlocksLastToken) {
  const ArchSpec arch = arch_of(DequantPlacement::kAfterGroup);
  Gemm g = gemm_of(10, 10, 16);
  g.causal = Causal::kScores;
  const std::vector<GemmTask> tasks = lower_gemm(g, 3, quant_after_group(8), arch);
  ASSERT_EQ(tasks.size(), 3U);
  const std::int64_t rows[] = {4, 4, 2}, columns[] = {4, 8, 10};
  std::int64_t useful = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(tasks[i].m, rows[i]);
    EXPECT_EQ(tasks[i].n, columns[i]);
    EXPECT_EQ(tasks[i].k, 16);
    EXPECT_EQ(tasks[i].segment, 8);
    EXPECT_EQ(tasks[i].gemm, 3);
    useful += tasks[i].useful_macs;
  }
  EXPECT_EQ(useful, 16 * 10 * 11 / 2);
}

TEST(Lower, TrimsCausalValuesAlongKAndHonoursTokensAndCache) {
  const ArchSpec arch = arch_of(DequantPlacement::kAfterGroup);
  Gemm g = gemm_of(12, 16, 100);
  g.causal = Causal::kValues;
  g.rows_per_token = 2;  // six tokens behind a cache of three
  g.causal_offset = 3;
  const std::vector<GemmTask> tasks = lower_gemm(g, 0, quant_after_group(8), arch);
  ASSERT_EQ(tasks.size(), 3U);
  EXPECT_EQ(tasks[0].k, 5);  // tokens 0 and 1 see 4 and 5
  EXPECT_EQ(tasks[1].k, 7);
  EXPECT_EQ(tasks[2].k, 9);
  EXPECT_EQ(tasks[0].useful_macs, 16 * 2 * (4 + 5));
}

TEST(Lower, JoinsBlocksThatSeeEverything) {
  const ArchSpec arch = arch_of(DequantPlacement::kAfterGroup);
  Gemm g = gemm_of(16, 6, 8);
  g.causal = Causal::kScores;
  const std::vector<GemmTask> tasks = lower_gemm(g, 0, quant_after_group(8), arch);
  ASSERT_EQ(tasks.size(), 2U);
  EXPECT_EQ(tasks[1].m, 12);
  EXPECT_EQ(tasks[1].n, 6);
}

TEST(Lower, NamesLayerFormatsAndPeWhenThePeCannotRunThem) {
  GemmQuant q = quant_after_group(8);
  q.weight.store = q.weight.mac = signed_int(8);
  const std::string text = mistakes(arch_of(DequantPlacement::kAfterGroup), q);
  EXPECT_THAT(text, HasSubstr("layers.scores"));
  EXPECT_THAT(text, HasSubstr("PE 'paper'"));
  EXPECT_THAT(text, HasSubstr("i8 weights x i8 activations"));
  EXPECT_THAT(text, HasSubstr("w4: u4 x i8"));
}

TEST(Lower, RefusesASchemeTheDequantPlacementCannotServe) {
  EXPECT_THAT(mistakes(arch_of(DequantPlacement::kNone), quant_after_group(8)),
              HasSubstr("got dequant.placement none; allowed after_group"));
  GemmQuant converted = quant_after_group(8);
  converted.weight.convert = Convert::kInt;
  converted.weight.scales[0].apply = Apply::kBeforeMac;
  EXPECT_THAT(mistakes(arch_of(DequantPlacement::kAfterGroup), converted),
              HasSubstr("allowed before_array"));
}

TEST(Lower, ReportsAllMistakesAtOnce) {
  Workload w;
  w.quants = {quant_after_group(8)};
  w.gemms = {gemm_of(4, 4, 4), gemm_of(5, 5, 5)};
  w.gemms[0].op = "first";
  w.gemms[1].op = "second";
  try {
    map_workload(w, arch_of(DequantPlacement::kNone));
    FAIL();
  } catch (const UserError& e) {
    EXPECT_THAT(e.what(), HasSubstr("first"));
    EXPECT_THAT(e.what(), HasSubstr("second"));
  }
}

TEST(Lower, SaysOnceWhatIsWrongWithAllGemmsOfAQuantisation) {
  Workload w;
  w.quants = {quant_after_group(8), quant_after_group(4)};
  for (int i = 0; i < 7; ++i) {
    w.gemms.push_back(gemm_of(4, 4, 4));
    w.gemms.back().quant = i < 6 ? 0 : 1;
  }
  try {
    lower(w, arch_of(DequantPlacement::kNone));
    FAIL();
  } catch (const UserError& e) {
    const std::string text = e.what();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    EXPECT_THAT(text, HasSubstr(" and 2 more: "));
  }
}

TEST(Lower, RefusesAZeroCorrectionThatLeavesTheLanes) {
  ArchSpec arch = arch_of(DequantPlacement::kAfterGroup);
  GemmQuant q = quant_after_group(8);
  q.weight.zero = ZeroSpec{8, unsigned_int(4), Apply::kAfterGroup, {}};
  arch.pe.acc_bits = 62;
  arch.pe.row_sum_bits = 59;  // 15 * 2^58 and 2^61: 64 bits
  Diagnostics none;
  EXPECT_NE(select_mode(arch, q, at_gemm(gemm_of(1, 1, 8)), none), nullptr) << none.text();
  arch.pe.row_sum_bits = 60;
  EXPECT_THAT(mistakes(arch, q), HasSubstr("got 65 bits; allowed up to 64 bits"));
  q.weight.zero.reset();
  EXPECT_NE(select_mode(arch, q, at_gemm(gemm_of(1, 1, 8)), none), nullptr) << none.text();
}

TEST(ArrayTimingOf, StretchesStepsToTheSlowestSupplier) {
  ArchSpec arch = arch_of(DequantPlacement::kBeforeArray);
  GemmQuant q = quant_after_group(8);
  const PeMode& mode = arch.pe.modes[0];
  EXPECT_EQ(array_timing(arch, q, mode).edge_ii, 1);
  arch.act_buffer = {4096, 1, 16};  // 4 rows x 8 bits = 32 bits a step
  EXPECT_EQ(array_timing(arch, q, mode).edge_ii, 2);
  EXPECT_STREQ(edge_rates(arch, q, mode).slowest(Dataflow::kOutputStationary),
               "activation buffer port");
  q.weight.convert = Convert::kInt;
  arch.dequant.converters = 3;  // 8 columns
  EXPECT_EQ(array_timing(arch, q, mode).edge_ii, 3);
  EXPECT_STREQ(edge_rates(arch, q, mode).slowest(Dataflow::kOutputStationary), "weight converters");
}

TEST(ArrayTimingOf, NarrowSuppliersLengthenAWeightStationaryLoadAndNoStep) {
  ArchSpec arch = arch_of(DequantPlacement::kBeforeArray);
  arch.array.dataflow = Dataflow::kWeightStationary;
  arch.wgt_buffer = {4096, 2, 8};  // a row is 8 weights of 4 bits
  GemmQuant q = quant_after_group(8);
  const PeMode& mode = arch.pe.modes[0];
  EXPECT_EQ(array_timing(arch, q, mode).weight_row_cycles, 2);
  EXPECT_EQ(array_timing(arch, q, mode).edge_ii, 1);
  q.weight.convert = Convert::kInt;
  arch.dequant.converters = 3;
  EXPECT_EQ(array_timing(arch, q, mode).weight_row_cycles, 3);
  arch.array.dataflow = Dataflow::kOutputStationary;
  EXPECT_EQ(array_timing(arch, q, mode).weight_row_cycles, 1);
  EXPECT_EQ(array_timing(arch, q, mode).edge_ii, 3);
}

TEST(ArrayTimingOf, DrainsAsFastAsLanesAndOutputPortAllow) {
  ArchSpec arch = arch_of(DequantPlacement::kAfterGroup);
  const GemmQuant q = quant_after_group(8);
  const PeMode& mode = arch.pe.modes[0];
  arch.dequant.lanes = 3;
  EXPECT_EQ(array_timing(arch, q, mode).drain_interval, 3);  // 8 columns
  arch.out_buffer = {4096, 1, 128};  // 8 values x 64 bits of read-modify-write
  EXPECT_EQ(array_timing(arch, q, mode).drain_interval, 4);
}

TEST(ArrayTimingOf, AddLatencyStretchesOutputStationaryStepsOnly) {
  ArchSpec arch = arch_of(DequantPlacement::kAfterGroup);
  arch.pe.add_latency = 4;
  arch.pe.interleave = 2;
  const GemmQuant q = quant_after_group(8);
  EXPECT_EQ(array_timing(arch, q, arch.pe.modes[0]).ii, 2);
  EXPECT_EQ(array_timing(arch, q, arch.pe.modes[0]).merge_cycles, 4);
  arch.array.dataflow = Dataflow::kWeightStationary;
  EXPECT_EQ(array_timing(arch, q, arch.pe.modes[0]).ii, 1);
  EXPECT_EQ(array_timing(arch, q, arch.pe.modes[0]).merge_cycles, 0);
}

}  // namespace
}  // namespace mixpe
