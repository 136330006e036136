#include "sim/app/study.h"

#include <algorithm>
#include <set>

#include "sim/config/reference.h"
#include "sim/config/schema.h"

namespace mixpe {
namespace {

constexpr std::int64_t kMaxTokens = std::int64_t{1} << 24;

Schema<StudyPhase> phase_schema() {
  return Schema<StudyPhase>()
      .text("name", &StudyPhase::name, Need::kRequired, "shown in the result")
      .choice("phase", &StudyPhase::phase,
              {{"prefill", std::string("prefill")}, {"decode", std::string("decode")}},
              Need::kRequired, "which GEMMs of the model run")
      .integer("batch", &StudyPhase::batch, 1, 65536, Need::kOptional, "sequences")
      .integer("tokens", &StudyPhase::tokens, 1, kMaxTokens, Need::kOptional,
               "prefill: new tokens of each sequence")
      .integer("context", &StudyPhase::context, 0, kMaxTokens, Need::kOptional,
               "decode: tokens attended to, the new one included; prefill: tokens already cached");
}

Schema<StudyDesign> design_schema() {
  return Schema<StudyDesign>()
      .text("name", &StudyDesign::name, Need::kRequired, "shown in the result; unique")
      .text("arch", &StudyDesign::arch, Need::kRequired, "a file, or a name in configs/arch")
      .text("scheme", &StudyDesign::scheme, Need::kRequired, "a file, or a name in configs/schemes")
      .custom(
          {"set", "list of texts", "key=value", {}, "keys of the architecture to change"},
          Need::kOptional,
          [](const YamlValue& at, StudyDesign& into) {
            for (const YamlValue& item : at.list(1, 64)) {
              if (const auto text = item.text()) into.settings.push_back(*text);
            }
          },
          [](const StudyDesign& from) { return nlohmann::ordered_json(from.settings); });
}

Schema<StudyView> view_schema() {
  return Schema<StudyView>()
      .text("name", &StudyView::name, Need::kRequired, "shown in the result; unique")
      .text("area_of", &StudyView::area_of, Need::kOptional,
            "size every array to the total area of this design; absent: as the files say");
}

Schema<Study> study_schema() {
  return Schema<Study>()
      .text("study", &Study::name, Need::kRequired, "name of the study")
      .text("description", &Study::description, Need::kOptional, "the question it answers")
      .text("llm", &Study::llm, Need::kRequired, "a file, or a name in configs/llms")
      .list("phases", &Study::phases, phase_schema(), 1, 64, Need::kRequired,
            "what is run; each phase is a result of its own")
      .text("baseline", &Study::baseline, Need::kRequired,
            "the design that speed-up and energy ratio refer to")
      .list("designs", &Study::designs, design_schema(), 1, 256, Need::kRequired,
            "what is compared")
      .list("views", &Study::views, view_schema(), 1, 16, Need::kRequired,
            "under which rule of fairness");
}

template <class Items>
std::vector<std::string> names_of(const Items& items) {
  std::vector<std::string> names;
  for (const auto& item : items) names.push_back(item.name);
  return names;
}

void check_unique(const YamlNode& root, const char* key, const std::vector<std::string>& names,
                  Diagnostics& wrong) {
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (!seen.insert(name).second) {
      wrong.add({root.mark(), key, "each name may stand only once", name, ""});
    }
  }
}

Study read_study(const YamlNode& root, Diagnostics& wrong) {
  Study study;
  study_schema().read(YamlValue(root, wrong), study);
  const std::vector<std::string> designs = names_of(study.designs);
  check_unique(root, "designs", designs, wrong);
  check_unique(root, "views", names_of(study.views), wrong);
  check_unique(root, "phases", names_of(study.phases), wrong);
  const auto check_design = [&](const std::string& path, const std::string& name) {
    if (name.empty() || std::find(designs.begin(), designs.end(), name) != designs.end()) return;
    wrong.add({root.mark(), path, "names no design of the study", name, joined(designs)});
  };
  check_design("baseline", study.baseline);
  for (std::size_t i = 0; i < study.views.size(); ++i) {
    check_design("views[" + std::to_string(i) + "].area_of", study.views[i].area_of);
  }
  return study;
}

const FileKindRegistration kStudy{
    {"study",
     {"study", "designs"},
     [](const YamlNode& root, const std::string&, Diagnostics& wrong) { read_study(root, wrong); },
     [] {
       return "Designs compared on the phases of an LLM (`mixpe compare`); shipped ones are in "
              "`configs/studies/`.\n\n" +
              reference_table(study_schema().describe());
     }}};

}  // namespace

std::optional<Study> load_study(const std::string& path, Diagnostics& wrong) {
  const std::optional<YamlNode> root = load_yaml(path, wrong);
  if (!root) return std::nullopt;
  Diagnostics own;
  Study study = read_study(*root, own);
  for (const Diagnostic& d : own.list()) wrong.add(d);
  if (!own.ok()) return std::nullopt;
  study.file = path;
  return study;
}

}  // namespace mixpe
