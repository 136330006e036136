#pragma once
// Buffer and DRAM traffic of the schedule, in closed form: the same for all engines. The rules are
// in README.md; a word is one access of one bank's port.

#include <functional>

#include "sim/mapping/tiling.h"
#include "sim/timing/counters.h"

namespace mixpe {

/// What the array's edge and lanes do to the buffers while they work on one tile, and the weights
/// converted on the way. `first_visit`: its outputs start from zero.
Counters edge_traffic(const GemmProblem& problem, const TileShape& tile, bool first_visit);

/// A tile of an operand arriving: DRAM gives padding, too, which no buffer holds. `last_k`: it is
/// the last K-tile.
Counters act_load(const GemmProblem& problem, std::int64_t m, std::int64_t k, bool last_k);
Counters wgt_load(const GemmProblem& problem, std::int64_t n, std::int64_t k, bool last_k);
/// Partial sums coming back or leaving: so many bytes.
Counters psum_load(const GemmProblem& problem, std::int64_t bytes);
Counters psum_store(const GemmProblem& problem, std::int64_t bytes);
/// Through the epilogue: scales are read, outputs rounded to their format.
Counters final_store(const GemmProblem& problem, std::int64_t m, std::int64_t n);

/// All of the above for one step.
Counters step_traffic(const GemmProblem& problem, const TileStep& step);

/// All steps of all instances, without walking them; `array_events` gives an engine's events for
/// one tile. Cost: that of the at most eight different tiles.
Counters schedule_events(const GemmProblem& problem, const Tiling& tiling,
                         const std::function<Counters(const TileShape&)>& array_events);

}  // namespace mixpe
