#pragma once
// Which combinations of the axes are looked at, in order.

#include <functional>
#include <optional>

#include "sim/sweep/plan.h"

namespace mixpe {

/// The next combination; none at the grid's end. Random and Sobol sequences do not end and may
/// repeat themselves.
using ChoiceSource = std::function<std::optional<Choice>()>;

/// grid, random or sobol. The same plan gives the same sequence on every machine.
ChoiceSource make_choice_source(const SweepPlan& plan);

}  // namespace mixpe
