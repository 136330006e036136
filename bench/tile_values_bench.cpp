// The tile engine's values against the bare kernel: the same packed operands, the same blocks and
// tiles, but nothing except the segments' sums. W4A8 in groups of 128, tiles of the array's size.

#include <benchmark/benchmark.h>

#include <memory>
#include <stdexcept>
#include <vector>

#include "bench/paired.h"
#include "models/pe/registry.h"
#include "sim/config/pe_yaml.h"
#include "sim/timing/packed_operands.h"
#include "sim/timing/tile_values.h"

namespace mixpe::bench {
namespace {

constexpr std::int64_t kM = 128, kN = 128, kK = 4096, kGroup = 128;

std::unique_ptr<PeModel> pe_for(const Operands& formats) {
  for (const PeSpec& spec : all_pe_variants()) {
    if (spec.find_mode(formats.weight, formats.act) != nullptr) return make_pe(spec);
  }
  throw std::runtime_error("no PE takes these operands");
}

GemmQuant quant(const Format& act) {
  GemmQuant q;
  q.weight.store = q.weight.mac = unsigned_int(4);
  q.weight.scales = {{.k = kGroup, .type = kFp16, .apply = Apply::kAfterGroup}};
  q.weight.zero =
      ZeroSpec{.k = kGroup, .type = unsigned_int(4), .apply = Apply::kAfterGroup, .stored = {}};
  q.act = {.store = act, .token_scale = act.is_integer()};
  return q;
}

/// One GEMM, cut into square tiles over m and n.
struct Job {
  Job(const Format& act, std::int64_t tile)
      : operands(make_operands(quant(act), kM, kN, kK, Distribution::kLlm, 1, 0)),
        pe(pe_for(operands.formats)) {
    psums.real.resize(static_cast<std::size_t>(kM * kN));
    work.pe = pe.get();
    work.formats = operands.formats;
    work.scale_groups = work.zero_points = true;
    work.timing.rows = work.timing.cols = tile;
    work.operands = &operands;
    work.psums = &psums;
    for (std::int64_t m = 0; m < kM; m += tile) {
      for (std::int64_t n = 0; n < kN; n += tile) {
        TileStep step;
        step.m0 = m;
        step.n0 = n;
        step.shape = {tile, tile, kK, kGroup};
        step.first_visit = true;
        steps.push_back(step);
      }
    }
  }
  GemmOperands operands;
  std::unique_ptr<PeModel> pe;
  OutputPsums psums;
  ArrayWork work;
  std::vector<TileStep> steps;
};

/// Every segment's sums of one tile, and nothing else.
void bare_tile(const Job& job, PackedOperands& packed, const TileStep& step,
               AlignedVector<float>& real, AlignedVector<std::int32_t>& integers) {
  const KTile& tile = packed.tile(step);
  const std::int64_t columns = step.shape.n;
  for (std::size_t s = 0; s < tile.segments.size(); ++s) {
    const Segment& segment = tile.segments[s];
    SegmentBlock b;
    b.act = &tile.packed_act[static_cast<std::size_t>(segment.lane * job.operands.m +
                                                      step.m0 * segment.lanes)];
    b.act_stride = segment.lanes;
    b.weight = &tile.packed_weight[static_cast<std::size_t>(step.n0 * tile.lanes +
                                                            segment.lane * kPanelCols)];
    b.panel_stride = tile.lanes * kPanelCols;
    b.lanes = segment.lanes;
    b.rows = step.shape.m;
    b.panels = columns / kPanelCols;
    if (tile.path == ValuePath::kFloats) {
      float_sums(packed.isa(), b, false, {real.data(), columns});
    } else {
      b.start = &tile.start[s * static_cast<std::size_t>(packed.columns()) +
                            static_cast<std::size_t>(step.n0)];
      integer_sums(packed.isa(), tile.packing, b, {integers.data(), columns});
    }
  }
}

void tile_vs_bare_kernel(benchmark::State& state, Isa isa, Format act) {
  if (!supported(isa)) return state.SkipWithError("this CPU lacks the instructions");
  const std::int64_t tile = state.range(0);
  const Job job(act, tile);
  TileValues values(job.work, isa);
  PackedOperands packed(job.work, isa);
  AlignedVector<float> real(static_cast<std::size_t>(tile * tile));
  AlignedVector<std::int32_t> integers(real.size());
  Counters counters;
  values.compute(job.steps[0], counters);  // packs
  if (packed.tile(job.steps[0]).path == ValuePath::kOrdered) {
    return state.SkipWithError("no fast path");
  }
  const double macs = static_cast<double>(kM) * kN * kK;
  Rates rates;
  for (auto _ : state) {
    state.SetIterationTime(rates.turn(
        macs,
        [&] {
          for (const TileStep& step : job.steps) values.compute(step, counters);
        },
        macs,
        [&] {
          for (const TileStep& step : job.steps) bare_tile(job, packed, step, real, integers);
          benchmark::ClobberMemory();
        }));
  }
  rates.report(state, "MAC/s", "bare_kernel_MAC/s", "of_bare_kernel");
}

#define MIXPE_TILE(name, ...)                               \
  BENCHMARK_CAPTURE(tile_vs_bare_kernel, name, __VA_ARGS__) \
      ->Arg(32)                                             \
      ->Arg(64)                                             \
      ->Arg(128)                                            \
      ->UseManualTime()                                     \
      ->Iterations(200)

MIXPE_TILE(w4a8_vnni, Isa::kAvx512, signed_int(8));
MIXPE_TILE(w4a8_avx2, Isa::kAvx2, signed_int(8));
MIXPE_TILE(w4a16_avx512, Isa::kAvx512, kFp16);
MIXPE_TILE(w4a16_avx2, Isa::kAvx2, kFp16);

}  // namespace
}  // namespace mixpe::bench
