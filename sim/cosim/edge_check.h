#pragma once
// The checks of what prepares activations at the array's edge: row sums, exponent scan and aligner.
// The models are the PEs': a row sum is added up in the order of its PE's own sum.

#include <optional>
#include <vector>

#include "sim/cosim/unit_bench.h"

namespace mixpe {

std::vector<CheckGroup> edge_check_groups(const BuildCache& cache);

/// The module of a unit, the user's if there is one.
std::shared_ptr<const Unit> compile_unit(const BuildCache& cache, const std::string& group,
                                         const std::string& module,
                                         const std::vector<std::string>& parameters,
                                         const std::vector<RtlPort>& ports,
                                         const std::optional<UserRtl>& user);

}  // namespace mixpe
