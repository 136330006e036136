#include <gtest/gtest.h>

#include "models/formats/integers.h"
#include "models/pe/pe_test_support.h"

namespace mixpe {
namespace {

using testing::make_test_pe;

constexpr Operands kU4{unsigned_int(4), signed_int(8)};

struct StepResult {
  Sum sum;
  std::uint64_t overflows = 0;
};

StepResult step(const PeModel& pe, std::int64_t start, std::vector<Code> acts,
                std::vector<Code> weights) {
  StepResult r{.sum = {.integer = start}};
  pe.step(r.sum, acts, weights, kU4, r.overflows);
  return r;
}

TEST(MixpeDot4, AddsFourProductsInOneStep) {
  const auto pe = make_test_pe("mixpe_dot4", {.acc_bits = 20});
  // -5 + 3*1 + (-128)*15 + 127*2 + (-1)*4
  EXPECT_EQ(step(*pe, -5, {3, 0x80, 127, 0xff}, {1, 15, 2, 4}).sum.integer,
            -5 + 3 - 1920 + 254 - 4);
}

TEST(MixpeDot4, TakesAShorterLastStep) {
  const auto pe = make_test_pe("mixpe_dot4", {.acc_bits = 20});
  EXPECT_EQ(step(*pe, 1, {7}, {3}).sum.integer, 22);
  EXPECT_EQ(step(*pe, 1, {}, {}).sum.integer, 1);
}

// The sum sits at its end; the first product alone would leave the range, the tree brings it back.
TEST(MixpeDot4, CountsOverflowsByStepNotByProduct) {
  const auto pe = make_test_pe("mixpe_dot4", {.acc_bits = 14});
  const std::int64_t end = signed_max(14);
  const StepResult back = step(*pe, end, {127, 0x81, 0, 0}, {15, 15, 0, 0});
  EXPECT_EQ(back.sum.integer, end);
  EXPECT_EQ(back.overflows, 0U);
  const StepResult over = step(*pe, end, {1, 1, 1, 1}, {1, 1, 1, 1});
  EXPECT_EQ(over.sum.integer, signed_min(14) + 3);
  EXPECT_EQ(over.overflows, 1U);
  // One after another the same products overflow twice.
  Sum sum{.integer = end};
  std::uint64_t overflows = 0;
  pe->mac(sum, 127, 15, kU4, overflows);
  pe->mac(sum, 0x81, 15, kU4, overflows);
  EXPECT_EQ(sum.integer, end);
  EXPECT_EQ(overflows, 2U);
}

// 2^19 / (15 * 128) = 273.07
TEST(MixpeDot4, HoldsAGroupOf273In20Bits) {
  const auto pe = make_test_pe("mixpe_dot4", {.acc_bits = 20});
  EXPECT_TRUE(pe->cannot_overflow(kU4, 273));
  EXPECT_FALSE(pe->cannot_overflow(kU4, 274));
}

}  // namespace
}  // namespace mixpe
