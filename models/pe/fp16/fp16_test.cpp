#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "models/formats/floats.h"
#include "models/pe/pe_test_support.h"

namespace mixpe {
namespace {

using testing::make_test_pe;
using testing::run_segment;
using testing::Segment;

constexpr Operands kBoth{kFp16, kFp16};
constexpr Code kInf = infinity_code(kFp16);

std::unique_ptr<PeModel> make_fp16(int interleave = 1) {
  return make_test_pe("fp16", {.sum_kind = SumKind::kFloat32, .interleave = interleave});
}

float mac_from(float sum, Code act, Code weight) {
  Sum s{.real = sum};
  std::uint64_t overflows = 0;
  make_fp16()->mac(s, act, weight, kBoth, overflows);
  return s.real;
}

TEST(Fp16, KeepsTheProductExact) {
  // The smallest subnormals and the largest normals.
  EXPECT_EQ(mac_from(0.0F, 0x0001, 0x0001), std::ldexp(1.0F, -48));
  EXPECT_EQ(mac_from(0.0F, 0x7bff, 0x7bff), 65504.0F * 65504.0F);
  EXPECT_EQ(mac_from(0.0F, 0x7bff, 0xfbff), -65504.0F * 65504.0F);
  // 2047 * 2047 needs 22 bits: an FP16 product would lose eleven of them.
  EXPECT_EQ(mac_from(0.0F, float_to_fp16(2047), float_to_fp16(2047)), 2047.0F * 2047.0F);
}

TEST(Fp16, RoundsEachAddToNearestTiesToEven) {
  const Code one = float_to_fp16(1), three = float_to_fp16(3);
  const float edge = 16777216.0F;  // 2^24: its neighbour above is 2 away
  EXPECT_EQ(mac_from(edge, one, one), edge);
  EXPECT_EQ(mac_from(edge, one, three), edge + 4.0F);
  EXPECT_EQ(mac_from(edge + 2.0F, one, one), edge + 4.0F);
}

TEST(Fp16, HasOneNan) {
  constexpr std::uint32_t kCanonical = 0x7fc00000;
  const Code one = float_to_fp16(1);
  EXPECT_EQ(float_to_bits(mac_from(0.0F, kInf, 0)), kCanonical);
  EXPECT_EQ(float_to_bits(mac_from(0.0F, 0xfe01, one)), kCanonical);
  EXPECT_EQ(float_to_bits(mac_from(0.0F, one, 0x7d55)), kCanonical);
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_EQ(float_to_bits(mac_from(-inf, kInf, one)), kCanonical);
  EXPECT_EQ(mac_from(inf, kInf, one), inf);
}

// 2^24, 1, -2^24, 1: in order the first 1 is lost (0 + 1 = 1); interleaved by two the sums are
// 2^24 - 2^24 = 0 and 1 + 1 = 2.
TEST(Fp16, InterleavesAndMergesInIndexOrder) {
  const Code big = float_to_fp16(4096), minus_big = float_to_fp16(-4096);
  const Code one = float_to_fp16(1);
  const Segment s{{big, one, minus_big, one}, {big, one, big, one}, kBoth};
  EXPECT_EQ(run_segment(*make_fp16(1), s).sum.real, 1.0F);
  EXPECT_EQ(run_segment(*make_fp16(2), s).sum.real, 2.0F);
}

TEST(Fp16, SumsARowOfActivationsInFp32) {
  Sum row;
  std::uint64_t overflows = 0;
  const auto pe = make_fp16();
  for (const Code act : {float_to_fp16(2048), float_to_fp16(0.25F)}) {
    pe->add_activation(row, act, kBoth, overflows);
  }
  EXPECT_EQ(row.real, 2048.25F);
}

}  // namespace
}  // namespace mixpe
