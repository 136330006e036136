#include "sim/report/result_file.h"

#include <algorithm>
#include <span>

#include "models/core/errors.h"
#include "sim/report/report.h"

namespace mixpe {
namespace {

using Json = nlohmann::ordered_json;

enum class Kind { kNumber, kText, kObject, kNumbers, kList };

/// What the page shows of a result.
struct Field {
  const char* name;
  Kind kind;
};
constexpr Field kResult[] = {
    {"version", Kind::kText},    {"git_revision", Kind::kText}, {"config", Kind::kObject},
    {"workload", Kind::kObject}, {"totals", Kind::kNumbers},    {"ceilings", Kind::kObject},
    {"stalls", Kind::kNumbers},  {"energy", Kind::kNumbers},    {"area", Kind::kNumbers},
    {"notes", Kind::kList},      {"layers", Kind::kList}};
constexpr Field kLayer[] = {{"layer", Kind::kText},
                            {"op", Kind::kText},
                            {"phase", Kind::kText},
                            {"m", Kind::kNumber},
                            {"n", Kind::kNumber},
                            {"k", Kind::kNumber},
                            {"batch", Kind::kNumber},
                            {"count", Kind::kNumber},
                            {"mode", Kind::kText},
                            {"useful_macs", Kind::kNumber},
                            {"cycles", Kind::kNumber},
                            {"bound", Kind::kText},
                            {"energy_pj", Kind::kNumber},
                            {"dram_read_bytes", Kind::kNumber},
                            {"dram_write_bytes", Kind::kNumber},
                            {"stalls", Kind::kNumbers},
                            {"energy", Kind::kNumbers},
                            {"tile", Kind::kNumbers}};
constexpr Field kCompared[] = {{"view", Kind::kText},           {"phase", Kind::kText},
                               {"design", Kind::kText},         {"speed_up", Kind::kNumber},
                               {"energy_ratio", Kind::kNumber}, {"result", Kind::kObject}};

constexpr Field kTimeline[] = {{"name", Kind::kText},     {"size", Kind::kList},
                               {"batch", Kind::kNumber},  {"count", Kind::kNumber},
                               {"tiles", Kind::kNumber},  {"shown", Kind::kNumber},
                               {"cycles", Kind::kNumber}, {"tracks", Kind::kList}};
constexpr Field kTrack[] = {{"name", Kind::kText}, {"slices", Kind::kList}};

/// [begin, length, tile], of a stall also its cause.
bool is_slice(const Json& slice, bool stall) {
  const std::size_t causes = named_causes({}).size();
  return slice.is_array() && slice.size() == (stall ? 4 : 3) &&
         std::all_of(slice.begin(), slice.end(),
                     [](const Json& v) { return v.is_number_unsigned(); }) &&
         (!stall || slice[3].get<std::size_t>() < causes);
}

bool is(const Json& value, Kind kind) {
  switch (kind) {
    case Kind::kNumber:
      return value.is_number();
    case Kind::kText:
      return value.is_string();
    case Kind::kObject:
      return value.is_object();
    case Kind::kList:
      return value.is_array();
    case Kind::kNumbers:
      return value.is_object() &&
             std::all_of(value.begin(), value.end(), [](const Json& v) { return v.is_number(); });
  }
  return false;
}

constexpr const char* kAllowed =
    "a result.json of mixpe run --json or mixpe compare --output, by this version";

/// Checks the parts of one file.
class Checker {
 public:
  explicit Checker(const std::string& file) : file_(file) {}

  void fields(const Json& value, const std::string& path, std::span<const Field> wanted) const {
    for (const Field& field : wanted) {
      const std::string at = path.empty() ? field.name : path + "." + field.name;
      if (!value.is_object() || !value.contains(field.name)) refuse(at, "is missing");
      if (!is(value[field.name], field.kind)) refuse(at, "is of another kind than it should be");
    }
  }
  void result(const Json& result, const std::string& path) const {
    fields(result, path, kResult);
    const std::string prefix = path.empty() ? "" : path + ".";
    const Json& ceilings = result["ceilings"];
    if (!ceilings.contains("tops") || !is(ceilings["tops"], Kind::kNumbers)) {
      refuse(prefix + "ceilings.tops", "is missing");
    }
    if (result["layers"].empty()) refuse(prefix + "layers", "is empty");
    for (std::size_t i = 0; i < result["layers"].size(); ++i) {
      fields(result["layers"][i], prefix + "layers[" + std::to_string(i) + "]", kLayer);
    }
  }
  void timelines(const Json& all) const {
    if (!all.is_array()) refuse("timelines", "is of another kind than it should be");
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::string at = "timelines[" + std::to_string(i) + "]";
      fields(all[i], at, kTimeline);
      bool array = false;
      for (const Json& track : all[i]["tracks"]) {
        fields(track, at + ".tracks", kTrack);
        array = array || track["name"] == "array";
        for (const Json& slice : track["slices"]) {
          if (!is_slice(slice, track["name"] == "stalls")) {
            refuse(at + ".tracks", "has something that is no slice", slice.dump());
          }
        }
      }
      if (!array) refuse(at + ".tracks", "has no track of the array");
    }
  }
  [[noreturn]] void refuse(const std::string& path, const std::string& what,
                           const std::string& got = "") const {
    throw UserError(Diagnostic{{file_, 0, 0}, path, what, got, kAllowed}.text());
  }

 private:
  const std::string& file_;
};

Json parse(const std::string& path, const std::string& text) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& e) {
    const std::size_t end = std::min(text.size(), e.byte);
    const std::string before = text.substr(0, end > 0 ? end - 1 : 0);
    const auto line = static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1;
    const std::size_t line_start = before.rfind('\n') + 1;  // 0 if there is none
    const auto column = static_cast<int>(before.size() - line_start) + 1;
    throw UserError(Diagnostic{{path, line, column},
                               {},
                               e.byte >= text.size() ? "ends too early" : "is no JSON",
                               "",
                               kAllowed}
                        .text());
  }
}

}  // namespace

std::string result_text(const nlohmann::ordered_json& result,
                        const nlohmann::ordered_json& timelines) {
  std::string text = result.dump(1);
  if (!timelines.empty()) {
    text.erase(text.rfind("\n}"));
    text += ",\n \"timelines\": " + timelines.dump() + "\n}";
  }
  return text + "\n";
}

nlohmann::ordered_json runs_page_data(const std::string& title, nlohmann::ordered_json result,
                                      nlohmann::ordered_json timelines) {
  Json data = {{"kind", "runs"}, {"title", title}, {"description", ""}, {"runs", Json::array()}};
  data["runs"].push_back({{"result", std::move(result)}});
  data["timelines"] = std::move(timelines);
  return data;
}

nlohmann::ordered_json read_result(const std::string& path, const std::string& text) {
  Json json = parse(path, text);
  const Checker check(path);
  if (!json.is_object()) check.refuse("", "is no result");
  if (json.contains("points")) {
    throw UserError(path + ": is an export of a sweep; allowed the sweep's store");
  }
  if (!json.contains("schema_version")) check.refuse("schema_version", "is missing");
  if (json["schema_version"] != kResultSchemaVersion) {
    check.refuse("schema_version", "is another one", json["schema_version"].dump());
  }
  if (!json.contains("runs")) {
    check.result(json, "");
    const std::string title =
        json["config"].value("name", "") + ", " + json["workload"].value("name", "");
    Json timelines = json.value("timelines", Json::array());
    check.timelines(timelines);
    json.erase("timelines");
    return runs_page_data(title, std::move(json), std::move(timelines));
  }
  check.fields(json, "", {{{"study", Kind::kText}, {"runs", Kind::kList}}});
  for (std::size_t i = 0; i < json["runs"].size(); ++i) {
    const std::string at = "runs[" + std::to_string(i) + "]";
    check.fields(json["runs"][i], at, kCompared);
    check.result(json["runs"][i]["result"], at + ".result");
  }
  if (json["runs"].empty()) check.refuse("runs", "is empty");
  return {{"kind", "runs"},
          {"title", json["study"]},
          {"description", json.value("description", "")},
          {"baseline", json.value("baseline", "")},
          {"runs", std::move(json["runs"])},
          {"timelines", Json::array()}};
}

}  // namespace mixpe
