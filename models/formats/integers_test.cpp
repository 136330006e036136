#include "models/formats/integers.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace mixpe {
namespace {

std::vector<Format> all_integers() {
  std::vector<Format> formats;
  for (int bits = 1; bits <= 16; ++bits) {
    formats.push_back(unsigned_int(bits));
    formats.push_back(signed_int(bits));
  }
  return formats;
}

/// Two's complement by its definition.
std::int64_t value_of(const Format& f, Code code) {
  const std::int64_t half = std::int64_t{1} << (f.bits - 1);
  return f.is_signed() && code >= half ? code - 2 * half : code;
}

TEST(Integer, EveryCodeOfEveryWidthDecodesAsTwosComplement) {
  for (const Format& f : all_integers()) {
    for (Code code = 0; code < Code{1} << f.bits; ++code) {
      const std::int64_t value = value_of(f, code);
      ASSERT_EQ(decode_int(f, code), value) << f.name();
      ASSERT_EQ(decode(f, code), static_cast<double>(value)) << f.name();
      ASSERT_EQ(decode_int(f, code | ~((Code{1} << f.bits) - 1)), value) << "high bits count";
      ASSERT_EQ(wrap_int(f, value), code) << f.name();
      ASSERT_GE(value, int_min(f));
      ASSERT_LE(value, int_max(f));
    }
    ASSERT_EQ(std::int64_t{int_max(f)} - int_min(f) + 1, std::int64_t{1} << f.bits) << f.name();
  }
}

TEST(Integer, EncodingTakesTheNearestValueTiesToEven) {
  for (const Format& f : all_integers()) {
    for (std::int32_t v = int_min(f); v <= int_max(f); ++v) {
      const bool has_next = v < int_max(f);
      const std::int32_t even = v % 2 == 0 ? v : v + 1;
      ASSERT_EQ(encode(f, v), wrap_int(f, v)) << f.name();
      if (!has_next) continue;
      const double middle = v + 0.5;
      ASSERT_EQ(encode(f, middle), wrap_int(f, even)) << f.name() << ' ' << middle;
      ASSERT_EQ(encode(f, std::nextafter(middle, -1e9)), wrap_int(f, v)) << f.name();
      ASSERT_EQ(encode(f, std::nextafter(middle, 1e9)), wrap_int(f, v + 1)) << f.name();
    }
  }
}

TEST(Integer, EncodingSaturates) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const Format& f : all_integers()) {
    for (const double beyond : {0.25, 0.5, 0.75, 1.0, 1e6, 1e300, infinity}) {
      EXPECT_EQ(encode(f, int_max(f) + beyond), wrap_int(f, int_max(f))) << f.name();
      EXPECT_EQ(encode(f, int_min(f) - beyond), wrap_int(f, int_min(f))) << f.name();
    }
    EXPECT_EQ(encode(f, std::numeric_limits<double>::quiet_NaN()), 0U) << f.name();
    EXPECT_EQ(encode(f, -0.0), 0U) << f.name();
  }
}

TEST(Integer, WrappingDropsTheHighBits) {
  EXPECT_EQ(wrap_int(signed_int(8), 128), 0x80U);
  EXPECT_EQ(wrap_int(signed_int(8), -129), 0x7fU);
  EXPECT_EQ(wrap_int(unsigned_int(4), -1), 0xfU);
  EXPECT_EQ(wrap_signed(128, 8), -128);
  EXPECT_EQ(wrap_signed(-129, 8), 127);
  EXPECT_EQ(wrap_signed(std::int64_t{1} << 51, 52), -(std::int64_t{1} << 51));
}

RC_GTEST_PROP(Integer, WrappedValueIsCongruentAndInRange, ()) {
  const int bits = *rc::gen::inRange(1, 64);
  const auto value = *rc::gen::arbitrary<std::int64_t>();
  const std::int64_t kept = wrap_signed(value, bits);
  RC_ASSERT(kept >= signed_min(bits) && kept <= signed_max(bits));
  const std::uint64_t low = (std::uint64_t{1} << bits) - 1;
  RC_ASSERT(((static_cast<std::uint64_t>(kept) - static_cast<std::uint64_t>(value)) & low) == 0U);
}

TEST(Integer, AnOverflowIsCountedOnlyWhenTheRangeIsLeft) {
  std::uint64_t overflows = 0;
  for (int bits = 2; bits <= 62; ++bits) {
    overflows = 0;
    EXPECT_EQ(wrap_counted(signed_max(bits), bits, overflows), signed_max(bits));
    EXPECT_EQ(wrap_counted(signed_min(bits), bits, overflows), signed_min(bits));
    EXPECT_EQ(overflows, 0U) << bits;
    EXPECT_EQ(wrap_counted(signed_max(bits) + 1, bits, overflows), signed_min(bits));
    EXPECT_EQ(wrap_counted(signed_min(bits) - 1, bits, overflows), signed_max(bits));
    EXPECT_EQ(overflows, 2U) << bits;
  }
}

}  // namespace
}  // namespace mixpe
