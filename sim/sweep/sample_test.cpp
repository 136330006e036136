#include "sim/sweep/sample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace mixpe {
namespace {

using ::testing::ElementsAre;

SweepPlan plan_with(SamplerKind kind, const std::vector<std::size_t>& sizes) {
  SweepPlan plan;
  plan.sampler.kind = kind;
  for (const std::size_t size : sizes) {
    AxisColumn column;
    for (std::size_t i = 0; i < size; ++i) column.values.push_back(std::to_string(i));
    plan.axes.push_back({{column}});
  }
  return plan;
}

std::vector<Choice> first(const SweepPlan& plan, std::size_t count) {
  const ChoiceSource source = make_choice_source(plan);
  std::vector<Choice> all;
  while (all.size() < count) {
    const auto choice = source();
    if (!choice) break;
    all.push_back(*choice);
  }
  return all;
}

TEST(Grid, TurnsTheLastAxisFastestAndEnds) {
  EXPECT_THAT(first(plan_with(SamplerKind::kGrid, {2, 3}), 100),
              ElementsAre(Choice{0, 0}, Choice{0, 1}, Choice{0, 2}, Choice{1, 0}, Choice{1, 1},
                          Choice{1, 2}));
}

TEST(Random, IsTheSameForASeedAndAnotherForAnother) {
  SweepPlan plan = plan_with(SamplerKind::kRandom, {100, 100});
  const auto a = first(plan, 50);
  EXPECT_EQ(a, first(plan, 50));
  plan.sampler.seed = 2;
  EXPECT_NE(a, first(plan, 50));
}

TEST(Random, DrawsEveryValueOfEveryAxis) {
  const auto all = first(plan_with(SamplerKind::kRandom, {5, 7}), 500);
  std::set<Choice> different(all.begin(), all.end());
  EXPECT_EQ(different.size(), 35U);
}

TEST(Sobol, SpreadsEvenly) {
  // 16 points of a (0, m, 2)-sequence: each row and each column of a 4 x 4 grid has four.
  const auto all = first(plan_with(SamplerKind::kSobol, {4, 4}), 16);
  std::vector<int> rows(4), columns(4);
  for (const Choice& c : all) {
    ++rows[c[0]];
    ++columns[c[1]];
  }
  // Boost leaves out the origin, the first point of the sequence: one may be off.
  for (const int n : rows) EXPECT_NEAR(n, 4, 1);
  for (const int n : columns) EXPECT_NEAR(n, 4, 1);
}

}  // namespace
}  // namespace mixpe
