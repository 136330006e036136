#pragma once
// Results that were written before: result.json of run and compare.

#include <nlohmann/json.hpp>
#include <string>

namespace mixpe {

/// {kind: "runs", title, description, runs: [{view, phase, design, speed_up, energy_ratio,
/// result}], timelines} for the report page; a single run has `result` alone. `result` and
/// `timelines` are the JSON of report.h and timeline.h.
nlohmann::ordered_json runs_page_data(const std::string& title, nlohmann::ordered_json result,
                                      nlohmann::ordered_json timelines);

/// The page's data from a file. UserError if it is no whole result of this program's schema.
nlohmann::ordered_json read_result(const std::string& path, const std::string& text);

}  // namespace mixpe
