#include "sim/timing/engines/engine_test_support.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "models/formats/floats.h"
#include "models/pe/registry.h"
#include "sim/config/pe_yaml.h"

namespace mixpe::testing {
namespace {

/// Mostly ordinary numbers; now and then anything at all, infinities and NaN included.
std::uint16_t random_code(Draw& draw, const Format& format, bool wild) {
  if (format.is_integer()) {
    return static_cast<std::uint16_t>(draw.in(0, (std::int64_t{1} << format.bits) - 1));
  }
  if (wild && draw.chance(2)) return static_cast<std::uint16_t>(draw.in(0, 0xffff));
  // FP16 of magnitude 2^-6 .. 2^6, either sign, sometimes zero.
  if (draw.chance(5)) return static_cast<std::uint16_t>(draw.in(0, 1) << 15);
  return static_cast<std::uint16_t>(draw.in(0, 1) << 15 | draw.in(9, 21) << 10 | draw.in(0, 1023));
}

void draw_operands(Draw& draw, Scenario& s, std::int64_t group) {
  GemmOperands& o = s.operands;
  o.formats = s.work.formats;
  o.group = s.work.scale_groups ? group : 0;
  const bool wild = draw.chance(30);
  o.act.resize(static_cast<std::size_t>(o.m * o.k));
  o.weight.resize(static_cast<std::size_t>(o.n * o.k));
  for (auto& code : o.act) code = random_code(draw, o.formats.act, wild);
  for (auto& code : o.weight) code = random_code(draw, o.formats.weight, wild);
  if (!s.work.scale_groups) return;
  const auto scales = static_cast<std::size_t>(o.n * o.groups());
  for (std::size_t i = 0; i < scales; ++i) {
    o.group_scale.push_back(random_code(draw, kFp16, false));
    if (s.work.zero_points) o.group_zero.push_back(static_cast<std::int16_t>(draw.in(0, 15)));
  }
}

void draw_array(Draw& draw, ArrayTiming& t, int size) {
  t.rows = draw.in(1, size);
  t.cols = draw.in(1, size);
  t.edge_ii = draw.chance(25) ? draw.in(1, 3) : 1;
  t.pass_overlap = draw.chance(70);
  t.edge_tiles = draw.chance(50) ? EdgeTiles::kActual : EdgeTiles::kPadded;
  t.weight_double_buffering = draw.chance(60);
  t.weight_row_cycles = draw.chance(25) ? draw.in(1, 3) : 1;
  t.accumulator_rows = draw.chance(50) ? draw.in(1, 8) : 64;
  t.accumulator_cycles = draw.chance(25) ? draw.in(1, 3) : 1;
  t.lane_accumulate = draw.chance(40) ? draw.in(0, 20) : 0;
  t.lane_latency = draw.chance(50) ? draw.in(0, 6) : 0;
}

void draw_paper_pe(Draw& draw, ArrayTiming& t) {
  t.lanes_m = draw.chance(30) ? draw.in(1, 3) : 1;
  t.lanes_n = draw.chance(30) ? draw.in(1, 3) : 1;
  t.lanes_k = draw.chance(30) ? draw.in(1, 4) : 1;
  t.ii = draw.chance(30) ? draw.in(1, 4) : 1;
  t.product_latency = draw.in(0, 2);
  t.prescan = draw.chance(20);
  const std::int64_t interleave = draw.chance(30) ? draw.in(1, 4) : 1;
  t.add_latency = draw.in(1, 4);
  if (t.dataflow == Dataflow::kOutputStationary) {
    t.ii = std::max(t.ii, (t.add_latency + interleave - 1) / interleave);
    t.merge_cycles = (interleave - 1) * t.add_latency;
  }
}

void draw_real_pe(Draw& draw, Scenario& s) {
  PeSpec spec;
  do {
    spec = draw.of(all_pe_variants());
  } while (!spec.has_values);
  // A narrow accumulator overflows now and then.
  if (spec.sum_kind == SumKind::kInteger && draw.chance(30)) {
    spec.acc_bits = static_cast<int>(draw.in(8, spec.acc_bits));
    spec.row_sum_bits = static_cast<int>(draw.in(8, spec.row_sum_bits));
  }
  const PeMode mode = draw.of(spec.modes);
  ArrayTiming& t = s.work.timing;
  const bool os = t.dataflow == Dataflow::kOutputStationary;
  t.lanes_m = mode.lanes_m, t.lanes_n = mode.lanes_n, t.lanes_k = mode.lanes_k;
  t.ii = os ? spec.os_ii(mode) : mode.ii;
  t.merge_cycles = os ? spec.os_merge_cycles() : 0;
  t.product_latency = spec.product_latency;
  t.add_latency = spec.add_latency;
  t.prescan = spec.prescan;
  s.work.formats = {draw.of(mode.weights), draw.of(mode.acts)};
  s.pe = make_pe(spec);
}

void cut_tiles(Draw& draw, Scenario& s, std::int64_t segment) {
  const GemmOperands& o = s.operands;
  const std::int64_t tile_m = draw.in(1, o.m), tile_n = draw.in(1, o.n);
  const std::int64_t groups = segment == 0 ? 1 : (o.k + segment - 1) / segment;
  const std::int64_t tile_k = segment == 0 ? draw.in(1, o.k) : segment * draw.in(1, groups);
  std::int64_t ready = 0;
  for (std::int64_t m0 = 0; m0 < o.m; m0 += tile_m) {
    for (std::int64_t n0 = 0; n0 < o.n; n0 += tile_n) {
      for (std::int64_t k0 = 0; k0 < o.k; k0 += tile_k) {
        TileStep step;
        step.m0 = m0, step.n0 = n0, step.k0 = k0;
        step.shape = {std::min(tile_m, o.m - m0), std::min(tile_n, o.n - n0),
                      std::min(tile_k, o.k - k0), segment};
        step.first_visit = k0 == 0;
        s.tiles.push_back(step);
        ready += draw.chance(70) ? draw.in(0, 10) : draw.in(0, 300);
        s.ready.push_back(ready);
      }
    }
  }
}

}  // namespace

ArrayWork Scenario::work_on(OutputPsums* psums) const {
  ArrayWork w = work;
  w.pe = pe.get();
  w.operands = psums == nullptr || pe == nullptr ? nullptr : &operands;
  w.psums = w.operands == nullptr ? nullptr : psums;
  return w;
}

OutputPsums Scenario::empty_psums() const {
  OutputPsums psums;
  if (pe == nullptr) return psums;
  psums.integer = !work.scale_groups && pe->spec().sum_kind == SumKind::kInteger &&
                  !work.timing.prescan && pe->sum_exponent() == 0;
  const auto outputs = static_cast<std::size_t>(operands.m * operands.n);
  psums.real.resize(psums.integer ? 0 : outputs);
  psums.integers.resize(psums.integer ? outputs : 0);
  return psums;
}

std::string Scenario::text() const {
  const ArrayTiming& t = work.timing;
  return fmt::format(
      "{} {}x{} lanes {},{},{} ii {} edge {} merge {} lat {}+{} scan {} overlap {} actual {} wdb "
      "{} "
      "row {} acc {}/{} m {} lambda {} lat {} | {} | gemm {}x{}x{} tile {}x{}x{} group {} zero {} "
      "tiles "
      "{} "
      "shadow {}",
      t.dataflow == Dataflow::kOutputStationary ? "OS" : "WS", t.rows, t.cols, t.lanes_m, t.lanes_n,
      t.lanes_k, t.ii, t.edge_ii, t.merge_cycles, t.product_latency, t.add_latency, t.prescan,
      t.pass_overlap, t.edge_tiles == EdgeTiles::kActual, t.weight_double_buffering,
      t.weight_row_cycles, t.accumulator_rows, t.accumulator_cycles, t.drain_interval,
      t.lane_accumulate, t.lane_latency, pe == nullptr ? "paper" : pe->spec().name, operands.m,
      operands.n, operands.k, tiles[0].shape.m, tiles[0].shape.n, tiles[0].shape.k,
      tiles[0].shape.group, work.zero_points, tiles.size(), work.shadow);
}

Scenario random_scenario(std::uint64_t seed, int size, Dataflow dataflow, bool values) {
  Draw draw(seed);
  Scenario s;
  ArrayTiming& t = s.work.timing;
  t.dataflow = dataflow;
  draw_array(draw, t, size);
  if (values) {
    draw_real_pe(draw, s);
  } else {
    draw_paper_pe(draw, t);
  }
  const std::int64_t columns = t.cols * t.lanes_n;
  t.drain_interval = draw.chance(50) ? 1 : draw.in(1, columns + 2);
  GemmOperands& o = s.operands;
  o.m = draw.in(1, 3 * size), o.n = draw.in(1, 3 * size), o.k = draw.in(1, 6 * size);
  const bool groups = draw.chance(70);
  const std::int64_t group = draw.in(1, o.k + 2);
  s.work.scale_groups = values && groups;
  s.work.zero_points = groups && draw.chance(50);
  s.work.shadow = groups || t.pass_overlap || draw.chance(50);
  if (values) draw_operands(draw, s, group);
  cut_tiles(draw, s, groups ? group : 0);
  // Without groups the sums of a K-tile leave once; no shadow means that passes never overlap.
  return s;
}

void draw_gemm(std::uint64_t seed, int size, Scenario& s) {
  Draw draw(seed);
  GemmOperands& o = s.operands;
  o.m = draw.in(1, 3 * size), o.n = draw.in(1, 3 * size), o.k = draw.in(1, 6 * size);
  const std::int64_t group = draw.in(1, o.k + 2);
  draw_operands(draw, s, group);
  cut_tiles(draw, s, s.work.scale_groups ? group : 0);
}

EngineRun run_engine(ArrayEngine& engine, const Scenario& scenario, OutputPsums& psums) {
  EngineRun run;
  for (std::size_t i = 0; i < scenario.tiles.size(); ++i) {
    run.timings.push_back(engine.stream(scenario.tiles[i], scenario.ready[i], true));
  }
  engine.finish();
  run.counters = engine.counters();
  run.psums = std::move(psums);
  return run;
}

EngineRun run_engine(Engine kind, const Scenario& scenario) {
  OutputPsums psums = scenario.empty_psums();
  const auto engine = make_engine(kind, scenario.work_on(&psums));
  return run_engine(*engine, scenario, psums);
}

std::string difference(const EngineRun& a, const EngineRun& b) {
  for (std::size_t i = 0; i < a.timings.size(); ++i) {
    const TileTiming &x = a.timings[i], &y = b.timings[i];
    const IssueCycles &p = x.cycles, &q = y.cycles;
    const auto text = [](const TileTiming& t) {
      const IssueCycles& c = t.cycles;
      return fmt::format(
          "end {} complete {} compute {} edge {} merge {} scan {} dq {} load {} fd {}", t.issue_end,
          t.complete, c.compute, c.edge, c.merge, c.prescan, c.dequant, c.weight_load,
          c.fill_drain);
    };
    const bool same = x.issue_end == y.issue_end && x.complete == y.complete &&
                      p.compute == q.compute && p.edge == q.edge && p.merge == q.merge &&
                      p.prescan == q.prescan && p.dequant == q.dequant &&
                      p.weight_load == q.weight_load && p.fill_drain == q.fill_drain;
    if (!same) return fmt::format("tile {}: {} | {}", i, text(x), text(y));
  }
  for (int e = 0; e < kEventCount; ++e) {
    const Event event = static_cast<Event>(e);
    if (a.counters[event] == b.counters[event]) continue;
    return fmt::format("event {}: {} | {}", event_info(event).name, a.counters[event],
                       b.counters[event]);
  }
  if (a.psums.integers != b.psums.integers) return "integer psums";
  for (std::size_t i = 0; i < a.psums.real.size(); ++i) {
    if (float_to_bits(a.psums.real[i]) == float_to_bits(b.psums.real[i])) continue;
    return fmt::format("psum {}: {:x} | {:x}", i, float_to_bits(a.psums.real[i]),
                       float_to_bits(b.psums.real[i]));
  }
  return "";
}

ArrayWork timing_work(const ArrayTiming& timing) {
  ArrayWork work;
  work.timing = timing;
  return work;
}

TileStep whole_tile(std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t group) {
  TileStep step;
  step.shape = {m, n, k, group};
  step.first_visit = true;
  return step;
}

}  // namespace mixpe::testing
