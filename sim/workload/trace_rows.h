#pragma once
// Between the readers of the trace forms and the Workload: rows as written, checked in one place.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/core/errors.h"
#include "sim/config/arch.h"
#include "sim/config/schema.h"
#include "sim/workload/workload.h"

namespace mixpe {

/// What a trace says beside its GEMMs.
struct TraceHead {
  std::string name, llm, phase, scheme;
  std::int64_t tokens = 0;
  std::vector<std::string> notes;
};

/// A key of a trace as a whole: `yaml: value`, or `#: csv = value`.
struct TraceHeadKey {
  enum class Kind { kText, kTokens, kNotes };
  const char* yaml;
  const char* csv;
  Kind kind;
  Need yaml_need;  ///< CSV needs none: a trace is called after its file
  const char* doc;
  std::string TraceHead::*text = nullptr;  ///< kText
};
inline constexpr TraceHeadKey kTraceHeadKeys[] = {
    {"trace", "name", TraceHeadKey::Kind::kText, Need::kRequired, "name of the trace",
     &TraceHead::name},
    {"llm", "llm", TraceHeadKey::Kind::kText, Need::kOptional, "model it is from, for reports",
     &TraceHead::llm},
    {"phase", "phase", TraceHeadKey::Kind::kText, Need::kOptional, "prefill or decode, for reports",
     &TraceHead::phase},
    {"tokens", "tokens", TraceHeadKey::Kind::kTokens, Need::kOptional,
     "processed or produced by one run, for tokens/s"},
    {"scheme", "scheme", TraceHeadKey::Kind::kText, Need::kOptional,
     "of GEMMs that name none, unless --scheme is given", &TraceHead::scheme},
    {"notes", "note", TraceHeadKey::Kind::kNotes, Need::kOptional, "what reports must say"}};

/// A key of a GEMM: a key of the YAML form and a column of the CSV form.
struct TraceColumn {
  enum class Kind { kName, kNumber, kScheme, kRole, kCausal };
  const char* name;
  Kind kind;
  Need need;
  const char* doc;
  std::string Gemm::*text = nullptr;     ///< kName
  std::int64_t Gemm::*number = nullptr;  ///< kNumber
  std::int64_t min = 0;                  ///< kNumber; at most kMaxDimension
};
/// `causal` comes after `role`, which it is checked against.
inline constexpr TraceColumn kTraceColumns[] = {
    {"layer", TraceColumn::Kind::kName, Need::kRequired, "name of the layer", &Gemm::layer},
    {"op", TraceColumn::Kind::kName, Need::kRequired, "name of the GEMM in its layer", &Gemm::op},
    {"m", TraceColumn::Kind::kNumber, Need::kRequired, "rows of A and C", nullptr, &Gemm::m, 1},
    {"n", TraceColumn::Kind::kNumber, Need::kRequired, "columns of W and C", nullptr, &Gemm::n, 1},
    {"k", TraceColumn::Kind::kNumber, Need::kRequired, "columns of A, rows of W", nullptr, &Gemm::k,
     1},
    {"role", TraceColumn::Kind::kRole, Need::kOptional,
     "a linear; one whose outputs are written in the K or V cache's format; Q x K^T, `n` = tokens, "
     "`k` = head_dim; P x V, `n` = head_dim, `k` = tokens"},
    {"batch", TraceColumn::Kind::kNumber, Need::kOptional,
     "independent instances, run back to back", nullptr, &Gemm::batch, 1},
    {"count", TraceColumn::Kind::kNumber, Need::kOptional, "repetitions, each with empty buffers",
     nullptr, &Gemm::count, 1},
    {"scheme", TraceColumn::Kind::kScheme, Need::kOptional,
     "a name in configs/schemes, or a file; empty: --scheme, then the trace's"},
    {"head_dim", TraceColumn::Kind::kNumber, Need::kOptional,
     "of the cache that k_cache and v_cache write, needed there; divides `n`", nullptr,
     &Gemm::head_dim, 0},
    {"causal", TraceColumn::Kind::kCausal, Need::kOptional,
     "row i needs `n` (scores) or `k` (values) only up to i / rows_per_token + causal_offset"},
    {"rows_per_token", TraceColumn::Kind::kNumber, Need::kOptional,
     "query heads that share a KV head, folded into `m`, token-major; divides `m`", nullptr,
     &Gemm::rows_per_token, 1},
    {"causal_offset", TraceColumn::Kind::kNumber, Need::kOptional,
     "tokens in the cache before the first row's", nullptr, &Gemm::causal_offset, 0},
    {"act_k_pitch", TraceColumn::Kind::kNumber, Need::kOptional,
     "K elements that a row of A takes in DRAM, `k` or more; the rest is padding, read and "
     "dropped; 0: none",
     nullptr, &Gemm::act_k_pitch, 0},
    {"wgt_k_pitch", TraceColumn::Kind::kNumber, Need::kOptional, "the same of a column of W",
     nullptr, &Gemm::wgt_k_pitch, 0}};

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

inline constexpr const char* kNameRule = "a name without commas, quotes and #";
/// Why `name` cannot name a layer, an op or a trace; empty if it can.
std::string name_fault(std::string_view name);

/// The mask that a role has if the row says `causal: yes`.
Causal causal_of(GemmRole role);

/// What a GEMM without a scheme of its own has.
struct DefaultScheme {
  std::string name;             ///< goes before the file's default; empty: none
  Need need = Need::kRequired;  ///< kOptional: only to check a trace; a GEMM may stay without
  std::vector<Override> overrides = {};  ///< keys of it set from outside
};

/// Resolves schemes and checks what no single cell can. `rows` have every field but `quant`;
/// Gemm::scheme is as written, empty if not. None if `wrong` has gained a mistake.
std::optional<Workload> finish_trace(const std::string& file, TraceHead head,
                                     std::vector<Gemm> rows, const DefaultScheme& scheme,
                                     Diagnostics& wrong);

/// The forms of a trace; `file` stands for the text in messages.
std::optional<Workload> read_trace_csv(const std::string& file, std::string_view text,
                                       const DefaultScheme& scheme, Diagnostics& wrong);
std::optional<Workload> read_trace_yaml(const std::string& path, const DefaultScheme& scheme,
                                        Diagnostics& wrong);
/// Markdown tables of the keys.
std::string trace_reference();

}  // namespace mixpe
