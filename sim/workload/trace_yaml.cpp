// The YAML form of a trace, and the choice between the forms.

#include <filesystem>

#include "sim/config/yaml_reader.h"
#include "sim/workload/trace.h"
#include "sim/workload/trace_rows.h"

namespace mixpe {
namespace {

constexpr std::size_t kMaxYamlRows = 10'000;

void read_name(const YamlValue& value, std::string& out) {
  const auto text = value.text();
  if (!text) return;
  const std::string fault = name_fault(*text);
  if (!fault.empty()) value.error(fault, value.written(), "a name without commas, quotes and #");
  out = *text;
}

void read_number(const YamlValue& value, std::int64_t min, std::int64_t& out) {
  if (value.present()) out = value.integer(min, kMaxDimension).value_or(out);
}

void read_text(const YamlValue& value, std::string& out) {
  if (value.present()) out = value.text().value_or("");
}

Gemm read_gemm(const YamlValue& value) {
  Gemm g;
  g.at = value.mark();
  YamlMap map = value.map();
  read_name(map.required("layer"), g.layer);
  read_name(map.required("op"), g.op);
  read_number(map.required("m"), 1, g.m);
  read_number(map.required("n"), 1, g.n);
  read_number(map.required("k"), 1, g.k);
  read_number(map.optional("batch"), 1, g.batch);
  read_number(map.optional("count"), 1, g.count);
  read_number(map.optional("head_dim"), 0, g.head_dim);
  read_number(map.optional("rows_per_token"), 1, g.rows_per_token);
  read_number(map.optional("causal_offset"), 0, g.causal_offset);
  read_text(map.optional("scheme"), g.scheme);
  if (const YamlValue role = map.optional("role"); role.present()) {
    const auto text = role.text();
    const auto parsed = text ? parse_role(*text) : GemmRole::kLinear;
    if (!parsed) role.error("unknown role", role.written(), role_names());
    g.role = parsed.value_or(GemmRole::kLinear);
  }
  if (const YamlValue causal = map.optional("causal");
      causal.present() && causal.boolean().value_or(false)) {
    g.causal = causal_of(g.role);
    if (g.causal == Causal::kNone) {
      causal.error("only attention has a causal mask", role_name(g.role), "scores, values");
    }
  }
  return g;
}

std::optional<Workload> load_trace_yaml(const std::string& path, const std::string& default_scheme,
                                        Diagnostics& wrong) {
  const auto root = load_yaml(path, wrong);
  if (!root) return std::nullopt;
  Diagnostics here;
  TraceHead head;
  std::vector<Gemm> rows;
  {
    YamlMap map = YamlValue(*root, here).map();
    head.name = map.required("trace").text().value_or("");
    read_text(map.optional("llm"), head.llm);
    read_text(map.optional("phase"), head.phase);
    read_text(map.optional("scheme"), head.scheme);
    read_number(map.optional("tokens"), 0, head.tokens);
    for (const YamlValue& note : map.optional("notes").list(0, 100)) {
      head.notes.push_back(note.text().value_or(""));
    }
    for (const YamlValue& row : map.required("gemms").list(1, kMaxYamlRows)) {
      rows.push_back(read_gemm(row));
    }
  }
  std::optional<Workload> workload;
  if (here.ok())
    workload = finish_trace(path, std::move(head), std::move(rows), default_scheme, here);
  for (const Diagnostic& d : here.list()) wrong.add(d);
  return workload;
}

}  // namespace

std::optional<Workload> load_trace(const std::string& path, const std::string& default_scheme,
                                   Diagnostics& wrong) {
  const std::string extension = std::filesystem::path(path).extension().string();
  if (extension == ".yaml" || extension == ".yml") {
    return load_trace_yaml(path, default_scheme, wrong);
  }
  const auto text = read_text_file(path, wrong);
  return text ? parse_trace_csv(path, *text, default_scheme, wrong) : std::nullopt;
}

}  // namespace mixpe
