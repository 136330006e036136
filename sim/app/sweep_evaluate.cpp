#include "sim/app/sweep_evaluate.h"

#include <fmt/format.h>
#include <unistd.h>

#include "generated/version.h"
#include "sim/app/assemble.h"
#include "sim/app/progress.h"
#include "sim/app/work.h"
#include "sim/mapping/lower.h"
#include "sim/sweep/fingerprint.h"

namespace mixpe {
namespace {

GemmResults::Key key_of(const GemmProblem& problem, const MappingSpec& mapping) {
  Fingerprint all;
  all.add(problem, mapping);
  return content_hash(all.bytes());
}

/// The tasks of a request, not mapped yet.
std::vector<ScheduledGemm> tasks_of(const RunRequest& request) {
  std::vector<ScheduledGemm> tasks;
  Diagnostics wrong;
  for (const GemmTask& task : lower(request.workload, request.arch)) {
    const Gemm& gemm = request.workload.gemms[static_cast<std::size_t>(task.gemm)];
    const GemmQuant& quant = request.workload.quants[static_cast<std::size_t>(gemm.quant)];
    ScheduledGemm s;
    s.mode = select_mode(request.arch, quant, at_gemm(gemm), wrong);
    check_invariant(s.mode != nullptr, "lower() has checked that the machine runs the scheme");
    s.problem = make_problem(request.arch, quant, *s.mode, task);
    tasks.push_back(std::move(s));
  }
  return tasks;
}

/// run_all() for one request in closed form, but for GEMMs that are known.
RunResult calculate_run(const RunRequest& request, const PriceList& prices, GemmResults& known) {
  std::vector<ScheduledGemm> schedule = tasks_of(request);
  std::vector<std::unique_ptr<GemmWork>> works;
  for (ScheduledGemm& s : schedule) {
    works.push_back(std::make_unique<GemmWork>(request, s, std::nullopt, works.size()));
  }
  const MappingSpec& mapping = request.arch.mapping;
  const auto compute = [&](std::size_t i) {
    ScheduledGemm& s = schedule[i];
    const Gemm& gemm = request.workload.gemms[static_cast<std::size_t>(s.problem.task.gemm)];
    Diagnostics wrong;
    const auto tiling = best_tiling(s.problem, mapping, at_gemm(gemm), wrong);
    wrong.throw_if_any();
    s.tiling = *tiling;
    return works[i]->calculate();
  };
  // Neighbouring points often have GEMMs in common: workers that begin at different ends share the
  // work instead of waiting for each other. The mistake reported is the first GEMM's all the same.
  const bool backwards = ::getpid() % 2 != 0;
  std::vector<GemmResult> results(schedule.size());
  std::optional<UserError> mistake;
  for (std::size_t n = 0; n < schedule.size() && (backwards || !mistake); ++n) {
    const std::size_t i = backwards ? schedule.size() - 1 - n : n;
    try {
      results[i] = known.get(key_of(schedule[i].problem, mapping), [&] { return compute(i); });
      schedule[i].tiling = results[i].tiling;
    } catch (const UserError& e) {
      mistake = e;
    }
  }
  if (mistake) throw UserError(*mistake);
  return assemble(request, schedule, {results, works}, prices, std::nullopt).result;
}

}  // namespace

std::string program_revision() { return fmt::format("{} ({})", kVersion, kGitRevision); }

std::vector<RunResult> evaluate(const ResolvedPoint& point,
                                const std::optional<ValueRequest>& values, GemmResults& known) {
  std::vector<RunResult> results;
  if (values || point.arch.array.engine != Engine::kTile) {
    Progress::silence();
    std::vector<RunRequest> requests;
    for (const auto& workload : point.workloads) requests.push_back({point.arch, *workload});
    for (Run& run : run_all(requests, values)) results.push_back(std::move(run.result));
    return results;
  }
  for (const auto& workload : point.workloads) {
    results.push_back(calculate_run({point.arch, *workload}, point.prices, known));
  }
  return results;
}

}  // namespace mixpe
