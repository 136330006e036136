// mixpe cosim: RTL against its functional model.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "models/core/errors.h"
#include "sim/app/commands.h"
#include "sim/app/progress.h"
#include "sim/config/pe_yaml.h"
#include "sim/config/yaml_reader.h"
#include "sim/cosim/pe_check.h"
#include "sim/cosim/unit_check.h"
#include "sim/report/table.h"

namespace mixpe {
namespace {

UserError mistake(const std::string& option, const std::string& what, const std::string& got = "",
                  const std::string& allowed = "") {
  return UserError(Diagnostic{{"mixpe cosim"}, option, what, got, allowed}.text());
}

/// "17:20", or "17" alone.
std::pair<std::uint64_t, std::uint64_t> range_of(const std::string& option,
                                                 const std::string& text) {
  const auto number = [&](const std::string& part) {
    std::string why;
    const auto value = strict_integer(part, why);
    if (!value || *value < 0) throw mistake(option, "must be FIRST:LAST", text, "17:20");
    return static_cast<std::uint64_t>(*value);
  };
  const std::size_t colon = text.find(':');
  const std::uint64_t first = number(text.substr(0, colon));
  const std::uint64_t last = colon == std::string::npos ? first : number(text.substr(colon + 1));
  if (last < first) throw mistake(option, "the last may not be before the first", text);
  return {first, last};
}

CheckOptions check_options(const CosimOptions& o) {
  CheckOptions options;
  options.seed = o.seed;
  options.full = o.full;
  options.random_pairs = o.pairs;
  if (o.cases.empty()) return options;
  std::tie(options.first_case, options.end_case) = range_of("--cases", o.cases);
  ++options.end_case;
  return options;
}

/// The variant that --as and --set choose.
PeSpec chosen_variant(const CosimOptions& o) {
  std::string text = "name: " + o.as + "\n";
  for (const std::string& setting : o.settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos) throw mistake("--set", "must be KEY=VALUE", setting);
    text += setting.substr(0, equals) + ": " + setting.substr(equals + 1) + "\n";
  }
  Diagnostics wrong;
  ResolvedPe pe;
  if (const auto root = parse_yaml("--as/--set", text, wrong))
    pe = read_pe(YamlValue(*root, wrong));
  wrong.throw_if_any();
  return pe.spec;
}

std::vector<CheckGroup> shipped_groups(const BuildCache& cache) {
  std::vector<CheckGroup> groups;
  for (const PeSpec& pe : checked_pe_variants()) {
    groups.push_back(pe_check_group(pe, Dataflow::kOutputStationary, cache));
    groups.push_back(pe_check_group(pe, Dataflow::kWeightStationary, cache));
  }
  for (CheckGroup& unit : unit_check_groups(cache)) groups.push_back(std::move(unit));
  return groups;
}

bool begins_with_either(const std::string& a, const std::string& b) {
  return a.starts_with(b) || b.starts_with(a);
}

/// The project's own groups that the options ask for.
std::vector<CheckGroup> chosen_groups(const CosimOptions& o, const BuildCache& cache) {
  std::vector<CheckGroup> groups = shipped_groups(cache);
  const auto must_exist = [&groups](const char* option, const std::string& name, bool pe) {
    if (name.empty()) return;
    std::vector<std::string> known;
    for (const CheckGroup& g : groups) {
      if (g.is_pe == pe && (known.empty() || known.back() != g.model)) known.push_back(g.model);
    }
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw mistake(option, "no RTL of this name", name, joined(known));
    }
  };
  must_exist("--pe", o.pe, true);
  must_exist("--unit", o.unit, false);
  const bool all = o.pe.empty() && o.unit.empty();
  std::erase_if(groups, [&](const CheckGroup& g) {
    const bool named = all || g.model == (g.is_pe ? o.pe : o.unit);
    return !named || !begins_with_either(g.name + "/", o.check);
  });
  return groups;
}

/// What the user's own module is checked as.
std::vector<CheckGroup> user_groups(const CosimOptions& o, const BuildCache& cache) {
  const std::vector<CheckGroup> units = unit_check_groups(cache);
  for (const CheckGroup& unit : units) {
    if (unit.name == o.as) return {unit};
  }
  if (!pe_declarations().contains(o.as)) {
    std::vector<std::string> known;
    for (const PeSpec& pe : checked_pe_variants()) {
      if (known.empty() || known.back() != pe.name) known.push_back(pe.name);
    }
    for (const CheckGroup& unit : units) known.push_back(unit.name);
    throw mistake("--as", "neither a PE with RTL nor a unit", o.as, joined(known));
  }
  const PeSpec pe = chosen_variant(o);
  if (!find_pe_rtl(pe, Dataflow::kOutputStationary)) {
    throw mistake("--as", "there is no description of this PE's ports (rtl/pe/<name>/rtl.yaml)",
                  o.as);
  }
  return {pe_check_group(
      pe, o.dataflow == "ws" ? Dataflow::kWeightStationary : Dataflow::kOutputStationary, cache)};
}

std::optional<UserRtl> user_rtl(const CosimOptions& o) {
  if (o.rtl.empty()) {
    const std::pair<const char*, bool> needs_rtl[] = {
        {"--top", !o.top.empty()},          {"--as", !o.as.empty()},
        {"--set", !o.settings.empty()},     {"--param", !o.parameters.empty()},
        {"--plusarg", !o.plusargs.empty()}, {"--each", !o.each.empty()},
        {"--dataflow", !o.dataflow.empty()}};
    for (const auto& [option, given] : needs_rtl) {
      if (given) throw mistake(option, "belongs to the user's own RTL: --rtl FILE is missing");
    }
    return std::nullopt;
  }
  if (o.top.empty()) throw mistake("--top", "the name of the module in --rtl is missing");
  if (o.as.empty()) throw mistake("--as", "which PE or unit the module stands for is missing");
  if (!o.pe.empty() || !o.unit.empty()) {
    throw mistake(o.pe.empty() ? "--unit" : "--pe",
                  "chooses the project's RTL; with --rtl say --as");
  }
  return UserRtl{o.rtl, o.top, o.parameters, o.plusargs};
}

// --- Output ---

std::string quoted(const std::string& word) {
  const bool plain = word.find_first_of(" '\"$*?;&|<>()`\\") == std::string::npos;
  if (plain) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

/// The command that runs the mismatch alone.
std::string command_for(const CosimOptions& o, const std::string& check,
                        const CheckOutcome& outcome) {
  std::string text = "mixpe cosim";
  const auto add = [&text](const char* option, const std::string& value) {
    if (!value.empty()) text += std::string(" ") + option + " " + quoted(value);
  };
  for (std::size_t i = 0; i < o.rtl.size(); ++i) {
    text += (i == 0 ? " --rtl " : " ") + quoted(o.rtl[i]);
  }
  add("--top", o.top);
  add("--as", o.as);
  for (const std::string& s : o.settings) add("--set", s);
  for (const std::string& p : o.parameters) add("--param", p);
  for (const std::string& p : o.plusargs) add("--plusarg", p);
  add("--dataflow", o.dataflow);
  add("--check", check);
  add("--cases", fmt::format("{}:{}", outcome.first_case, outcome.result.mismatch->in_case));
  add("--seed", std::to_string(o.seed));
  if (o.full) text += " --full";
  if (o.pairs > 0) add("--pairs", std::to_string(o.pairs));
  return text;
}

constexpr int kShownFailures = 4;  // more say little more

std::string failure_text(const CosimOptions& o, const Check& check, const CheckOutcome& outcome) {
  if (!outcome.result.mismatch) return fmt::format("\n{}: nothing was compared\n", check.name);
  return fmt::format("\n{} differs: {}\n  alone     {}\n", check.name,
                     outcome.result.mismatch->what, command_for(o, check.name, outcome));
}

/// One row for each kind of check of a group: those of all formats together.
struct Row {
  std::string group, kind, formats, space;
  std::uint64_t operations = 0, comparisons = 0, overflows = 0;
  bool ok = true;
};

class Report {
 public:
  void add(const CheckGroup& group, const Check& check, const CheckOutcome& outcome) {
    // Names are group/formats/kind, or group/kind for units.
    const std::string rest = check.name.substr(group.name.size() + 1);
    const std::size_t slash = rest.find('/');
    const std::string kind = slash == std::string::npos ? rest : rest.substr(slash + 1);
    const std::string formats = slash == std::string::npos ? "" : rest.substr(0, slash);
    auto row = std::find_if(rows_.begin(), rows_.end(),
                            [&](const Row& r) { return r.group == group.name && r.kind == kind; });
    if (row == rows_.end()) row = rows_.insert(rows_.end(), {group.name, kind, "", check.space});
    row->formats += (row->formats.empty() ? "" : " ") + formats;
    row->operations += outcome.result.operations;
    row->comparisons += outcome.result.comparisons;
    row->overflows += outcome.result.overflows;
    row->ok = row->ok && outcome.ok();
  }
  std::string text() const {
    Table table(
        {"rtl", "check", "space", "formats", "operations", "comparisons", "wraps", "result"});
    std::uint64_t comparisons = 0;
    for (const Row& r : rows_) {
      comparisons += r.comparisons;
      table.row({r.group, r.kind, r.space, r.formats,
                 grouped(static_cast<std::int64_t>(r.operations)),
                 grouped(static_cast<std::int64_t>(r.comparisons)),
                 grouped(static_cast<std::int64_t>(r.overflows)),
                 r.ok                 ? "equal"
                 : r.comparisons == 0 ? "NOTHING COMPARED"
                                      : "DIFFERENT"});
    }
    return table.text() +
           fmt::format("{} comparisons\n", grouped(static_cast<std::int64_t>(comparisons)));
  }

 private:
  std::vector<Row> rows_;
};

/// The first check that differs, or what all of them compared.
std::string verdict(const CosimOptions& o, const CheckOptions& options, const CheckGroup& group,
                    const UserRtl& user) {
  constexpr std::uint64_t kFewCases = 2000;  // of each check, in which most differences show
  const std::vector<Check> checks = group.checks(user);
  std::uint64_t comparisons = 0;
  for (const std::uint64_t end :
       {std::min(options.first_case + kFewCases, options.end_case), options.end_case}) {
    CheckOptions part = options;
    part.end_case = end;
    comparisons = 0;
    for (const Check& check : checks) {
      if (!check.name.starts_with(o.check)) continue;
      const CheckResult result = check.run(part);
      comparisons += result.comparisons;
      if (result.mismatch) return "different (" + check.name + ")";
    }
  }
  if (comparisons == 0) return "NOTHING COMPARED";
  return fmt::format("equal, {} comparisons", grouped(static_cast<std::int64_t>(comparisons)));
}

/// --each NAME=FIRST:LAST: a line for each value. Differences are what is asked for, not a failure.
std::string each_value(const CosimOptions& o, const CheckOptions& options, UserRtl user,
                       const BuildCache& cache) {
  const std::size_t equals = o.each.find('=');
  if (equals == std::string::npos) {
    throw mistake("--each", "must be NAME=FIRST:LAST", o.each, "mutant=1:200");
  }
  const auto [first, last] = range_of("--each", o.each.substr(equals + 1));
  const CheckGroup group = user_groups(o, cache).front();
  Progress progress(group.name, last - first + 1);
  std::string text;
  user.plusargs.emplace_back();
  for (std::uint64_t value = first; value <= last; ++value) {
    user.plusargs.back() = fmt::format("{}={}", o.each.substr(0, equals), value);
    text += user.plusargs.back() + ": " + verdict(o, options, group, user) + "\n";
    progress.done(value - first + 1);
  }
  return text;
}

}  // namespace

std::string cosim_command(const CosimOptions& o) {
  const CheckOptions options = check_options(o);
  const std::optional<UserRtl> user = user_rtl(o);
  const BuildCache cache = BuildCache::of_user();
  if (!o.each.empty()) return each_value(o, options, *user, cache);
  Report report;
  std::string failures;
  int failed = 0;
  bool any = false;
  for (const CheckGroup& group : user ? user_groups(o, cache) : chosen_groups(o, cache)) {
    const std::vector<Check> checks = group.checks(user);
    Progress progress(group.name, checks.size());
    std::size_t done = 0;
    for (const Check& check : checks) {
      if (!check.name.starts_with(o.check)) continue;
      any = true;
      const CheckOutcome outcome = run_check(check, options);
      report.add(group, check, outcome);
      progress.done(++done);
      if (outcome.ok()) continue;
      if (++failed <= kShownFailures) failures += failure_text(o, check, outcome);
      if (o.first) throw CheckFailed(report.text() + failures);
    }
  }
  if (!any) throw mistake("--check", "no check's name begins so", o.check);
  if (failed > kShownFailures) {
    failures += fmt::format("\n{} more checks differ\n", failed - kShownFailures);
  }
  if (failed > 0) throw CheckFailed(report.text() + failures);
  return report.text();
}

}  // namespace mixpe
