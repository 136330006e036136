#include "sim/app/timelines.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "sim/config/yaml_reader.h"
#include "sim/report/table.h"

namespace mixpe {
namespace {

/// A trace has some 800 bytes for each; viewers want less than a few hundred MB.
constexpr std::int64_t kMaxTiles = 200'000;

const Gemm& gemm_of(const RunRequest& request, const ScheduledGemm& s) {
  return request.workload.gemms[static_cast<std::size_t>(s.problem.task.gemm)];
}

bool wanted(const RunRequest& request, const ScheduledGemm& s) {
  const std::string& name = request.timeline->gemm;
  const Gemm& gemm = gemm_of(request, s);
  return name.empty() || gemm.op == name || gemm.layer == name;
}

[[noreturn]] void refuse_name(const RunRequest& request) {
  std::vector<std::string> names;
  for (const Gemm& gemm : request.workload.gemms) {
    if (std::find(names.begin(), names.end(), gemm.op) == names.end()) names.push_back(gemm.op);
  }
  throw UserError(Diagnostic{{},
                             "--timeline-gemm",
                             "no GEMM of the workload has this op or layer",
                             request.timeline->gemm,
                             joined(names)}
                      .text());
}

[[noreturn]] void refuse_size(const RunRequest& request, const std::vector<ScheduledGemm>& schedule,
                              std::int64_t tiles) {
  std::string sizes;
  for (const Gemm& gemm : request.workload.gemms) {
    std::int64_t own = 0;
    for (const ScheduledGemm& s : schedule) {
      if (&gemm_of(request, s) == &gemm && wanted(request, s)) own += s.cost.steps;
    }
    if (own > 0) sizes += fmt::format("{}{} {}", sizes.empty() ? "" : ", ", gemm.op, grouped(own));
  }
  throw UserError(
      Diagnostic{{},
                 "--timeline",
                 "too many tiles (" + sizes + ")",
                 grouped(tiles),
                 "at most " + grouped(kMaxTiles) + "; --timeline-gemm OP picks one kind of GEMM"}
          .text());
}

}  // namespace

void record_timelines(const RunRequest& request, const std::vector<ScheduledGemm>& schedule,
                      std::span<const std::unique_ptr<GemmWork>> works) {
  const std::int64_t each = request.timeline->tiles_of_each;
  std::int64_t tiles = 0, left = 0;
  int gemm = -1;
  for (std::size_t i = 0; i < schedule.size(); ++i) {
    const GemmTask& task = schedule[i].problem.task;
    if (!wanted(request, schedule[i])) continue;
    tiles += schedule[i].cost.steps;
    if (task.gemm != gemm) left = each;
    gemm = task.gemm;
    if (each > 0 && left == 0) continue;
    works[i]->record(each > 0 ? left : std::numeric_limits<std::int64_t>::max());
    left -= std::min(left, schedule[i].cost.steps);
  }
  if (tiles == 0) refuse_name(request);
  if (each == 0 && tiles > kMaxTiles) refuse_size(request, schedule, tiles);
}

std::vector<TaskTimeline> timelines_of(const RunRequest& request,
                                       const std::vector<ScheduledGemm>& schedule,
                                       const Finished& finished) {
  std::vector<TaskTimeline> all;
  int gemm = -1, block = 0;
  for (std::size_t i = 0; i < schedule.size(); ++i) {
    const GemmTask& task = schedule[i].problem.task;
    block = task.gemm == gemm ? block + 1 : 1;
    gemm = task.gemm;
    if (!finished.works[i]->timeline()) continue;
    const bool several =
        block > 1 || (i + 1 < schedule.size() && schedule[i + 1].problem.task.gemm == gemm);
    const std::string& op = gemm_of(request, schedule[i]).op;
    all.push_back({several ? fmt::format("{}, rows {}", op, block) : op, schedule[i].problem,
                   peak_macs_per_cycle(request.arch, schedule[i].mode->name),
                   finished.results[i].tiles, *finished.works[i]->timeline()});
  }
  return all;
}

}  // namespace mixpe
