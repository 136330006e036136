#include "sim/app/sweep_evaluate.h"

#include "sim/app/assemble.h"
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

/// run_all() for one request in closed form, but for GEMMs that are known.
RunResult calculate_run(const RunRequest& request, const PriceList& prices, GemmResults& known) {
  std::vector<ScheduledGemm> schedule;
  std::vector<GemmResults::Key> keys;
  Diagnostics wrong;
  for (const GemmTask& task : lower(request.workload, request.arch)) {
    const Gemm& gemm = request.workload.gemms[static_cast<std::size_t>(task.gemm)];
    const GemmQuant& quant = request.workload.quants[static_cast<std::size_t>(gemm.quant)];
    ScheduledGemm s;
    s.mode = select_mode(request.arch, quant, at_gemm(gemm), wrong);
    s.problem = make_problem(request.arch, quant, *s.mode, task);
    keys.push_back(key_of(s.problem, request.arch.mapping));
    schedule.push_back(std::move(s));
  }
  std::vector<std::unique_ptr<GemmWork>> works;
  std::vector<GemmResult> results;
  for (std::size_t i = 0; i < schedule.size(); ++i) {
    ScheduledGemm& s = schedule[i];
    works.push_back(std::make_unique<GemmWork>(request, s, std::nullopt, i));
    results.push_back(known.get(keys[i], [&] {
      const Gemm& gemm = request.workload.gemms[static_cast<std::size_t>(s.problem.task.gemm)];
      const auto tiling = best_tiling(s.problem, request.arch.mapping, at_gemm(gemm), wrong);
      wrong.throw_if_any();
      s.tiling = *tiling;
      return works.back()->calculate();
    }));
    s.tiling = results.back().tiling;
  }
  return assemble(request, schedule, {results, works}, prices, std::nullopt).result;
}

}  // namespace

std::vector<RunResult> evaluate(const ResolvedPoint& point,
                                const std::optional<ValueRequest>& values, GemmResults& known) {
  std::vector<RunResult> results;
  if (values || point.arch.array.engine != Engine::kTile) {
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
