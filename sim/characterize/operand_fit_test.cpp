#include "sim/characterize/operand_fit.h"

#include <gtest/gtest.h>

#include <vector>

namespace mixpe {
namespace {

/// 10 pJ and known slopes, `bend` of it not linear.
OperandSample sample(double act, double weight, double zeros, double bend = 0) {
  return {{.act_toggles = act, .weight_toggles = weight, .zero_acts = zeros},
          10 + 0.5 * act + 0.25 * weight - 4 * zeros + bend * zeros * zeros};
}

std::vector<OperandSample> samples(double bend) {
  return {sample(3, 2, 0.5, bend), sample(1, 2, 0.8, bend), sample(4, 2, 0.1, bend),
          sample(4, 1, 0, bend),   sample(2, 1.5, 0, bend), sample(1.5, 2, 0.25, bend)};
}

TEST(OperandFit, FindsTheSlopesOfALinearPe) {
  const OperandFit fit = fit_operands(sample(4, 2, 0), samples(0));
  EXPECT_NEAR(fit.slope_pj[0], 0.5, 1e-9);
  EXPECT_NEAR(fit.slope_pj[1], 0.25, 1e-9);
  EXPECT_NEAR(fit.slope_pj[2], -4, 1e-9);
  EXPECT_NEAR(fit.error_pct, 0, 1e-6);
  EXPECT_NEAR(fit.held_out_pct, 0, 1e-6);
}

TEST(OperandFit, SaysHowFarFromLinearAPeIs) {
  const OperandFit bent = fit_operands(sample(4, 2, 0), samples(2));
  EXPECT_GT(bent.error_pct, 0.1);
  EXPECT_GT(bent.held_out_pct, bent.error_pct) << "a sample that was left out is harder";
  EXPECT_GT(fit_operands(sample(4, 2, 0), samples(4)).error_pct, bent.error_pct);
}

TEST(OperandFit, LeavesOutWhatNoSampleVaries) {
  const std::vector<OperandSample> others{sample(3, 0, 0.5), sample(1, 0, 0.8), sample(4, 0, 0.1)};
  const OperandFit fit = fit_operands(sample(4, 0, 0), others);
  EXPECT_EQ(fit.slope_pj[1], 0);
  EXPECT_NEAR(fit.slope_pj[2], -4, 1e-9);
}

}  // namespace
}  // namespace mixpe
