// The command line: subcommands, their help with a working example each, and the exit codes
//   0 done   1 a check found a difference   2 the user's mistake   3 the simulator contradicts
//   itself   130 Ctrl-C.

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <new>
#include <string>

#include "generated/version.h"
#include "models/core/errors.h"
#include "sim/app/characterize.h"
#include "sim/app/commands.h"
#include "sim/app/report_command.h"
#include "sim/app/sweep_command.h"

namespace {

constexpr int kDifference = 1;
constexpr int kUserMistake = 2;
constexpr int kBrokenInvariant = 3;

using Action = std::function<std::string()>;

/// The parser would take the nearest number that fits. Returns what is wrong, if anything.
std::string whole_number(const std::string& text) {
  std::int64_t value = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  return error == std::errc() && end == last && value >= 0
             ? ""
             : "must be a whole number from 0 to 9223372036854775807; got " + text;
}

void add_values(CLI::App* c, mixpe::ValueOptions& o) {
  c->add_option("--values", o.values,
                "Run real operands through the PEs and report digest, SNR and overflows")
      ->check(CLI::IsMember({"uniform", "gaussian", "llm"}));
  c->add_option("--seed", o.seed, "Seed of the operands")
      ->capture_default_str()
      ->check(whole_number);
  c->add_flag("--data-dependent-energy", o.data_dependent_energy,
              "PE energy of the operands of --values instead of typical ones; needs a technology "
              "with the fit for it (osu018)");
}

void add_run(CLI::App& app, Action& action) {
  static mixpe::RunOptions o;
  CLI::App* c = app.add_subcommand("run", "Run GEMM traces on one machine");
  c->add_option("arch", o.arch, "Architecture: a file, or a name in configs/arch")->required();
  c->add_option("trace", o.traces, "GEMM traces, run one after another as one workload")
      ->required();
  c->add_option(
      "--scheme", o.scheme,
      "Quantisation instead of the trace's default (rows that name their own keep it): a file, or "
      "a name in configs/schemes");
  c->add_option("--engine", o.engine, "Array engine instead of the file's")
      ->check(CLI::IsMember({"tile", "cycle", "literal", "rtl"}));
  c->add_option("--set", o.settings, "Change a key of the architecture: --set array.rows=32")
      ->take_all();
  add_values(c, o.operands);
  c->add_option("--json", o.json, "Write the result here");
  c->add_option("--csv", o.csv, "Write a line for each GEMM here");
  c->add_option("--report", o.report, "Write the result as a page to open in a browser here");
  c->add_option("--timeline", o.timeline,
                "Write what each unit did with each tile here: Chrome trace, for Perfetto");
  c->add_option("--timeline-gemm", o.timeline_gemm,
                "Only GEMMs of this op or layer in the timeline (also of --report)");
  c->add_option("--waves", o.waves,
                "Write the array's signals in the first GEMM here: .vcd (engines rtl and cycle), "
                ".fst (rtl)");
  c->footer("Example: mixpe run mixpe_w4a8_64x64 traces/tiny.csv --engine cycle --values llm");
  c->callback([&action] { action = [] { return mixpe::run_command(o); }; });
}

void add_compare(CLI::App& app, Action& action) {
  static mixpe::CompareOptions o;
  CLI::App* c = app.add_subcommand("compare", "Compare designs on the phases of LLMs");
  c->add_option("study", o.studies, "Studies: files, or names in configs/studies")->required();
  c->add_option(
      "-o,--output", o.output,
      "Folder for result.json, summary.csv, layers.csv and report.txt (of several studies: "
      "a folder each)");
  c->add_option("--set", o.settings,
                "Change a key of every design's architecture: --set tech=osu018")
      ->take_all();
  add_values(c, o.operands);
  c->add_option("--follow", o.follow,
                "Show how the lead of this design over the others moves from study to study");
  c->add_option("--chart", o.chart, "Draw that, SVG")->needs("--follow");
  c->footer("Example: mixpe compare configs/studies/llama2-7b.yaml --output results/llama2-7b");
  c->callback([&action] { action = [] { return mixpe::compare_command(o); }; });
}

void add_validate(CLI::App& app, Action& action) {
  static std::vector<std::string> files;
  CLI::App* c = app.add_subcommand("validate", "Check configuration files and traces");
  c->add_option("file", files, "Files of any kind")->required();
  c->footer("Example: mixpe validate configs/arch/mixpe_w4a8_64x64.yaml traces/tiny.csv");
  c->callback([&action] { action = [] { return mixpe::validate_command(files); }; });
}

void add_list(CLI::App& app, Action& action) {
  static mixpe::ListOptions o;
  CLI::App* c = app.add_subcommand("list", "List what the program knows");
  c->add_option("kind", o.kind, "What to list; everything if left out")
      ->check(CLI::IsMember({"pes", "llms", "schemes", "techs", "archs", "studies", "sweeps"}));
  c->add_flag("--keys", o.keys, "The reference of every key of every kind of file instead")
      ->excludes("kind");
  c->footer("Example: mixpe list pes");
  c->callback([&action] { action = [] { return mixpe::list_command(o); }; });
}

void add_trace(CLI::App& app, Action& action) {
  CLI::App* c = app.add_subcommand("trace", "Make and inspect GEMM traces");
  c->require_subcommand(1);
  c->footer("Example: mixpe trace info traces/tiny.csv --scheme w4a8kv4_g128");

  static mixpe::TraceGenOptions g;
  CLI::App* gen = c->add_subcommand("gen", "Write the GEMMs of an LLM's phase as a trace");
  gen->add_option("--llm", g.llm, "A file, or a name in configs/llms")->required();
  gen->add_option("--phase", g.phase, "prefill or decode")
      ->required()
      ->check(CLI::IsMember({"prefill", "decode"}));
  gen->add_option("--scheme", g.scheme, "A file, or a name in configs/schemes")->required();
  gen->add_option("--batch", g.batch, "Sequences")->capture_default_str()->check(whole_number);
  gen->add_option("--tokens", g.tokens, "Prefill: new tokens of each sequence")
      ->check(whole_number);
  gen->add_option("--context", g.context,
                  "Decode: tokens attended to, the new one included; prefill: tokens cached before")
      ->check(whole_number);
  gen->add_option("-o,--output", g.output, "Write the trace here; standard output if left out");
  gen->footer(
      "Example: mixpe trace gen --llm llama2-7b --phase decode --batch 16 --context 512 "
      "--scheme w4a8kv4_g128");
  gen->callback([&action] { action = [] { return mixpe::trace_gen_command(g); }; });

  static mixpe::TraceInfoOptions i;
  CLI::App* info = c->add_subcommand("info", "MACs, bytes and arithmetic intensity of a trace");
  info->add_option("trace", i.trace, "A trace")->required();
  info->add_option("--scheme", i.scheme, "Quantisation instead of the trace's default");
  info->footer("Example: mixpe trace info traces/tiny.csv --scheme w4a8kv4_g128");
  info->callback([&action] { action = [] { return mixpe::trace_info_command(i); }; });
}

void add_cosim(CLI::App& app, Action& action) {
  static mixpe::CosimOptions o;
  CLI::App* c = app.add_subcommand("cosim", "Check RTL against its functional model, bit by bit");
  c->add_option("--pe", o.pe, "Only this PE's RTL");
  c->add_option("--unit", o.unit, "Only this unit's RTL (dequantisation, row sums, converters)");
  c->add_option("--check", o.check, "Only checks whose name begins so");
  c->add_option("--cases", o.cases, "Only these cases of each check: FIRST:LAST");
  c->add_option("--seed", o.seed, "Seed of the random cases")
      ->capture_default_str()
      ->check(whole_number);
  c->add_flag("--full", o.full, "Ten times as many random cases");
  c->add_flag("--first", o.first, "Stop at the first difference");
  c->add_option("--pairs", o.pairs,
                "Random pairs of operands too wide to enumerate, instead of 10^7")
      ->check(whole_number);
  c->add_option("--rtl", o.rtl, "Files of your own RTL, checked instead of the project's");
  c->add_option("--top", o.top, "Module in --rtl");
  c->add_option("--as", o.as, "The PE or unit it stands for; example: rtl/pe/example/README.md");
  c->add_option("--set", o.settings, "Variant of that PE: --set sum=fp32")->take_all();
  c->add_option("--param", o.parameters, "Parameter of your module: --param SumBits=20")
      ->take_all();
  c->add_option("--plusarg", o.plusargs, "For $value$plusargs: --plusarg mutant=17")->take_all();
  c->add_option("--each", o.each,
                "For each value of a plusarg, up to the first difference: --each mutant=1:200");
  c->add_option("--dataflow", o.dataflow, "Dataflow your module is built for; os if left out")
      ->check(CLI::IsMember({"os", "ws"}));
  c->footer("Example: mixpe cosim --unit int4_to_int8");
  c->callback([&action] { action = [] { return mixpe::cosim_command(o); }; });
}

void add_characterize(CLI::App& app, Action& action) {
  static mixpe::CharacterizeOptions o;
  CLI::App* c = app.add_subcommand(
      "characterize", "Area, timing and energy of the project's RTL in a cell library");
  c->add_option("--pe", o.pes, "Only this PE; everything if left out")->take_all();
  c->add_option("--liberty", o.liberty, "Cell library, Liberty")->capture_default_str();
  c->add_option("--clock", o.clock, "What cells are sized for and timing is judged by")
      ->capture_default_str();
  c->add_option("--node", o.node_nm, "Feature size of the library, nm, for tech.yaml")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  c->add_option("-o,--output", o.output,
                "Folder of a technology in which price files are written, as in configs/tech");
  c->add_option("--seed", o.seed, "Seed of the operands")->capture_default_str();
  c->add_option("-j,--jobs", o.jobs, "Modules at a time; one for each core if left out")
      ->check(CLI::Range(1, 1024));
  c->footer("Example: mixpe characterize --clock 100MHz --output my_tech");
  c->callback([&action] { action = [] { return mixpe::characterize_command(o); }; });
}

void add_sweep(CLI::App& app, Action& action) {
  static mixpe::SweepOptions o;
  CLI::App* c = app.add_subcommand("sweep", "Explore a design space; go on where it was stopped");
  CLI::Option* file = c->add_option("sweep", o.sweep, "A file, or a name in configs/sweeps");
  c->add_option("-j,--jobs", o.workers, "Worker processes; one for each core if left out")
      ->check(CLI::Range(1, 1024));
  c->add_option("--store", o.store, "Results, SQLite; <sweep>.db here if left out");
  c->add_option("--shard", o.shard, "Run a part of the points: 2/8 is the second of eight");
  c->add_flag("--dry-run", o.dry_run, "Only show the points and estimate the time");
  c->add_flag("--retry-failed", o.retry_failed, "Run points again that crashed or took too long");
  c->add_option("--csv", o.csv, "Write every point here");
  c->add_option("--json", o.json, "Write every point here");
  c->add_option("--chart", o.chart, "Draw the first objective against each other one here, SVG");
  c->footer("Example: mixpe sweep configs/sweeps/buffers_bandwidth.yaml --dry-run");

  static mixpe::SweepShowOptions s;
  CLI::App* show =
      c->add_subcommand("show", "Pareto front, best points, and what each axis matters");
  show->add_option("store", s.store, "A store of a sweep")->required();
  show->add_option("--csv", s.csv, "Write every point here");
  show->add_option("--json", s.json, "Write every point here");
  show->add_option("--chart", s.chart, "Draw the first objective against each other one here, SVG");
  show->footer(
      "Example: mixpe sweep buffers_bandwidth --store s.db && mixpe sweep show s.db --csv s.csv");
  show->callback([&action] { action = [] { return mixpe::sweep_show_command(s); }; });

  static mixpe::SweepMergeOptions m;
  CLI::App* merge = c->add_subcommand("merge", "Unite the stores of a sweep's shards");
  merge->add_option("store", m.stores, "Stores of one sweep")->required();
  merge->add_option("-o,--output", m.output, "The new store")->required();
  merge->footer(
      "Example: mixpe sweep buffers_bandwidth --shard 1/2 --store a.db && mixpe sweep "
      "buffers_bandwidth --shard 2/2 --store b.db && mixpe sweep merge a.db b.db -o all.db");
  merge->callback([&action] { action = [] { return mixpe::sweep_merge_command(m); }; });

  c->callback([&action, c, file] {
    if (!c->get_subcommands().empty()) return;
    if (file->count() == 0) throw CLI::RequiredError("sweep");
    action = [] { return mixpe::sweep_command(o); };
  });
}

void add_report(CLI::App& app, Action& action) {
  static mixpe::ReportOptions o;
  CLI::App* c = app.add_subcommand("report", "Make a page to open in a browser from results");
  c->add_option("input", o.input, "A store of a sweep, or a result.json of run or compare")
      ->required();
  c->add_option("-o,--output", o.output, "The page, HTML")->required();
  c->add_option("--design", o.designs,
                "Show the layers of this design, too: its row in a sweep's CSV")
      ->check(whole_number);
  c->footer(
      "Example: mixpe run mixpe_w4a8_64x64 traces/tiny.csv --json tiny.json && mixpe report "
      "tiny.json -o tiny.html");
  c->callback([&action] { action = [] { return mixpe::report_command(o); }; });
}

/// The parser would only say that a subcommand is required.
void check_command(const CLI::App& app, const std::string& word) {
  std::string known;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == word) return;
    known += (known.empty() ? "" : ", ") + command->get_name();
  }
  throw mixpe::UserError("mixpe: no such command; got " + word + "; allowed " + known);
}

int run(int argc, char** argv) {
  CLI::App app("mixpe: a cycle-level simulator for mixed-precision PE accelerators");
  app.set_version_flag("--version",
                       std::string("mixpe ") + mixpe::kVersion + " (" + mixpe::kGitRevision + ")");
  app.require_subcommand(1);
  app.footer("Example: mixpe compare configs/studies/llama2-7b.yaml");
  Action action;
  add_run(app, action);
  add_compare(app, action);
  add_cosim(app, action);
  add_characterize(app, action);
  add_validate(app, action);
  add_list(app, action);
  add_trace(app, action);
  add_sweep(app, action);
  add_report(app, action);
  if (argc > 1 && argv[1][0] != '-') check_command(app, argv[1]);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    // Help and version are no mistakes; every other complaint of the parser is the user's.
    return app.exit(e) == 0 ? 0 : kUserMistake;
  }
  const std::string text = action();
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw mixpe::UserError("standard output: cannot be written");
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const mixpe::CheckFailed& e) {
    std::fputs(e.what(), stdout);
    return kDifference;
  } catch (const mixpe::UserError& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return kUserMistake;
  } catch (const mixpe::Interrupted& e) {
    std::fprintf(stderr, "%s", e.text.c_str());
    constexpr int kSignalled = 128;  // as shells count
    return kSignalled + e.signal;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "mixpe: not enough memory for this input\n");
    return kUserMistake;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "mixpe: internal error: %s\nPlease report it with the command line.\n",
                 e.what());
    return kBrokenInvariant;
  }
}
