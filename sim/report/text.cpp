#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/config/yaml_reader.h"
#include "sim/mapping/tiling.h"
#include "sim/report/report.h"
#include "sim/report/table.h"

namespace mixpe {
namespace {

std::string percent(double part, double whole) {
  return whole > 0 ? fixed(100 * part / whole, 1) + " %" : "-";
}

std::string heading(const RunResult& r) {
  const ArraySpec& a = r.arch.array;
  const char* dataflow =
      a.dataflow == Dataflow::kOutputStationary ? "output-stationary" : "weight-stationary";
  std::string text =
      fmt::format("{}: {} PEs {} x {}, {}, {}, {}\n", r.arch.name, r.arch.pe.name, a.rows, a.cols,
                  dataflow, quantity_text(r.arch.clock_hz, Dimension::kHertz), r.arch.tech);
  text += "workload: " + r.workload;
  if (!r.scheme.empty()) text += ", scheme " + r.scheme;
  if (r.seed) text += ", " + operands_text(r.distribution, *r.seed, r.operands_priced);
  text += "\n";
  if (!r.slow_parts.empty()) {
    text +=
        fmt::format("CLOCK NOT MET: {} needs {:.3f} ns; times assume {} all the same, see notes\n",
                    r.slow_parts.front().part, r.slow_parts.front().min_period_ns,
                    quantity_text(r.arch.clock_hz, Dimension::kHertz));
  }
  return text + "\n";
}

std::string totals(const RunResult& r) {
  const auto bytes = [&](Event e) { return static_cast<double>(r.counters[e]); };
  Table t({"total", "value"});
  t.row({"cycles", grouped(r.cycles)});
  t.row({"time", si(r.time_s(), "s")});
  t.row({"useful MACs", grouped(r.useful_macs())});
  t.row({"dense MACs (mask ignored)", grouped(r.dense_macs())});
  t.row({"executed MACs", grouped(r.executed_macs())});
  t.row({"utilisation (useful MACs over peak)", percent(r.utilization(), 1)});
  t.row({"energy", si(r.energy.total_pj * 1e-12, "J")});
  t.row({"area", fixed(r.area.total_um2 * 1e-6, 3) + " mm2"});
  t.row({"DRAM read", si(bytes(Event::kDramReadBytes), "B")});
  t.row({"DRAM written", si(bytes(Event::kDramWriteBytes), "B")});
  if (!r.arch.memory.unlimited) t.row({"DRAM bandwidth used", percent(r.dram_utilization(), 1)});
  t.row({"throughput", fixed(r.useful_tops(), 3) + " TOPS"});
  t.row({"efficiency", fixed(r.tops_per_watt(), 3) + " TOPS/W"});
  if (r.tokens > 0) t.row({"tokens/s (GEMMs alone)", fixed(r.tokens_per_s(), 1)});
  return t.text() + "\n";
}

std::string causes(const RunResult& r) {
  Table t({"cause", "cycles", "share"});
  for (const NamedCycles& c : named_causes(r.causes)) {
    if (c.cycles == 0) continue;
    t.row({c.name, grouped(c.cycles),
           percent(static_cast<double>(c.cycles), static_cast<double>(r.cycles))});
  }
  return t.text() + "\n";
}

std::string bill_text(const RunResult& r) {
  Table t({"energy", "amount", "share"});
  for (const EnergyLine& line : r.energy.lines) {
    if (line.energy_pj == 0) continue;
    t.row({line.name, si(line.energy_pj * 1e-12, "J"), percent(line.energy_pj, r.energy.total_pj)});
  }
  Table a({"area", "um2", "share"});
  for (const AreaLine& line : r.area.lines) {
    if (line.area_um2 == 0) continue;
    a.row({component_name(line.component), grouped(std::llround(line.area_um2)),
           percent(line.area_um2, r.area.total_um2)});
  }
  return t.text() + "\n" + a.text() + "\n";
}

std::string layers(const RunResult& r) {
  Table t({"op", "m x n x k", "batch x count", "mode", "tile m x n x k", "order", "cycles", "share",
           "util", "energy", "bound"});
  for (const LayerResult& l : r.layers) {
    const double possible = static_cast<double>(l.cycles) * peak_macs_per_cycle(r.arch, l.mode);
    t.row({l.phase.empty() ? l.gemm.op : l.phase + " " + l.gemm.op,
           fmt::format("{} x {} x {}", l.gemm.m, l.gemm.n, l.gemm.k),
           fmt::format("{} x {}", l.gemm.batch, l.gemm.count), l.mode,
           fmt::format("{} x {} x {}", l.tiling.m, l.tiling.n, l.tiling.k),
           order_name(l.tiling.order), grouped(l.cycles),
           percent(static_cast<double>(l.cycles), static_cast<double>(r.cycles)),
           percent(static_cast<double>(l.gemm.useful_macs()), possible),
           si(l.energy.total_pj * 1e-12, "J"), l.bound});
  }
  return t.text() + "\n";
}

/// What PE energy followed, if not typical operands.
std::string operands(const RunResult& r) {
  if (!r.operands_priced) return "";
  Table t({"op", "bits changed per activation", "per weight", "zero activations", "pJ per MAC"});
  for (const LayerResult& l : r.layers) {
    if (!l.operands) continue;
    const OperandStatistics& o = *l.operands;
    t.row({l.gemm.op, fixed(o.act_toggles, 2), fixed(o.weight_toggles, 2), percent(o.zero_acts, 1),
           fixed(l.energy.sum_pj("pe_mac_") / static_cast<double>(l.counters[Event::kMac]), 3)});
  }
  return "PE energy follows the operands:\n" + t.text() + "\n";
}

std::string values(const RunResult& r) {
  if (!r.seed) return "";
  Table t({"op", "digest", "SNR dB", "overflows", "zero activations", "zero weights"});
  for (const LayerResult& l : r.layers) {
    if (!l.values) continue;
    t.row({l.gemm.op, digest_text(l.values->digest), fixed(l.values->snr_db, 2),
           grouped(static_cast<std::int64_t>(l.values->overflows)),
           percent(l.values->act_zero_fraction, 1), percent(l.values->weight_zero_fraction, 1)});
  }
  return t.text() + "\n";
}

}  // namespace

std::vector<std::string> caveats(const RunResult& r, const PriceList& prices) {
  std::vector<std::string> all = r.notes;
  if (!r.arch.memory.unlimited) {
    all.push_back(
        "DRAM is ideal (bandwidth and latency only: no banks, rows, refresh). Times are lower "
        "bounds, and real DRAM may bound layers that are not bound by memory here. Decode reads "
        "every weight for a few tokens: its figures, tokens/s included, are bounds.");
    all.push_back(
        "What bounds a layer. memory: the memory's channel is busy at least as long as the array. "
        "compute: the PEs are. unfilled_array: the PEs take operands most of the time, but more "
        "than half of them have none, because the GEMM has fewer rows or columns than the array "
        "(decode has one row per sequence): another shape would help, faster PEs or memory would "
        "not. Else the largest cause of waiting.");
  } else {
    all.push_back("DRAM is unlimited: memory costs energy but no time.");
  }
  for (const PeriodNote& p : r.slow_parts) {
    all.push_back(fmt::format(
        "Clock not met: {} needs {:.3f} ns in the flow it was characterised with ({}), the clock "
        "gives {:.3f} ns. Times assume the clock all the same; a part pipelined to reach it would "
        "be larger.",
        p.part, p.min_period_ns, p.source, 1e9 / static_cast<double>(r.arch.clock_hz)));
  }
  if (r.operands_priced) {
    double error = 0, held_out = 0;
    for (const EnergyPrice& p : prices.energy) {
      if (!p.operands) continue;
      error = std::max(error, p.operands->error_pct);
      held_out = std::max(held_out, p.operands->held_out_pct);
    }
    all.push_back(fmt::format(
        "PE energy is that of these operands, by a fit that is {:.1f} % off (root mean square) "
        "over "
        "the streams it was made from and {:.1f} % for streams left out; all else is priced with "
        "typical operands.",
        error, held_out));
  }
  all.push_back(fmt::format(
      "Prices: {}, switching energy between the bounds without and with glitches ({}); clock tree "
      "and placement are not in.",
      prices.tech, prices.activity));
  if (r.arch.array.dataflow == Dataflow::kOutputStationary) {
    all.push_back(has_shadow(r.arch)
                      ? "PEs are priced with the shadow register that group boundaries and "
                        "overlapping passes need."
                      : "PEs are priced without a shadow register: passes fill and drain.");
  }
  return all;
}

std::string run_text(const RunResult& r, const std::vector<std::string>& caveats) {
  std::string text =
      heading(r) + layers(r) + values(r) + operands(r) + totals(r) + causes(r) + bill_text(r);
  for (const std::string& note : caveats) text += "note: " + note + "\n";
  return text;
}

}  // namespace mixpe
