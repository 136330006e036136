#include "tests/cosim/rtl_machines.h"

#include <algorithm>
#include <map>

#include "models/core/errors.h"
#include "models/dequant/lane_pipeline.h"
#include "models/pe/registry.h"
#include "sim/config/pe_yaml.h"
#include "sim/cosim/pe_rtl.h"
#include "sim/cosim/run_tool.h"

namespace mixpe::testing {
namespace {

/// A PE's variant, with the given parameters.
PeSpec variant(const std::string& name, const std::map<std::string, std::string>& params = {}) {
  for (const PeSpec& spec : all_pe_variants()) {
    const bool same = std::all_of(params.begin(), params.end(), [&](const auto& p) {
      return spec.params.contains(p.first) && spec.params.at(p.first) == p.second;
    });
    if (spec.name == name && same) return spec;
  }
  throw InvariantError("no such PE: " + name);
}

PeSpec with_sum_bits(PeSpec spec, int acc_bits, int row_sum_bits) {
  spec.acc_bits = acc_bits;
  spec.row_sum_bits = row_sum_bits;
  return spec;
}

PeSpec with_adder(PeSpec spec, int add_latency, int interleave) {
  spec.add_latency = add_latency;
  spec.interleave = interleave;
  return spec;
}

}  // namespace

const std::vector<RtlMachine>& rtl_machines() {
  static const std::vector<RtlMachine> machines{
      {.name = "W4A8", .pe = variant("mixpe_w4a8", {{"weights", "w4"}})},
      // Narrow sums, so that tests of reasonable length leave their range.
      {.name = "Dot4ManyColumnsALane",
       .pe = with_sum_bits(variant("mixpe_dot4"), 15, 9),
       .rows = 8,
       .cols = 5,
       .drain_interval = 2,
       .lane_adder = 3},
      {.name = "W8A8TwoCycles",
       .pe = with_sum_bits(variant("mixpe_w4a8", {{"weights", "w8"}}), 18, 10),
       .cols = 6,
       .drain_interval = 4},
      {.name = "Int8Raw",
       .pe = with_sum_bits(variant("int8"), 17, 32),
       .rows = 5,
       .drain_interval = 3,
       .dequant = false,
       .zero_points = false},
      {.name = "Fp16OneSum", .pe = with_adder(variant("fp16"), 3, 1), .cols = 5, .lane_adder = 1},
      {.name = "W4A16Fixed",
       .pe = variant("mixpe_w4a16", {{"sum", "fixed"}}),
       .rows = 6,
       .drain_interval = 2,
       .deep = true},
      {.name = "W4A16Fp32RawWithoutShadow",
       .pe = with_adder(variant("mixpe_w4a16", {{"sum", "fp32"}}), 3, 2),
       .dequant = false,
       .zero_points = false,
       .shadow = false},
      {.name = "W4A16Aligned",
       .pe = variant("mixpe_w4a16", {{"sum", "aligned"}}),
       .cols = 5,
       .drain_interval = 2},
      {.name = "W4A8Stationary",
       .pe = with_sum_bits(variant("mixpe_w4a8", {{"weights", "w8"}}), 18, 11),
       .dataflow = Dataflow::kWeightStationary,
       .cols = 5,
       .drain_interval = 2},
      {.name = "W4A16AlignedStationary",
       .pe = variant("mixpe_w4a16", {{"sum", "aligned"}}),
       .dataflow = Dataflow::kWeightStationary,
       .rows = 3},
  };
  return machines;
}

Scenario random_work(const RtlMachine& machine, std::uint64_t seed) {
  Draw draw(seed);
  Scenario s;
  s.pe = make_pe(machine.pe);
  const PeSpec& pe = s.pe->spec();
  const PeMode& mode = draw.of(pe.modes);
  s.work.formats = {draw.of(mode.weights), draw.of(mode.acts)};
  s.work.scale_groups = machine.dequant;
  // The RTL's row sums add no coded activations.
  s.work.zero_points = machine.zero_points && !s.work.formats.act.is_coded();
  s.work.shadow = machine.shadow;
  const bool os = machine.dataflow == Dataflow::kOutputStationary;
  ArrayTiming& t = s.work.timing;
  t.dataflow = machine.dataflow;
  t.rows = machine.rows;
  t.cols = machine.cols;
  t.drain_interval = machine.drain_interval;
  t.lanes_k = mode.lanes_k;
  t.ii = os ? pe.os_ii(mode) : mode.ii;
  t.merge_cycles = os ? pe.os_merge_cycles() : 0;
  t.product_latency = pe.product_latency;
  t.add_latency = pe.add_latency;
  t.prescan = pe.prescan;
  t.edge_ii = draw.chance(25) ? draw.in(1, 3) : 1;
  t.pass_overlap = machine.shadow && draw.chance(70);
  t.edge_tiles = draw.chance(50) ? EdgeTiles::kActual : EdgeTiles::kPadded;
  t.weight_double_buffering = draw.chance(60);
  t.weight_row_cycles = draw.chance(25) ? draw.in(1, 3) : 1;
  t.accumulator_rows = machine.accumulator_rows;
  const std::int64_t adder = machine.lane_adder;
  t.lane_accumulate = draw.chance(30) ? draw.in(adder, 20) : adder;
  t.lane_latency = lane_latency_cycles(pe.sum_kind, adder, machine.deep);
  if (!machine.dequant) t.lane_latency = draw.in(0, 6);
  if (!os) {
    const std::int64_t before = cycles_before_lane(pe, machine.dataflow), accumulator = before - 1;
    t.accumulator_cycles = draw.chance(25) ? draw.in(accumulator, accumulator + 2) : accumulator;
    t.lane_latency += before;
  }
  draw_gemm(seed, 8, s);
  return s;
}

RtlMachine random_rtl_machine(std::uint64_t seed) {
  Draw draw(seed);
  std::vector<PeSpec> pes;
  for (const PeSpec& spec : all_pe_variants()) {
    if (find_pe_rtl(spec, Dataflow::kOutputStationary)) pes.push_back(spec);
  }
  RtlMachine m;
  m.pe = draw.of(pes);
  if (m.pe.sum_kind == SumKind::kFloat32) {
    m.pe.add_latency = static_cast<int>(draw.in(1, 5));
    m.pe.interleave = static_cast<int>(draw.in(1, 3));
  }
  m.dataflow = draw.chance(50) ? Dataflow::kOutputStationary : Dataflow::kWeightStationary;
  m.rows = draw.in(1, 8);
  m.cols = draw.in(1, 8);
  m.drain_interval = draw.chance(50) ? 1 : draw.in(1, m.cols + 2);
  m.dequant = draw.chance(70);
  m.zero_points = m.dequant && draw.chance(60);
  m.shadow = m.dequant || draw.chance(50);
  m.lane_adder = draw.in(1, 5);
  m.deep = draw.chance(50);
  m.accumulator_rows = draw.in(1, 16);
  return m;
}

RtlEngineOptions rtl_test_options() {
  return {.cache = BuildCache(MIXPE_TEST_RTL_CACHE), .say = say_on_stderr, .waves = ""};
}

bool verilator_is_there() { return run_tool({"verilator", "--version"}, "/").found; }

}  // namespace mixpe::testing
