#include "models/dequant/lane_pipeline.h"

#include <gtest/gtest.h>

namespace mixpe {
namespace {

TEST(LanePipeline, IsFoundByItsLatency) {
  for (const SumKind kind : {SumKind::kInteger, SumKind::kFloat32}) {
    for (std::int64_t adder = 1; adder <= 5; ++adder) {
      const auto deep = lane_pipeline(kind, lane_latency_cycles(kind, adder, true));
      ASSERT_TRUE(deep);
      EXPECT_TRUE(deep->deep);
      EXPECT_EQ(deep->adder, adder);
    }
  }
}

TEST(LanePipeline, HasTheStagesOfTheRtl) {
  // t, conversion, product, sum in two cycles; the same with three stages each.
  EXPECT_EQ(lane_latency_cycles(SumKind::kInteger, 2, false), 3 + 2);
  EXPECT_EQ(lane_latency_cycles(SumKind::kInteger, 3, true), 1 + 3 + 3 + 3);
  // Product, subtraction, product, sum.
  EXPECT_EQ(lane_latency_cycles(SumKind::kFloat32, 2, false), 1 + 2 + 1 + 2);
  EXPECT_EQ(lane_latency_cycles(SumKind::kFloat32, 3, true), 3 + 3 + 3 + 3);
  EXPECT_EQ(lane_pipeline(SumKind::kFloat32, 12)->before, 9);
}

TEST(LanePipeline, OfTwoIsTheDeepOne) {
  EXPECT_FALSE(lane_pipeline(SumKind::kInteger, 7)->deep);
  EXPECT_TRUE(lane_pipeline(SumKind::kInteger, 8)->deep);
  EXPECT_TRUE(lane_pipeline(SumKind::kFloat32, 8)->deep);
}

TEST(LanePipeline, IsNoneIfTheCyclesDoNotDivide) {
  EXPECT_FALSE(lane_pipeline(SumKind::kInteger, 3));
  EXPECT_FALSE(lane_pipeline(SumKind::kFloat32, 3));
  EXPECT_FALSE(lane_pipeline(SumKind::kFloat32, 9));
}

}  // namespace
}  // namespace mixpe
