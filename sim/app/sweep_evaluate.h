#pragma once
// A point of a sweep through the pipeline.

#include <vector>

#include "sim/app/run.h"
#include "sim/sweep/resolve.h"
#include "sim/sweep/shared_table.h"
#include "sim/timing/machine.h"

namespace mixpe {

/// Results of GEMMs by all they depend on: array, buffers, memory, mapping, quantisation, shape.
/// Prices are none of it, so a sweep over technologies simulates once.
using GemmResults = SharedTable<GemmResult>;

/// Which program results come from.
std::string program_revision();

/// A result for each workload. Timing-only points of the tile engine take what `known` has and add
/// what they find; others are simulated, which a process can do once. UserError if the point
/// cannot run.
std::vector<RunResult> evaluate(const ResolvedPoint& point,
                                const std::optional<ValueRequest>& values, GemmResults& known);

}  // namespace mixpe
