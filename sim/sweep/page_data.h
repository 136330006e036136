#pragma once
// A sweep for the report page, compact: 100,000 points stay under 20 MB.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/sweep/plan.h"
#include "sim/sweep/store.h"

namespace mixpe {

/// JSON: {kind: "sweep", title, description, revision, source, objectives, statuses, reasons,
/// count, axes, metrics, left_out, status, reason, pareto, sensitivity, layers}.
///  * A column of numbers is `base64` of little-endian values, 8, 16 or 32 bits unsigned or FP32
///  (NaN:
///    none), in the order of the points (that of their keys); or, if all are equal, `all`.
///  * `axes`: {key, name, axis, values, numbers?, column of indices into values}; values are sorted
///    by number if all are numbers. `axis` counts the sweep's axes, zipped keys share one; derived
///    keys have none.
///  * `metrics`: {name, column}; objectives first. Those beyond the limit of size are `left_out`.
///  * `layers`: {designs: [{design: a point's index, runs: [{phase, result}]}], without: what to
///  know
///    of those that have none}; `result` as in sim/report/README.md, but for its events.
/// `points` have all metrics of `meta`.
std::string sweep_page_json(const std::vector<StoredPoint>& points, const StoreMeta& meta,
                            const SweepPlan& plan, nlohmann::ordered_json layers);

/// RFC 4648, padded.
std::string base64(const std::string& bytes);

}  // namespace mixpe
