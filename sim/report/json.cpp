#include <cmath>
#include <string>

#include "generated/version.h"
#include "sim/config/arch.h"
#include "sim/mapping/tiling.h"
#include "sim/report/report.h"

namespace mixpe {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const CycleCauses& causes) {
  Json all = Json::object();
  for (const NamedCycles& c : named_causes(causes)) all[c.name] = c.cycles;
  return all;
}

Json json_of(const Counters& counters, const std::string& mode) {
  Json all = Json::object();
  for (int i = 0; i < kEventCount; ++i) {
    const auto e = static_cast<Event>(i);
    std::string name(event_info(e).name);
    if (e == Event::kMac && !mode.empty()) name += "." + mode;
    all[name] = counters[e];
  }
  return all;
}

Json json_of(const EnergyBill& bill) {
  Json all = Json::object();
  for (const EnergyLine& line : bill.lines) all[line.name] = line.energy_pj;
  return all;
}

Json json_of(const AreaBill& bill) {
  Json all = Json::object();
  for (const AreaLine& line : bill.lines) all[component_name(line.component)] = line.area_um2;
  return all;
}

Json parts_json(const EnergyBill& bill) {
  Json all = Json::object();
  for (const NamedEnergy& part : named_energy(bill)) all[part.name] = part.energy_pj;
  return all;
}

/// JSON has no infinity or NaN: those are null.
Json finite(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json json_of(const ValueReport& v) {
  return {{"digest", digest_text(v.digest)},
          {"snr_db", finite(v.snr_db)},
          {"model_snr_db", finite(v.model_snr_db)},
          {"snr_outputs", v.snr_outputs},
          {"overflows", v.overflows},
          {"nonfinite_outputs", v.nonfinite},
          {"act_zero_fraction", v.act_zero_fraction},
          {"weight_zero_fraction", v.weight_zero_fraction},
          {"output_zero_fraction", v.output_zero_fraction}};
}

Json json_of(const LayerResult& l) {
  Json j{{"layer", l.gemm.layer},
         {"op", l.gemm.op},
         {"phase", l.phase},
         {"m", l.gemm.m},
         {"n", l.gemm.n},
         {"k", l.gemm.k},
         {"batch", l.gemm.batch},
         {"count", l.gemm.count},
         {"scheme", l.gemm.scheme},
         {"mode", l.mode},
         {"dense_macs", l.gemm.dense_macs()},
         {"useful_macs", l.gemm.useful_macs()},
         {"executed_macs", l.executed_macs},
         {"tasks", l.tasks},
         {"tile", {{"m", l.tiling.m}, {"n", l.tiling.n}, {"k", l.tiling.k}}},
         {"loop_order", order_name(l.tiling.order)},
         {"tiles", l.tiles},
         {"cycles", l.cycles},
         {"bound", l.bound},
         {"energy_pj", l.energy.total_pj},
         {"dram_read_bytes", l.counters[Event::kDramReadBytes]},
         {"dram_write_bytes", l.counters[Event::kDramWriteBytes]},
         {"stalls", json_of(l.causes)},
         {"energy", parts_json(l.energy)},
         {"events", json_of(l.counters, l.mode)}};
  if (l.values) j["values"] = json_of(*l.values);
  if (l.operands) {
    j["operands"] = {{"act_toggles", l.operands->act_toggles},
                     {"weight_toggles", l.operands->weight_toggles},
                     {"zero_acts", l.operands->zero_acts}};
  }
  return j;
}

}  // namespace

nlohmann::ordered_json run_json(const RunResult& r, const std::vector<std::string>& caveats) {
  Json j{{"schema_version", kResultSchemaVersion},
         {"version", kVersion},
         {"git_revision", kGitRevision},
         {"config", dump_arch(r.arch)},
         {"workload",
          {{"name", r.workload},
           {"scheme", r.scheme},
           {"llm", r.llm},
           {"phase", r.phase},
           {"tokens", r.tokens}}}};
  if (r.seed) j["values"] = {{"distribution", r.distribution}, {"seed", *r.seed}};
  if (r.operands_priced) j["values"]["pe_energy"] = "of these operands";
  j["totals"] = {{"cycles", r.cycles},
                 {"time_s", r.time_s()},
                 {"macs", r.useful_macs()},
                 {"dense_macs", r.dense_macs()},
                 {"executed_macs", r.executed_macs()},
                 {"utilization", r.utilization()},
                 {"dram_utilization", r.dram_utilization()},
                 {"energy_pj", r.energy.total_pj},
                 {"area_um2", r.area.total_um2},
                 {"dram_read_bytes", r.counters[Event::kDramReadBytes]},
                 {"dram_write_bytes", r.counters[Event::kDramWriteBytes]},
                 {"tops", r.useful_tops()},
                 {"tops_per_watt", r.tops_per_watt()},
                 {"tokens_per_s", r.tokens_per_s()}};
  // What the machine could do at best: the roofline.
  j["ceilings"] = {{"tops", Json::object()}, {"dram_bytes_per_s", Json()}};
  for (const LayerResult& layer : r.layers) {
    j["ceilings"]["tops"][layer.mode] =
        2e-12 * peak_macs_per_cycle(r.arch, layer.mode) * static_cast<double>(r.arch.clock_hz);
  }
  if (!r.arch.memory.unlimited) {
    j["ceilings"]["dram_bytes_per_s"] = r.arch.memory.bandwidth_bytes_per_s;
  }
  j["clock"] = {{"period_ns", 1e9 / static_cast<double>(r.arch.clock_hz)},
                {"met", r.slow_parts.empty()},
                {"slow_parts", Json::array()}};
  for (const PeriodNote& p : r.slow_parts) {
    j["clock"]["slow_parts"].push_back({{"part", p.part}, {"min_period_ns", p.min_period_ns}});
  }
  j["stalls"] = json_of(r.causes);
  j["energy"] = json_of(r.energy);
  j["area"] = json_of(r.area);
  j["events"] = json_of(r.counters, "");
  j["notes"] = caveats;
  Json layers = Json::array();
  for (const LayerResult& layer : r.layers) layers.push_back(json_of(layer));
  j["layers"] = std::move(layers);
  return j;
}

}  // namespace mixpe
