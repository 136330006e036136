#include "sim/app/compare.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "models/core/ceil_div.h"
#include "sim/app/full_power.h"
#include "sim/config/arch.h"
#include "sim/energy/bill.h"
#include "sim/energy/fit_area.h"
#include "sim/energy/price.h"
#include "sim/energy/tech.h"
#include "sim/mapping/lower.h"
#include "sim/mapping/search.h"
#include "sim/workload/llm.h"
#include "sim/workload/locate.h"
#include "sim/workload/trace.h"

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

/// Technologies, each read once. Throws UserError with the mistakes of one.
class Techs {
 public:
  const TechTable& of(const ArchSpec& arch) {
    const auto found = tables_.find(arch.tech);
    if (found != tables_.end()) return found->second;
    Diagnostics wrong;
    TechTable table = load_tech(arch.tech, wrong);
    wrong.throw_if_any();
    return tables_.emplace(arch.tech, std::move(table)).first->second;
  }
  PriceList prices(const ArchSpec& arch) {
    Diagnostics wrong;
    PriceList prices = price(arch, of(arch), wrong);
    wrong.throw_if_any();
    return prices;
  }
  double full_power_w(const ArchSpec& arch, const Workload& workload) {
    Diagnostics wrong;
    const double watts = mixpe::full_power_w(arch, of(arch), workload, wrong);
    wrong.throw_if_any();
    return watts;
  }

 private:
  std::map<std::string, TechTable> tables_;
};

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

/// What every design of a view may use; none: arrays are as their files say.
struct Budget {
  std::optional<double> area_um2, power_w;
};

std::vector<ArraySize> shapes_within(const ArchSpec& arch, const Workload& workload,
                                     const Budget& budget, Techs& techs) {
  if (budget.area_um2) return shapes_within(arch, techs.prices(arch), *budget.area_um2);
  return widest_shapes([&](ArraySize size) {
    return techs.full_power_w(resized(arch, size), workload) <= *budget.power_w;
  });
}

/// Of the arrays within the budget the one that runs `workload` in the fewest cycles; of equals the
/// one with the fewest PEs, then rows. A fixed shape would reward or punish a design for how its
/// columns happen to divide the workload.
ArchSpec fastest_within(const ArchSpec& arch, const Workload& workload, const Budget& budget,
                        const std::string& design, Techs& techs) {
  struct Candidate {
    std::int64_t at_least;  ///< cycles
    std::int64_t pes, rows;
    ArchSpec arch;
  };
  std::vector<Candidate> candidates;
  for (const ArraySize& size : shapes_within(arch, workload, budget, techs)) {
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
    Diagnostics wrong;
    wrong.add({{arch.file},
               design,
               "no array within the view's area or power runs the workload",
               "",
               ""});
    wrong.throw_if_any();
  }
  return best->arch;
}

/// `workloads` of the phase, by design.
Budget budget_of(const Study& study, const StudyView& view, const std::vector<ArchSpec>& designs,
                 const std::vector<Workload>& workloads, Techs& techs) {
  Budget budget;
  for (std::size_t i = 0; i < study.designs.size(); ++i) {
    const ArchSpec& arch = designs[i];
    if (study.designs[i].name == view.area_of) {
      budget.area_um2 = area(arch, techs.prices(arch)).total_um2;
    }
    if (study.designs[i].name == view.power_of) {
      budget.power_w = techs.full_power_w(arch, workloads[i]);
    }
  }
  return budget;
}

std::vector<ArchSpec> load_designs(const Study& study, Diagnostics& wrong) {
  std::vector<ArchSpec> archs;
  for (const StudyDesign& design : study.designs) {
    if (std::optional<ArchSpec> arch = design_arch(design, wrong)) archs.push_back(*arch);
  }
  return archs;
}

/// Files that several phases and designs share, read once.
class Inputs {
 public:
  explicit Inputs(Diagnostics& wrong) : wrong_(wrong) {}
  const std::optional<Llm>& llm(const std::string& name) {
    return kept(llms_, name, [&] { return load_llm(name, wrong_); });
  }
  const std::optional<Scheme>& scheme(const std::string& name) {
    return kept(schemes_, name, [&] { return load_scheme(name, wrong_); });
  }

 private:
  template <class Value, class Load>
  const Value& kept(std::map<std::string, Value>& all, const std::string& name, Load load) {
    const auto found = all.find(name);
    return found != all.end() ? found->second : all.emplace(name, load()).first->second;
  }

  Diagnostics& wrong_;
  std::map<std::string, std::optional<Llm>> llms_;
  std::map<std::string, std::optional<Scheme>> schemes_;
};

std::optional<Workload> trace_of(const StudyDesign& design, const LlmPhase& phase,
                                 Diagnostics& wrong) {
  constexpr std::string_view kPhase = "{phase}";
  std::string path = design.trace;
  for (std::size_t at = 0; (at = path.find(kPhase, at)) != std::string::npos;) {
    path.replace(at, kPhase.size(), phase.name);
    at += phase.name.size();
  }
  return load_trace(path, design.scheme, wrong);
}

std::optional<Workload> workload_of(const Study& study, const StudyDesign& design,
                                    const LlmPhase& phase, Inputs& inputs, Diagnostics& wrong) {
  if (!design.trace.empty()) return trace_of(design, phase, wrong);
  const std::optional<Llm>& llm = inputs.llm(phase.llm.empty() ? study.llm : phase.llm);
  const std::optional<Scheme>& scheme = inputs.scheme(design.scheme);
  if (!llm || !scheme) return std::nullopt;
  return build_phase_workload(*llm, phase, *scheme, study.file, wrong);
}

/// Workloads by phase, then design; incomplete after a mistake.
std::vector<std::vector<Workload>> build_workloads(const Study& study, Diagnostics& wrong) {
  Inputs inputs(wrong);
  std::vector<std::vector<Workload>> all;
  for (const LlmPhase& phase : study.phases) {
    std::vector<Workload>& of_phase = all.emplace_back();
    for (const StudyDesign& design : study.designs) {
      const auto workload = workload_of(study, design, phase, inputs, wrong);
      if (workload) of_phase.push_back(*workload);
    }
  }
  return all;
}

/// Adds a study's runs, without results, and what to run for them.
Comparison plan(const Study& study, const std::optional<ValueRequest>& values,
                std::vector<RunRequest>& requests) {
  Diagnostics wrong;
  const std::vector<ArchSpec> designs = load_designs(study, wrong);
  const std::vector<std::vector<Workload>> workloads = build_workloads(study, wrong);
  wrong.throw_if_any();

  Techs techs;
  for (const ArchSpec& arch : designs) {
    check_values(arch, techs.of(arch), techs.prices(arch), values, wrong);
  }
  wrong.throw_if_any();
  Comparison comparison{study, {}};
  for (const StudyView& view : study.views) {
    for (std::size_t p = 0; p < study.phases.size(); ++p) {
      const Budget budget = budget_of(study, view, designs, workloads[p], techs);
      const bool as_written = !budget.area_um2 && !budget.power_w;
      for (std::size_t d = 0; d < study.designs.size(); ++d) {
        const std::string& name = study.designs[d].name;
        const Workload& workload = workloads[p][d];
        ArchSpec arch =
            as_written ? designs[d] : fastest_within(designs[d], workload, budget, name, techs);
        comparison.runs.push_back(
            {view.name, study.phases[p].name, name, techs.full_power_w(arch, workload), {}});
        requests.push_back({std::move(arch), workload});
      }
    }
  }
  return comparison;
}

}  // namespace

const RunResult& Comparison::baseline(const ComparedRun& of) const {
  for (const ComparedRun& r : runs) {
    if (r.view == of.view && r.phase == of.phase && r.design == study.baseline) return r.run.result;
  }
  throw InvariantError("the baseline is checked when the study is read");
}

std::vector<Comparison> compare(const std::vector<Study>& studies,
                                const std::optional<ValueRequest>& values) {
  std::vector<Comparison> comparisons;
  std::vector<RunRequest> requests;
  for (const Study& study : studies) comparisons.push_back(plan(study, values, requests));
  std::vector<Run> runs = run_all(requests, values);
  std::size_t next = 0;
  for (Comparison& c : comparisons) {
    for (ComparedRun& run : c.runs) run.run = std::move(runs[next++]);
  }
  return comparisons;
}

}  // namespace mixpe
