#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <limits>
#include <locale>

#include "sim/config/unit_table.h"
#include "sim/config/yaml_reader.h"

namespace mixpe {
namespace {

std::optional<std::int64_t> amount(const std::string& text, Dimension dimension) {
  std::string why;
  const auto split = split_quantity(text, dimension, why);
  return split ? exact_amount(*split, why) : std::nullopt;
}

TEST(Quantity, IsExactInBaseUnits) {
  EXPECT_EQ(amount("128 KiB", Dimension::kBytes), 131072);
  EXPECT_EQ(amount("1.5KiB", Dimension::kBytes), 1536);
  EXPECT_EQ(amount("0.0009765625 KiB", Dimension::kBytes), 1);
  EXPECT_EQ(amount("500 MHz", Dimension::kHertz), 500'000'000);
  EXPECT_EQ(amount("1.2345 GB/s", Dimension::kBytesPerSecond), 1'234'500'000);
  EXPECT_EQ(amount("10 ns", Dimension::kPicoseconds), 10'000);
  EXPECT_EQ(amount("1 cycle", Dimension::kCycles), 1);
  EXPECT_EQ(amount("9223372036854775807 B", Dimension::kBytes),
            std::numeric_limits<std::int64_t>::max());
}

TEST(Quantity, RefusesWhatIsNotExact) {
  for (const char* text : {"0.3 B", "0.3 KiB", "9223372036854775808 B", "8589934592 GiB",
                           "0.0000000000000000000001 KiB"}) {
    EXPECT_EQ(amount(text, Dimension::kBytes), std::nullopt) << text;
  }
}

TEST(Quantity, RefusesMissingAndForeignUnits) {
  for (const char* text :
       {"5", "5 ", "KiB", "", "5 kb", "5 KiB/s", "5 KiB x", "5 MHz", "1e3 KiB"}) {
    EXPECT_EQ(amount(text, Dimension::kBytes), std::nullopt) << text;
  }
}

RC_GTEST_PROP(Quantity, ReadsWhatItPrints, ()) {
  const auto value = *rc::gen::inRange<std::int64_t>(0, std::numeric_limits<std::int64_t>::max());
  const auto shift = *rc::gen::inRange(0, 63);
  const std::int64_t shifted = value >> shift << (shift / 2);  // also multiples of larger units
  if (shifted < 0) RC_DISCARD("overflow");
  for (const Dimension dimension : {Dimension::kBytes, Dimension::kHertz, Dimension::kPicoseconds,
                                    Dimension::kBytesPerSecond, Dimension::kCycles}) {
    RC_ASSERT(amount(quantity_text(shifted, dimension), dimension) == shifted);
  }
}

RC_GTEST_PROP(Number, ReadsWhatItPrints, (double value)) {
  std::string why;
  RC_ASSERT(strict_real(number_text(value), why) == value);
}

RC_GTEST_PROP(Number, ReadsEveryInteger, (std::int64_t value)) {
  std::string why;
  RC_ASSERT(strict_integer(std::to_string(value), why) == value);
}

TEST(Number, RefusesDialects) {
  std::string why;
  for (const char* text : {"", "-", "+1", "010", "-01", "0x10", "1_000", "1.0", "1e3", "1 ", " 1",
                           "9223372036854775808", "one"}) {
    EXPECT_EQ(strict_integer(text, why), std::nullopt) << text;
    EXPECT_FALSE(why.empty());
  }
  for (const char* text :
       {"", ".5", "1.", "00.5", "1e", "inf", ".inf", "nan", ".nan", "1e999", "0x1p3", "1,5"}) {
    EXPECT_EQ(strict_real(text, why), std::nullopt) << text;
    EXPECT_FALSE(why.empty());
  }
}

struct CommaPoint : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(Number, DoesNotDependOnTheLocale) {
  const std::locale before = std::locale::global(std::locale(std::locale(), new CommaPoint));
  std::string why;
  EXPECT_EQ(strict_real("1234.5", why), 1234.5);
  EXPECT_EQ(number_text(1234.5), "1234.5");
  EXPECT_EQ(quantity_text(std::int64_t{1234567}, Dimension::kHertz), "1234567 Hz");
  std::locale::global(before);
}

}  // namespace
}  // namespace mixpe
