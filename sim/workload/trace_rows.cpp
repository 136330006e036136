#include "sim/workload/trace_rows.h"

#include <algorithm>
#include <map>

#include "sim/workload/load_with.h"

namespace mixpe {
namespace {

/// Loads each scheme once and remembers those that cannot be used.
class SchemeTable {
 public:
  SchemeTable(const DefaultScheme& scheme_default, Diagnostics& wrong)
      : default_(scheme_default), wrong_(wrong) {}

  const Scheme* find(const std::string& name, const SourceMark& at) {
    const auto known = schemes_.find(name);
    if (known != schemes_.end()) return known->second ? &*known->second : nullptr;
    Diagnostics here;
    auto& slot = schemes_[name];
    slot = load_scheme_with(
        name, name == default_.name ? default_.overrides : std::vector<Override>(), here);
    for (Diagnostic d : here.list()) {
      if (d.at.file.empty()) {  // the name itself: the mistake is where it was written
        d.at = at;
        d.path = "scheme";
      }
      wrong_.add(std::move(d));
    }
    return slot ? &*slot : nullptr;
  }

 private:
  const DefaultScheme& default_;
  std::map<std::string, std::optional<Scheme>> schemes_;
  Diagnostics& wrong_;
};

void check_row(const Gemm& g, Diagnostics& wrong) {
  const std::string place = g.layer + "." + g.op;
  const bool writes_cache = g.role == GemmRole::kKCache || g.role == GemmRole::kVCache;
  if (writes_cache != (g.head_dim > 0)) {
    wrong.add({g.at, place + ".head_dim",
               writes_cache ? "a GEMM that writes the cache needs its head_dim"
                            : "only a GEMM that writes the cache has a head_dim",
               std::to_string(g.head_dim), writes_cache ? "1..n" : "0"});
  } else if (writes_cache && g.n % g.head_dim != 0) {
    wrong.add({g.at, place + ".head_dim", "must divide n", std::to_string(g.head_dim),
               "divisors of " + std::to_string(g.n)});
  }
  if (g.causal == Causal::kNone && (g.rows_per_token != 1 || g.causal_offset != 0)) {
    wrong.add({g.at, place + ".causal", "rows_per_token and causal_offset belong to a causal GEMM",
               "no", "yes"});
  }
}

/// The one scheme of all GEMMs, or all their names.
std::string scheme_names(const std::vector<Gemm>& gemms) {
  std::vector<std::string> names;
  for (const Gemm& g : gemms) {
    if (std::find(names.begin(), names.end(), g.scheme) == names.end()) names.push_back(g.scheme);
  }
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

const char* role_name(GemmRole role) {
  for (const auto& [name, value] : kRoleNames) {
    if (value == role) return name;
  }
  throw InvariantError("role without a name");
}

std::string role_names() {
  std::string text;
  for (const auto& [name, value] : kRoleNames)
    text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

std::optional<GemmRole> parse_role(std::string_view name) {
  for (const auto& [known, value] : kRoleNames) {
    if (name == known) return value;
  }
  return std::nullopt;
}

std::string name_fault(std::string_view name) {
  if (name.empty()) return "must not be empty";
  if (name.size() > 128) return "is longer than 128 characters";
  if (name.front() == ' ' || name.back() == ' ') return "begins or ends with a space";
  for (const char c : name) {
    if (c == ',' || c == '"' || c == '#' || c == '\'') return "has a comma, a quote or a #";
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "has a control character";
  }
  return "";
}

Causal causal_of(GemmRole role) {
  if (role == GemmRole::kScores) return Causal::kScores;
  if (role == GemmRole::kValues) return Causal::kValues;
  return Causal::kNone;
}

std::optional<Workload> finish_trace(const std::string& file, TraceHead head,
                                     std::vector<Gemm> rows, const DefaultScheme& scheme_default,
                                     Diagnostics& wrong) {
  Diagnostics here;
  SchemeTable schemes(scheme_default, here);
  Workload w;
  for (Gemm& g : rows) {
    check_row(g, here);
    const std::string& name = !g.scheme.empty()              ? g.scheme
                              : !scheme_default.name.empty() ? scheme_default.name
                                                             : head.scheme;
    if (name.empty() && scheme_default.need == Need::kOptional) continue;
    if (name.empty()) {
      here.add({g.at,
                g.layer + "." + g.op + ".scheme",
                "no scheme is given",
                {},
                "a scheme column, a default in the file, --scheme"});
      continue;
    }
    const Scheme* scheme = schemes.find(name, g.at);
    if (!scheme) continue;
    g.scheme = scheme->name;
    const GemmQuant quant = gemm_quant(*scheme, g.role, g.op, g.n, g.head_dim);
    check_group_tails(g, quant, *scheme, here);
    g.quant = w.quant_index(quant);
  }
  // Rows may all have a mistake of their own, or a scheme; the one named for all is checked anyway.
  if (!scheme_default.name.empty()) schemes.find(scheme_default.name, {file});
  if (rows.empty() && wrong.ok()) {
    Diagnostic d;
    d.at.file = file;
    d.what = "the trace has no GEMM";
    here.add(std::move(d));
  }
  w.gemms = std::move(rows);
  check_sizes(w, here);
  w.name = std::move(head.name);
  w.llm = std::move(head.llm);
  w.phase = std::move(head.phase);
  w.tokens = head.tokens;
  w.notes = std::move(head.notes);
  w.scheme = scheme_names(w.gemms);
  for (const Diagnostic& d : here.list()) wrong.add(d);
  return here.ok() ? std::optional(std::move(w)) : std::nullopt;
}

}  // namespace mixpe
