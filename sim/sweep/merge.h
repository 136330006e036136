#pragma once

#include <string>
#include <vector>

namespace mixpe {

/// Unites stores of one sweep and revision in a new one and says how many points it has. A point
/// that failed in one store and not in another is taken from the other. UserError: stores of
/// different sweeps or revisions, points with different results (each is named), an output that
/// exists.
std::string merge_stores(const std::vector<std::string>& inputs, const std::string& output);

}  // namespace mixpe
