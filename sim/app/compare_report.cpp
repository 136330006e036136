#include <fmt/format.h>

#include <algorithm>

#include "generated/version.h"
#include "sim/app/compare.h"
#include "sim/energy/fit_area.h"
#include "sim/report/report.h"
#include "sim/report/table.h"

namespace mixpe {
namespace {

double energy_mj(const RunResult& r) { return r.energy.total_pj * 1e-9; }

std::string array_size(const RunResult& r) {
  return fmt::format("{}x{}", r.arch.array.rows, r.arch.array.cols);
}

std::string share(double part, double whole) {
  return whole > 0 ? fixed(100 * part / whole, 1) : std::string("-");
}

/// "yes", or the period of the slowest part.
std::string clock_met(const RunResult& r) {
  if (r.slow_parts.empty()) return "yes";
  return fmt::format("NO, {:.2f} ns", r.slow_parts.front().min_period_ns);
}

/// Columns of the energy bill, each the sum of the lines whose name starts with one of the
/// prefixes.
struct BillGroup {
  const char* name;
  std::vector<std::string> prefixes;
};
const std::vector<BillGroup>& bill_groups() {
  static const std::vector<BillGroup> groups = {
      {"PE MAC", {"pe_mac"}},
      {"PE clock", {"pe_clock"}},
      {"PE other", {"pe_capture", "pe_shift", "pe_merge", "pe_weight_load"}},
      {"dequant",
       {"dequant_lanes", "row_sum", "aligner", "converters", "epilogue", "accumulator", "clock_"}},
      {"SRAM", {"act_sram", "wgt_sram", "out_sram"}},
      {"DRAM", {"dram_"}},
      {"leakage", {"leakage_"}}};
  return groups;
}

double group_pj(const RunResult& r, const BillGroup& group) {
  double sum = 0;
  for (const std::string& prefix : group.prefixes) sum += r.energy.sum_pj(prefix);
  return sum;
}

using Rows = std::vector<const ComparedRun*>;

constexpr const char* kLegend =
    "note: util: useful MACs over the array's peak. DRAM bw: bytes moved over what the memory "
    "could move in this time. full W: power of array, lanes and buffers, without DRAM, while "
    "blocks "
    "of outputs that fill the array follow one another, of the phase's GEMM that takes most. "
    "shadow: PEs have, and are charged for, a shadow register. clock met: "
    "whether every part reaches the clock in the flow it was characterised with; times assume it "
    "does.\n"
    "note: Causal mask: dense MACs ignore it, useful ones are those it leaves, executed ones those "
    "of row blocks as high as the array, each trimmed to what its last token sees.\n";

std::string main_table(const Comparison& c, const Rows& rows) {
  Table t({"design", "array", "shadow", "time ms", "speed-up", "energy mJ", "energy ratio",
           "area mm2", "full W", "util %", "DRAM MB", "DRAM bw %", "TOPS", "TOPS/W", "tokens/s",
           "clock met"});
  for (const ComparedRun* row : rows) {
    const RunResult& r = row->run.result;
    const RunResult& base = c.baseline(*row);
    const double dram = static_cast<double>(r.counters[Event::kDramReadBytes]) +
                        static_cast<double>(r.counters[Event::kDramWriteBytes]);
    t.row({row->design, array_size(r), has_shadow(r.arch) ? "yes" : "no",
           fixed(1e3 * r.time_s(), 3), fixed(base.time_s() / r.time_s(), 2), fixed(energy_mj(r), 2),
           fixed(r.energy.total_pj / base.energy.total_pj, 2), fixed(r.area.total_um2 * 1e-6, 2),
           fixed(row->full_power_w, 2), share(r.utilization(), 1), fixed(dram * 1e-6, 1),
           r.arch.memory.unlimited ? "-" : share(r.dram_utilization(), 1),
           fixed(r.useful_tops(), 3), fixed(r.tops_per_watt(), 3), fixed(r.tokens_per_s(), 1),
           clock_met(r)});
  }
  return t.text();
}

std::string bill_table(const Rows& rows) {
  std::vector<std::string> header{"energy bill, mJ"};
  for (const BillGroup& group : bill_groups()) header.emplace_back(group.name);
  header.emplace_back("total");
  Table t(header);
  for (const ComparedRun* row : rows) {
    std::vector<std::string> cells{row->design};
    double shown = 0;
    for (const BillGroup& group : bill_groups()) {
      shown += group_pj(row->run.result, group);
      cells.push_back(fixed(group_pj(row->run.result, group) * 1e-9, 3));
    }
    const double total = row->run.result.energy.total_pj;
    check_invariant(std::abs(shown - total) <= 1e-9 * total, "the bill's groups miss a line");
    cells.push_back(fixed(energy_mj(row->run.result), 3));
    t.row(cells);
  }
  return t.text();
}

std::string cause_table(const Rows& rows) {
  const std::size_t causes = named_causes({}).size();
  std::vector<bool> used(causes, false);
  for (const ComparedRun* row : rows) {
    const auto named = named_causes(row->run.result.causes);
    for (std::size_t i = 0; i < causes; ++i) used[i] = used[i] || named[i].cycles > 0;
  }
  std::vector<std::string> header{"cycles by cause, %"};
  for (std::size_t i = 0; i < causes; ++i) {
    if (used[i]) header.emplace_back(named_causes({})[i].name);
  }
  Table t(header);
  for (const ComparedRun* row : rows) {
    std::vector<std::string> cells{row->design};
    const auto named = named_causes(row->run.result.causes);
    for (std::size_t i = 0; i < causes; ++i) {
      if (!used[i]) continue;
      cells.push_back(
          share(static_cast<double>(named[i].cycles), static_cast<double>(row->run.result.cycles)));
    }
    t.row(cells);
  }
  return t.text();
}

/// Which resource bounds how much of the time.
std::string bound_table(const Rows& rows) {
  std::vector<std::string> bounds;
  for (const ComparedRun* row : rows) {
    for (const LayerResult& l : row->run.result.layers) {
      if (std::find(bounds.begin(), bounds.end(), l.bound) == bounds.end()) {
        bounds.push_back(l.bound);
      }
    }
  }
  std::sort(bounds.begin(), bounds.end());
  std::vector<std::string> header{"time in layers bound by, %"};
  header.insert(header.end(), bounds.begin(), bounds.end());
  Table t(header);
  for (const ComparedRun* row : rows) {
    std::vector<std::string> cells{row->design};
    for (const std::string& bound : bounds) {
      double cycles = 0;
      for (const LayerResult& l : row->run.result.layers) {
        if (l.bound == bound) cycles += static_cast<double>(l.cycles);
      }
      cells.push_back(share(cycles, static_cast<double>(row->run.result.cycles)));
    }
    t.row(cells);
  }
  return t.text();
}

/// What the causal mask saves; empty if there is none.
std::string mask_table(const Rows& rows) {
  const RunResult& first = rows.front()->run.result;
  if (first.dense_macs() == first.useful_macs()) return "";
  Table t({"causal mask, MACs", "dense", "useful", "executed", "saved %"});
  for (const ComparedRun* row : rows) {
    const RunResult& r = row->run.result;
    t.row({row->design, grouped(r.dense_macs()), grouped(r.useful_macs()),
           grouped(r.executed_macs()),
           share(static_cast<double>(r.dense_macs() - r.executed_macs()),
                 static_cast<double>(r.dense_macs()))});
  }
  return "\n" + t.text();
}

/// Each caveat once, with the designs it is about unless it is about all.
std::string caveat_text(const Comparison& c) {
  std::vector<std::string> texts;
  for (const ComparedRun& run : c.runs) {
    for (const std::string& text : run.run.caveats) {
      if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
    }
  }
  std::string out;
  for (const std::string& text : texts) {
    std::vector<std::string> designs;
    for (const StudyDesign& design : c.study.designs) {
      for (const ComparedRun& run : c.runs) {
        const auto& own = run.run.caveats;
        if (run.design == design.name && std::find(own.begin(), own.end(), text) != own.end()) {
          designs.push_back(design.name);
          break;
        }
      }
    }
    out += designs.size() == c.study.designs.size()
               ? "note: " + text + "\n"
               : fmt::format("note ({}): {}\n", fmt::join(designs, ", "), text);
  }
  return out;
}

/// The view's rule of fairness.
std::string view_text(const StudyView& view) {
  const bool by_area = !view.area_of.empty();
  if (!by_area && view.power_of.empty()) return "Arrays as their files say.";
  return fmt::format(
      "Each design has at most the {} of {} and takes the shape (at most {}:1) that runs this "
      "phase "
      "fastest.",
      by_area ? "total area" : "power in full use (full W)", by_area ? view.area_of : view.power_of,
      kMaxSkew);
}

}  // namespace

std::string comparison_text(const Comparison& c) {
  std::string text = c.study.name + ": " + c.study.description + "\n";
  const RunResult& first = c.runs.front().run.result;
  if (first.seed) {
    text += operands_text(first.distribution, *first.seed, first.operands_priced) + "\n";
  }
  for (const StudyView& view : c.study.views) {
    for (const LlmPhase& phase : c.study.phases) {
      Rows rows;
      for (const ComparedRun& run : c.runs) {
        if (run.view == view.name && run.phase == phase.name) rows.push_back(&run);
      }
      text += fmt::format("\n== {}, {} (speed-up and energy ratio over {})\n", view.name,
                          phase.name, c.study.baseline);
      text += view_text(view) + "\n\n";
      text += main_table(c, rows) + "\n" + bill_table(rows) + "\n" + cause_table(rows) + "\n" +
              bound_table(rows);
      text += mask_table(rows);
    }
  }
  return text + "\n" + kLegend + caveat_text(c);
}

std::string comparison_json(const Comparison& c) {
  nlohmann::ordered_json j{{"schema_version", kResultSchemaVersion},
                           {"version", kVersion},
                           {"git_revision", kGitRevision},
                           {"study", c.study.name},
                           {"description", c.study.description},
                           {"llm", c.study.llm},
                           {"baseline", c.study.baseline}};
  nlohmann::ordered_json runs = nlohmann::ordered_json::array();
  for (const ComparedRun& run : c.runs) {
    const RunResult& base = c.baseline(run);
    nlohmann::ordered_json one{
        {"view", run.view},
        {"phase", run.phase},
        {"design", run.design},
        {"speed_up", base.time_s() / run.run.result.time_s()},
        {"energy_ratio", run.run.result.energy.total_pj / base.energy.total_pj},
        {"full_power_w", run.full_power_w},
        {"shadow_register", has_shadow(run.run.result.arch)},
        {"result", run_json(run.run.result, run.run.caveats)}};
    runs.push_back(std::move(one));
  }
  j["runs"] = std::move(runs);
  return j.dump(1) + "\n";
}

std::string summary_csv(const Comparison& c) {
  std::string text =
      "view,phase,design,pe,scheme,rows,cols,shadow_register,cycles,time_s,speed_up,energy_pj,"
      "energy_ratio,area_um2,full_power_w,utilization,dram_read_bytes,dram_write_bytes,tops,tops_"
      "per_watt,"
      "tokens_per_s,dense_macs,useful_macs,executed_macs";
  for (const BillGroup& group : bill_groups()) {
    std::string name = group.name;
    std::replace(name.begin(), name.end(), ' ', '_');
    text += "," + name + "_pj";
  }
  for (const NamedCycles& cause : named_causes({})) text += fmt::format(",{}_cycles", cause.name);
  text += "\n";
  for (const ComparedRun& run : c.runs) {
    const RunResult& r = run.run.result;
    const RunResult& base = c.baseline(run);
    text += fmt::format(
        "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}",
        csv_field(run.view), csv_field(run.phase), csv_field(run.design), r.arch.pe.name,
        csv_field(r.scheme), r.arch.array.rows, r.arch.array.cols, has_shadow(r.arch), r.cycles,
        shortest(r.time_s()), shortest(base.time_s() / r.time_s()), shortest(r.energy.total_pj),
        shortest(r.energy.total_pj / base.energy.total_pj), shortest(r.area.total_um2),
        shortest(run.full_power_w), shortest(r.utilization()), r.counters[Event::kDramReadBytes],
        r.counters[Event::kDramWriteBytes], shortest(r.useful_tops()), shortest(r.tops_per_watt()),
        shortest(r.tokens_per_s()), r.dense_macs(), r.useful_macs(), r.executed_macs());
    for (const BillGroup& group : bill_groups()) text += "," + shortest(group_pj(r, group));
    for (const NamedCycles& cause : named_causes(r.causes)) {
      text += fmt::format(",{}", cause.cycles);
    }
    text += "\n";
  }
  return text;
}

std::string all_layers_csv(const Comparison& c) {
  std::string text = layers_csv_header({"view", "design"});
  for (const ComparedRun& run : c.runs) {
    text += layers_csv_rows(run.run.result, {run.view, run.design});
  }
  return text;
}

}  // namespace mixpe
