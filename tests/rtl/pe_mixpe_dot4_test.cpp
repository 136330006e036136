#include "Vpe_dot4_os.h"
#include "Vpe_dot4_ws.h"
#include "lane_bench.h"

namespace mixpe::rtl_test {
namespace {

class MixpeDot4Rtl : public ::testing::TestWithParam<LaneMode> {
 protected:
  static std::unique_ptr<PeModel> pe() {
    return testing::make_test_pe("mixpe_dot4", {.acc_bits = 20});
  }
};

TEST_P(MixpeDot4Rtl, GivesEveryStepsOverflowAndEverySegmentsSum) {
  LaneBench<Vpe_dot4_os>(pe(), GetParam(), [](auto&) {}).run_segments(400, 700);
}
TEST_P(MixpeDot4Rtl, AddsToThePsumFromAbove) {
  LaneBench<Vpe_dot4_ws>(pe(), GetParam(), [](auto&) {}).run_psums(2000);
}

LaneMode nibbles(const Format& weight) { return {{weight, signed_int(8)}, 4, 8, 4}; }
INSTANTIATE_TEST_SUITE_P(Weights, MixpeDot4Rtl,
                         ::testing::Values(nibbles(unsigned_int(2)), nibbles(unsigned_int(4)),
                                           nibbles(signed_int(3)), nibbles(signed_int(4))),
                         lane_mode_name);

}  // namespace
}  // namespace mixpe::rtl_test
