// Against exact arithmetic with a single, searched rounding per stated step; and each choice of an
// order of operations has a case in which the other order gives other bits.

#include "models/dequant/dequant.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/core/errors.h"
#include "models/formats/floats.h"
#include "models/formats/integers.h"
#include "models/formats/testing/exact_reference.h"

namespace mixpe {
namespace {

using reference::Exact;
using reference::exact;
using reference::exact_product;
using reference::exact_scaled;
using reference::nearest_code;
using reference::nearest_float;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr Code kNanBits = 0x7fc00000;

Sum integer_sum(std::int64_t value, std::uint32_t special = Sum::kNone) {
  return Sum{value, 0.0F, special};
}
Sum float_sum(float value) { return Sum{0, value, Sum::kNone}; }

/// -0 and +0 differ; NaN equals itself.
#define EXPECT_SAME_BITS(a, b) EXPECT_EQ(float_to_bits(a), float_to_bits(b))

/// Of full width from the first case on; RapidCheck would start with small numbers.
template <typename T>
rc::Gen<T> any() {
  return rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<T>());
}

/// A finite FP32: any bits at all, or of a magnitude whose products neither over- nor underflow.
rc::Gen<float> any_finite() {
  return rc::gen::map(any<std::uint32_t>(), [](std::uint32_t bits) {
    const float value = bits_to_float(bits);
    return std::isfinite(value) ? value : 1.5F;
  });
}
rc::Gen<float> moderate() {
  return rc::gen::map(any<std::uint32_t>(), [](std::uint32_t bits) {
    const std::uint32_t field = 127 - 24 + (bits >> 23) % 48;  // 2^-24 .. 2^24
    return bits_to_float((bits & 0x807fffffU) | field << 23);
  });
}

constexpr int kDraws = 50;  // per RapidCheck case, of which there are 100

// ---- After a group -------------------------------------------------------------------------

RC_GTEST_PROP(ZeroCorrected, IntegerSumIsExactUntilItsOneRounding, ()) {
  for (int draw = 0; draw < kDraws; ++draw) {
    const auto sum = *any<std::int64_t>() >> *rc::gen::inRange(2, 64);
    const auto row_sum = *any<std::int64_t>() >> *rc::gen::inRange(18, 64);
    const auto zero = *rc::gen::inRange(-255, 256);
    const int exponent = *any<bool>() ? 0 : *rc::gen::inRange(-180, 100);
    const Exact t = Exact(sum) - Exact(zero) * row_sum;
    const float got =
        zero_corrected(SumKind::kInteger, integer_sum(sum), integer_sum(row_sum), zero, exponent);
    RC_ASSERT(float_to_bits(got) == nearest_code(kFp32, exact_scaled(t, exponent)));
  }
}

RC_GTEST_PROP(ZeroCorrected, Fp32SumRoundsTheProductThenTheDifference, ()) {
  for (int draw = 0; draw < kDraws; ++draw) {
    const float row_sum = *moderate(), sum = *any<bool>() ? *moderate() : 3 * row_sum;
    const auto zero = *rc::gen::inRange(-16, 17);
    const float offset = nearest_float(exact(row_sum) * zero);
    const Exact difference = exact(sum) - exact(offset);
    if (difference == 0) continue;
    const float got =
        zero_corrected(SumKind::kFloat32, float_sum(sum), float_sum(row_sum), zero, 0);
    RC_ASSERT(float_to_bits(got) == nearest_code(kFp32, difference));
  }
}

// 2^40 + 1 is no FP32 value; rounding the sums before subtracting would lose the 1.
TEST(ZeroCorrected, SubtractsBeforeItRounds) {
  const std::int64_t big = std::int64_t{1} << 40;
  EXPECT_EQ(zero_corrected(SumKind::kInteger, integer_sum(3 * big + 1), integer_sum(big), 3, 0),
            1.0F);
}

// 2^54 + 2^30 + 1 lies just above a middle of FP32; in a double its last bit is lost, and the tie
// would go down.
TEST(ZeroCorrected, RoundsA55BitSumOnceNotThroughADouble) {
  const std::int64_t t = (std::int64_t{1} << 54) + (std::int64_t{1} << 30) + 1;
  ASSERT_EQ(static_cast<float>(static_cast<double>(t)), 0x1p54F) << "the case has no point";
  EXPECT_EQ(zero_corrected(SumKind::kInteger, integer_sum(t), Sum{}, 0, 0), 0x1.000002p54F);
}

// (2^24 + 1) * 2^-174 lies just above half the smallest subnormal. Rounding it to 24 bits first
// makes it a tie, which goes to zero.
TEST(ZeroCorrected, RoundsToSubnormalsOnce) {
  const std::int64_t t = (std::int64_t{1} << 24) + 1;
  ASSERT_EQ(std::ldexp(static_cast<float>(t), -174), 0.0F) << "the case has no point";
  EXPECT_SAME_BITS(zero_corrected(SumKind::kInteger, integer_sum(t), Sum{}, 0, -174),
                   bits_to_float(1));
}

TEST(ZeroCorrected, OverflowsToInfinity) {
  const std::int64_t largest = 0xffffff;
  EXPECT_EQ(zero_corrected(SumKind::kInteger, integer_sum(largest), Sum{}, 0, 104),
            0x1.fffffep127F);
  EXPECT_EQ(zero_corrected(SumKind::kInteger, integer_sum(2 * largest + 1), Sum{}, 0, 103), kInf);
  EXPECT_EQ(zero_corrected(SumKind::kInteger, integer_sum(-2 * largest - 1), Sum{}, 0, 103), -kInf);
}

TEST(ZeroCorrected, ZeroIsPositive) {
  EXPECT_SAME_BITS(zero_corrected(SumKind::kInteger, integer_sum(-30), integer_sum(-10), 3, -24),
                   0.0F);
}

TEST(ZeroCorrected, SpecialsFollowIeee) {
  const auto bits = [](const Sum& sum, const Sum& row_sum, int zero) {
    return float_to_bits(zero_corrected(SumKind::kInteger, sum, row_sum, zero, -24));
  };
  const Code plus = float_to_bits(kInf), minus = float_to_bits(-kInf);
  const Sum five = integer_sum(5), plus_inf = integer_sum(5, Sum::kPlusInf),
            minus_inf = integer_sum(5, Sum::kMinusInf), nan = integer_sum(5, Sum::kNan),
            both = integer_sum(5, Sum::kPlusInf | Sum::kMinusInf);
  EXPECT_EQ(bits(plus_inf, five, 3), plus);
  EXPECT_EQ(bits(minus_inf, five, 3), minus);
  EXPECT_EQ(bits(five, plus_inf, 3), minus);
  EXPECT_EQ(bits(five, plus_inf, -3), plus);
  EXPECT_EQ(bits(minus_inf, plus_inf, 3), minus);
  EXPECT_EQ(bits(plus_inf, plus_inf, 3), kNanBits) << "inf - inf";
  EXPECT_EQ(bits(plus_inf, plus_inf, 0), kNanBits) << "0 * inf";
  EXPECT_EQ(bits(nan, five, 3), kNanBits);
  EXPECT_EQ(bits(five, nan, 3), kNanBits);
  EXPECT_EQ(bits(both, five, 3), kNanBits);
  EXPECT_EQ(bits(plus_inf, Sum{}, 0), plus) << "no zero-point";
}

TEST(ZeroCorrected, Fp32NansLeaveCanonical) {
  const Sum odd_nan = float_sum(bits_to_float(0xffc12345));
  EXPECT_EQ(float_to_bits(zero_corrected(SumKind::kFloat32, odd_nan, float_sum(1), 3, 0)),
            kNanBits);
  EXPECT_EQ(
      float_to_bits(zero_corrected(SumKind::kFloat32, float_sum(kInf), float_sum(kInf), 3, 0)),
      kNanBits);
}

TEST(ZeroCorrected, SumsThatLeave64BitsAreABrokenInvariant) {
  const Sum huge = integer_sum(signed_max(62));
  EXPECT_THROW(zero_corrected(SumKind::kInteger, huge, huge, -15, 0), InvariantError);
}

TEST(ZeroCorrectedBits, AreTheNarrowestThatHoldEveryCase) {
  for (const Format& zero : {unsigned_int(4), signed_int(4), unsigned_int(8), unsigned_int(1)}) {
    for (int acc = 2; acc <= 30; ++acc) {
      for (int row = 1; row <= 30; ++row) {
        std::int64_t low = 0, high = 0;
        for (std::int32_t z = int_min(zero); z <= int_max(zero); ++z) {
          low = std::min(
              {low, signed_min(acc) - z * signed_min(row), signed_min(acc) - z * signed_max(row)});
          high = std::max(
              {high, signed_max(acc) - z * signed_min(row), signed_max(acc) - z * signed_max(row)});
        }
        const int bits = zero_corrected_bits(acc, row, zero);
        ASSERT_TRUE(low >= signed_min(bits) && high <= signed_max(bits)) << acc << ' ' << row;
        ASSERT_TRUE(low < signed_min(bits - 1) || high > signed_max(bits - 1)) << acc << ' ' << row;
      }
    }
  }
}

// The widths docs/numerics.md states for the shipped PEs with 4-bit zero-points.
TEST(ZeroCorrectedBits, OfTheShippedPesAreAsDocumented) {
  EXPECT_EQ(zero_corrected_bits(20, 15, unsigned_int(4)), 21);
  EXPECT_EQ(zero_corrected_bits(23, 15, unsigned_int(8)), 24);
  EXPECT_EQ(zero_corrected_bits(52, 48, unsigned_int(4)), 53);
  EXPECT_EQ(zero_corrected_bits(27, 23, unsigned_int(4)), 28);
  EXPECT_EQ(zero_corrected_bits(62, 62, unsigned_int(16)), 78);
}

RC_GTEST_PROP(Scaled, IsTheNearestFp32ToTheExactProduct, ()) {
  for (int draw = 0; draw < kDraws; ++draw) {
    const float x = *any_finite(), scale = *any<bool>() ? *any_finite() : *moderate();
    const Exact product = exact_product(exact(x), exact(scale));
    if (product == 0) continue;
    RC_ASSERT(float_to_bits(scaled(x, scale)) == nearest_code(kFp32, product));
  }
}

RC_GTEST_PROP(Accumulated, IsTheNearestFp32ToTheExactSum, ()) {
  for (int draw = 0; draw < kDraws; ++draw) {
    const float y = *any_finite();
    // Near and far exponents alike.
    const float p = *any<bool>() ? *any_finite() : y * *moderate();
    const Exact sum = std::isfinite(p) ? exact(y) + exact(p) : Exact(0);
    if (sum == 0) continue;
    RC_ASSERT(float_to_bits(accumulated(y, p)) == nearest_code(kFp32, sum));
  }
}

// (2^24 + 1) * 3: rounding t first gives 2^24 * 3, scaling the exact t gives 3 * 2^24 + 4.
TEST(AfterGroup, TheSumIsRoundedBeforeItIsScaled) {
  const std::int64_t t = (1 << 24) + 1;
  const float p = scaled(zero_corrected(SumKind::kInteger, integer_sum(t), Sum{}, 0, 0), 3.0F);
  ASSERT_EQ(nearest_float(exact_scaled(Exact(t) * 3, 0)), 50331652.0F) << "the case has no point";
  EXPECT_EQ(p, 50331648.0F);
}

// p = RNE(x * s) is rounded before it is added: a fused multiply and add would keep 2^-24's square.
TEST(AfterGroup, TheProductIsRoundedBeforeItIsAdded) {
  const float x = 1 + 0x1p-23F, y = -(1 + 0x1p-22F);
  ASSERT_NE(std::fma(x, x, y), 0.0F) << "the case has no point";
  EXPECT_EQ(accumulated(y, scaled(x, x)), 0.0F);
}

// Groups are added in order of k: 2^24 + 1 + 1 stays at 2^24, 1 + 1 + 2^24 does not.
TEST(AfterGroup, TheOrderOfGroupsIsVisible) {
  const float big = 0x1p24F;
  EXPECT_EQ(accumulated(accumulated(accumulated(0, big), 1), 1), big);
  EXPECT_EQ(accumulated(accumulated(accumulated(0, 1), 1), big), big + 2);
}

TEST(AfterGroup, NansAreCanonicalAndSignedZerosIeee) {
  EXPECT_EQ(float_to_bits(scaled(kInf, 0.0F)), kNanBits);
  EXPECT_EQ(float_to_bits(scaled(bits_to_float(0x7f800001), 2.0F)), kNanBits);
  EXPECT_EQ(float_to_bits(accumulated(kInf, -kInf)), kNanBits);
  EXPECT_EQ(float_to_bits(accumulated(bits_to_float(0xffffffff), 1.0F)), kNanBits);
  EXPECT_SAME_BITS(scaled(0.0F, -2.0F), -0.0F);
  EXPECT_SAME_BITS(accumulated(0.0F, -0.0F), 0.0F);
  EXPECT_SAME_BITS(accumulated(-0.0F, -0.0F), -0.0F);
}

TEST(AfterGroup, SubnormalsAreKept) {
  EXPECT_SAME_BITS(scaled(0x1p-126F, 0.5F), 0x1p-127F);
  EXPECT_SAME_BITS(accumulated(0x1p-149F, 0x1p-149F), 0x1p-148F);
}

// ---- Once per output -----------------------------------------------------------------------

RC_GTEST_PROP(Epilogue, FloatIsTwoRoundings, ()) {
  for (int draw = 0; draw < kDraws; ++draw) {
    const float y = *moderate(), scale = *moderate();
    const Format out = *rc::gen::element(kFp16, kBf16, kFp32);
    const float product = nearest_float(exact_product(exact(y), exact(scale)));
    const Code sign = product < 0 ? Code{1} << (out.bits - 1) : 0;  // an underflow keeps its sign
    RC_ASSERT(epilogue_float(y, scale, out) == (nearest_code(out, exact(product)) | sign));
  }
}

RC_GTEST_PROP(Epilogue, IntegerIsFourRoundings, ()) {
  for (int draw = 0; draw < kDraws; ++draw) {
    const auto i = *any<std::int32_t>();
    if (i == 0) continue;
    const float weight_scale = *moderate(), act_scale = *moderate();
    const float psum = nearest_float(exact_scaled(Exact(i), 0));
    const float once = nearest_float(exact_product(exact(psum), exact(weight_scale)));
    const float twice = nearest_float(exact_product(exact(once), exact(act_scale)));
    const Code sign = twice < 0 ? 0x8000 : 0;
    RC_ASSERT(epilogue_integer(i, weight_scale, act_scale, kFp16) ==
              (nearest_code(kFp16, exact(twice)) | sign));
  }
}

// (1 + 2^-12)^2 = 1 + 2^-11 + 2^-24 lies just above a middle of FP16. FP32 rounds it onto the
// middle, which then goes to its even neighbour below.
TEST(Epilogue, RoundsToFp32BeforeTheOutputFormat) {
  const float y = 1 + 0x1p-12F;
  ASSERT_EQ(nearest_code(kFp16, exact_product(exact(y), exact(y))), 0x3c01U)
      << "the case has no point";
  EXPECT_EQ(epilogue_float(y, y, kFp16), 0x3c00U);
}

// The psum is rounded to FP32 before the weight scale: 2^24 + 1 scaled exactly would give another
// value.
TEST(Epilogue, RoundsThePsumBeforeTheWeightScale) {
  const std::int32_t psum = (1 << 24) + 1;
  EXPECT_EQ(epilogue_integer(psum, 3.0F, 1.0F, kFp32), float_to_bits(50331648.0F));
}

// (i * sw) * sa, not i * (sw * sa): the product of the scales alone would underflow.
TEST(Epilogue, AppliesTheWeightScaleFirst) {
  EXPECT_EQ(epilogue_integer(1 << 30, 0x1p-80F, 0x1p-80F, kFp32), float_to_bits(0x1p-130F));
  EXPECT_EQ(epilogue_integer(1 << 30, 0x1p-120F, 0x1p120F, kFp32), float_to_bits(0x1p30F));
  EXPECT_EQ(epilogue_integer(1 << 30, 0x1p120F, 0x1p-120F, kFp32), float_to_bits(kInf));
}

TEST(Epilogue, EveryInputCounts) {
  EXPECT_EQ(epilogue_integer(-6, 0.5F, 0.25F, kFp16), 0xba00U);  // -0.75
  EXPECT_EQ(epilogue_integer(-6, 0.25F, 0.25F, kFp16), 0xb600U);
  EXPECT_EQ(epilogue_integer(-6, 0.5F, 0.5F, kFp16), 0xbe00U);
  EXPECT_EQ(epilogue_integer(6, 0.5F, 0.25F, kFp16), 0x3a00U);
  EXPECT_EQ(epilogue_integer(6, 0.5F, 0.25F, kFp32), 0x3f400000U);
  EXPECT_EQ(epilogue_float(1e6F, 1.0F, kFp16), 0x7c00U);
  EXPECT_EQ(epilogue_float(300.0F, 0.5F, signed_int(8)), 0x7fU);
}

// ---- Before the array ----------------------------------------------------------------------

TEST(Int4ToInt8, IsEightBitArithmeticForEveryInput) {
  for (std::int32_t q = -8; q < 16; ++q) {
    for (std::int32_t zero = -8; zero < 16; ++zero) {
      for (std::int32_t scale = -128; scale < 256; ++scale) {
        const auto product = static_cast<std::uint8_t>(q * scale);
        const auto offset = static_cast<std::uint8_t>(zero * scale);
        ASSERT_EQ(int4_to_int8(q, zero, scale), static_cast<std::uint8_t>(product - offset));
      }
    }
  }
}

TEST(Int4ToInt8, WrapsAndDoesNotSaturate) {
  EXPECT_EQ(decode_int(signed_int(8), int4_to_int8(15, 0, 9)), 135 - 256);
  EXPECT_EQ(decode_int(signed_int(8), int4_to_int8(0, 15, 9)), 256 - 135);
}

TEST(IntToFp16, IsTheNearestFp16ToTheExactProductForEveryScale) {
  for (Code scale = 0; scale < 0x7c00; ++scale) {
    const Exact value = exact(decode(kFp16, scale));
    for (const std::int32_t q : {0, 7, 15}) {
      for (const std::int32_t zero : {0, 8, 13}) {
        if (q == zero) continue;
        const Exact product = value * (q - zero);
        const Code sign = q < zero ? 0x8000 : 0;
        ASSERT_EQ(int_to_fp16(q, zero, scale), nearest_code(kFp16, product) | sign)
            << q << ' ' << zero << ' ' << scale;
      }
    }
  }
}

// With s = 1 + 3 * 2^-10, 15 * s rounds up by 3 * 2^-10: more than half a place of 7 * s.
TEST(IntToFp16, SubtractsTheZeroPointBeforeScaling) {
  const Code scale = 0x3c03;
  const double s = decode(kFp16, scale);
  const double apart = decode(kFp16, double_to_fp16(15 * s)) - decode(kFp16, double_to_fp16(8 * s));
  ASSERT_NE(double_to_fp16(apart), double_to_fp16(7 * s)) << "the case has no point";
  EXPECT_EQ(int_to_fp16(15, 8, scale), double_to_fp16(7 * s));
}

// 65505 * 1057 has 27 bits and lies just above a middle of FP16; FP32 would round it onto the
// middle.
TEST(IntToFp16, RoundsAWideProductOnce) {
  const Code scale = 0x0421;  // 1057 * 2^-24
  const Exact product = exact_scaled(65505 * 1057, -24);
  const double over_fp32 = nearest_float(product);
  ASSERT_NE(nearest_code(kFp16, product), nearest_code(kFp16, exact(over_fp32)))
      << "the case has no point";
  EXPECT_EQ(int_to_fp16(65535, 30, scale), nearest_code(kFp16, product));
}

TEST(IntToFp16, SpecialScalesFollowIeee) {
  EXPECT_EQ(int_to_fp16(3, 8, 0x7c00), 0xfc00U);
  EXPECT_EQ(int_to_fp16(8, 8, 0x7c00), 0x7e00U) << "0 * inf";
  EXPECT_EQ(int_to_fp16(3, 8, 0xfd01), 0x7e00U);
  EXPECT_EQ(int_to_fp16(8, 8, 0xbc00), 0x8000U) << "+0 * -1";
  EXPECT_EQ(int_to_fp16(15, 0, 0x7bff), 0x7c00U);
  EXPECT_EQ(int_to_fp16(-3, 0, 0x0001), 0x8003U);
}

}  // namespace
}  // namespace mixpe
