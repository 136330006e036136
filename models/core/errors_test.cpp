#include "models/core/errors.h"

#include <gtest/gtest.h>

namespace mixpe {
namespace {

Diagnostic mistake(const char* file, int line, int column, const char* what) {
  Diagnostic d;
  d.at.file = file;
  d.at.line = line;
  d.at.column = column;
  d.what = what;
  return d;
}

TEST(Diagnostic, NamesPlaceKeyMistakeAndRemedy) {
  Diagnostic d = mistake("a.yaml", 3, 7, "must be positive");
  d.path = "array.rows";
  d.got = "-1";
  d.allowed = "1 to 4096";
  EXPECT_EQ(d.text(), "a.yaml:3:7: array.rows: must be positive; got -1; allowed 1 to 4096");
}

TEST(Diagnostic, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(mistake("", 0, 0, "no trace").text(), "no trace");
  EXPECT_EQ(mistake("a.yaml", 0, 0, "empty file").text(), "a.yaml: empty file");
  EXPECT_EQ(mistake("a.yaml", 2, 1, "missing").text(), "a.yaml:2:1: missing");
}

TEST(Diagnostics, ShowsAllMistakesInOrderOfTheirPlace) {
  Diagnostics all;
  all.add(mistake("b.yaml", 1, 1, "fifth"));
  all.add(mistake("a.yaml", 10, 1, "third"));
  all.add(mistake("a.yaml", 9, 20, "first"));
  all.add(mistake("a.yaml", 9, 20, "second"));
  all.add(mistake("a.yaml", 10, 2, "fourth"));
  EXPECT_EQ(all.text(),
            "a.yaml:9:20: first\na.yaml:9:20: second\na.yaml:10:1: third\na.yaml:10:2: fourth\n"
            "b.yaml:1:1: fifth");
}

TEST(Diagnostics, ShowsAMistakeMetTwiceOnce) {
  Diagnostics d;
  d.add({{"b.yaml", 2, 1}, "k", "twice", "", ""});
  d.add({{"b.yaml", 2, 1}, "k", "another", "", ""});
  d.add({{"b.yaml", 2, 1}, "k", "twice", "", ""});
  EXPECT_EQ(d.text(), "b.yaml:2:1: k: twice\nb.yaml:2:1: k: another");
}

TEST(Diagnostics, ThrowsOnceIfThereIsAnything) {
  Diagnostics all;
  EXPECT_TRUE(all.ok());
  EXPECT_NO_THROW(all.throw_if_any());
  all.add(mistake("a.yaml", 1, 1, "one"));
  all.add(mistake("a.yaml", 2, 1, "two"));
  EXPECT_FALSE(all.ok());
  try {
    all.throw_if_any();
    FAIL() << "nothing was thrown";
  } catch (const UserError& e) {
    EXPECT_STREQ(e.what(), "a.yaml:1:1: one\na.yaml:2:1: two");
  }
}

TEST(CheckInvariant, ThrowsOnlyWhenItDoesNotHold) {
  EXPECT_NO_THROW(check_invariant(true, "fine"));
  EXPECT_THROW(check_invariant(false, "broken"), InvariantError);
}

}  // namespace
}  // namespace mixpe
