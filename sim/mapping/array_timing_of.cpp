#include "sim/mapping/array_timing_of.h"

#include <algorithm>

#include "models/core/ceil_div.h"
#include "models/core/errors.h"

namespace mixpe {
namespace {

/// An output in its buffer: FP32 or a 32-bit integer sum.
constexpr std::int64_t kPsumBits = 32;

}  // namespace

std::int64_t EdgeRates::step(Dataflow dataflow) const {
  if (dataflow == Dataflow::kWeightStationary) return act_port;
  return std::max(act_port, weight_row());
}

std::int64_t EdgeRates::weight_row() const { return std::max(wgt_port, converters); }

const char* EdgeRates::slowest(Dataflow dataflow) const {
  const std::int64_t cycles = step(dataflow);
  if (cycles == 1) return "";
  if (cycles == act_port) return "activation buffer port";
  return cycles == wgt_port ? "weight buffer port" : "weight converters";
}

EdgeRates edge_rates(const ArchSpec& arch, const GemmQuant& quant, const PeMode& mode) {
  // OS: every row takes lanes_m * lanes_k activations a step. WS: the rows lie along k, and a step
  // brings lanes_m rows of m past them: the same product.
  const std::int64_t acts = arch.array.rows * mode.lanes_m * mode.lanes_k;
  const std::int64_t weights = arch.array.cols * mode.lanes_n * mode.lanes_k;
  EdgeRates rates;
  rates.act_port = ceil_div(acts * quant.act.store.bits, arch.act_buffer.bits_per_cycle());
  // Weights are converted behind the buffer: its port carries them as they are stored.
  rates.wgt_port = ceil_div(weights * quant.weight.store.bits, arch.wgt_buffer.bits_per_cycle());
  if (quant.weight.convert != Convert::kNone) {
    check_invariant(arch.dequant.converters > 0, "a scheme that converts needs converters");
    rates.converters = ceil_div(weights, arch.dequant.converters);
  }
  return rates;
}

ArrayTiming array_timing(const ArchSpec& arch, const GemmQuant& quant, const PeMode& mode) {
  const bool os = arch.array.dataflow == Dataflow::kOutputStationary;
  ArrayTiming t;
  t.dataflow = arch.array.dataflow;
  t.rows = arch.array.rows;
  t.cols = arch.array.cols;
  t.lanes_m = mode.lanes_m;
  t.lanes_n = mode.lanes_n;
  t.lanes_k = mode.lanes_k;
  // WS: successive steps go to different outputs, so a PE's adder may be pipelined at no cost.
  t.ii = os ? arch.pe.os_ii(mode) : mode.ii;
  const EdgeRates rates = edge_rates(arch, quant, mode);
  t.edge_ii = rates.step(t.dataflow);
  t.weight_row_cycles = os ? 1 : rates.weight_row();
  t.merge_cycles = os ? arch.pe.os_merge_cycles() : 0;
  t.product_latency = arch.pe.product_latency;
  t.add_latency = arch.pe.add_latency;
  t.prescan = arch.pe.prescan;
  t.pass_overlap = arch.array.pass_overlap;
  t.edge_tiles = arch.array.edge_tiles;
  t.weight_double_buffering = arch.array.weight_double_buffering;
  t.accumulator_rows = arch.array.accumulator_rows;
  t.accumulator_cycles = os ? 1 : arch.array.accumulator_cycles;
  // Every value is added to what the output buffer holds: one read and one write of its port.
  const std::int64_t outputs = t.cols * t.lanes_n;
  t.drain_interval = std::max(ceil_div(outputs, arch.dequant.lanes),
                              ceil_div(outputs * 2 * kPsumBits, arch.out_buffer.bits_per_cycle()));
  t.lane_accumulate = arch.dequant.accumulate_cycles;
  t.lane_latency = arch.dequant.latency_cycles;
  return t;
}

}  // namespace mixpe
