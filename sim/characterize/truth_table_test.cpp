#include "sim/characterize/truth_table.h"

#include <gtest/gtest.h>

namespace mixpe {
namespace {

std::uint64_t bits_of(const std::string& text, const std::vector<std::string>& inputs) {
  std::string why;
  const auto table = parse_function(text, inputs, why);
  EXPECT_TRUE(table.has_value()) << text << ": " << why;
  return table ? table->bits() : 0;
}

std::string why_not(const std::string& text) {
  std::string why;
  return parse_function(text, {"A", "B"}, why) ? "" : why;
}

TEST(TruthTable, OperatorsBindAsLibertySays) {
  const std::vector<std::string> abc{"A", "B", "C"};
  EXPECT_EQ(bits_of("A", {"A"}), 0x2U);
  EXPECT_EQ(bits_of("!A", {"A"}), 0x1U);
  EXPECT_EQ(bits_of("A'", {"A"}), 0x1U);
  EXPECT_EQ(bits_of("A B", {"A", "B"}), 0x8U);
  EXPECT_EQ(bits_of("A&B", {"A", "B"}), 0x8U);
  EXPECT_EQ(bits_of("A*B", {"A", "B"}), 0x8U);
  EXPECT_EQ(bits_of("A|B", {"A", "B"}), 0xeU);
  EXPECT_EQ(bits_of("A+B C", abc), bits_of("A+(B C)", abc));
  EXPECT_EQ(bits_of("A^B C", abc), bits_of("(A^B) C", abc));
  EXPECT_EQ(bits_of("!(A B)'", {"A", "B"}), 0x8U);
  EXPECT_EQ(bits_of("(A^B)^C", abc), 0x96U);
  EXPECT_EQ(bits_of("0", {"A"}), 0x0U);
  EXPECT_EQ(bits_of("1", {"A"}), 0x3U);
}

TEST(TruthTable, SaysWhichInputsMatter) {
  const TruthTable f(bits_of("(A C)+(A !C)", {"A", "B", "C"}), 3);
  EXPECT_TRUE(f.depends_on(0));
  EXPECT_FALSE(f.depends_on(1));
  EXPECT_FALSE(f.depends_on(2));
  EXPECT_EQ(f.complement().complement(), f);
  EXPECT_EQ(f.complement().bits(), 0x55U);
}

TEST(TruthTable, MistakesAreNamed) {
  EXPECT_EQ(why_not("A+Z"), "there is no pin Z");
  EXPECT_EQ(why_not("(A"), "a ')' is missing");
  EXPECT_EQ(why_not("A+"), "a pin is missing");
  EXPECT_EQ(why_not("A)"), "unexpected ')'");
  std::string why;
  EXPECT_FALSE(parse_function("A", {"A", "B", "C", "D", "E", "F", "G"}, why));
  EXPECT_EQ(why, "more than six inputs");
}

}  // namespace
}  // namespace mixpe
