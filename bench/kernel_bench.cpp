// The inner loops of the tile engine against what the core's multiplier ports can do, and against
// a plain loop that the compiler may vectorise as it likes for the baseline CPU.

#include <benchmark/benchmark.h>

#include <bit>
#include <cstdint>
#include <vector>

#include "bench/paired.h"
#include "bench/port_peak.h"
#include "models/kernels/segment_kernels.h"

namespace mixpe::bench {
namespace {

/// A block as the tile engine uses them: 64 x 64 outputs, one group of 128.
constexpr std::int64_t kRows = 64, kPanels = 4, kColumns = kPanels * kPanelCols, kGroup = 128;
constexpr double kMacs = static_cast<double>(kRows) * kColumns * kGroup;
constexpr int kRepeats = 40;

struct Packed {
  explicit Packed(Packing p)
      : packing(p),
        lanes(kGroup / lane_products(p)),
        act(static_cast<std::size_t>(kRows * lanes), fill()),
        weight(static_cast<std::size_t>(kColumns * lanes), fill()),
        start(static_cast<std::size_t>(kColumns)),
        out(static_cast<std::size_t>(kRows * kColumns)) {}

  std::uint32_t fill() const {
    return packing == Packing::kFloats ? std::bit_cast<std::uint32_t>(1.0F) : 0x01010101U;
  }
  SegmentBlock block() const {
    return {act.data(),   lanes, weight.data(), lanes * kPanelCols, lanes, 1,
            start.data(), kRows, kPanels};
  }
  Packing packing;
  std::int64_t lanes;
  std::vector<std::uint32_t> act, weight;
  std::vector<std::int32_t> start, out;
  std::vector<float> real = std::vector<float>(static_cast<std::size_t>(kRows * kColumns));
};

void run(Isa isa, Packed& p) {
  for (int i = 0; i < kRepeats; ++i) {
    if (p.packing == Packing::kFloats) {
      float_sums(isa, p.block(), false, {p.real.data(), kColumns});
    } else {
      integer_sums(isa, p.packing, p.block(), {p.out.data(), kColumns});
    }
    benchmark::ClobberMemory();
  }
}

void kernel_vs_port_peak(benchmark::State& state, Isa isa, Packing packing, double (*probe)()) {
  if (!supported(isa)) return state.SkipWithError("this CPU lacks the instructions");
  Packed p(packing);
  Rates rates;
  run(isa, p);
  const double probed = probe();
  for (auto _ : state) {
    state.SetIterationTime(rates.turn(
        kMacs * kRepeats, [&] { run(isa, p); }, probed, [&] { probe(); }));
  }
  rates.report(state, "MAC/s", "port_peak_MAC/s", "of_port_peak");
}

/// What a programmer would write first: INT8 operands, k innermost, -O3.
void plain_loop(const std::vector<std::int8_t>& act, const std::vector<std::int8_t>& weight,
                std::vector<std::int32_t>& out) {
  for (std::int64_t m = 0; m < kRows; ++m) {
    for (std::int64_t n = 0; n < kColumns; ++n) {
      std::int32_t sum = 0;
      for (std::int64_t k = 0; k < kGroup; ++k) {
        sum += act[static_cast<std::size_t>(m * kGroup + k)] *
               weight[static_cast<std::size_t>(n * kGroup + k)];
      }
      out[static_cast<std::size_t>(m * kColumns + n)] = sum;
    }
  }
}

void kernel_vs_plain_loop(benchmark::State& state, Isa isa) {
  if (!supported(isa)) return state.SkipWithError("this CPU lacks the instructions");
  Packed p(Packing::kBytes);
  std::vector<std::int8_t> act(static_cast<std::size_t>(kRows * kGroup), 1);
  std::vector<std::int8_t> weight(static_cast<std::size_t>(kColumns * kGroup), 1);
  Rates rates;
  for (auto _ : state) {
    state.SetIterationTime(rates.turn(
        kMacs * kRepeats, [&] { run(isa, p); }, kMacs,
        [&] {
          plain_loop(act, weight, p.out);
          benchmark::ClobberMemory();
        }));
  }
  rates.report(state, "MAC/s", "plain_loop_MAC/s", "times_plain_loop");
}

#define MIXPE_PEAK(name, ...) \
  BENCHMARK_CAPTURE(kernel_vs_port_peak, name, __VA_ARGS__)->UseManualTime()->Iterations(300)

MIXPE_PEAK(vnni_bytes, Isa::kAvx512, Packing::kBytes, vnni_bytes_peak);
MIXPE_PEAK(vnni_words, Isa::kAvx512, Packing::kWords, vnni_words_peak);
MIXPE_PEAK(avx512_floats, Isa::kAvx512, Packing::kFloats, fma512_peak);
MIXPE_PEAK(avx2_bytes, Isa::kAvx2, Packing::kBytes, maddubs_peak);
MIXPE_PEAK(avx2_words, Isa::kAvx2, Packing::kWords, madd_words_peak);
MIXPE_PEAK(avx2_floats, Isa::kAvx2, Packing::kFloats, fma256_peak);
BENCHMARK_CAPTURE(kernel_vs_plain_loop, vnni, Isa::kAvx512)->UseManualTime()->Iterations(100);
BENCHMARK_CAPTURE(kernel_vs_plain_loop, avx2, Isa::kAvx2)->UseManualTime()->Iterations(100);

}  // namespace
}  // namespace mixpe::bench
