#pragma once
// Results as text, JSON and CSV. The same result gives the same bytes.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/report/result.h"

namespace mixpe {

inline constexpr int kResultSchemaVersion = 1;

/// What the reader must know of a result besides its numbers: limits, clocks not met, notes.
std::vector<std::string> caveats(const RunResult& result, const PriceList& prices);

/// One run, for people.
std::string run_text(const RunResult& result, const std::vector<std::string>& caveats);

/// One run: {schema_version, version, git_revision, config, totals, stalls, energy, events,
/// layers}.
nlohmann::ordered_json run_json(const RunResult& result, const std::vector<std::string>& caveats);

/// A line for each GEMM. `design` columns come first if not empty.
std::string layers_csv_header(const std::vector<std::string>& extra);
std::string layers_csv_rows(const RunResult& result, const std::vector<std::string>& extra);

/// Sixteen hexadecimal digits.
std::string digest_text(std::uint64_t digest);

/// A field of a CSV line, quoted where needed.
std::string csv_field(const std::string& text);

}  // namespace mixpe
