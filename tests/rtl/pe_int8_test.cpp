// The INT8 PE's RTL against its functional model.

#include "Vpe_int8_os.h"
#include "Vpe_int8_ws.h"
#include "tests/rtl/pe_bench.h"

namespace mixpe::rtl_test {
namespace {

const Operands kFormats{signed_int(8), signed_int(8)};
const Wires kWires{.acc_bits = 32};

std::unique_ptr<PeModel> model() { return testing::make_test_pe("int8", {}); }

TEST(RtlInt8, EveryPairOfOperandsMultipliesExactly) {
  Random random(1);
  OsBench<Vpe_int8_os> bench(model(), kWires);
  check_every_pair(bench, kFormats, random);
  bench.finish(random);
  report(bench.comparisons(), "int8, all 2^16 pairs");
}

TEST(RtlInt8, SegmentsSumAsTheModelWhateverTheStalls) {
  Random random(2);
  OsBench<Vpe_int8_os> bench(model(), kWires);
  check_histories(bench, kFormats, 4000, 200, random);
  report(bench.comparisons(), "int8, histories");
}

TEST(RtlInt8, OverflowsWrapAndPulse) {
  Random random(3);
  OsBench<Vpe_int8_os> bench(model(), kWires);
  bench.run({std::vector<Code>(140000, 0x80), std::vector<Code>(140000, 0x80), kFormats}, {},
            random);
  bench.run({std::vector<Code>(140000, 0x80), std::vector<Code>(140000, 0x7f), kFormats}, {},
            random);
  bench.finish(random);
  ASSERT_GE(bench.expected_overflows(), 2U) << "the case has no point";
  report(bench.comparisons(), "int8, overflow");
}

TEST(RtlInt8, WeightStationaryAddsToThePassingSum) {
  Random random(4);
  WsBench<Vpe_int8_ws> bench(model(), kWires);
  for (int tile = 0; tile < 4000; ++tile) {
    std::vector<Code> acts;
    std::vector<Sum> psums;
    for (std::size_t i = 0; i < 1 + random() % 60; ++i) {
      acts.push_back(static_cast<Code>(random() & 0xff));
      psums.push_back({wrap_signed(static_cast<std::int64_t>(random()), 32), 0.0F, Sum::kNone});
    }
    bench.run(static_cast<Code>(random() & 0xff), kFormats, acts, psums, 20, random);
  }
  bench.finish();
  report(bench.comparisons(), "int8, weight-stationary");
}

}  // namespace
}  // namespace mixpe::rtl_test
