#pragma once
// Choosing a tiling: fewest cycles, then least DRAM traffic, then fewest tiles, then a fixed order.
//  * Exhaustive in effect: all tile sizes that are multiples of the granule or the whole dimension,
//    times six loop orders. A lower bound on the cycles, constant time for each candidate, decides
//    which of them are worth an exact evaluation.
//  * A mapping the user gives restricts the candidates; it is checked, not trusted.

#include <cstdint>
#include <optional>
#include <vector>

#include "models/core/errors.h"
#include "sim/config/arch_spec.h"
#include "sim/mapping/cost.h"
#include "sim/mapping/tiling.h"
#include "sim/workload/workload.h"

namespace mixpe {

/// At most evaluate(problem, tiling).cycles, in constant time.
std::int64_t cycles_lower_bound(const GemmProblem& problem, const Tiling& tiling);

/// How much work a search was.
struct SearchEffort {
  std::int64_t bounded = 0;    ///< tilings that fit
  std::int64_t hopeful = 0;    ///< tilings whose bound did not rule them out
  std::int64_t evaluated = 0;  ///< tilings evaluated exactly
};

/// The best tiling that fits the buffers. None, with Diagnostics, if even the smallest does not fit
/// (at `where`, the GEMM) or the user's mapping is not a legal one for this GEMM (at the mapping).
/// A given size beyond a dimension means the whole dimension.
std::optional<Tiling> best_tiling(const GemmProblem& problem, const MappingSpec& mapping,
                                  const Diagnostic& where, Diagnostics& diagnostics,
                                  SearchEffort* effort = nullptr);

/// Every legal tiling, in the fixed order: for tests.
std::vector<Tiling> all_tilings(const GemmProblem& problem, const MappingSpec& mapping);

/// A task with all that is needed to run and price it.
struct ScheduledGemm {
  GemmProblem problem;
  const PeMode* mode = nullptr;  ///< of the ArchSpec's PE, which must outlive this
  Tiling tiling;
  Cost cost;
};

/// Lowers the workload and maps every task. Throws UserError with every mistake found.
std::vector<ScheduledGemm> map_workload(const Workload& workload, const ArchSpec& arch);

}  // namespace mixpe
