#include "sim/timing/machine_traffic.h"

#include <gtest/gtest.h>

namespace mixpe {
namespace {

/// 4 x 4 PEs, u4 weights in groups of 8 with an FP16 scale and a 4-bit zero-point, i8 activations.
GemmProblem small_problem() {
  GemmProblem p;
  p.task.m = 6;
  p.task.n = 5;
  p.task.k = 20;
  p.task.segment = 8;
  p.array.rows = p.array.cols = 4;
  p.quant.weight.store = p.quant.weight.mac = unsigned_int(4);
  p.quant.weight.scales = {{8, kFp16, Apply::kAfterGroup, 1}};
  p.quant.weight.zero = ZeroSpec{8, unsigned_int(4), Apply::kAfterGroup, std::nullopt};
  p.quant.act.store = signed_int(8);
  p.act_buffer = {1 << 20, 1, 16};
  p.wgt_buffer = {1 << 20, 1, 16};
  p.out_buffer = {1 << 20, 1, 64};
  return p;
}

TEST(EdgeTraffic, OutputStationaryStepsReadWholeWordsOfActiveLanes) {
  const GemmProblem p = small_problem();
  const Counters c = edge_traffic(p, {6, 5, 20, 8}, true);
  // Passes of 4 and 2 rows by 4 and 1 columns; 20 steps each: 32 and 16 bits of activations.
  EXPECT_EQ(c[Event::kActRead], 20U * 2 * (2 + 1));
  // 16 and 4 bits of weights a step; three segments' metadata of 80 and 20 bits.
  EXPECT_EQ(c[Event::kWgtRead], 2U * (20 * (1 + 1) + 3 * (5 + 2)));
  // Rows of 4 and 1 outputs, 2 words and 1; three segments, the first not read.
  EXPECT_EQ(c[Event::kOutWrite], 6U * 3 * 3);
  EXPECT_EQ(c[Event::kOutRead], 6U * 3 * 2);
  EXPECT_EQ(edge_traffic(p, {6, 5, 20, 8}, false)[Event::kOutRead], 6U * 3 * 3);
  EXPECT_EQ(c[Event::kConvert], 0U);
}

TEST(EdgeTraffic, WeightStationaryTilesReadWeightsOncePerAccumulatorChunk) {
  GemmProblem p = small_problem();
  p.array.dataflow = Dataflow::kWeightStationary;
  p.array.accumulator_rows = 4;
  const Counters c = edge_traffic(p, {6, 5, 20, 8}, true);
  // K-tiles of 4 in segments 8, 8, 4: five, each with 4 rows of weights; chunks of 4 and 2 rows of
  // m; two column blocks; metadata once per segment.
  EXPECT_EQ(c[Event::kWgtRead], 2U * (5 * 4 * (1 + 1) + 3 * (5 + 2)));
  EXPECT_EQ(c[Event::kActRead], 2U * 5 * 6 * 2);  // 4 activations of 8 bits a step
}

TEST(EdgeTraffic, ConvertedWeightsAreCountedEachTimeTheyEnter) {
  GemmProblem p = small_problem();
  p.task.segment = 0;
  p.quant.weight.convert = Convert::kInt;
  EXPECT_EQ(edge_traffic(p, {6, 5, 20, 0}, true)[Event::kConvert], 2U * 5 * 20);
}

TEST(DmaTraffic, FillsAndDrainsBuffersInWords) {
  const GemmProblem p = small_problem();
  EXPECT_EQ(act_load(p, 6, 19, false)[Event::kDramReadBytes], 114U);
  EXPECT_EQ(act_load(p, 3, 17, false)[Event::kActWrite], 26U);  // 51 B in words of two
  EXPECT_EQ(wgt_load(p, 5, 8, false)[Event::kWgtWrite], 17U);   // 5 x (8 x 4 + 20) bits
  EXPECT_EQ(psum_load(p, 120)[Event::kOutWrite], 15U);
  EXPECT_EQ(psum_store(p, 120)[Event::kDramWriteBytes], 120U);
  EXPECT_EQ(psum_store(p, 120)[Event::kOutRead], 15U);
  const Counters c = final_store(p, 6, 5);
  EXPECT_EQ(c[Event::kOutRead], 15U);
  EXPECT_EQ(c[Event::kDramWriteBytes], 60U);
  EXPECT_EQ(c[Event::kActRead], 6U);  // token scales
  EXPECT_EQ(c[Event::kEpilogue], 30U);
}

TEST(DmaTraffic, PaddingIsReadAndDropped) {
  GemmProblem p = small_problem();
  const Counters act = act_load(p, 6, 20, true), wgt = wgt_load(p, 5, 20, true);
  p.task.act_k_pitch = 28;
  p.task.wgt_k_pitch = 40;
  EXPECT_EQ(act_load(p, 6, 20, true)[Event::kDramReadBytes], act[Event::kDramReadBytes] + 6 * 8);
  EXPECT_EQ(wgt_load(p, 5, 20, true)[Event::kDramReadBytes],
            wgt[Event::kDramReadBytes] + 5 * 20 / 2);
  EXPECT_EQ(act_load(p, 6, 20, true)[Event::kActWrite], act[Event::kActWrite]);
  EXPECT_EQ(wgt_load(p, 5, 20, true)[Event::kWgtWrite], wgt[Event::kWgtWrite]);
}

}  // namespace
}  // namespace mixpe
