#include "models/formats/floats.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cfenv>
#include <cmath>
#include <limits>
#include <vector>

#include "models/formats/testing/exact_reference.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace mixpe {
namespace {

using reference::Exact;
using reference::exact;
using reference::exact_scaled;
using reference::float_value;
using reference::nearest_code;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// FP16 and BF16: small enough to try every code.
class Float16 : public testing::TestWithParam<Format> {
 protected:
  Format format() const { return GetParam(); }
  Code infinity() const {
    return ((Code{1} << format().exponent_bits) - 1) << format().fraction_bits;
  }
  static constexpr Code kSign = 0x8000;

  /// Checks both signs of a magnitude, given as a double.
  void expect_encodes(double magnitude, Code code) const {
    ASSERT_EQ(encode(format(), magnitude), code) << std::hexfloat << magnitude;
    ASSERT_EQ(encode(format(), -magnitude), code | kSign) << std::hexfloat << -magnitude;
  }
};

std::string format_name(const testing::TestParamInfo<Format>& info) { return info.param.name(); }
INSTANTIATE_TEST_SUITE_P(, Float16, testing::Values(kFp16, kBf16), format_name);

TEST_P(Float16, EveryFiniteCodeDecodesToItsExactValue) {
  for (Code code = 0; code < infinity(); ++code) {
    const Exact value = float_value(format(), code);
    ASSERT_EQ(exact(decode(format(), code)), value) << std::hex << code;
    ASSERT_EQ(exact(decode(format(), code | kSign)), -value) << std::hex << code;
    ASSERT_EQ(std::signbit(decode(format(), code | kSign)), true) << std::hex << code;
    const Unpacked u = unpack(format(), code | kSign);
    ASSERT_TRUE(u.kind == FloatClass::kFinite && u.negative);
    ASSERT_EQ(exact_scaled(u.significand, u.exponent), value) << std::hex << code;
    ASSERT_LT(u.significand, 2U << format().fraction_bits);
    ASSERT_EQ(u.is_zero(), code == 0);
  }
}

TEST_P(Float16, CodesFromInfinityUpwardsAreInfinityAndNan) {
  EXPECT_EQ(decode(format(), infinity()), kInfinity);
  EXPECT_EQ(decode(format(), infinity() | kSign), -kInfinity);
  EXPECT_EQ(unpack(format(), infinity()), (Unpacked{FloatClass::kInfinity, false, 0, 0}));
  for (Code code = infinity() + 1; code < kSign; ++code) {
    for (const Code nan : {code, code | kSign}) {
      ASSERT_TRUE(std::isnan(decode(format(), nan))) << std::hex << nan;
      ASSERT_EQ(unpack(format(), nan).kind, FloatClass::kNan);
      ASSERT_EQ(encode(format(), decode(format(), nan)), nan_code(format()));
    }
  }
}

TEST_P(Float16, EveryFiniteValueEncodesToItsCode) {
  for (Code code = 0; code < infinity(); ++code) {
    expect_encodes(decode(format(), code), code);
  }
}

// Every rounding decision there is: the middle between two neighbours (infinity standing for the
// value after the largest), and the doubles just below and above it.
TEST_P(Float16, EveryMiddleGoesToTheEvenNeighbourAndEverythingElseToTheNearer) {
  for (Code below = 0; below < infinity(); ++below) {
    const Exact twice = float_value(format(), below) + float_value(format(), below + 1);
    // 2^900 grid units are 2^-200, finer than any middle and within a double's range.
    const double middle =
        std::ldexp(static_cast<double>(Exact(twice >> 900)), 899 - reference::kGrid);
    ASSERT_EQ(exact(middle) * 2, twice) << "the middle is no double";
    expect_encodes(middle, below % 2 == 0 ? below : below + 1);
    expect_encodes(std::nextafter(middle, 0), below);
    expect_encodes(std::nextafter(middle, kInfinity), below + 1);
  }
}

TEST_P(Float16, OverflowUnderflowAndSpecialsFollowIeee) {
  expect_encodes(kInfinity, infinity());
  expect_encodes(std::numeric_limits<double>::max(), infinity());
  expect_encodes(std::numeric_limits<double>::denorm_min(), 0);
  expect_encodes(0.0, 0);
  EXPECT_EQ(encode(format(), kNan), nan_code(format()));
  EXPECT_EQ(encode(format(), -kNan), nan_code(format()));
}

/// Of full width from the first case on; RapidCheck would start with small numbers.
rc::Gen<std::uint64_t> any_bits() {
  return rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint64_t>());
}
template <typename T>
rc::Gen<T> any_in(T min, T max) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange(min, max));
}
constexpr int kDraws = 50;  // per RapidCheck case, of which there are 100

RC_GTEST_PROP(Floats, EncodeIsTheNearestValueOfTheFormat, ()) {
  for (int draw = 0; draw < kDraws; ++draw) {
    const Format f = *rc::gen::element(kFp16, kBf16, kFp32);
    const std::uint64_t magnitude = *any_bits() >> *any_in(0, 64);
    // From below the smallest subnormal to above the largest value of the format.
    const int width = static_cast<int>(std::bit_width(magnitude));
    const int exponent = *any_in(min_exponent(f) - 3, exponent_bias(f) + 3) - width;
    const bool negative = *rc::gen::arbitrary<bool>();
    const Exact value = exact_scaled(Exact(magnitude), exponent);
    const Code sign = negative ? Code{1} << (f.bits - 1) : 0;
    RC_ASSERT(encode_float(f, negative, magnitude, exponent) == (sign | nearest_code(f, value)));
  }
}

RC_GTEST_PROP(Floats, DoublesRoundToFp32AsTheCompilerRounds, ()) {
  for (int draw = 0; draw < kDraws; ++draw) {
    // Exponents that reach below the subnormals and above the largest FP32.
    const std::uint64_t fraction = *any_bits() >> 12 << *any_in(0, 52) & 0xfffffffffffffU;
    const auto field = *any_in<std::uint64_t>(1023 - 155, 1023 + 131);
    const auto sign = *any_in<std::uint64_t>(0, 2);
    const auto value = std::bit_cast<double>(sign << 63 | field << 52 | fraction);
    RC_ASSERT(float_to_bits(double_to_float(value)) == float_to_bits(static_cast<float>(value)));
    const Code expected = nearest_code(kFp32, exact(value)) | static_cast<Code>(sign) << 31;
    RC_ASSERT(encode(kFp32, value) == expected);
  }
}

TEST(Floats, Fp32BoundariesRoundAsIeeeSays) {
  const double largest = std::numeric_limits<float>::max();
  const double half_place = 0x1p103;
  EXPECT_EQ(encode(kFp32, largest), 0x7f7fffffU);
  EXPECT_EQ(encode(kFp32, std::nextafter(largest + half_place, 0)), 0x7f7fffffU);
  EXPECT_EQ(encode(kFp32, largest + half_place), 0x7f800000U);
  EXPECT_EQ(encode(kFp32, 0x1p-149), 1U);
  EXPECT_EQ(encode(kFp32, 0x1p-150), 0U);
  EXPECT_EQ(encode(kFp32, -0x1p-150), 0x80000000U);
  EXPECT_EQ(encode(kFp32, std::nextafter(0x1p-150, 1)), 1U);
  EXPECT_EQ(encode(kFp32, 0x1p-126 - 0x1p-150), 0x00800000U) << "largest subnormal carries over";
  EXPECT_EQ(decode(kFp32, 0x00000001), 0x1p-149);
  EXPECT_EQ(decode(kFp32, 0x807fffff), -(0x1p-126 - 0x1p-149));
}

TEST(Floats, CanonicalNansAreTheStatedCodes) {
  EXPECT_EQ(nan_code(kFp16), 0x7e00U);
  EXPECT_EQ(nan_code(kBf16), 0x7fc0U);
  EXPECT_EQ(nan_code(kFp32), 0x7fc00000U);
  for (const Code nan : {0x7f800001U, 0x7fffffffU, 0xff800001U, 0xffc00000U}) {
    EXPECT_EQ(float_to_bits(canonical_nan(bits_to_float(nan))), 0x7fc00000U);
    EXPECT_TRUE(is_nan(bits_to_float(nan)));
    EXPECT_EQ(float_to_fp16(bits_to_float(nan)), 0x7e00U);
  }
  for (const Code number : {0U, 0x80000000U, 1U, 0x3f800000U, 0x7f800000U, 0xff800000U}) {
    EXPECT_EQ(float_to_bits(canonical_nan(bits_to_float(number))), number);
    EXPECT_FALSE(is_nan(bits_to_float(number)));
  }
  EXPECT_EQ(float_to_bits(fp16_to_float(0x7c01)), 0x7fc00000U);
  EXPECT_EQ(float_to_bits(fp16_to_float(0xfe00)), 0x7fc00000U);
  EXPECT_EQ(float_to_bits(bf16_to_float(0xff81)), 0x7fc00000U);
}

TEST(Floats, WideningIsExactForEveryCode) {
  for (Code code = 0; code < 0x10000; ++code) {
    const Code fp16 = float_to_bits(fp16_to_float(code));
    ASSERT_EQ(fp16, encode(kFp32, decode(kFp16, code))) << std::hex << code;
    const Code bf16 = float_to_bits(bf16_to_float(code));
    ASSERT_EQ(bf16, encode(kFp32, decode(kBf16, code))) << std::hex << code;
  }
}

// 1 + 2^-11 is the middle of two FP16 values. A detour over FP32 loses the 2^-40 and with it the
// reason to round up.
TEST(Floats, ADoubleIsRoundedOnceNotTwice) {
  const double just_above_a_middle = 1 + 0x1p-11 + 0x1p-40;
  EXPECT_EQ(double_to_fp16(just_above_a_middle), 0x3c01U);
  EXPECT_EQ(float_to_fp16(static_cast<float>(just_above_a_middle)), 0x3c00U);
}

TEST(Floats, ExponentsOfFp16AreThoseThePesAlignBy) {
  EXPECT_EQ(biased_exponent(kFp16, 0x0001), 1) << "subnormals count as 1";
  EXPECT_EQ(biased_exponent(kFp16, 0x0400), 1);
  EXPECT_EQ(biased_exponent(kFp16, 0xfbff), 30);
  EXPECT_EQ(unpack(kFp16, 0x0001), (Unpacked{FloatClass::kFinite, false, -24, 1}));
  EXPECT_EQ(unpack(kFp16, 0xfbff), (Unpacked{FloatClass::kFinite, true, 5, 0x7ff}));
}

TEST(Floats, ShiftRightRoundsTiesToEvenAtEveryDistance) {
  EXPECT_EQ(shift_right_rne(5, 0), 5U);
  EXPECT_EQ(shift_right_rne(5, 1), 2U);
  EXPECT_EQ(shift_right_rne(7, 1), 4U);
  EXPECT_EQ(shift_right_rne(6, 2), 2U);
  EXPECT_EQ(shift_right_rne(7, 2), 2U);
  EXPECT_EQ(shift_right_rne(9, 2), 2U);
  EXPECT_EQ(shift_right_rne(std::uint64_t{1} << 63, 64), 0U);
  EXPECT_EQ(shift_right_rne((std::uint64_t{1} << 63) + 1, 64), 1U);
  EXPECT_EQ(shift_right_rne(~std::uint64_t{0}, 64), 1U);
  EXPECT_EQ(shift_right_rne(~std::uint64_t{0}, 65), 0U);
  EXPECT_EQ(shift_right_rne(~std::uint64_t{0}, 1000), 0U);
}

TEST(Floats, TheMachinesRoundingModeDoesNotMatter) {
  for (const int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
    ASSERT_EQ(std::fesetround(mode), 0);
    const Code up = double_to_fp16(1 + 0x1.8p-11), down = double_to_fp16(-1 - 0x1p-12);
    const Code tie = encode(signed_int(8), 2.5), subnormal = encode(kFp32, 0x1.8p-149);
    const float third = integer_to_fp32(0x155555555, -32), widened = fp16_to_float(0x8001);
    std::fesetround(FE_TONEAREST);
    EXPECT_EQ(up, 0x3c01U);
    EXPECT_EQ(down, 0xbc00U);
    EXPECT_EQ(tie, 2U);
    EXPECT_EQ(subnormal, 2U);
    EXPECT_EQ(third, 0x1.555556p0F);
    EXPECT_EQ(widened, -0x1p-24F);
  }
}

#if defined(__x86_64__)
// A second judge, where the machine has one: the processor's own FP16 conversions.
__attribute__((target("f16c"))) Code f16c_encode(float value) {
  return _cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT);
}
__attribute__((target("f16c"))) float f16c_decode(Code code) {
  return _cvtsh_ss(static_cast<unsigned short>(code));
}

TEST(Floats, Fp16AgreesWithTheProcessor) {
  if (!__builtin_cpu_supports("f16c")) GTEST_SKIP() << "no F16C";
  for (Code code = 0; code < 0x10000; ++code) {
    const float value = f16c_decode(code);
    if (std::isnan(value)) continue;
    ASSERT_EQ(float_to_bits(fp16_to_float(code)), float_to_bits(value)) << std::hex << code;
    const float next = f16c_decode(code + 1);
    const float middle = value + (next - value) / 2;
    for (const float x :
         {value, middle, std::nextafterf(middle, 0), std::nextafterf(middle, next)}) {
      if (std::isnan(x)) continue;
      ASSERT_EQ(float_to_fp16(x), f16c_encode(x)) << std::hexfloat << x;
    }
  }
}
#endif

}  // namespace
}  // namespace mixpe
