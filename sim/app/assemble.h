#pragma once
// Results of a workload's tasks -> the result of the run.

#include <memory>
#include <span>

#include "sim/app/work.h"
#include "sim/energy/price.h"

namespace mixpe {

struct Finished {
  std::span<const GemmResult> results;  ///< of a request's tasks, in order
  std::span<const std::unique_ptr<GemmWork>> works;
};

Run assemble(const RunRequest& request, const std::vector<ScheduledGemm>& schedule,
             const Finished& finished, const PriceList& prices,
             const std::optional<ValueRequest>& values);

}  // namespace mixpe
