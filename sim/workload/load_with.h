#pragma once
// Schemes, LLMs and traces with keys set from outside their files, as a sweep does.

#include <optional>
#include <string>
#include <vector>

#include "sim/config/arch.h"
#include "sim/workload/llm.h"
#include "sim/workload/scheme.h"
#include "sim/workload/workload.h"

namespace mixpe {

/// load_scheme() and load_llm() with `overrides` applied before the file is checked.
std::optional<Scheme> load_scheme_with(const std::string& name,
                                       const std::vector<Override>& overrides, Diagnostics& wrong);
std::optional<Llm> load_llm_with(const std::string& name, const std::vector<Override>& overrides,
                                 Diagnostics& wrong);

/// load_trace() with `overrides` applied to the default scheme.
std::optional<Workload> load_trace_with(const std::string& path, const std::string& default_scheme,
                                        const std::vector<Override>& overrides, Diagnostics& wrong);

}  // namespace mixpe
