#include "sim/app/compare.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "models/core/ceil_div.h"
#include "sim/config/arch.h"
#include "sim/energy/bill.h"
#include "sim/energy/fit_area.h"
#include "sim/energy/price.h"
#include "sim/energy/tech.h"
#include "sim/mapping/lower.h"
#include "sim/mapping/search.h"
#include "sim/workload/llm.h"
#include "sim/workload/locate.h"

namespace mixpe {
namespace {

std::optional<ArchSpec> design_arch(const StudyDesign& design, Diagnostics& wrong) {
  std::vector<Override> overrides;
  for (const std::string& text : design.settings) {
    std::optional<Override> o = parse_override(text, wrong);
    if (!o) continue;
    o->origin = "design " + design.name + ", set";
    overrides.push_back(*o);
  }
  const std::optional<std::string> path = find_config("arch", design.arch, wrong);
  return path ? load_arch(*path, wrong, overrides) : std::nullopt;
}

PriceList prices_of(const ArchSpec& arch, Diagnostics& wrong) {
  const TechTable tech = load_tech(arch.tech, wrong);
  wrong.throw_if_any();
  PriceList prices = price(arch, tech, wrong);
  wrong.throw_if_any();
  return prices;
}

/// Fewest cycles in which the array can issue the workload's steps, whatever the tiling: every
/// block of outputs (OS) or of weights (WS) takes at least its steps. Tiles only add blocks.
std::int64_t issue_cycles(const Workload& workload, const ArchSpec& arch) {
  std::int64_t cycles = 0;
  for (const GemmTask& t : lower(workload, arch)) {
    const GemmQuant& q = workload.quants[static_cast<std::size_t>(
        workload.gemms[static_cast<std::size_t>(t.gemm)].quant)];
    const PeMode& mode = *arch.pe.find_mode(q.weight.mac, q.act.store);
    const std::int64_t blocks_n = ceil_div(t.n, arch.array.cols * mode.lanes_n);
    const bool os = arch.array.dataflow == Dataflow::kOutputStationary;
    const std::int64_t steps =
        os ? ceil_div(t.m, arch.array.rows * mode.lanes_m) * ceil_div(t.k, mode.lanes_k)
           : ceil_div(t.k, arch.array.rows * mode.lanes_k) * ceil_div(t.m, mode.lanes_m);
    cycles += blocks_n * steps * mode.ii * t.batch * t.count;
  }
  return cycles;
}

/// Cycles of the workload on `arch`; none if it does not fit the buffers.
std::optional<std::int64_t> cycles_of(const Workload& workload, const ArchSpec& arch) {
  try {
    std::int64_t cycles = 0;
    for (const ScheduledGemm& gemm : map_workload(workload, arch)) {
      cycles += gemm.cost.cycles * gemm.problem.task.count;
    }
    return cycles;
  } catch (const UserError&) {
    return std::nullopt;
  }
}

/// Of the arrays within the budget the one that runs `workload` in the fewest cycles; of equals the
/// one with the fewest PEs, then rows. A fixed shape would reward or punish a design for how its
/// columns happen to divide the workload.
ArchSpec fastest_within(const ArchSpec& arch, const Workload& workload, double budget_um2,
                        const std::string& design, Diagnostics& wrong) {
  struct Candidate {
    std::int64_t at_least;  ///< cycles
    std::int64_t pes, rows;
    ArchSpec arch;
  };
  std::vector<Candidate> candidates;
  for (const ArraySize& size : shapes_within(arch, prices_of(arch, wrong), budget_um2)) {
    ArchSpec shaped = resized(arch, size);
    const std::int64_t at_least = issue_cycles(workload, shaped);
    candidates.push_back({at_least, size.rows * size.cols, size.rows, std::move(shaped)});
  }
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return std::tie(a.at_least, a.pes, a.rows) < std::tie(b.at_least, b.pes, b.rows);
  });
  const Candidate* best = nullptr;
  std::int64_t best_cycles = 0;
  for (const Candidate& c : candidates) {
    if (best != nullptr && c.at_least > best_cycles) break;
    const std::optional<std::int64_t> cycles = cycles_of(workload, c.arch);
    if (!cycles) continue;
    if (best == nullptr ||
        std::tie(*cycles, c.pes, c.rows) < std::tie(best_cycles, best->pes, best->rows)) {
      best = &c;
      best_cycles = *cycles;
    }
  }
  if (best == nullptr) {
    wrong.add(
        {{arch.file}, design, "no array within the area of the view runs the workload", "", ""});
    wrong.throw_if_any();
  }
  return best->arch;
}

/// The area every design of a view may use; none if the arrays are as their files say.
std::optional<double> budget_of(const Study& study, const StudyView& view,
                                const std::vector<ArchSpec>& designs, Diagnostics& wrong) {
  for (std::size_t i = 0; i < study.designs.size(); ++i) {
    if (study.designs[i].name != view.area_of) continue;
    return area(designs[i], prices_of(designs[i], wrong)).total_um2;
  }
  return std::nullopt;
}

std::vector<ArchSpec> load_designs(const Study& study, Diagnostics& wrong) {
  std::vector<ArchSpec> archs;
  for (const StudyDesign& design : study.designs) {
    if (std::optional<ArchSpec> arch = design_arch(design, wrong)) archs.push_back(*arch);
  }
  return archs;
}

/// Workloads by phase, then design.
std::vector<std::vector<Workload>> build_workloads(const Study& study, Diagnostics& wrong) {
  const std::optional<Llm> llm = load_llm(study.llm, wrong);
  std::map<std::string, std::optional<Scheme>> schemes;
  for (const StudyDesign& design : study.designs) {
    if (!schemes.contains(design.scheme)) {
      schemes[design.scheme] = load_scheme(design.scheme, wrong);
    }
  }
  std::vector<std::vector<Workload>> all;
  if (!wrong.ok()) return all;
  for (const StudyPhase& phase : study.phases) {
    const LlmRun run{phase.phase == "prefill" ? Phase::kPrefill : Phase::kDecode, phase.batch,
                     phase.tokens, phase.context};
    std::vector<Workload>& of_phase = all.emplace_back();
    for (const StudyDesign& design : study.designs) {
      Diagnostics own;
      const auto workload = build_llm_workload(*llm, run, *schemes.at(design.scheme), own);
      if (workload) of_phase.push_back(*workload);
      for (Diagnostic d : own.list()) {
        if (d.at.file.empty()) d.at.file = study.file + ", phase " + phase.name;
        wrong.add(d);
      }
    }
  }
  return all;
}

}  // namespace

const RunResult& Comparison::baseline(const ComparedRun& of) const {
  for (const ComparedRun& r : runs) {
    if (r.view == of.view && r.phase == of.phase && r.design == study.baseline) return r.run.result;
  }
  throw InvariantError("the baseline is checked when the study is read");
}

Comparison compare(const Study& study) {
  Diagnostics wrong;
  const std::vector<ArchSpec> designs = load_designs(study, wrong);
  const std::vector<std::vector<Workload>> workloads = build_workloads(study, wrong);
  wrong.throw_if_any();

  Comparison comparison{study, {}};
  std::vector<RunRequest> requests;
  for (const StudyView& view : study.views) {
    const std::optional<double> budget_um2 = budget_of(study, view, designs, wrong);
    for (std::size_t p = 0; p < study.phases.size(); ++p) {
      for (std::size_t d = 0; d < study.designs.size(); ++d) {
        const std::string& name = study.designs[d].name;
        const Workload& workload = workloads[p][d];
        comparison.runs.push_back({view.name, study.phases[p].name, name, {}});
        requests.push_back({budget_um2
                                ? fastest_within(designs[d], workload, *budget_um2, name, wrong)
                                : designs[d],
                            workload});
      }
    }
  }
  std::vector<Run> runs = run_all(requests, std::nullopt);
  for (std::size_t i = 0; i < runs.size(); ++i) comparison.runs[i].run = std::move(runs[i]);
  return comparison;
}

}  // namespace mixpe
