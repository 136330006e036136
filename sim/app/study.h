#pragma once
// A study: designs compared on the phases of one LLM, seen from one or more views.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/core/errors.h"
#include "sim/config/yaml_reader.h"

namespace mixpe {

struct StudyPhase {
  std::string name;
  std::string phase;         ///< "prefill" or "decode"
  std::int64_t batch = 1;    ///< sequences
  std::int64_t tokens = 0;   ///< prefill: new tokens of each sequence
  std::int64_t context = 0;  ///< decode: tokens attended to, the new one included
};

struct StudyDesign {
  std::string name;
  std::string arch;                   ///< a file, or a name in configs/arch
  std::string scheme;                 ///< a file, or a name in configs/schemes
  std::vector<std::string> settings;  ///< "array.pass_overlap=false": keys of the architecture
};

/// A view shows all designs at one rule of fairness.
struct StudyView {
  std::string name;
  std::string area_of;  ///< size every array to this design's total area; empty: as the files say
};

struct Study {
  std::string name;
  std::string file;
  std::string description;
  std::string llm;
  std::vector<StudyPhase> phases;
  std::string baseline;  ///< the design that speed-ups and energy ratios refer to
  std::vector<StudyDesign> designs;
  std::vector<StudyView> views;
};

/// Reads and checks a study, names of designs included. None after an error.
std::optional<Study> load_study(const std::string& path, Diagnostics& wrong);

}  // namespace mixpe
