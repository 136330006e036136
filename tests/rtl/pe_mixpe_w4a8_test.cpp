// The MixPE W4A8 PE's RTL against its functional model, both variants and both dataflows.

#include "Vpe_w4a8_os.h"
#include "Vpe_w4a8_wide_os.h"
#include "Vpe_w4a8_wide_ws.h"
#include "Vpe_w4a8_ws.h"
#include "tests/rtl/pe_bench.h"

namespace mixpe::rtl_test {
namespace {

const Format kAct = signed_int(8);
const Wires kNarrow{.acc_bits = 20};
const Wires kWideNibble{.acc_bits = 23};
const Wires kWideByte{.acc_bits = 23, .nibbles = true, .mac_cycles = 2};

std::unique_ptr<PeModel> model(int acc_bits) {
  return testing::make_test_pe("mixpe_w4a8", {.acc_bits = acc_bits});
}

std::vector<Format> small_weights() {
  return {unsigned_int(2), unsigned_int(3), unsigned_int(4),
          signed_int(2),   signed_int(3),   signed_int(4)};
}

template <typename V>
void every_pair(const Wires& wires, const std::vector<Format>& weights, const char* what) {
  Random random(11);
  std::uint64_t comparisons = 0;
  for (const Format& weight : weights) {
    OsBench<V> bench(model(wires.acc_bits), wires);
    check_every_pair(bench, {weight, kAct}, random);
    bench.finish(random);
    comparisons += bench.comparisons();
  }
  report(comparisons, what);
}

template <typename V>
void histories(const Wires& wires, const std::vector<Format>& weights, const char* what) {
  Random random(12);
  std::uint64_t comparisons = 0, overflows = 0;
  for (const Format& weight : weights) {
    OsBench<V> bench(model(wires.acc_bits), wires);
    // Long segments of one sign leave the range in both directions.
    for (const Code act : {0x80U, 0x7fU}) {
      for (const std::int32_t w : {int_min(weight), int_max(weight)}) {
        const std::size_t n = 5000;
        bench.run(
            {std::vector<Code>(n, act), std::vector<Code>(n, wrap_int(weight, w)), {weight, kAct}},
            {}, random);
      }
    }
    check_histories(bench, {weight, kAct}, 600, 300, random);
    comparisons += bench.comparisons();
    overflows += bench.expected_overflows();
  }
  ASSERT_GT(overflows, 0U) << "no overflow was provoked";
  report(comparisons, what);
}

template <typename V>
void weight_stationary(const Wires& wires, const std::vector<Format>& weights, const char* what) {
  Random random(13);
  std::uint64_t comparisons = 0, overflows = 0;
  for (const Format& format : weights) {
    WsBench<V> bench(model(wires.acc_bits), wires);
    for (int tile = 0; tile < 600; ++tile) {
      const Segment s = random_segment(1 + random() % 60, {format, kAct}, random);
      std::vector<Sum> psums;
      for (std::size_t i = 0; i < s.acts.size(); ++i) {
        const auto bits = static_cast<std::int64_t>(random());
        psums.push_back({wrap_signed(bits, wires.acc_bits), 0.0F, Sum::kNone});
      }
      bench.run(s.weights[0], s.formats, s.acts, psums, 20, random);
    }
    bench.finish();
    comparisons += bench.comparisons();
    overflows += bench.expected_overflows();
  }
  ASSERT_GT(overflows, 0U) << "no overflow was provoked";
  report(comparisons, what);
}

TEST(RtlW4a8, EveryPairOfOperandsMultipliesExactly) {
  every_pair<Vpe_w4a8_os>(kNarrow, small_weights(), "w4a8, all pairs of all formats");
}
TEST(RtlW4a8, SegmentsSumAsTheModelWhateverTheStalls) {
  histories<Vpe_w4a8_os>(kNarrow, small_weights(), "w4a8, histories");
}
TEST(RtlW4a8, WeightStationaryAddsToThePassingSum) {
  weight_stationary<Vpe_w4a8_ws>(kNarrow, small_weights(), "w4a8, weight-stationary");
}
TEST(RtlW4a8Wide, EveryPairOfOperandsMultipliesExactly) {
  every_pair<Vpe_w4a8_wide_os>(kWideNibble, small_weights(), "w4a8 wide, nibbles, all pairs");
  every_pair<Vpe_w4a8_wide_os>(kWideByte, {unsigned_int(8), signed_int(8)},
                               "w4a8 wide, bytes, all 2^16 pairs");
}
TEST(RtlW4a8Wide, SegmentsSumAsTheModelWhateverTheStalls) {
  histories<Vpe_w4a8_wide_os>(kWideByte, {unsigned_int(8), signed_int(8)}, "w4a8 wide, histories");
}
TEST(RtlW4a8Wide, WeightStationaryAddsToThePassingSum) {
  weight_stationary<Vpe_w4a8_wide_ws>(kWideByte, {unsigned_int(8), signed_int(8)},
                                      "w4a8 wide, bytes, weight-stationary");
  weight_stationary<Vpe_w4a8_wide_ws>(kWideNibble, {unsigned_int(4), signed_int(4)},
                                      "w4a8 wide, nibbles, weight-stationary");
}

}  // namespace
}  // namespace mixpe::rtl_test
