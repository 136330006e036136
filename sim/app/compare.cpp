#include "sim/app/compare.h"

#include <map>
#include <optional>

#include "sim/config/arch.h"
#include "sim/energy/fit_area.h"
#include "sim/energy/price.h"
#include "sim/energy/tech.h"
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

/// `arch` as large as `budget_um2` allows.
std::optional<ArchSpec> sized_to(const ArchSpec& arch, double budget_um2, const std::string& design,
                                 Diagnostics& wrong) {
  const PriceList prices = price(arch, load_tech(arch.tech, wrong), wrong);
  if (!wrong.ok()) return std::nullopt;
  const std::optional<ArraySize> size = fit_area(arch, prices, budget_um2);
  if (!size) {
    wrong.add({{arch.file}, design, "not even a 4 x 4 array fits the area of the view", "", ""});
    return std::nullopt;
  }
  return resized(arch, *size);
}

/// The designs of one view, in the study's order.
std::vector<ArchSpec> view_archs(const Study& study, const StudyView& view,
                                 const std::vector<ArchSpec>& as_written, Diagnostics& wrong) {
  if (view.area_of.empty()) return as_written;
  double budget_um2 = 0;
  for (std::size_t i = 0; i < study.designs.size(); ++i) {
    if (study.designs[i].name != view.area_of) continue;
    const ArchSpec& arch = as_written[i];
    const PriceList prices = price(arch, load_tech(arch.tech, wrong), wrong);
    if (wrong.ok()) budget_um2 = area(arch, prices).total_um2;
  }
  std::vector<ArchSpec> sized;
  for (std::size_t i = 0; wrong.ok() && i < study.designs.size(); ++i) {
    // The design that gives the budget keeps its size: the search might find a better-filling
    // shape.
    const bool reference = study.designs[i].name == view.area_of;
    const std::optional<ArchSpec> arch =
        reference ? as_written[i]
                  : sized_to(as_written[i], budget_um2, study.designs[i].name, wrong);
    if (arch) sized.push_back(*arch);
  }
  return sized;
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
    const std::vector<ArchSpec> archs = view_archs(study, view, designs, wrong);
    wrong.throw_if_any();
    for (std::size_t p = 0; p < study.phases.size(); ++p) {
      for (std::size_t d = 0; d < study.designs.size(); ++d) {
        comparison.runs.push_back({view.name, study.phases[p].name, study.designs[d].name, {}});
        requests.push_back({archs[d], workloads[p][d]});
      }
    }
  }
  std::vector<Run> runs = run_all(requests, std::nullopt);
  for (std::size_t i = 0; i < runs.size(); ++i) comparison.runs[i].run = std::move(runs[i]);
  return comparison;
}

}  // namespace mixpe
