// The spine. Each arrow of the pipeline is one call: map_workload, then calculate or simulate, then
// bill; before it configuration and workload were read, after it the report is written.
#include "sim/app/run.h"

#include <map>
#include <memory>

#include "sim/app/assemble.h"
#include "sim/app/timelines.h"
#include "sim/app/work.h"
#include "sim/energy/tech.h"
#include "sim/timing/machine.h"

namespace mixpe {

void check_values(const ArchSpec& arch, const TechTable& tech, const PriceList& prices,
                  const std::optional<ValueRequest>& values, Diagnostics& wrong) {
  if (!values) return;
  if (!arch.pe.has_values) {
    wrong.add({{arch.file},
               "pe.name",
               "a PE on paper computes no values",
               arch.pe.name,
               "a run without values"});
  } else if (values->price_operands) {
    require_operand_prices(arch, tech, prices, wrong);
  }
}

std::vector<Run> run_all(const std::vector<RunRequest>& requests,
                         const std::optional<ValueRequest>& values) {
  Diagnostics wrong;
  std::map<std::string, TechTable> techs;
  std::vector<PriceList> prices;
  for (const RunRequest& r : requests) {
    if (!techs.contains(r.arch.tech)) techs[r.arch.tech] = load_tech(r.arch.tech, wrong);
    wrong.throw_if_any();
    prices.push_back(price(r.arch, techs[r.arch.tech], wrong));
    check_values(r.arch, techs[r.arch.tech], prices.back(), values, wrong);
  }
  wrong.throw_if_any();

  std::vector<std::vector<ScheduledGemm>> schedules;
  for (const RunRequest& r : requests) schedules.push_back(map_workload(r.workload, r.arch));

  std::vector<std::unique_ptr<GemmWork>> works;  // in the order of requests, then of their tasks
  for (std::size_t i = 0; i < requests.size(); ++i) {
    for (std::size_t task = 0; task < schedules[i].size(); ++task) {
      works.push_back(std::make_unique<GemmWork>(requests[i], schedules[i][task], values, task));
    }
    if (requests[i].timeline) {
      record_timelines(requests[i], schedules[i], std::span(works).last(schedules[i].size()));
    }
  }
  const std::vector<GemmResult> results = run_works(works);

  std::vector<Run> runs;
  std::size_t first = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const std::size_t count = schedules[i].size();
    const Finished finished{{results.data() + first, count}, {works.data() + first, count}};
    runs.push_back(assemble(requests[i], schedules[i], finished, prices[i], values));
    runs.back().timelines = timelines_of(requests[i], schedules[i], finished);
    first += count;
  }
  return runs;
}

}  // namespace mixpe
