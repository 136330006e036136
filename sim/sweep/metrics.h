#pragma once
// The numbers a point is judged by. A metric's name is `cycles` for all phases together and
// `decode.cycles` for one of several; its unit is in its name.

#include <span>
#include <string>
#include <vector>

#include "sim/report/result.h"
#include "sim/sweep/resolve.h"

namespace mixpe {

/// Names of all metrics, in the store's order.
std::vector<std::string> metric_names(const std::vector<std::string>& phases);

/// Area and SRAM: known without running. A prefix of metric_names().
std::vector<std::string> machine_metric_names();
std::vector<double> machine_metrics(const ArchSpec& arch, const PriceList& prices);

/// `results`: by phase. NaN: the point has no such number (SNR without values, tokens of a trace).
std::vector<double> metrics_of(std::span<const RunResult> results, const PriceList& prices);

}  // namespace mixpe
