#pragma once
// Between the readers of the trace forms and the Workload: rows as written, checked in one place.

#include <optional>
#include <string>
#include <vector>

#include "models/core/errors.h"
#include "sim/workload/workload.h"

namespace mixpe {

/// What a trace says beside its GEMMs.
struct TraceHead {
  std::string name, llm, phase, scheme;
  std::int64_t tokens = 0;
  std::vector<std::string> notes;
};

/// What a cell may be called, once for all forms.
inline constexpr std::pair<const char*, GemmRole> kRoleNames[] = {{"linear", GemmRole::kLinear},
                                                                  {"k_cache", GemmRole::kKCache},
                                                                  {"v_cache", GemmRole::kVCache},
                                                                  {"scores", GemmRole::kScores},
                                                                  {"values", GemmRole::kValues}};

const char* role_name(GemmRole role);
/// "linear, k_cache, …"
std::string role_names();
std::optional<GemmRole> parse_role(std::string_view name);

/// Why `name` cannot name a layer, an op or a trace; empty if it can.
std::string name_fault(std::string_view name);

/// The mask that a role has if the row says `causal: yes`.
Causal causal_of(GemmRole role);

/// Resolves schemes and checks what no single cell can. `rows` have every field but `quant`;
/// Gemm::scheme is as written, empty if not. None if `wrong` has gained a mistake.
std::optional<Workload> finish_trace(const std::string& file, TraceHead head,
                                     std::vector<Gemm> rows, const std::string& default_scheme,
                                     Diagnostics& wrong);

}  // namespace mixpe
