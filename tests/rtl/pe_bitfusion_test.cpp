#include "Vpe_bitfusion_os.h"
#include "Vpe_bitfusion_ws.h"
#include "lane_bench.h"

namespace mixpe::rtl_test {
namespace {

/// 32-bit ports and a sum of 18 bits, so that tests of reasonable length leave
/// its range.
class BitFusionRtl : public ::testing::TestWithParam<LaneMode> {
 protected:
  static std::unique_ptr<PeModel> pe() {
    return testing::make_test_pe("bitfusion", {.acc_bits = 18});
  }
  static void configure(auto& dut) {
    const Operands& f = GetParam().formats;
    dut.act_signed_i = f.act.is_signed();
    dut.mode_i = f.act.bits == 2 ? 3 : f.act.bits == 4 ? 2 : f.weight.bits == 4 ? 1 : 0;
  }
};

TEST_P(BitFusionRtl, GivesEveryStepsOverflowAndEverySegmentsSum) {
  LaneBench<Vpe_bitfusion_os>(pe(), GetParam(), [](auto& dut) {
    configure(dut);
  }).run_segments(200, GetParam().formats.act.bits == 2 ? 12000 : 2000);
}
TEST_P(BitFusionRtl, AddsToThePsumFromAbove) {
  LaneBench<Vpe_bitfusion_ws>(pe(), GetParam(), [](auto& dut) { configure(dut); }).run_psums(2000);
}

INSTANTIATE_TEST_SUITE_P(Modes, BitFusionRtl,
                         ::testing::Values(LaneMode{{signed_int(8), signed_int(8)}, 1, 8, 8},
                                           LaneMode{{signed_int(8), unsigned_int(8)}, 1, 8, 8},
                                           LaneMode{{unsigned_int(4), signed_int(8)}, 2, 8, 4},
                                           LaneMode{{signed_int(4), unsigned_int(8)}, 2, 8, 4},
                                           LaneMode{{signed_int(4), signed_int(4)}, 4, 4, 4},
                                           LaneMode{{unsigned_int(4), signed_int(4)}, 4, 4, 4},
                                           LaneMode{{signed_int(2), signed_int(2)}, 16, 2, 2},
                                           LaneMode{{unsigned_int(2), unsigned_int(2)}, 16, 2, 2}),
                         lane_mode_name);

}  // namespace
}  // namespace mixpe::rtl_test
