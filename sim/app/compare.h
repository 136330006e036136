#pragma once
// A study's runs, and what is shown of them.

#include <string>
#include <vector>

#include "sim/app/run.h"
#include "sim/app/study.h"

namespace mixpe {

/// One design in one phase and view.
struct ComparedRun {
  std::string view, phase, design;
  double full_power_w = 0;  ///< full_power.h
  Run run;
};

struct Comparison {
  Study study;
  std::vector<ComparedRun> runs;  ///< views, then phases, then designs, in the study's order

  /// The baseline's run in the same view and phase.
  const RunResult& baseline(const ComparedRun& of) const;
};

/// Runs everything, in one simulation. UserError with the mistakes of the first study that has any,
/// before anything is simulated.
std::vector<Comparison> compare(const std::vector<Study>& studies,
                                const std::optional<ValueRequest>& values);

std::string comparison_text(const Comparison& comparison);
std::string comparison_json(const Comparison& comparison);
/// A line for each run.
std::string summary_csv(const Comparison& comparison);
/// A line for each GEMM of each run.
std::string all_layers_csv(const Comparison& comparison);

}  // namespace mixpe
