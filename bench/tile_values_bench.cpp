// The tile engine's values against the bare kernel: the same packed operands, the same blocks and
// tiles, but nothing except the segments' sums. W4A8 in groups of 128, tiles of the array's size.

#include <benchmark/benchmark.h>

#include <vector>

#include "bench/paired.h"
#include "bench/w4_job.h"
#include "sim/timing/packed_operands.h"
#include "sim/timing/tile_values.h"

namespace mixpe::bench {
namespace {

constexpr std::int64_t kM = 128, kN = 128, kK = 4096;

/// Every segment's sums of one tile, and nothing else.
void bare_tile(const W4Job& job, PackedOperands& packed, const TileStep& step,
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
    if (tile.path == PackedPath::kFloats) {
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
  const W4Job job(act, kM, kN, kK, tile, Dataflow::kOutputStationary,
                  act.is_integer() ? FastPath::kInt16 : FastPath::kFloat);
  TileValues values(job.work, isa);
  PackedOperands packed(job.work, isa);
  AlignedVector<float> real(static_cast<std::size_t>(tile * tile));
  AlignedVector<std::int32_t> integers(real.size());
  Counters counters;
  values.compute(job.steps[0], counters);  // packs
  if (packed.tile(job.steps[0]).path == PackedPath::kOrdered) {
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

/// Exact fixed-point sums: the FP64 kernel against PeModel::mac() for every product.
void exact_vs_ordered(benchmark::State& state) {
  constexpr std::int64_t kSize = 64, kOrdered = 8;  // outputs of the yardstick
  const W4Job job(kFp16, kSize, kSize, kK, kSize, Dataflow::kOutputStationary, FastPath::kExact);
  TileValues values(job.work);
  PackedOperands packed(job.work, best_isa());
  Counters counters;
  values.compute(job.steps[0], counters);  // packs
  if (packed.tile(job.steps[0]).path != PackedPath::kExact) {
    return state.SkipWithError("no fast path");
  }
  const std::vector<Code> acts(job.operands.act.begin(), job.operands.act.begin() + kK);
  std::uint64_t overflows = 0;
  Rates rates;
  for (auto _ : state) {
    state.SetIterationTime(rates.turn(
        static_cast<double>(kSize * kSize * kK), [&] { values.compute(job.steps[0], counters); },
        static_cast<double>(kOrdered * kK),
        [&] {
          for (std::int64_t n = 0; n < kOrdered; ++n) {
            benchmark::DoNotOptimize(
                ordered_sum(job.work, acts.data(),
                            &job.operands.weight[static_cast<std::size_t>(n * kK)], kK, overflows));
          }
        }));
  }
  rates.report(state, "MAC/s", "ordered_MAC/s", "times_ordered");
}
BENCHMARK(exact_vs_ordered)->UseManualTime()->Iterations(100);

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
