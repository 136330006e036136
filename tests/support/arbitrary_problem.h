#pragma once
// RapidCheck generators of small machines and GEMMs, for properties of mapping and timing. Call
// them inside a property only.

#include <fmt/format.h>
#include <rapidcheck.h>

#include "sim/mapping/search.h"

namespace mixpe::testing {

inline std::int64_t between(std::int64_t low, std::int64_t high) {  // both included
  return *rc::gen::inRange<std::int64_t>(low, high + 1);
}
inline bool coin() { return *rc::gen::arbitrary<bool>(); }

/// A machine with a PE on paper that takes u4 x i8: both dataflows, narrow and wide ports, slow,
/// fast and unlimited memories, every option of the array.
inline ArchSpec arbitrary_arch() {
  ArchSpec a;
  a.name = "arbitrary";
  a.clock_hz = between(1, 9) * 100'000'000;
  a.array.rows = between(1, 5);
  a.array.cols = between(1, 5);
  a.array.dataflow = coin() ? Dataflow::kOutputStationary : Dataflow::kWeightStationary;
  a.array.pass_overlap = coin();
  a.array.edge_tiles = coin() ? EdgeTiles::kPadded : EdgeTiles::kActual;
  a.array.weight_double_buffering = coin();
  a.array.accumulator_rows = between(1, 16);
  a.array.accumulator_cycles = between(1, 3);
  a.pe.name = "paper";
  a.pe.has_values = false;
  a.pe.product_latency = static_cast<int>(between(0, 2));
  a.pe.add_latency = static_cast<int>(between(1, 3));
  a.pe.interleave = static_cast<int>(between(1, 3));
  a.pe.prescan = coin();
  PeMode mode;
  mode.name = "w4";
  mode.weights = {unsigned_int(4)};
  mode.acts = {signed_int(8)};
  mode.lanes_m = static_cast<int>(between(1, 2));
  mode.lanes_n = static_cast<int>(between(1, 2));
  mode.lanes_k = static_cast<int>(between(1, 2));
  mode.ii = static_cast<int>(between(1, 3));
  a.pe.modes = {mode};
  a.dequant.placement = coin() ? DequantPlacement::kAfterGroup : DequantPlacement::kNone;
  a.dequant.lanes = between(1, 8);
  a.dequant.latency_cycles = between(0, 5);
  a.dequant.accumulate_cycles = between(0, 20);
  a.act_buffer = {between(64, 1024), between(1, 4), 32};
  a.wgt_buffer = {between(64, 1024), between(1, 4), 32};
  a.out_buffer = {between(800, 2048), between(1, 8), 64};
  a.memory.unlimited = between(0, 9) == 0;
  a.memory.bandwidth_bytes_per_s = between(1, 200) * 37'000'000;
  a.memory.latency_cycles = between(0, 1) * between(0, 60);
  return a;
}

/// A scheme the machine's placement allows: with groups after the array, with a scale per channel
/// in the epilogue, or both.
inline GemmQuant arbitrary_quant(const ArchSpec& arch) {
  GemmQuant q;
  q.weight.store = q.weight.mac = unsigned_int(4);
  q.weight.scales = {{-1, kFp16, Apply::kEpilogue, 1}};
  if (arch.dequant.placement == DequantPlacement::kAfterGroup && coin()) {
    const std::int64_t group = between(1, 9);
    if (coin()) q.weight.scales.clear();
    q.weight.scales.insert(q.weight.scales.begin(), {group, kFp16, Apply::kAfterGroup, 1});
    q.weight.zero = ZeroSpec{group, unsigned_int(4), Apply::kAfterGroup, std::nullopt};
  }
  q.act.store = signed_int(8);
  q.act.token_scale = coin();
  return q;
}

inline GemmTask arbitrary_task(const GemmQuant& quant, std::int64_t largest) {
  GemmTask t;
  t.m = between(1, largest);
  t.n = between(1, largest);
  t.k = between(1, largest);
  t.batch = between(1, 4);
  t.segment = quant.weight.after_group();
  if (coin()) t.act_k_pitch = between(t.k, 3 * t.k);
  if (coin()) t.wgt_k_pitch = between(t.k, 3 * t.k);
  t.useful_macs = t.m * t.n * t.k;
  return t;
}

/// A problem that has at least one tiling.
inline GemmProblem arbitrary_problem(std::int64_t largest) {
  const ArchSpec arch = arbitrary_arch();
  const GemmQuant quant = arbitrary_quant(arch);
  const GemmProblem p =
      make_problem(arch, quant, arch.pe.modes.front(), arbitrary_task(quant, largest));
  RC_PRE(!all_tilings(p, {}).empty());
  return p;
}

inline Tiling arbitrary_tiling(const GemmProblem& problem) {
  return *rc::gen::elementOf(all_tilings(problem, {}));
}

/// What a failing property shows beside the drawn numbers.
inline std::string describe(const GemmProblem& p, const Tiling& t) {
  const ArrayTiming& a = p.array;
  return fmt::format(
      "m {} n {} k {} ({}, {}) batch {} segment {}; tile {} x {} x {} {}; {} {} x {} lanes {} {} "
      "{} ii {} "
      "edge "
      "{} merge {} latency {} + {} {}{}{}{}weight row {} accumulator {} rows {} cycles; drain {} "
      "lambda {} + {}; "
      "memory {}/{} + {}",
      p.task.m, p.task.n, p.task.k, p.task.act_k_pitch, p.task.wgt_k_pitch, p.task.batch,
      p.task.segment, t.m, t.n, t.k, order_name(t.order),
      a.dataflow == Dataflow::kOutputStationary ? "OS" : "WS", a.rows, a.cols, a.lanes_m, a.lanes_n,
      a.lanes_k, a.ii, a.edge_ii, a.merge_cycles, a.product_latency, a.add_latency,
      a.prescan ? "prescan " : "", a.pass_overlap ? "overlap " : "",
      a.edge_tiles == EdgeTiles::kActual ? "actual " : "",
      a.weight_double_buffering ? "double " : "", a.weight_row_cycles, a.accumulator_rows,
      a.accumulator_cycles, a.drain_interval, a.lane_accumulate, a.lane_latency, p.memory.clock,
      p.memory.bandwidth, p.memory.latency);
}

}  // namespace mixpe::testing
