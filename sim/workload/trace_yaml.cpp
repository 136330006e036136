// The YAML form of a trace, and the choice between the forms.

#include <filesystem>

#include "sim/config/reference.h"
#include "sim/workload/load_with.h"
#include "sim/workload/trace.h"
#include "sim/workload/trace_rows.h"

namespace mixpe {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxYamlRows = 10'000;

struct TraceFile {
  TraceHead head;
  std::vector<Gemm> gemms;
};

void add_name(Schema<Gemm>& schema, const TraceColumn& column) {
  std::string Gemm::*const member = column.text;
  schema.custom({column.name, "text", kNameRule, {}, column.doc}, column.need,
                [member](const YamlValue& at, Gemm& into) {
                  const auto text = at.text();
                  const std::string fault = text ? name_fault(*text) : "";
                  if (!fault.empty()) at.error(fault, at.written(), kNameRule);
                  into.*member = text.value_or("");
                });
}

void read_role(const YamlValue& at, Gemm& into) {
  const auto text = at.text();
  const auto parsed = text ? parse_role(*text) : into.role;
  if (!parsed) at.error("unknown role", at.written(), role_names());
  into.role = parsed.value_or(into.role);
}

void read_causal(const YamlValue& at, Gemm& into) {
  if (!at.boolean().value_or(false)) return;
  into.causal = causal_of(into.role);
  if (into.causal != Causal::kNone) return;
  at.error("only attention has a causal mask", role_name(into.role), "scores, values");
}

void add_column(Schema<Gemm>& schema, const TraceColumn& column) {
  switch (column.kind) {
    case TraceColumn::Kind::kName:
      return add_name(schema, column);
    case TraceColumn::Kind::kNumber:
      schema.integer(column.name, column.number, column.min, kMaxDimension, column.need,
                     column.doc);
      return;
    case TraceColumn::Kind::kScheme:
      schema.text(column.name, &Gemm::scheme, column.need, column.doc);
      return;
    case TraceColumn::Kind::kRole:
      schema.custom({column.name, "choice", role_names(), {}, column.doc}, column.need, &read_role,
                    [](const Gemm& from) { return Json(role_name(from.role)); });
      return;
    case TraceColumn::Kind::kCausal:
      schema.custom({column.name, "boolean", "true, false; in CSV: yes, no", {}, column.doc},
                    column.need, &read_causal,
                    [](const Gemm& from) { return Json(from.causal != Causal::kNone); });
      return;
  }
}

const Schema<Gemm>& gemm_schema() {
  static const Schema<Gemm> schema = [] {
    Schema<Gemm> s;
    for (const TraceColumn& column : kTraceColumns) add_column(s, column);
    return s;
  }();
  return schema;
}

Schema<TraceHead> head_schema() {
  Schema<TraceHead> s;
  for (const TraceHeadKey& key : kTraceHeadKeys) {
    switch (key.kind) {
      case TraceHeadKey::Kind::kText:
        s.text(key.yaml, key.text, key.yaml_need, key.doc);
        break;
      case TraceHeadKey::Kind::kTokens:
        s.integer(key.yaml, &TraceHead::tokens, 0, kMaxDimension, key.yaml_need, key.doc);
        break;
      case TraceHeadKey::Kind::kNotes:
        s.custom({key.yaml, "list of texts", "0..100 items", {}, key.doc}, key.yaml_need,
                 [](const YamlValue& at, TraceHead& into) {
                   for (const YamlValue& note : at.list(0, 100)) {
                     into.notes.push_back(note.text().value_or(""));
                   }
                 });
        break;
    }
  }
  return s;
}

const Schema<TraceFile>& trace_schema() {
  static const Schema<TraceFile> schema =
      Schema<TraceFile>()
          .include(&TraceFile::head, head_schema())
          .custom(
              {"gemms",
               "list",
               "1.." + std::to_string(kMaxYamlRows) + " items",
               {},
               "in the order of their execution"},
              Need::kRequired,
              [](const YamlValue& at, TraceFile& into) {
                for (const YamlValue& row : at.list(1, kMaxYamlRows)) {
                  into.gemms.emplace_back().at = row.mark();
                  gemm_schema().read(row, into.gemms.back());
                }
              },
              [](const TraceFile&) { return Json(); },
              rows_below("gemms[]", gemm_schema().describe()));
  return schema;
}

std::optional<Workload> read_trace(const std::string& path, const DefaultScheme& scheme,
                                   Diagnostics& wrong) {
  const std::string extension = std::filesystem::path(path).extension().string();
  if (extension == ".yaml" || extension == ".yml") return read_trace_yaml(path, scheme, wrong);
  const auto text = read_text_file(path, wrong);
  return text ? read_trace_csv(path, *text, scheme, wrong) : std::nullopt;
}

const FileKindRegistration kTrace{
    {"trace", {"trace", "gemms"}, nullptr, &trace_reference, &check_trace, ".csv"}};

}  // namespace

std::optional<Workload> read_trace_yaml(const std::string& path, const DefaultScheme& scheme,
                                        Diagnostics& wrong) {
  const auto root = load_yaml(path, wrong);
  if (!root) return std::nullopt;
  Diagnostics here;
  TraceFile file;
  trace_schema().read(YamlValue(*root, here), file);
  std::optional<Workload> workload;
  if (here.ok()) {
    workload = finish_trace(path, std::move(file.head), std::move(file.gemms), scheme, here);
  }
  for (const Diagnostic& d : here.list()) wrong.add(d);
  return workload;
}

std::string trace_reference() {
  std::string s =
      "A list of GEMMs; the grammar of the three forms is in `traces/README.md`. YAML:\n\n" +
      reference_table(trace_schema().describe()) +
      "\nCSV: the keys of `gemms[]` are columns, in any order; an empty cell means the default. "
      "Keys of the whole trace\nare lines `#: key = value`, none required:";
  for (const TraceHeadKey& key : kTraceHeadKeys) {
    s += (&key == kTraceHeadKeys ? " `" : ", `") + std::string(key.csv) + "`";
    if (std::string_view(key.csv) != key.yaml) s += " (`" + std::string(key.yaml) + "` above)";
  }
  return s + ".\n";
}

std::optional<Workload> load_trace(const std::string& path, const std::string& default_scheme,
                                   Diagnostics& wrong) {
  return load_trace_with(path, default_scheme, {}, wrong);
}

std::optional<Workload> load_trace_with(const std::string& path, const std::string& default_scheme,
                                        const std::vector<Override>& overrides,
                                        Diagnostics& wrong) {
  return read_trace(path, {default_scheme, Need::kRequired, overrides}, wrong);
}

void check_trace(const std::string& path, Diagnostics& wrong) {
  read_trace(path, {"", Need::kOptional}, wrong);
}

}  // namespace mixpe
