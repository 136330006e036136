#include "sim/sweep/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace mixpe {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::map<std::string, Amount>& numbers() {
  static const std::map<std::string, Amount> all = {{"rows", {64, ""}},
                                                    {"arch.array.cols", {48, ""}},
                                                    {"size", {131072, "B"}},
                                                    {"bandwidth", {64e9, "B/s"}}};
  return all;
}

Amount value(const std::string& text) {
  return Expression(text).evaluate([](const std::string& name) -> std::optional<Amount> {
    const auto at = numbers().find(name);
    return at == numbers().end() ? std::nullopt : std::optional(at->second);
  });
}

std::string mistake(const std::string& text) {
  try {
    value(text);
  } catch (const ExpressionError& e) {
    return e.what;
  }
  return "none";
}

TEST(Expression, FollowsPrecedenceAndParentheses) {
  EXPECT_EQ(value("2 + 3 * 4").value, 14);
  EXPECT_EQ(value("(2 + 3) * 4").value, 20);
  EXPECT_EQ(value("20 / 4 / 5").value, 1);
  EXPECT_EQ(value("7 - 2 - 1").value, 4);
  EXPECT_EQ(value("-2 * -3").value, 6);
  EXPECT_EQ(value("min(7, 3) + max(1, 2) + floor(2.5) + ceil(2.5) + log2(8)").value, 13);
}

TEST(Expression, ReadsKeysOfThePoint) {
  EXPECT_EQ(value("rows * arch.array.cols").value, 64 * 48);
  EXPECT_THAT(Expression("rows + size / rows").names(), ElementsAre("rows", "size"));
}

TEST(Expression, ComparesToOneOrZero) {
  EXPECT_EQ(value("rows * 2 <= 128").value, 1);
  EXPECT_EQ(value("rows * 2 < 128").value, 0);
  EXPECT_EQ(value("rows == 64").value, 1);
  EXPECT_EQ(value("rows != 64").value, 0);
  EXPECT_EQ(value("rows >= 65").value, 0);
  EXPECT_EQ(value("rows > 63").value, 1);
  EXPECT_TRUE(Expression("1 < 2").is_comparison());
  EXPECT_FALSE(Expression("1 + 2").is_comparison());
}

TEST(Expression, CarriesUnits) {
  EXPECT_EQ(amount_text(value("size / 2")), "64 KiB");
  EXPECT_EQ(amount_text(value("size + 1 KiB")), "129 KiB");
  EXPECT_EQ(amount_text(value("bandwidth * 2")), "128 GB/s");
  EXPECT_EQ(amount_text(value("size / 64 KiB")), "2");
  EXPECT_EQ(value("size <= 128 KiB").value, 1);
  EXPECT_EQ(value("bandwidth <= 64 GB/s").value, 1);
  EXPECT_EQ(value("bandwidth < 63.5 GB/s").value, 0);
}

TEST(Expression, RefusesUnitsThatDoNotGoTogether) {
  EXPECT_THAT(mistake("size + 1"), HasSubstr("'+' between B and a plain number"));
  EXPECT_THAT(mistake("size <= bandwidth"), HasSubstr("'<=' between B and B/s"));
  EXPECT_THAT(mistake("size * size"), HasSubstr("a product of two units"));
  EXPECT_THAT(mistake("1 / size"), HasSubstr("a division of a plain number by B"));
}

TEST(Expression, RefusesWhatItCannotRead) {
  EXPECT_THAT(mistake("rows *"), HasSubstr("a number or a name is missing at character 7"));
  EXPECT_THAT(mistake("(rows"), HasSubstr("')' is missing"));
  EXPECT_THAT(mistake("rows cols"), HasSubstr("unexpected 'c' at character 6"));
  EXPECT_THAT(mistake("rows / (64 - rows)"), HasSubstr("a division by zero"));
  EXPECT_THAT(mistake("heights + 1"), HasSubstr("'heights' is no number here"));
  EXPECT_THAT(mistake("010 + 1"), HasSubstr("a leading zero"));
  EXPECT_THAT(mistake("1 < 2 < 3"), HasSubstr("unexpected '<'"));
  EXPECT_THAT(mistake(std::string(1000, '(')), HasSubstr("nested too deeply"));
}

TEST(Amount, IsWrittenAsItIsRead) {
  for (const char* text : {"64", "128 KiB", "131073 B", "0.5", "-3", "100000 cycles", "1.5e-07"}) {
    EXPECT_EQ(amount_text(parse_amount(text).value()), text);
  }
  EXPECT_EQ(amount_text(parse_amount("131072 B").value()), "128 KiB");
  EXPECT_FALSE(parse_amount("int8"));
  EXPECT_FALSE(parse_amount("64 apples"));
  EXPECT_FALSE(parse_amount(""));
}

}  // namespace
}  // namespace mixpe
