// The FP16 PE's RTL against its functional model: each adder latency and interleave, specials.

#include <array>
#include <cstdlib>

#include "Vpe_fp16_a1p1.h"
#include "Vpe_fp16_a2p2.h"
#include "Vpe_fp16_a3p2.h"
#include "Vpe_fp16_ws.h"
#include "tests/rtl/pe_bench.h"

namespace mixpe::rtl_test {
namespace {

const Operands kFormats{kFp16, kFp16};

/// Zeros, subnormals, ones, extremes, infinities, NaN of several payloads; both signs.
std::vector<Code> specials() {
  std::vector<Code> codes;
  for (const Code c : {0x0000U, 0x0001U, 0x0002U, 0x03ffU, 0x0400U, 0x0401U, 0x3bffU, 0x3c00U,
                       0x3c01U, 0x4248U, 0x7bfeU, 0x7bffU, 0x7c00U, 0x7c01U, 0x7e00U, 0x7fffU}) {
    codes.push_back(c);
    codes.push_back(c | 0x8000U);
  }
  return codes;
}

std::unique_ptr<PeModel> model(int add_latency, int interleave) {
  PeSpec spec;
  spec.name = "fp16";
  spec.sum_kind = SumKind::kFloat32;
  spec.product_latency = 1;
  spec.add_latency = add_latency;
  spec.interleave = interleave;
  return make_pe(std::move(spec));
}
Wires wires(int add_latency) { return {.product_latency = 1, .add_latency = add_latency}; }

/// Activations and weights of near exponents now and then, so that sums cancel.
Segment cancelling(std::size_t length, Random& random) {
  Segment s = random_segment(length, kFormats, random);
  const std::vector<Code> special = specials();
  for (std::size_t k = 0; k < length; ++k) {
    switch (random() % 8) {
      case 0:
        s.acts[k] = special[random() % special.size()];
        break;
      case 1:
      case 2:
      case 3:
        s.acts[k] = (s.acts[k] & 0x83ffU) | static_cast<Code>(13 + random() % 4) << 10;
        s.weights[k] = (s.weights[k] & 0x83ffU) | static_cast<Code>(13 + random() % 4) << 10;
        break;
      case 4:
        if (k > 0) {
          s.acts[k] = s.acts[k - 1] ^ 0x8000U;
          s.weights[k] = s.weights[k - 1];
        }
        break;
      default:
        break;
    }
    // Otherwise nearly every segment would end as NaN.
    if (random() % 64 != 0) {
      if ((s.acts[k] & 0x7c00U) == 0x7c00U) s.acts[k] ^= 0x4000U;
      if ((s.weights[k] & 0x7c00U) == 0x7c00U) s.weights[k] ^= 0x4000U;
    }
  }
  return s;
}

template <typename V>
void check(int add_latency, int interleave, int pairs, int segments, const char* what) {
  Random random(21);
  OsBench<V> bench(model(add_latency, interleave), wires(add_latency));
  for (const Code a : specials()) {
    for (const Code w : specials()) bench.run({{a}, {w}, kFormats}, {}, random);
  }
  for (int i = 0; i < pairs && !::testing::Test::HasFatalFailure(); ++i) {
    bench.run(random_segment(1, kFormats, random), {}, random);
  }
  for (int i = 0; i < segments && !::testing::Test::HasFatalFailure(); ++i) {
    const std::size_t length = 1 + random() % (i % 8 == 0 ? 200 : 12);
    const int idle = random() % 2 == 0 ? 0 : 30;
    bench.run(cancelling(length, random), {idle, 40, random() % 2 == 0}, random);
  }
  bench.finish(random);
  report(bench.comparisons(), what);
}

/// Random pairs, one segment each; 10^7 in the long run.
int random_pairs() { return std::getenv("MIXPE_FULL_TESTS") != nullptr ? 10'000'000 : 1'000'000; }

TEST(RtlFp16, OneCycleAdderRandomPairsAndSegments) {
  check<Vpe_fp16_a1p1>(1, 1, random_pairs(), 20000, "fp16, latency 1, 1 sum");
}
TEST(RtlFp16, TwoCycleAdderWithTwoSums) {
  check<Vpe_fp16_a2p2>(2, 2, 50000, 20000, "fp16, latency 2, 2 sums");
}
TEST(RtlFp16, ThreeCycleAdderWithTwoSumsKeepsItsDistance) {
  check<Vpe_fp16_a3p2>(3, 2, 20000, 20000, "fp16, latency 3, 2 sums");
}

TEST(RtlFp16, WeightStationaryAddsToThePassingSum) {
  Random random(22);
  WsBench<Vpe_fp16_ws> bench(model(2, 1), wires(2));
  const std::vector<Code> special = specials();
  for (int tile = 0; tile < 4000; ++tile) {
    const Segment s = cancelling(1 + random() % 60, random);
    std::vector<Sum> psums;
    for (std::size_t i = 0; i < s.acts.size(); ++i) {
      // Near the product, its exact opposite, or anything.
      const float product = fp16_to_float(s.acts[i]) * fp16_to_float(s.weights[0]);
      float psum = bits_to_float(static_cast<Code>(random()));
      if (random() % 2 == 0) psum = -product * static_cast<float>(random() % 4);
      psums.push_back({0, canonical_nan(psum), Sum::kNone});
    }
    bench.run(s.weights[0], kFormats, s.acts, psums, 20, random);
  }
  bench.finish();
  report(bench.comparisons(), "fp16, weight-stationary");
}

}  // namespace
}  // namespace mixpe::rtl_test
