// The MixPE W4A16 PE's RTL against its functional model: three kinds of sum, both dataflows.

#include <array>

#include "Vpe_w4a16_aligned_os.h"
#include "Vpe_w4a16_aligned_ws.h"
#include "Vpe_w4a16_fixed_os.h"
#include "Vpe_w4a16_fixed_ws.h"
#include "Vpe_w4a16_fp32_os.h"
#include "Vpe_w4a16_fp32_ws.h"
#include "tests/rtl/pe_bench.h"

namespace mixpe::rtl_test {
namespace {

std::unique_ptr<PeModel> model(const std::string& sum, int interleave = 2) {
  PeSpec spec;
  spec.name = "mixpe_w4a16";
  spec.params = {{"sum", sum}};
  if (sum == "fp32") {
    spec.sum_kind = SumKind::kFloat32;
    spec.product_latency = 1;
    spec.add_latency = 2;
    spec.interleave = interleave;
  } else if (sum == "fixed") {
    spec.acc_bits = 52;
    spec.row_sum_bits = 48;
    spec.product_latency = 1;
  } else {
    spec.acc_bits = 27;
    spec.row_sum_bits = 23;
  }
  return make_pe(std::move(spec));
}

const Wires kFp32Wires{.product_latency = 1, .add_latency = 2};
const Wires kFixedWires{.acc_bits = 52, .product_latency = 1};
const Wires kAlignedWires{.acc_bits = 27};

std::vector<Format> weights() {
  return {unsigned_int(2), unsigned_int(3), unsigned_int(4),
          signed_int(2),   signed_int(3),   signed_int(4)};
}

/// Now and then an infinity or NaN, more often values of near exponents.
Segment mixed(std::size_t length, const Operands& formats, Random& random) {
  Segment s = random_segment(length, formats, random);
  const bool specials = random() % 4 == 0;
  for (Code& act : s.acts) {
    if (random() % 2 == 0) act = (act & 0x83ffU) | static_cast<Code>(random() % 31) << 10;
    if (random() % 4 == 0) act = (act & 0x83ffU) | static_cast<Code>(13 + random() % 4) << 10;
    if (specials && random() % 32 == 0) {
      act = std::array<Code, 4>{0x7c00U, 0xfc00U, 0x7e00U, 0xfd01U}[random() % 4];
    } else if ((act & 0x7c00U) == 0x7c00U) {
      act ^= 0x4000U;
    }
  }
  return s;
}

template <typename V>
void every_pair(const char* sum, const Wires& wires, const std::vector<Format>& formats,
                const char* what) {
  Random random(31);
  std::uint64_t comparisons = 0;
  for (const Format& weight : formats) {
    OsBench<V> bench(model(sum), wires);
    check_every_pair(bench, {weight, kFp16}, random);
    bench.finish(random);
    comparisons += bench.comparisons();
  }
  report(comparisons, what);
}

template <typename V>
void histories(const char* sum, const Wires& wires, const char* what) {
  Random random(32);
  std::uint64_t comparisons = 0, overflows = 0;
  for (const Format& weight : weights()) {
    OsBench<V> bench(model(sum), wires);
    const Operands formats{weight, kFp16};
    for (int i = 0; i < 1500 && !::testing::Test::HasFatalFailure(); ++i) {
      const int idle = random() % 2 == 0 ? 0 : 30;
      bench.run(mixed(1 + random() % 150, formats, random), {idle, 40, random() % 2 == 0}, random);
    }
    for (const Code act : {0x7bffU, 0xfbffU}) {
      const Code largest = wrap_int(weight, int_max(weight));
      bench.run({std::vector<Code>(3000, act), std::vector<Code>(3000, largest), formats}, {},
                random);
    }
    bench.finish(random);
    comparisons += bench.comparisons();
    overflows += bench.expected_overflows();
  }
  const bool integer = std::string(sum) != "fp32";
  ASSERT_EQ(overflows > 0, integer) << "overflows were provoked, and only there can be any";
  report(comparisons, what);
}

template <typename V>
void weight_stationary(const char* sum, const Wires& wires, const char* what) {
  Random random(33);
  std::uint64_t comparisons = 0;
  for (const Format& weight : weights()) {
    WsBench<V> bench(model(sum, 1), wires);
    const Operands formats{weight, kFp16};
    for (int tile = 0; tile < 500; ++tile) {
      Segment s = mixed(1 + random() % 60, formats, random);
      int exponent = 0;
      bench.pe().align_segment(s.acts, formats, exponent);
      std::vector<Sum> psums;
      for (std::size_t i = 0; i < s.acts.size(); ++i) {
        Sum psum;
        if (bench.pe().spec().sum_kind == SumKind::kFloat32) {
          psum.real = canonical_nan(bits_to_float(static_cast<Code>(random())));
          if (random() % 2 == 0) psum.real = -fp16_to_float(s.acts[i]) * 3.0F;
          psum.real = canonical_nan(psum.real);
        } else {
          psum.integer = wrap_signed(static_cast<std::int64_t>(random()), wires.acc_bits);
          constexpr std::array<std::uint8_t, 8> kFlags{0, 0, 0, 0, 0, 1, 2, 4};
          psum.special = kFlags[random() % kFlags.size()];
        }
        psums.push_back(psum);
      }
      bench.run(s.weights[0], formats, s.acts, psums, 20, random);
    }
    bench.finish();
    comparisons += bench.comparisons();
  }
  report(comparisons, what);
}

TEST(RtlW4a16Fp32, EveryPairOfOperandsMultipliesExactly) {
  every_pair<Vpe_w4a16_fp32_os>("fp32", kFp32Wires, {unsigned_int(4), signed_int(4)},
                                "w4a16 fp32, all 2^20 pairs of u4 and of i4");
}
TEST(RtlW4a16Fp32, SegmentsSumAsTheModelWhateverTheStalls) {
  histories<Vpe_w4a16_fp32_os>("fp32", kFp32Wires, "w4a16 fp32, histories");
}
TEST(RtlW4a16Fp32, WeightStationaryAddsToThePassingSum) {
  weight_stationary<Vpe_w4a16_fp32_ws>("fp32", kFp32Wires, "w4a16 fp32, weight-stationary");
}
TEST(RtlW4a16Fixed, EveryPairOfOperandsMultipliesExactly) {
  every_pair<Vpe_w4a16_fixed_os>("fixed", kFixedWires, weights(),
                                 "w4a16 fixed, all pairs of all formats");
}
TEST(RtlW4a16Fixed, SegmentsSumAsTheModelWhateverTheStalls) {
  histories<Vpe_w4a16_fixed_os>("fixed", kFixedWires, "w4a16 fixed, histories");
}
TEST(RtlW4a16Fixed, WeightStationaryAddsToThePassingSum) {
  weight_stationary<Vpe_w4a16_fixed_ws>("fixed", kFixedWires, "w4a16 fixed, weight-stationary");
}
// A segment of one activation is aligned to itself: the pairs cover each FP16 code's own exponent,
// the histories the alignment to others'.
TEST(RtlW4a16Aligned, EveryPairOfOperandsMultipliesExactly) {
  every_pair<Vpe_w4a16_aligned_os>("aligned", kAlignedWires, {unsigned_int(4), signed_int(4)},
                                   "w4a16 aligned, all 2^20 pairs of u4 and of i4");
}
TEST(RtlW4a16Aligned, SegmentsSumAsTheModelWhateverTheStalls) {
  histories<Vpe_w4a16_aligned_os>("aligned", kAlignedWires, "w4a16 aligned, histories");
}
TEST(RtlW4a16Aligned, WeightStationaryAddsToThePassingSum) {
  weight_stationary<Vpe_w4a16_aligned_ws>("aligned", kAlignedWires,
                                          "w4a16 aligned, weight-stationary");
}

}  // namespace
}  // namespace mixpe::rtl_test
