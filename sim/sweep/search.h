#pragma once
// Sampler nsga2: a genetic search for the Pareto front (pagmo's NSGA-II).
//  * A gene is the place of a value on its axis. Points that are no machine, cannot run or break a
//    constraint are worse than all others (pagmo's `unconstrain`, death penalty).
//  * The same seed asks for the same points in the same order, so an interrupted search that starts
//    again finds its first generations in the store.

#include <cstdint>
#include <functional>

#include "sim/sweep/explore.h"

namespace mixpe {

struct SearchResult {
  bool finished = false;          ///< false: interrupted
  std::int64_t asked = 0;         ///< points that the search wanted to know
  std::int64_t not_runnable = 0;  ///< of these, no machine or excluded before they were run
};

/// `progress`: points asked for so far, at most population * (generations + 1).
SearchResult search(const Exploration& exploration, Store& store,
                    const std::function<void(std::size_t done)>& progress);

}  // namespace mixpe
