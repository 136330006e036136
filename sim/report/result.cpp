#include "sim/report/result.h"

#include <algorithm>
#include <string_view>

namespace mixpe {
namespace {

template <class Get>
std::int64_t sum_of(const std::vector<LayerResult>& layers, Get get) {
  std::int64_t sum = 0;
  for (const LayerResult& layer : layers) sum += get(layer);
  return sum;
}

/// Parts of an energy bill by the start of its lines' names; the last takes the rest.
struct EnergyPart {
  const char* name;
  std::vector<std::string_view> prefixes;
};
const std::vector<EnergyPart>& energy_parts() {
  static const std::vector<EnergyPart> parts = {
      {"pe", {"pe_"}},
      {"dequant", {"dequant_", "row_sum_", "align", "convert"}},
      {"accumulator", {"accumulator_"}},
      {"epilogue", {"epilogue"}},
      {"sram", {"act_sram", "wgt_sram", "out_sram"}},
      {"dram", {"dram_"}},
      {"clock", {"clock_"}},
      {"leakage", {"leakage_"}},
      {"other", {""}}};
  return parts;
}

}  // namespace

double RunResult::time_s() const {
  return static_cast<double>(cycles) / static_cast<double>(arch.clock_hz);
}

std::int64_t RunResult::dense_macs() const {
  return sum_of(layers, [](const LayerResult& l) { return l.gemm.dense_macs(); });
}
std::int64_t RunResult::useful_macs() const {
  return sum_of(layers, [](const LayerResult& l) { return l.gemm.useful_macs(); });
}
std::int64_t RunResult::executed_macs() const {
  return sum_of(layers, [](const LayerResult& l) { return l.executed_macs; });
}

double RunResult::utilization() const {
  double possible = 0;
  for (const LayerResult& layer : layers) {
    possible += static_cast<double>(layer.cycles) * peak_macs_per_cycle(arch, layer.mode);
  }
  return possible > 0 ? static_cast<double>(useful_macs()) / possible : 0;
}

double RunResult::dram_utilization() const {
  if (arch.memory.unlimited || cycles == 0) return 0;
  const double bytes = static_cast<double>(counters[Event::kDramReadBytes]) +
                       static_cast<double>(counters[Event::kDramWriteBytes]);
  return bytes / (static_cast<double>(arch.memory.bandwidth_bytes_per_s) * time_s());
}

double RunResult::useful_tops() const {
  return cycles > 0 ? 2e-12 * static_cast<double>(useful_macs()) / time_s() : 0;
}

double RunResult::tops_per_watt() const {
  // Operations per second over joules per second: the time cancels.
  return energy.total_pj > 0 ? 2.0 * static_cast<double>(useful_macs()) / energy.total_pj : 0;
}

double RunResult::tokens_per_s() const {
  return cycles > 0 ? static_cast<double>(tokens) / time_s() : 0;
}

std::vector<NamedCycles> named_causes(const CycleCauses& c) {
  return {{"compute", c.issue.compute},       {"edge", c.issue.edge},
          {"merge", c.issue.merge},           {"prescan", c.issue.prescan},
          {"dequant", c.issue.dequant},       {"weight_load", c.issue.weight_load},
          {"fill_drain", c.issue.fill_drain}, {"wait_act", c.wait_act},
          {"wait_wgt", c.wait_wgt},           {"wait_out", c.wait_out},
          {"store_tail", c.store_tail}};
}

std::vector<NamedEnergy> named_energy(const EnergyBill& bill) {
  std::vector<NamedEnergy> all;
  for (const EnergyPart& part : energy_parts()) all.push_back({part.name, 0});
  for (const EnergyLine& line : bill.lines) {
    const auto belongs = [&](const EnergyPart& part) {
      return std::any_of(part.prefixes.begin(), part.prefixes.end(), [&](std::string_view prefix) {
        return std::string_view(line.name).starts_with(prefix);
      });
    };
    const auto part = std::find_if(energy_parts().begin(), energy_parts().end(), belongs);
    all[static_cast<std::size_t>(part - energy_parts().begin())].energy_pj += line.energy_pj;
  }
  return all;
}

std::string operands_text(const std::string& distribution, std::uint64_t seed, bool priced) {
  return distribution + " operands of seed " + std::to_string(seed) +
         (priced ? ", PE energy follows them" : "");
}

double peak_macs_per_cycle(const ArchSpec& arch, const std::string& mode) {
  for (const PeMode& m : arch.pe.modes) {
    if (m.name != mode) continue;
    return static_cast<double>(arch.array.rows * arch.array.cols * m.lanes_m * m.lanes_n *
                               m.lanes_k) /
           m.ii;
  }
  throw InvariantError("a layer ran in a mode its PE does not have");
}

}  // namespace mixpe
