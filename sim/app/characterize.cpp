#include "sim/app/characterize.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "models/core/errors.h"
#include "sim/app/progress.h"
#include "sim/characterize/module_prices.h"
#include "sim/characterize/pe_prices.h"
#include "sim/characterize/unit_subjects.h"
#include "sim/config/yaml_reader.h"
#include "sim/report/output.h"
#include "sim/report/table.h"

namespace mixpe {
namespace {

namespace fs = std::filesystem;

UserError mistake(const std::string& option, const std::string& what, const std::string& got = "",
                  const std::string& allowed = "") {
  return UserError(Diagnostic{{"mixpe characterize"}, option, what, got, allowed}.text());
}

double period_ns(const std::string& clock) {
  Diagnostics wrong;
  constexpr std::int64_t kLeast = 100'000, kMost = 100'000'000'000;
  std::int64_t hertz = kLeast;
  if (const auto root = parse_yaml("--clock", "clock: " + clock + "\n", wrong)) {
    YamlMap map = YamlValue(*root, wrong).map();
    hertz = map.required("clock").quantity(Dimension::kHertz, kLeast, kMost).value_or(kLeast);
  }
  wrong.throw_if_any();
  return 1e9 / static_cast<double>(hertz);
}

std::vector<std::string> chosen_pes(const CharacterizeOptions& o) {
  const std::vector<std::string> known = characterised_pes();
  for (const std::string& pe : o.pes) {
    if (std::find(known.begin(), known.end(), pe) == known.end()) {
      throw mistake("--pe", "no PE with RTL has this name", pe, joined(known));
    }
  }
  return o.pes.empty() ? known : o.pes;
}

/// A row for each module and stream, in the order they were asked for.
std::vector<std::vector<std::string>> rows_of(const std::vector<Subject>& subjects,
                                              const Measurements& measurements, double clock_ns) {
  std::vector<std::vector<std::string>> rows{
      {"module", "cells", "area_um2", "flops", "flop_area_um2", "min_period_ns", "clock", "stream",
       "zero_delay_pj", "glitch_pj", "clock_pins_pj", "flops_pj", "gates_pj", "wires_pj",
       "leakage_pj", "transitions", "settled"}};
  for (const Subject& subject : subjects) {
    const Measurement& m = measurements.at(subject.name);
    for (const StreamEnergy& s : m.streams) {
      const double leakage = m.leakage_pj(clock_ns);
      rows.push_back({m.name, std::to_string(m.cells), fixed(m.area_um2, 0),
                      std::to_string(m.flops), fixed(m.flop_area_um2, 0),
                      fixed(m.timing.min_period_ns, 2), m.timing.met ? "met" : "NOT MET", s.name,
                      fixed(s.zero_delay_pj() + leakage, 2), fixed(s.glitch_pj() + leakage, 2),
                      fixed(s.glitch[0], 2), fixed(s.glitch[1], 2), fixed(s.glitch[2], 2),
                      fixed(s.glitch[3], 2), fixed(leakage, 4), fixed(s.transitions, 1),
                      fixed(s.settled_transitions, 1)});
    }
  }
  return rows;
}

/// Columns that the terminal has room for.
std::string table_text(const std::vector<std::vector<std::string>>& rows) {
  constexpr std::size_t kShown[] = {0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 14};
  const auto shown = [&](const std::vector<std::string>& row) {
    std::vector<std::string> cells;
    for (const std::size_t column : kShown) cells.push_back(row[column]);
    return cells;
  };
  Table table(shown(rows.front()));
  for (std::size_t r = 1; r < rows.size(); ++r) table.row(shown(rows[r]));
  return table.text();
}

std::string csv_text(const std::vector<std::vector<std::string>>& rows) {
  std::string text;
  for (const std::vector<std::string>& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) text += (c == 0 ? "" : ",") + row[c];
    text += "\n";
  }
  return text;
}

/// "configs/tech/my_tech/" -> "my_tech".
std::string folder_name(const fs::path& folder) {
  const fs::path normal = fs::absolute(folder).lexically_normal();
  return (normal.filename().empty() ? normal.parent_path() : normal).filename().string();
}

}  // namespace

std::string characterize_command(const CharacterizeOptions& o) {
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  const bool everything = o.pes.empty();
  const std::vector<std::string> pes = chosen_pes(o);
  const Campaign campaign({o.liberty, period_ns(o.clock), o.seed, o.jobs > 0 ? o.jobs : cores});
  std::vector<Subject> subjects;
  for (const std::string& pe : pes) {
    for (Subject& s : pe_subjects(pe, o.seed)) subjects.push_back(std::move(s));
  }
  if (everything) {
    for (Subject& s : unit_subjects(o.seed)) subjects.push_back(std::move(s));
  }
  if (!o.output.empty()) check_folder(o.output);
  Progress progress("modules", subjects.size());
  const Measurements measurements =
      campaign.run(subjects, [&](std::size_t done) { progress.done(done); });
  const auto rows = rows_of(subjects, measurements, campaign.settings().clock_ns);
  std::string text = table_text(rows);
  if (o.output.empty()) return text;

  std::map<std::string, std::string> files;
  for (const std::string& pe : pes) {
    files[pe + ".yaml"] = pe_price_file(pe, measurements, campaign.provenance());
  }
  if (everything) {
    files.merge(module_price_files(measurements, campaign.library(), campaign.provenance()));
    files["tech.yaml"] = tech_file(folder_name(o.output), o.node_nm, pe_forms(pes, measurements),
                                   campaign.library(), campaign.provenance());
    files["characterized.csv"] = csv_text(rows);
  }
  std::vector<OutputFile> outputs;
  for (const auto& [name, content] : files) {
    outputs.push_back({(fs::path(o.output) / name).string(), content});
    text += outputs.back().path + "\n";
  }
  make_folder(o.output);
  write_files(outputs);
  return text;
}

}  // namespace mixpe
