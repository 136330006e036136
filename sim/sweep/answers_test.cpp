#include "sim/sweep/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

namespace mixpe {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ParetoFront, KeepsWhatNothingBeats) {
  EXPECT_THAT(pareto_front({{1, 5}, {2, 4}, {3, 3}, {3, 4}, {2, 6}}), ElementsAre(0, 1, 2));
  EXPECT_THAT(pareto_front({}), IsEmpty());
  EXPECT_THAT(pareto_front({{7}, {3}, {9}}), ElementsAre(1));
}

TEST(ParetoFront, KeepsEqualPoints) {
  EXPECT_THAT(pareto_front({{1, 1}, {1, 1}}), ElementsAre(0, 1));
}

bool dominates(const std::vector<double>& a, const std::vector<double>& b) {
  bool better = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
    better = better || a[i] < b[i];
  }
  return better;
}

RC_GTEST_PROP(ParetoFront, IsWhatThePairwiseDefinitionSays, ()) {
  const auto objectives = *rc::gen::inRange<std::size_t>(1, 5);
  std::vector<std::vector<double>> values(*rc::gen::inRange<std::size_t>(0, 40));
  for (auto& point : values) {
    for (std::size_t i = 0; i < objectives; ++i) point.push_back(*rc::gen::inRange(0, 6));
  }
  std::vector<std::size_t> expected, front = pareto_front(values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    bool beaten = false;
    for (const auto& other : values) beaten = beaten || dominates(other, values[i]);
    if (!beaten) expected.push_back(i);
  }
  std::sort(front.begin(), front.end());
  RC_ASSERT(front == expected);
}

TEST(Sensitivity, IsAllForTheOnlyCauseAndNoneForABystander) {
  // y = 2^a; b changes nothing.
  const std::vector<double> y = {1, 1, 2, 2, 4, 4};
  const Sensitivity a = sensitivity({0, 0, 1, 1, 2, 2}, y);
  const Sensitivity b = sensitivity({0, 1, 0, 1, 0, 1}, y);
  EXPECT_DOUBLE_EQ(a.share, 1);
  EXPECT_DOUBLE_EQ(a.factor, 4);
  EXPECT_NEAR(b.share, 0, 1e-12);
  EXPECT_NEAR(b.factor, 1, 1e-12);
}

TEST(Sensitivity, SharesOfAProductsFactorsAddUp) {
  // y = 2^a * 8^b: in logarithms a has variance 1/4, b 9/4.
  const std::vector<double> y = {1, 8, 2, 16};
  EXPECT_NEAR(sensitivity({0, 0, 1, 1}, y).share, 0.1, 1e-12);
  EXPECT_NEAR(sensitivity({0, 1, 0, 1}, y).share, 0.9, 1e-12);
}

TEST(Sensitivity, IsZeroWhereNothingChanges) {
  const Sensitivity s = sensitivity({0, 1}, {5, 5});
  EXPECT_EQ(s.share, 0);
  EXPECT_EQ(s.factor, 1);
}

TEST(Sensitivity, HasNoFactorForValuesThatMayBeNegative) {
  const Sensitivity s = sensitivity({0, 1}, {-5, 5});
  EXPECT_EQ(s.share, 1);
  EXPECT_TRUE(std::isnan(s.factor));
}

TEST(PointsWorthALook, AreTheBestAndOthersOfTheFront) {
  Diagnostics wrong;
  const auto plan = load_sweep_text("s.yaml", R"(sweep: s
base: {arch: mixpe_w4a8_64x64, scheme: w4a8kv4_g128, trace: traces/tiny.csv}
axes: [{key: arch.array.rows, range: [1, 12, 1]}]
objectives: [{minimize: cycles}, {maximize: tops}]
)",
                                    wrong);
  ASSERT_TRUE(plan) << wrong.text();
  const StoreMeta meta{"", "", "s.yaml", "", plan->keys(), {"tops", "cycles"}};
  std::vector<StoredPoint> points;  // a front of ten, one behind it, one that failed
  for (int i = 0; i < 12; ++i) {
    points.push_back({std::to_string(i), PointStatus::kDone, "", {std::to_string(i + 1)}, {}});
    points.back().metrics = {i < 10 ? 100.0 + i : 1.0, i < 10 ? 10.0 + i : 500.0};
  }
  points[11].status = PointStatus::kFailed;
  EXPECT_THAT(points_worth_a_look(points, meta, *plan, 4), ElementsAre(0, 9, 2, 5));
  EXPECT_THAT(points_worth_a_look(points, meta, *plan, 1), ElementsAre(0));
  EXPECT_EQ(points_worth_a_look(points, meta, *plan, 16).size(), 10U);
  EXPECT_EQ(plan->choice_of({"3"}), Choice{2});
  EXPECT_EQ(plan->choice_of({"13"}), std::nullopt);
}

}  // namespace
}  // namespace mixpe
