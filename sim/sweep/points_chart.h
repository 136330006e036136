#pragma once
// A sweep as a picture: what the first objective costs in each of the others.

#include <string>

#include "sim/sweep/plan.h"
#include "sim/sweep/store.h"

namespace mixpe {

/// SVG: a panel for each further objective, the first one upwards, done points coloured by the
/// first key's value; dashed, the Pareto front of the panel's two, its points labelled with the
/// other keys that differ among points of their colour. UserError for a sweep with one objective.
std::string points_chart(Store& store, const SweepPlan& plan);

}  // namespace mixpe
