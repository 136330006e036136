#include "sim/app/study.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "sim/config/reference.h"
#include "sim/config/schema.h"

namespace mixpe {
namespace {

Schema<LlmPhase> phase_schema() {
  return llm_phase_schema("shown in the result; unique", Need::kOptional)
      .text("llm", &LlmPhase::llm, Need::kOptional,
            "a file, or a name in configs/llms, instead of the study's");
}

Schema<StudyDesign> design_schema() {
  return Schema<StudyDesign>()
      .text("name", &StudyDesign::name, Need::kRequired, "shown in the result; unique")
      .text("arch", &StudyDesign::arch, Need::kRequired, "a file, or a name in configs/arch")
      .text("scheme", &StudyDesign::scheme, Need::kOptional,
            "a file, or a name in configs/schemes; with a trace, for GEMMs that name none")
      .text("trace", &StudyDesign::trace, Need::kOptional,
            "a trace instead of the LLM; `{phase}` in it stands for the phase's name")
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
            "size every array to the total area of this design; absent: as the files say")
      .text("power_of", &StudyView::power_of, Need::kOptional,
            "size every array to the power of this design in full use, DRAM left out "
            "(docs/energy.md)");
}

Schema<Study> study_schema() {
  return Schema<Study>()
      .text("study", &Study::name, Need::kRequired, "name of the study")
      .text("description", &Study::description, Need::kOptional, "the question it answers")
      .text("llm", &Study::llm, Need::kOptional,
            "a file, or a name in configs/llms, for phases that name none")
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

/// Every design must have something to run in every phase.
void check_workloads(const YamlNode& root, const Study& study, Diagnostics& wrong) {
  const bool any_llm = std::any_of(study.designs.begin(), study.designs.end(),
                                   [](const StudyDesign& d) { return d.trace.empty(); });
  for (std::size_t i = 0; i < study.designs.size(); ++i) {
    const StudyDesign& d = study.designs[i];
    if (!d.trace.empty() || !d.scheme.empty()) continue;
    wrong.add({root.mark(), "designs[" + std::to_string(i) + "].scheme",
               "is needed without a trace", "", ""});
  }
  for (std::size_t i = 0; any_llm && i < study.phases.size(); ++i) {
    const LlmPhase& p = study.phases[i];
    const std::string path = "phases[" + std::to_string(i) + "]";
    const char* what = "is needed: a design has no trace";
    if (p.llm.empty() && study.llm.empty()) {
      wrong.add({root.mark(), path + ".llm", what, "", "here or for the study"});
    }
    if (p.phase.empty()) wrong.add({root.mark(), path + ".phase", what, "", "prefill, decode"});
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
    const StudyView& view = study.views[i];
    const std::string path = "views[" + std::to_string(i) + "]";
    check_design(path + ".area_of", view.area_of);
    check_design(path + ".power_of", view.power_of);
    if (!view.area_of.empty() && !view.power_of.empty()) {
      wrong.add({root.mark(), path, "sizes arrays by area or by power, not both", "", ""});
    }
  }
  check_workloads(root, study, wrong);
  return study;
}

const FileKindRegistration kStudy{
    {"study",
     {"study", "designs"},
     [](const YamlNode& root, const std::string&, Diagnostics& wrong) { read_study(root, wrong); },
     [] {
       return "Designs compared on phases of LLMs or on traces (`mixpe compare`); shipped ones "
              "are in `configs/studies/`. A path that begins with `./` is beside the study.\n\n" +
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
  const auto beside = [&path](std::string& text) {
    if (text.starts_with("./")) {
      text = (std::filesystem::path(path).parent_path() / text.substr(2)).string();
    }
  };
  beside(study.llm);
  for (LlmPhase& p : study.phases) beside(p.llm);
  for (StudyDesign& d : study.designs) {
    beside(d.arch);
    beside(d.scheme);
    beside(d.trace);
  }
  return study;
}

}  // namespace mixpe
