// The commands that run GEMMs: run and compare.

#include <algorithm>
#include <set>

#include "sim/app/commands.h"
#include "sim/app/compare.h"
#include "sim/app/run.h"
#include "sim/app/steps.h"
#include "sim/config/arch.h"
#include "sim/report/output.h"
#include "sim/report/page.h"
#include "sim/report/report.h"
#include "sim/report/result_file.h"
#include "sim/workload/locate.h"
#include "sim/workload/trace.h"

namespace mixpe {
namespace {

/// Runs `next` behind `all`. What differs between them is left out.
void append(Workload& all, const Workload& next) {
  const auto keep_if_equal = [](std::string& a, const std::string& b) {
    if (a != b) a.clear();
  };
  all.name += " + " + next.name;
  keep_if_equal(all.scheme, next.scheme);
  keep_if_equal(all.llm, next.llm);
  keep_if_equal(all.phase, next.phase);
  all.tokens = all.tokens > 0 && next.tokens > 0 ? all.tokens + next.tokens : 0;
  for (const std::string& note : next.notes) {
    if (std::find(all.notes.begin(), all.notes.end(), note) == all.notes.end()) {
      all.notes.push_back(note);
    }
  }
  for (Gemm gemm : next.gemms) {
    gemm.quant = all.quant_index(next.quants[static_cast<std::size_t>(gemm.quant)]);
    all.gemms.push_back(gemm);
  }
}

std::optional<ArchSpec> arch_of(const RunOptions& o, Diagnostics& wrong) {
  std::vector<Override> overrides;
  for (const std::string& text : o.settings) {
    if (const auto parsed = parse_override(text, wrong)) overrides.push_back(*parsed);
  }
  if (!o.engine.empty()) overrides.push_back({"array.engine", o.engine, "--engine"});
  const auto path = find_config("arch", o.arch, wrong);
  return path ? load_arch(*path, wrong, overrides) : std::nullopt;
}

std::optional<Workload> workload_of(const RunOptions& o, Diagnostics& wrong) {
  std::optional<Workload> all;
  for (const std::string& trace : o.traces) {
    const std::optional<Workload> next = load_trace(trace, o.scheme, wrong);
    if (!next) continue;
    if (all) {
      append(*all, *next);
    } else {
      all = next;
    }
  }
  return all;
}

std::optional<ValueRequest> values_of(const ValueOptions& o, Diagnostics& wrong) {
  if (o.data_dependent_energy && o.values.empty()) {
    wrong.add(
        {{}, "--data-dependent-energy", "there are no operands to follow", "", "with --values"});
  }
  return value_request(o.values, o.seed, o.data_dependent_energy);
}

void check_waves(const RunOptions& o, Engine engine, Diagnostics& wrong) {
  if (o.waves.empty()) return;
  const bool vcd = o.waves.ends_with(".vcd"), fst = o.waves.ends_with(".fst");
  if (engine != Engine::kRtl && engine != Engine::kCycle) {
    wrong.add({{}, "--waves", "only these engines have signals to show", "", "rtl, cycle"});
  } else if (!vcd && !(fst && engine == Engine::kRtl)) {
    wrong.add({{},
               "--waves",
               "no format for signals",
               o.waves,
               engine == Engine::kRtl ? "a file .vcd or .fst" : "a file .vcd"});
  }
}

/// Each output has a name of its own and, unless something else is wrong, can be written.
void check_outputs(const RunOptions& o, Diagnostics& wrong) {
  const std::pair<const char*, const std::string&> outputs[] = {{"--json", o.json},
                                                                {"--csv", o.csv},
                                                                {"--report", o.report},
                                                                {"--timeline", o.timeline},
                                                                {"--waves", o.waves}};
  std::set<std::string> taken;
  for (const auto& [option, path] : outputs) {
    if (path.empty()) continue;
    if (!taken.insert(path).second) {
      wrong.add({{}, option, "two results cannot go into one file", path, "another name"});
    }
  }
  if (!o.timeline_gemm.empty() && o.timeline.empty() && o.report.empty()) {
    wrong.add({{}, "--timeline-gemm", "there is no timeline", "", "with --timeline or --report"});
  }
  wrong.throw_if_any();
  for (const std::string& path : taken) check_writable(path);
}

/// The page takes the first tiles of every GEMM: a chart shows no more.
constexpr std::size_t kTilesOnPage = 2'000;

std::optional<TimelineRequest> timeline_request(const RunOptions& o) {
  if (!o.timeline.empty()) return TimelineRequest{o.timeline_gemm, 0};
  if (!o.report.empty()) return TimelineRequest{o.timeline_gemm, kTilesOnPage};
  return std::nullopt;
}

std::string page_of(const Run& run) {
  const std::string title = run.result.arch.name + ", " + run.result.workload;
  return page_html(title, runs_page_data(title, run_json(run.result, run.caveats),
                                         timeline_json(run.timelines, kTilesOnPage))
                              .dump());
}

/// With `timeline`, also what `mixpe report` draws one from.
std::string json_of(const Run& run, bool timeline) {
  return result_text(
      run_json(run.result, run.caveats),
      timeline ? timeline_json(run.timelines, kTilesOnPage) : nlohmann::ordered_json::array());
}

/// All studies. UserError with every mistake in them and in what is asked of them, and `wrong`.
std::vector<Study> studies_of(const CompareOptions& o, Diagnostics& wrong) {
  std::vector<Study> studies;
  for (const std::string& name : o.studies) {
    const std::optional<std::string> path = find_config("studies", name, wrong);
    const std::optional<Study> study = path ? load_study(*path, wrong) : std::nullopt;
    if (!study) continue;
    std::vector<std::string> designs;
    for (const StudyDesign& d : study->designs) designs.push_back(d.name);
    if (!o.follow.empty() && std::count(designs.begin(), designs.end(), o.follow) == 0) {
      wrong.add({{study->file}, "--follow", "no such design", o.follow, joined(designs)});
    }
    for (const Study& other : studies) {
      if (other.name != study->name) continue;
      wrong.add({{study->file}, "study", "has the name of " + other.file, study->name, ""});
    }
    studies.push_back(*study);
    for (StudyDesign& d : studies.back().designs) {
      d.settings.insert(d.settings.end(), o.settings.begin(), o.settings.end());
    }
  }
  wrong.throw_if_any();
  return studies;
}

/// The files of one study's comparison.
void add_files(const Comparison& c, const std::string& folder, std::vector<OutputFile>& files) {
  make_folder(folder);
  files.push_back({folder + "/result.json", comparison_json(c)});
  files.push_back({folder + "/summary.csv", summary_csv(c)});
  files.push_back({folder + "/layers.csv", all_layers_csv(c)});
  files.push_back({folder + "/report.txt", comparison_text(c)});
}

}  // namespace

std::string run_command(const RunOptions& o) {
  Diagnostics wrong;
  const std::optional<ArchSpec> arch = arch_of(o, wrong);
  const std::optional<Workload> workload = workload_of(o, wrong);
  const std::optional<ValueRequest> values = values_of(o.operands, wrong);
  if (arch) check_waves(o, arch->array.engine, wrong);
  check_outputs(o, wrong);
  const Run run = run_all({{*arch, *workload, o.waves, timeline_request(o)}}, values).front();
  std::vector<OutputFile> files;
  if (!o.json.empty()) files.push_back({o.json, json_of(run, !o.timeline.empty())});
  if (!o.csv.empty()) {
    files.push_back({o.csv, layers_csv_header({}) + layers_csv_rows(run.result, {})});
  }
  if (!o.report.empty()) files.push_back({o.report, page_of(run)});
  if (!o.timeline.empty()) {
    files.push_back({o.timeline, timeline_trace(run.result, run.timelines)});
  }
  write_files(files);
  return run_text(run.result, run.caveats);
}

std::string compare_command(const CompareOptions& o) {
  Diagnostics wrong;
  const std::optional<ValueRequest> values = values_of(o.operands, wrong);
  const std::vector<Study> studies = studies_of(o, wrong);
  if (!o.output.empty()) {
    make_folder(o.output);
    check_writable(o.output + "/result.json");
  }
  if (!o.chart.empty()) check_writable(o.chart);
  const std::vector<Comparison> comparisons = compare(studies, values);
  std::vector<OutputFile> files;
  std::string text;
  for (const Comparison& c : comparisons) {
    if (o.follow.empty()) text += (text.empty() ? "" : "\n") + comparison_text(c);
    if (o.output.empty()) continue;
    add_files(c, studies.size() == 1 ? o.output : o.output + "/" + c.study.name, files);
  }
  if (!o.follow.empty()) {
    const Steps steps = steps_of(comparisons, o.follow);
    text = steps_text(steps);
    if (!o.output.empty()) files.push_back({o.output + "/steps.csv", steps_csv(steps)});
    if (!o.chart.empty()) files.push_back({o.chart, steps_chart(steps)});
  }
  write_files(files);
  return text;
}

}  // namespace mixpe
