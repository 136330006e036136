#include "sim/sweep/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace mixpe {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// What is added up over phases before ratios are taken.
struct Sums {
  double cycles = 0, time_s = 0, energy_j = 0, tokens = 0, operations = 0, possible_macs = 0;
  double useful_macs = 0, dram_bytes = 0;
  bool tokens_known = true;
  std::vector<double> causes, energy_parts_j;

  void add(const RunResult& r) {
    cycles += static_cast<double>(r.cycles);
    time_s += r.time_s();
    energy_j += r.energy.total_pj * 1e-12;
    tokens += static_cast<double>(r.tokens);
    tokens_known = tokens_known && r.tokens > 0;
    const auto useful = static_cast<double>(r.useful_macs());
    useful_macs += useful;
    operations += 2 * useful;
    if (const double utilization = r.utilization(); utilization > 0) {
      possible_macs += useful / utilization;
    }
    dram_bytes += static_cast<double>(r.counters[Event::kDramReadBytes]) +
                  static_cast<double>(r.counters[Event::kDramWriteBytes]);
    const std::vector<NamedCycles> named = named_causes(r.causes);
    causes.resize(named.size());
    for (std::size_t i = 0; i < named.size(); ++i) {
      causes[i] += static_cast<double>(named[i].cycles);
    }
    const std::vector<NamedEnergy> parts = named_energy(r.energy);
    energy_parts_j.resize(parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i) energy_parts_j[i] += parts[i].energy_pj * 1e-12;
  }
};

double ratio(double a, double b) { return b > 0 ? a / b : kNone; }

void append(std::vector<double>& all, const Sums& s) {
  const double tokens = s.tokens_known ? s.tokens : kNone;
  all.insert(all.end(),
             {s.cycles, s.time_s, s.energy_j, s.energy_j * s.time_s, ratio(s.energy_j, s.time_s),
              ratio(tokens, s.time_s), ratio(tokens, s.energy_j),
              ratio(s.operations * 1e-12, s.time_s), ratio(s.operations * 1e-12, s.energy_j),
              ratio(s.useful_macs, s.possible_macs), s.dram_bytes});
  all.insert(all.end(), s.causes.begin(), s.causes.end());
  all.insert(all.end(), s.energy_parts_j.begin(), s.energy_parts_j.end());
}

/// In the order of append(). Tokens per second and watt are tokens per joule.
void append_names(std::vector<std::string>& all, const std::string& prefix) {
  for (const char* name :
       {"cycles", "time_s", "energy_j", "edp_js", "power_w", "tokens_per_s", "tokens_per_s_per_w",
        "tops", "tops_per_watt", "utilization", "dram_bytes"}) {
    all.push_back(prefix + name);
  }
  for (const NamedCycles& cause : named_causes({})) {
    all.push_back(prefix + "cycles_" + cause.name);
  }
  for (const NamedEnergy& part : named_energy({})) {
    all.push_back(prefix + "energy_j_" + part.name);
  }
}

}  // namespace

std::vector<std::string> machine_metric_names() {
  std::vector<std::string> all = {"sram_bytes", "area_mm2"};
  for (int c = 0; c < kComponentCount; ++c) {
    all.push_back(std::string("area_mm2_") + component_name(static_cast<Component>(c)));
  }
  return all;
}

std::vector<double> machine_metrics(const ArchSpec& arch, const PriceList& prices) {
  constexpr double kMm2 = 1e-6;  // of a square micrometre
  const AreaBill bill = area(arch, prices);
  const std::int64_t sram = arch.act_buffer.bytes + arch.wgt_buffer.bytes + arch.out_buffer.bytes;
  std::vector<double> all = {static_cast<double>(sram), bill.total_um2 * kMm2};
  for (int c = 0; c < kComponentCount; ++c) {
    all.push_back(bill.of(static_cast<Component>(c)) * kMm2);
  }
  return all;
}

std::vector<std::string> metric_names(const std::vector<std::string>& phases) {
  std::vector<std::string> all = machine_metric_names();
  append_names(all, "");
  all.insert(all.end(), {"snr_db", "model_snr_db", "overflows"});
  if (phases.size() > 1) {
    for (const std::string& phase : phases) append_names(all, phase + ".");
  }
  return all;
}

std::vector<double> metrics_of(std::span<const RunResult> results, const PriceList& prices) {
  std::vector<double> all = machine_metrics(results.front().arch, prices);
  Sums total;
  double snr_db = kNone, model_snr_db = kNone, overflows = kNone;
  for (const RunResult& r : results) {
    total.add(r);
    for (const LayerResult& layer : r.layers) {
      if (!layer.values) continue;
      const ValueReport& v = *layer.values;
      snr_db = std::isnan(snr_db) ? v.snr_db : std::min(snr_db, v.snr_db);
      model_snr_db =
          std::isnan(model_snr_db) ? v.model_snr_db : std::min(model_snr_db, v.model_snr_db);
      overflows =
          (std::isnan(overflows) ? 0 : overflows) + static_cast<double>(layer.values->overflows);
    }
  }
  append(all, total);
  all.insert(all.end(), {snr_db, model_snr_db, overflows});
  if (results.size() > 1) {
    for (const RunResult& r : results) {
      Sums phase;
      phase.add(r);
      append(all, phase);
    }
  }
  return all;
}

}  // namespace mixpe
