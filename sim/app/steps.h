#pragma once
// Several studies as steps of one argument: how a design's lead over the others moves from each to
// the next.

#include <string>
#include <vector>

#include "sim/app/compare.h"

namespace mixpe {

/// Of a study's first view: over one other design, in all phases.
struct Lead {
  double speed_up = 0, energy_ratio = 0;  ///< its time (energy) over the subject's, geometric means
  double least_speed_up = 0, most_speed_up = 0;  ///< of a phase
  double least_energy_ratio = 0, most_energy_ratio = 0;
};

struct Steps {
  std::string subject;
  std::vector<std::string> studies, descriptions;
  std::vector<std::string> others;       ///< the other designs, in order of appearance
  std::vector<std::vector<Lead>> leads;  ///< [study][other]; all zero if the study lacks it
};

/// Every study must have a design named `subject`.
Steps steps_of(const std::vector<Comparison>& comparisons, const std::string& subject);

std::string steps_text(const Steps& steps);
std::string steps_csv(const Steps& steps);
/// SVG.
std::string steps_chart(const Steps& steps);

}  // namespace mixpe
