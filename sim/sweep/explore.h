#pragma once
// Runs the points of a sweep that its store does not have yet.

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "sim/report/result.h"
#include "sim/sweep/judge.h"
#include "sim/sweep/space.h"
#include "sim/sweep/store.h"
#include "sim/sweep/worker_pool.h"

namespace mixpe {

/// Runs a point: a result for each of its workloads. UserError if it cannot run, with the reason.
using Evaluate = std::function<std::vector<RunResult>(const ResolvedPoint&)>;

struct Exploration {
  const SweepPlan& plan;
  Resolver& resolver;
  const Judge& judge;
  Evaluate evaluate;
  PoolOptions pool;
};

/// What `point` gives, run in this process; everything but its key's place in a store.
StoredPoint run_point(const Exploration& exploration, const Choice& choice);

/// Runs what is missing and returns when all of `points` are in the store, those that another
/// process works on included. `progress`: points of these that are done. False if interrupted.
bool explore(const Exploration& exploration, std::span<const PlannedPoint> points, Store& store,
             const std::function<void(std::size_t done)>& progress);

}  // namespace mixpe
