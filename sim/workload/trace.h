#pragma once
// Traces: GEMMs in a file (grammar: traces/README.md).
//  * CSV of ours, SCALE-Sim's GEMM topology CSV (told by its header), and YAML.
//  * A trace written by write_trace_csv() reads back as the same Workload.

#include <optional>
#include <string>
#include <string_view>

#include "models/core/errors.h"
#include "sim/workload/workload.h"

namespace mixpe {

/// `default_scheme` is for GEMMs without a scheme of their own and goes before the file's default;
/// empty: none. Mistakes go to `wrong`, all of the file's at once; none then.
std::optional<Workload> load_trace(const std::string& path, const std::string& default_scheme,
                                   Diagnostics& wrong);

/// Checks all that can be checked before a scheme is chosen, and the schemes that it names.
void check_trace(const std::string& path, Diagnostics& wrong);

/// As load_trace() for a CSV text; `file` stands for it in messages.
std::optional<Workload> parse_trace_csv(const std::string& file, std::string_view text,
                                        const std::string& default_scheme, Diagnostics& wrong);

std::string write_trace_csv(const Workload& workload);

/// A table: for each GEMM its shape, MACs (dense, useful, saved by the mask), bytes if each operand
/// crosses the memory interface once, and useful MACs per byte; then the totals.
std::string trace_info(const Workload& workload);

}  // namespace mixpe
