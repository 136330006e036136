// Did a number change? Goldens change only through tools/update_goldens, with a reason in
// CHANGELOG.md.

#include <gtest/gtest.h>

#include <sstream>

#include "tests/support/command.h"

namespace mixpe::testing {
namespace {

/// tests/golden/<name>.sh prints what tests/golden/<name>.csv holds.
class Golden : public ::testing::TestWithParam<const char*> {};

TEST_P(Golden, IsWhatTheProgramPrints) {
  const std::string path = std::string(MIXPE_SOURCE_DIR "/tests/golden/") + GetParam();
  const Outcome o = shell("'" + path + ".sh' '" + MIXPE_BINARY + "'");
  ASSERT_EQ(o.exit_code, 0) << o.out;
  std::istringstream golden(file_text(path + ".csv")), now(o.out);
  std::string expected, got;
  int number = 0;
  while (std::getline(golden, expected)) {
    ++number;
    ASSERT_TRUE(std::getline(now, got)) << "line " << number << " is missing";
    ASSERT_EQ(expected, got) << "line " << number;
  }
  EXPECT_GT(number, 1) << "an empty golden proves nothing";
  EXPECT_FALSE(std::getline(now, got)) << "more than the golden file: " << got;
}

INSTANTIATE_TEST_SUITE_P(Files, Golden, ::testing::Values("main_job", "values"));

}  // namespace
}  // namespace mixpe::testing
