#pragma once
// Which tasks of a run are recorded, and what was recorded of them.

#include <memory>
#include <span>
#include <vector>

#include "sim/app/assemble.h"

namespace mixpe {

/// Makes the works of the wanted GEMMs record their tiles. UserError if no GEMM has the name asked
/// for, or if all tiles are wanted and they are more than a timeline takes.
void record_timelines(const RunRequest& request, const std::vector<ScheduledGemm>& schedule,
                      std::span<const std::unique_ptr<GemmWork>> works);

std::vector<TaskTimeline> timelines_of(const RunRequest& request,
                                       const std::vector<ScheduledGemm>& schedule,
                                       const Finished& finished);

}  // namespace mixpe
