#include "sim/workload/operand_statistics.h"

#include <gtest/gtest.h>

#include "models/formats/integers.h"

namespace mixpe {
namespace {

constexpr Dataflow kOs = Dataflow::kOutputStationary, kWs = Dataflow::kWeightStationary;

GemmOperands operands(std::int64_t m, std::int64_t n, std::int64_t k,
                      std::vector<std::uint16_t> act, std::vector<std::uint16_t> weight) {
  GemmOperands o;
  o.m = m;
  o.n = n;
  o.k = k;
  o.formats = {unsigned_int(4), signed_int(8)};
  o.act = std::move(act);
  o.weight = std::move(weight);
  return o;
}

TEST(OperandStatistics, CountChangesAlongKByHand) {
  // Rows 0 1 3 and 7 7 0: changes of 1, 1 and 0, 3 bits. Weights 15 0 15: 4, 4.
  const GemmOperands o = operands(2, 1, 3, {0, 1, 3, 7, 7, 0}, {15, 0, 15});
  const OperandStatistics s = operand_statistics(o, kOs, 1);
  EXPECT_DOUBLE_EQ(s.act_toggles, 5.0 / 4);
  EXPECT_DOUBLE_EQ(s.weight_toggles, 4);
  EXPECT_DOUBLE_EQ(s.zero_acts, 2.0 / 6);
}

TEST(OperandStatistics, LanesTakeTurns) {
  const GemmOperands o = operands(1, 1, 4, {0, 255, 0, 255}, {1, 2, 1, 2});
  EXPECT_DOUBLE_EQ(operand_statistics(o, kOs, 1).act_toggles, 8);
  EXPECT_DOUBLE_EQ(operand_statistics(o, kOs, 2).act_toggles, 0) << "each lane sees one value";
  EXPECT_DOUBLE_EQ(operand_statistics(o, kOs, 2).weight_toggles, 0);
  EXPECT_DOUBLE_EQ(operand_statistics(o, kOs, 4).act_toggles, 0) << "one step: nothing before";
}

TEST(OperandStatistics, StationaryWeightsSeeActivationsAlongM) {
  const GemmOperands o = operands(2, 1, 2, {0, 255, 0, 254}, {1, 2});
  const OperandStatistics s = operand_statistics(o, kWs, 1);
  EXPECT_DOUBLE_EQ(s.act_toggles, 0.5);
  EXPECT_DOUBLE_EQ(s.weight_toggles, 0);
}

TEST(OperandStatistics, BlendByShare) {
  OperandStatistics s{.act_toggles = 4, .weight_toggles = 2, .zero_acts = 0};
  s.blend({.act_toggles = 0, .weight_toggles = 2, .zero_acts = 1}, 0.25);
  EXPECT_DOUBLE_EQ(s.act_toggles, 3);
  EXPECT_DOUBLE_EQ(s.weight_toggles, 2);
  EXPECT_DOUBLE_EQ(s.zero_acts, 0.25);
}

}  // namespace
}  // namespace mixpe
