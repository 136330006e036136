// `mixpe report`: what it refuses. What it makes is tried in a browser, in tests/page.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/command.h"

namespace mixpe::testing {
namespace {

using ::testing::HasSubstr;

TEST(Report, NamesWhatIsWrongWithItsInputAndLeavesNothing) {
  const Folder folder("report");
  shell("mixpe run mixpe_w4a8_64x64 traces/tiny.csv --json " + (folder / "whole.json"));
  const std::string result = file_text(folder / "whole.json");
  folder.write("cut.json", result.substr(0, result.size() / 2));
  folder.write("empty", "");
  folder.write("store.db", std::string("SQLite format 3\0 and then nothing of the kind", 45));
  const std::pair<const char*, const char*> cases[] = {{"none", "no such file"},
                                                       {"", "no regular file"},
                                                       {"empty", "is empty"},
                                                       {"cut.json", "ends too early"},
                                                       {"store.db", "is no sweep store"}};
  for (const auto& [name, mistake] : cases) {
    const Outcome o = shell("mixpe report " + (folder / name) + " -o " + (folder / "page.html"));
    EXPECT_EQ(o.exit_code, 2) << name;
    EXPECT_THAT(o.out, HasSubstr(mistake));
    EXPECT_FALSE(std::filesystem::exists(folder / "page.html"));
  }
  EXPECT_EQ(shell("mixpe report traces/tiny.csv -o " + (folder / "page.html")).exit_code, 2);
  EXPECT_EQ(folder.files(), 4U);  // no temporary files either
}

TEST(Report, TheSameResultGivesTheSameBytes) {
  const Folder folder("report");
  shell("mixpe run mixpe_w4a8_64x64 traces/tiny.csv --json " + (folder / "r.json"));
  for (const char* name : {"a.html", "b.html"}) {
    shell("mixpe report " + (folder / "r.json") + " -o " + (folder / name));
  }
  EXPECT_FALSE(file_text(folder / "a.html").empty());
  EXPECT_EQ(file_text(folder / "a.html"), file_text(folder / "b.html"));
}

}  // namespace
}  // namespace mixpe::testing
