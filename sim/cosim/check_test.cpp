#include "sim/cosim/check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "sim/cosim/pe_cases.h"
#include "sim/cosim/pe_check.h"
#include "sim/cosim/unit_check.h"

namespace mixpe {
namespace {

/// Fails in case `at` if at least `history` cases ran before it.
Check failing(std::uint64_t at, std::uint64_t history) {
  return {"c", "", [=](const CheckOptions& o) {
            CheckResult r;
            for (std::uint64_t i = o.first_case; i < std::min<std::uint64_t>(100, o.end_case);
                 ++i) {
              ++r.cases;
              ++r.comparisons;
              if (i == at && i - o.first_case >= history) r.mismatch = {"it", i};
              if (r.mismatch) break;
            }
            return r;
          }};
}

TEST(RunCheck, MismatchIsNarrowedToTheCasesItNeeds) {
  CheckOutcome o = run_check(failing(70, 0), {});
  EXPECT_EQ(o.first_case, 70U);
  o = run_check(failing(70, 5), {});
  EXPECT_LE(o.first_case, 65U);
  EXPECT_GE(o.first_case, 60U) << "not many more than needed";
  o = run_check(failing(70, 70), {});
  EXPECT_EQ(o.first_case, 0U);
  EXPECT_EQ(o.result.mismatch->in_case, 70U);
}

TEST(RunCheck, NothingComparedIsNotOk) {
  EXPECT_TRUE(run_check(failing(200, 0), {}).ok());
  CheckOptions none;
  none.first_case = 100;
  EXPECT_FALSE(run_check(failing(200, 0), none).ok());
  EXPECT_FALSE(run_check(failing(70, 0), {}).ok());
}

TEST(CaseRandom, DependsOnSeedCheckAndCase) {
  std::set<std::uint64_t> first;
  for (const std::uint64_t seed : {1, 2}) {
    for (const char* check : {"a", "b"}) {
      for (const std::uint64_t index : {0, 1, 2})
        first.insert(CaseRandom(CaseRandom::base(seed, check), index)());
    }
  }
  EXPECT_EQ(first.size(), 12U);
  EXPECT_EQ(CaseRandom(1, 2)(), CaseRandom(1, 2)());
}

TEST(Shuffled, VisitsEveryIndexOnce) {
  for (const int bits : {2, 10, 16}) {
    std::set<std::uint64_t> seen;
    const std::uint64_t count = std::uint64_t{1} << bits;
    for (std::uint64_t i = 0; i < count; ++i) seen.insert(shuffled(i, bits));
    EXPECT_EQ(seen.size(), count);
    EXPECT_LT(*seen.rbegin(), count);
  }
}

TEST(DirectedCodes, HoldEveryKindOfFloat) {
  std::set<std::string> kinds;
  for (const Code c : directed_codes(kFp16)) {
    const Code exponent = c >> 10 & 31U, fraction = c & 0x3ffU;
    kinds.insert(exponent == 31  ? (fraction != 0 ? "nan" : "inf")
                 : exponent == 0 ? (fraction != 0 ? "subnormal" : "zero")
                                 : "normal");
  }
  EXPECT_EQ(kinds.size(), 5U);
  EXPECT_EQ(directed_codes(unsigned_int(4)).size(), 16U);
}

TEST(TieSegment, RoundingHangsOnTheLeastStep) {
  for (const Format& weight : {kFp16, signed_int(4), unsigned_int(2)}) {
    int decided = 0;
    for (std::uint64_t i = 0; i < 1000; ++i) {
      SegmentCase segment;
      CaseRandom random(CaseRandom::base(1, weight.name()), i);
      tie_segment({weight, kFp16}, random, segment);
      std::vector<double> steps;
      for (std::size_t k = 0; k < segment.acts.size(); ++k) {
        steps.push_back(decode(kFp16, segment.acts[k]) * decode(weight, segment.weights[k]));
      }
      ASSERT_GE(steps.size(), 3U);
      std::sort(steps.begin(), steps.end(),
                [](double a, double b) { return std::abs(a) > std::abs(b); });
      const double two = steps[0] + steps[1];
      decided += static_cast<float>(two + steps[2]) != static_cast<float>(two);
    }
    EXPECT_GT(decided, 100) << weight.name();
  }
}

TEST(CheckGroups, EveryPeWithADescriptionHasBothDataflowsAndNamesAreUnique) {
  const BuildCache cache("unused");
  std::set<std::string> names;
  std::size_t groups = 0;
  for (const PeSpec& pe : checked_pe_variants()) {
    for (const Dataflow d : {Dataflow::kOutputStationary, Dataflow::kWeightStationary}) {
      names.insert(pe_check_group(pe, d, cache).name);
      ++groups;
    }
  }
  for (const CheckGroup& g : unit_check_groups(cache)) {
    names.insert(g.name);
    ++groups;
  }
  EXPECT_EQ(names.size(), groups);
  EXPECT_GE(checked_pe_variants().size(), 4U);
}

}  // namespace
}  // namespace mixpe
