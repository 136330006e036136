// The commands that run nothing: validate, list, trace.

#include <fmt/format.h>

#include "sim/app/commands.h"
#include "sim/app/study.h"
#include "sim/config/pe_yaml.h"
#include "sim/config/reference.h"
#include "sim/energy/tech.h"
#include "sim/report/output.h"
#include "sim/report/table.h"
#include "sim/workload/llm.h"
#include "sim/workload/locate.h"
#include "sim/workload/trace.h"

namespace mixpe {
namespace {

std::string list_pes() {
  Table t({"pe", "what it is"});
  for (const auto& [name, pe] : pe_declarations()) t.row({name, pe.description});
  return t.text();
}

std::string list_kind(const std::string& folder) {
  Table t({folder, "what it is"});
  const bool techs = folder == "tech";  // folders, not files
  for (const ConfigEntry& entry : techs ? list_techs() : list_configs(folder))
    t.row({entry.name, entry.description});
  return t.text();
}

}  // namespace

std::string validate_command(const std::vector<std::string>& files) {
  Diagnostics wrong;
  std::string text;
  for (const std::string& file : files) {
    const Diagnostics found = validate_file(file);
    for (const Diagnostic& d : found.list()) wrong.add(d);
    if (found.ok()) text += file + ": ok\n";
  }
  wrong.throw_if_any();
  return text;
}

std::string list_command(const ListOptions& options) {
  if (options.keys) return configuration_reference();
  struct Kind {
    const char* name;
    const char* folder;  ///< of configs/; empty: the PEs
  };
  static constexpr Kind kKinds[] = {{"pes", ""},         {"llms", "llms"},  {"schemes", "schemes"},
                                    {"archs", "arch"},   {"techs", "tech"}, {"studies", "studies"},
                                    {"sweeps", "sweeps"}};
  std::string text;
  for (const Kind& kind : kKinds) {
    if (!options.kind.empty() && options.kind != kind.name) continue;
    if (!text.empty()) text += "\n";
    text += kind.folder[0] == '\0' ? list_pes() : list_kind(kind.folder);
  }
  return text;
}

std::string trace_gen_command(const TraceGenOptions& o) {
  Diagnostics wrong;
  const std::optional<Llm> llm = load_llm(o.llm, wrong);
  const std::optional<Scheme> scheme = load_scheme(o.scheme, wrong);
  wrong.throw_if_any();
  const LlmRun run{o.phase == "prefill" ? Phase::kPrefill : Phase::kDecode, o.batch, o.tokens,
                   o.context};
  const std::optional<Workload> workload = build_llm_workload(*llm, run, *scheme, wrong);
  wrong.throw_if_any();
  std::string text = write_trace_csv(*workload);
  if (o.output.empty()) return text;
  write_files({{o.output, std::move(text)}});
  return o.output + ": written\n";
}

std::string trace_info_command(const TraceInfoOptions& o) {
  Diagnostics wrong;
  const std::optional<Workload> workload = load_trace(o.trace, o.scheme, wrong);
  wrong.throw_if_any();
  return trace_info(*workload);
}

}  // namespace mixpe
