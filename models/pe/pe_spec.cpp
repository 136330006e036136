#include "models/pe/pe_spec.h"

#include <algorithm>

namespace mixpe {

bool PeMode::takes(const Format& weight, const Format& act) const {
  return std::find(weights.begin(), weights.end(), weight) != weights.end() &&
         std::find(acts.begin(), acts.end(), act) != acts.end();
}

const PeMode* PeSpec::find_mode(const Format& weight, const Format& act) const {
  for (const PeMode& mode : modes) {
    if (mode.takes(weight, act)) return &mode;
  }
  return nullptr;
}

}  // namespace mixpe
