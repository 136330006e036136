#pragma once
// The layers of a sweep's designs, which its store does not keep: the designs are run once more.

#include <nlohmann/json.hpp>
#include <vector>

#include "sim/sweep/store.h"

namespace mixpe {

/// Runs the points `asked` for (indices) and those most worth a look, as long as the page has room,
/// and gives them as sweep_page_json() takes them. They are run by the `tile` engine (no other
/// counts other cycles), without operands unless PE energy follows them. Nothing is shown that
/// differs from the store: if the program, the files that the sweep names or the results are others
/// than they were, `without` says so. UserError if one that was asked for is none.
nlohmann::ordered_json sweep_layers(const std::vector<StoredPoint>& points, const StoreMeta& meta,
                                    const SweepPlan& plan, const std::vector<std::size_t>& asked);

}  // namespace mixpe
