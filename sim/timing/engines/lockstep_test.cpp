// The cycle engine's views against the literal engine's registers: every PE, every cycle.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <tuple>

#include "models/formats/floats.h"
#include "sim/timing/engines/clocked_engine.h"
#include "sim/timing/engines/cycle_os.h"
#include "sim/timing/engines/cycle_ws.h"
#include "sim/timing/engines/engine_test_support.h"
#include "sim/timing/engines/literal_os.h"
#include "sim/timing/engines/literal_ws.h"

namespace mixpe {
namespace {

/// A sum that can be compared. FP32 kernels let padding multiply its zero with an infinity, which
/// PEs without operands do not: NaN counts as zero.
using SumBits = std::tuple<std::int64_t, Code>;

SumBits bits(const Sum& sum) {
  return {sum.integer, is_nan(sum.real) ? Code{0} : float_to_bits(sum.real)};
}

/// What every PE shows in one cycle.
struct Snapshot {
  std::vector<bool> valid, shadow_valid;
  std::vector<SumBits> shadow, sum;
  std::vector<std::int64_t> act, weight;  ///< where both engines hold the same kind of operand
  bool operator==(const Snapshot&) const = default;
};

template <typename Array>
std::map<std::int64_t, Snapshot> snapshots(const testing::Scenario& s) {
  std::map<std::int64_t, Snapshot> seen;
  OutputPsums psums = s.empty_psums();
  ClockedEngine<Array> engine(s.work_on(&psums));
  const ValuePath path = value_path(s.work_on(&psums));
  const bool codes = path == ValuePath::kFloat;
  std::vector<std::int32_t> all(static_cast<std::size_t>(s.work.timing.rows * s.work.timing.cols));
  engine.observe([&](std::int64_t cycle, const ArrayState& state) {
    Snapshot& now = seen[cycle];
    for (std::int64_t r = 0; r < s.work.timing.rows; ++r) {
      for (std::int64_t c = 0; c < s.work.timing.cols; ++c) {
        now.valid.push_back(state.valid(r, c));
        now.shadow_valid.push_back(state.shadow_valid(r, c));
        const bool exists = now.shadow_valid.back();
        now.shadow.push_back(bits(exists ? state.shadow(r, c) : Sum{}));
        now.sum.push_back(bits(state.sum(r, c)));
        // The literal engine keeps codes where the cycle engine computes in FP32.
        const bool compare = now.valid.back() && !codes;
        now.act.push_back(compare ? state.act(r, c) : 0);
        now.weight.push_back(compare ? state.weight(r, c) : 0);
      }
    }
    if constexpr (std::is_same_v<Array, CycleOs>) {
      if (path != ValuePath::kInt16) return;
      engine.array().integer_sums(all.data());
      for (std::size_t i = 0; i < all.size(); ++i) {
        RC_ASSERT(all[i] == std::get<0>(now.sum[i]));
      }
    }
  });
  testing::run_engine(engine, s, psums);
  return seen;
}

template <typename Literal, typename Cycle>
void expect_lockstep(Dataflow dataflow) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  testing::Scenario s = testing::random_scenario(seed, 6, dataflow, true);
  // PEs that take no part are not the same in both, and are never read.
  s.work.timing.edge_tiles = EdgeTiles::kPadded;
  const auto literal = snapshots<Literal>(s);
  const auto cycle = snapshots<Cycle>(s);
  std::size_t compared = 0;
  for (const auto& [at, expected] : literal) {
    const auto found = cycle.find(at);
    if (found == cycle.end()) continue;  // a lane's pipeline: the array itself is empty
    ++compared;
    if (found->second == expected) continue;
    RC_FAIL("cycle " + std::to_string(at) + " of " + s.text());
  }
  RC_ASSERT(compared > 0U);
}

RC_GTEST_PROP(Lockstep, EveryRegisterOfTheOutputStationaryCycleEngineIsTheLiterals, ()) {
  expect_lockstep<LiteralOs, CycleOs>(Dataflow::kOutputStationary);
}
RC_GTEST_PROP(Lockstep, EveryRegisterOfTheWeightStationaryCycleEngineIsTheLiterals, ()) {
  expect_lockstep<LiteralWs, CycleWs>(Dataflow::kWeightStationary);
}

}  // namespace
}  // namespace mixpe
