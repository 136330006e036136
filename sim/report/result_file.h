#pragma once
// result.json of run and compare: written, and read again for the report page.

#include <nlohmann/json.hpp>
#include <string>

namespace mixpe {

/// What run --json writes: a run's result (report.h) and, unless there are none, its timelines
/// (timeline.h) as its last member, `timelines`, in one line.
std::string result_text(const nlohmann::ordered_json& result,
                        const nlohmann::ordered_json& timelines);

/// {kind: "runs", title, description, runs: [{view, phase, design, speed_up, energy_ratio,
/// result}], timelines} for the report page; a single run has `result` alone. `result` and
/// `timelines` are the JSON of report.h and timeline.h.
nlohmann::ordered_json runs_page_data(const std::string& title, nlohmann::ordered_json result,
                                      nlohmann::ordered_json timelines);

/// The page's data from a file. UserError if it is no whole result of this program's schema.
nlohmann::ordered_json read_result(const std::string& path, const std::string& text);

}  // namespace mixpe
