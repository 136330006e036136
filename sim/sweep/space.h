#pragma once
// The points of a sweep: combinations that are machines, fulfil the constraints that need no run,
// and are not there already under other values.
//  * What can only be a mistake is one: no point at all; a value of an axis or a constraint that
//    leaves none.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/sweep/judge.h"
#include "sim/sweep/resolve.h"

namespace mixpe {

struct PlannedPoint {
  Choice choice;
  std::string key;
};

struct PlannedSweep {
  std::vector<PlannedPoint> points;    ///< in the sampler's order
  std::int64_t looked_at = 0;          ///< combinations
  std::int64_t repeated = 0;           ///< equal to another point in all that matters
  std::int64_t invalid = 0;            ///< no machine or workload
  std::string first_invalid;           ///< why
  std::vector<std::int64_t> excluded;  ///< by constraint
};

/// The first combination that is a valid point, which constraints and objectives are checked with.
/// UserError with its mistakes if the first combinations are all invalid.
ResolvedPoint first_valid_point(const SweepPlan& plan, Resolver& resolver);

/// grid, random, sobol. UserError with every mistake.
PlannedSweep plan_points(const SweepPlan& plan, Resolver& resolver, const Judge& judge);

}  // namespace mixpe
