#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "models/core/errors.h"
#include "models/formats/floats.h"
#include "models/formats/integers.h"
#include "models/pe/pe_test_support.h"

namespace mixpe {
namespace {

using testing::make_test_pe;
using testing::run_constant;
using testing::run_segment;

constexpr Operands kU4{unsigned_int(4), kFp16};
constexpr Operands kI4{signed_int(4), kFp16};
constexpr Code kOne = 0x3c00, kLargest = 0x7bff, kSmallest = 0x0001;
constexpr Code kInf = 0x7c00, kMinusInf = 0xfc00, kNan = 0x7e00;

std::unique_ptr<PeModel> fp32_sum(int interleave = 1) {
  return make_test_pe(
      "mixpe_w4a16",
      {.sum_kind = SumKind::kFloat32, .interleave = interleave, .params = {{"sum", "fp32"}}});
}
std::unique_ptr<PeModel> fixed_sum() {
  return make_test_pe("mixpe_w4a16",
                      {.acc_bits = 52, .row_sum_bits = 48, .params = {{"sum", "fixed"}}});
}
std::unique_ptr<PeModel> aligned_sum() {
  return make_test_pe("mixpe_w4a16",
                      {.acc_bits = 27, .row_sum_bits = 23, .params = {{"sum", "aligned"}}});
}

// --- sum: fp32 ---

TEST(MixpeW4a16Fp32, MultipliesTheSignificandByShiftAndAdd) {
  for (Code w = 0; w < 16; ++w) {
    for (const Code a : {kOne, kLargest, kSmallest, Code{0x83ff}, Code{0xc555}}) {
      const float x = fp16_to_float(a);
      EXPECT_EQ(run_constant(*fp32_sum(), a, w, kU4, 1).sum.real, x * static_cast<float>(w));
      EXPECT_EQ(run_constant(*fp32_sum(), a, w, kI4, 1).sum.real,
                x * static_cast<float>(decode_int(signed_int(4), w)));
    }
  }
}

TEST(MixpeW4a16Fp32, DefinesInfinitiesAndNan) {
  constexpr std::uint32_t kCanonical = 0x7fc00000;
  const float inf = std::numeric_limits<float>::infinity();
  const auto pe = fp32_sum();
  EXPECT_EQ(run_constant(*pe, kInf, 3, kU4, 2).sum.real, inf);
  EXPECT_EQ(run_constant(*pe, kInf, 0xf, kI4, 2).sum.real, -inf);
  EXPECT_EQ(float_to_bits(run_constant(*pe, kInf, 0, kU4, 1).sum.real), kCanonical);
  EXPECT_EQ(float_to_bits(run_constant(*pe, 0xfdab, 1, kU4, 1).sum.real), kCanonical);
  const auto both = run_segment(*pe, {{kInf, kMinusInf}, {1, 1}, kU4});
  EXPECT_EQ(float_to_bits(both.sum.real), kCanonical);
}

// --- sum: fixed ---

TEST(MixpeW4a16Fixed, KeepsLargestAndSmallestTogetherWithoutRounding) {
  const auto out = run_segment(*fixed_sum(), {{kLargest, kSmallest}, {15, 1}, kU4});
  EXPECT_EQ(out.exponent, -24);
  EXPECT_EQ(out.sum.integer, (std::int64_t{65504} << 24) * 15 + 1);
}

TEST(MixpeW4a16Fixed, DoesNotDependOnOrder) {
  const auto pe = fixed_sum();
  const auto forth = run_segment(*pe, {{kLargest, kSmallest, 0xfbff}, {1, 1, 1}, kU4});
  const auto back = run_segment(*pe, {{0xfbff, kLargest, kSmallest}, {1, 1, 1}, kU4});
  EXPECT_EQ(forth.sum, back.sum);
  EXPECT_EQ(forth.sum.integer, 1);
}

// 2^51 / (15 * (2^40 - 2^29)) = 136.6
TEST(MixpeW4a16Fixed, HoldsAGroupOf136In52Bits) {
  const auto pe = fixed_sum();
  EXPECT_TRUE(pe->cannot_overflow(kU4, 136));
  EXPECT_FALSE(pe->cannot_overflow(kU4, 137));
  EXPECT_EQ(run_constant(*pe, kLargest, 15, kU4, 136).overflows, 0U);
  EXPECT_EQ(run_constant(*pe, kLargest, 15, kU4, 137).overflows, 1U);
}

TEST(MixpeW4a16Fixed, CarriesInfinitiesAndNanBesideTheNumber) {
  const auto pe = fixed_sum();
  EXPECT_EQ(run_constant(*pe, kInf, 3, kU4, 2).sum.special, Sum::kPlusInf);
  EXPECT_EQ(run_constant(*pe, kInf, 8, kI4, 2).sum.special, Sum::kMinusInf);
  EXPECT_EQ(run_constant(*pe, kMinusInf, 8, kI4, 2).sum.special, Sum::kPlusInf);
  EXPECT_EQ(run_constant(*pe, kMinusInf, 0, kI4, 1).sum.special, Sum::kNan);
  EXPECT_EQ(run_constant(*pe, kNan, 0, kU4, 1).sum.special, Sum::kNan);
  EXPECT_EQ(run_segment(*pe, {{kInf, kMinusInf}, {1, 1}, kU4}).sum.special, Sum::kNan);
  EXPECT_EQ(run_segment(*pe, {{kNan, kInf}, {1, 1}, kU4}).sum.special, Sum::kNan);
}

// --- sum: aligned ---

struct Aligned {
  std::vector<Code> codes;
  int exponent = 0;
};
Aligned align(std::vector<Code> acts) {
  Aligned out{std::move(acts)};
  aligned_sum()->align_segment(out.codes, kU4, out.exponent);
  return out;
}
int value(Code aligned) { return static_cast<std::int16_t>(aligned & 0xffff); }

// 1.0: significand 2^10 at biased exponent 15, so 2^14 in units of 2^(15 - 29).
TEST(MixpeW4a16Aligned, GivesTheSegmentsLargestFourGuardBits) {
  const Aligned a = align({kOne, 0xbc00, 0x3800});
  EXPECT_EQ(a.exponent, -14);
  EXPECT_EQ(value(a.codes[0]), 1 << 14);
  EXPECT_EQ(value(a.codes[1]), -(1 << 14));
  EXPECT_EQ(value(a.codes[2]), 1 << 13);
}

// Against 1.0 (units 2^-14), 2^-15 is half a unit, a tie: to even, 0. 3 * 2^-15 ties to 2.
TEST(MixpeW4a16Aligned, RoundsMagnitudesToNearestEven) {
  const Code half_unit = float_to_fp16(0x1p-15F), three_halves = float_to_fp16(0x3p-15F);
  const Code above_half = half_unit + 1;
  const Aligned a = align({kOne, half_unit, three_halves, above_half, three_halves | 0x8000});
  EXPECT_EQ(value(a.codes[1]), 0);
  EXPECT_EQ(value(a.codes[2]), 2);
  EXPECT_EQ(value(a.codes[3]), 1);
  EXPECT_EQ(value(a.codes[4]), -2);
}

TEST(MixpeW4a16Aligned, CountsSubnormalsAsExponentOne) {
  const Aligned a = align({kSmallest, 0x0000, 0x8000});
  EXPECT_EQ(a.exponent, -28);
  EXPECT_EQ(value(a.codes[0]), 1 << 4);
  EXPECT_EQ(a.codes[1], 0U);
  EXPECT_EQ(a.codes[2], 0U);
}

TEST(MixpeW4a16Aligned, TagsInfinitiesAndNanAndLeavesThemOutOfTheScan) {
  const Aligned a = align({kOne, kInf, kMinusInf, kNan});
  EXPECT_EQ(a.exponent, -14);
  const auto pe = aligned_sum();
  EXPECT_TRUE(pe->fast_path_allows(a.codes[0]));
  EXPECT_TRUE(pe->fast_path_allows(align({0xbc00}).codes[0]));  // negative values are no tag
  for (int i = 1; i < 4; ++i) {
    EXPECT_EQ(value(a.codes[i]), 0);
    EXPECT_FALSE(pe->fast_path_allows(a.codes[i]));
  }
  EXPECT_EQ(run_constant(*pe, kInf, 1, kU4, 2).sum.special, Sum::kPlusInf);
  EXPECT_EQ(run_constant(*pe, kInf, 0xf, kI4, 2).sum.special, Sum::kMinusInf);
  EXPECT_EQ(run_constant(*pe, kInf, 0, kU4, 1).sum.special, Sum::kNan);
  EXPECT_EQ(run_segment(*pe, {{kInf, kMinusInf}, {1, 1}, kU4}).sum.special, Sum::kNan);
}

// (2047 << 4) * 15 * 136 < 2^26 <= (2047 << 4) * 15 * 137.
TEST(MixpeW4a16Aligned, HoldsAGroupOf136In27Bits) {
  const auto pe = aligned_sum();
  EXPECT_TRUE(pe->cannot_overflow(kU4, 136));
  EXPECT_FALSE(pe->cannot_overflow(kU4, 137));
  EXPECT_EQ(run_constant(*pe, kLargest, 15, kU4, 136).overflows, 0U);
  EXPECT_EQ(run_constant(*pe, kLargest, 15, kU4, 137).overflows, 1U);
}

TEST(MixpeW4a16Aligned, SumsTheRowItReceived) {
  const Aligned a = align({kOne, 0xb800, kInf});
  Sum row;
  std::uint64_t overflows = 0;
  for (const Code act : a.codes) aligned_sum()->add_activation(row, act, kU4, overflows);
  EXPECT_EQ(row.integer, 1 << 13);
  EXPECT_EQ(row.special, Sum::kPlusInf);
}

TEST(MixpeW4a16, RefusesAnUnknownSum) {
  EXPECT_THROW(make_test_pe("mixpe_w4a16", {.params = {{"sum", "fp16"}}}), InvariantError);
}

}  // namespace
}  // namespace mixpe
