#pragma once
// A study: designs compared on phases of LLMs or on traces, seen from one or more views.

#include <optional>
#include <string>
#include <vector>

#include "models/core/errors.h"
#include "sim/workload/llm_phase.h"

namespace mixpe {

struct StudyDesign {
  std::string name;
  std::string arch;    ///< a file, or a name in configs/arch
  std::string scheme;  ///< a file, or a name in configs/schemes
  std::string trace;   ///< run instead of the LLM; "{phase}" in it is the phase's name
  std::vector<std::string> settings;  ///< "array.pass_overlap=false": keys of the architecture
};

/// A view shows all designs at one rule of fairness: arrays as their files say, or sized to the
/// total area, or to the power in full use (full_power.h), of one of the designs.
struct StudyView {
  std::string name;
  std::string area_of, power_of;  ///< a design; at most one of them
};

struct Study {
  std::string name;
  std::string file;
  std::string description;
  std::string llm;
  std::vector<LlmPhase> phases;
  std::string baseline;  ///< the design that speed-ups and energy ratios refer to
  std::vector<StudyDesign> designs;
  std::vector<StudyView> views;
};

/// Reads and checks a study, names of designs included. None after an error. Paths in it that begin
/// with "./" are beside the file.
std::optional<Study> load_study(const std::string& path, Diagnostics& wrong);

}  // namespace mixpe
