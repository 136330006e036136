// Files that cannot be read at all, and texts made to exhaust a reader.

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "sim/config/arch.h"
#include "sim/config/reference.h"

namespace mixpe {
namespace {

namespace fs = std::filesystem;

/// A folder of this test alone, removed at its end.
class FileErrors : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "mixpe_files_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    fs::permissions(folder_, fs::perms::all);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return (folder_ / name).string();
  }
  static std::string mistakes(const std::string& path) {
    Diagnostics wrong;
    EXPECT_FALSE(load_arch(path, wrong).has_value());
    EXPECT_EQ(validate_file(path).text(), wrong.text());
    return wrong.text();
  }

  fs::path folder_;
};

TEST_F(FileErrors, MissingFile) {
  const std::string path = (folder_ / "nope.yaml").string();
  EXPECT_EQ(mistakes(path), path + ": cannot be read: No such file or directory");
}

TEST_F(FileErrors, Directory) {
  EXPECT_EQ(mistakes(folder_.string()), folder_.string() + ": is a directory, not a file");
}

TEST_F(FileErrors, EmptyFile) {
  const std::string path = write("empty.yaml", "");
  EXPECT_EQ(mistakes(path), path + ": is empty");
}

TEST_F(FileErrors, FileOfCommentsOnly) {
  const std::string path = write("comments.yaml", "# nothing\n\n---\n");
  EXPECT_EQ(mistakes(path), path + ": is empty");
}

TEST_F(FileErrors, NoReadPermission) {
  const std::string path = write("secret.yaml", "name: a\n");
  ASSERT_EQ(chmod(path.c_str(), 0), 0);
  // Root may read anything, so the test gives its rights up for a while.
  const uid_t me = geteuid();
  constexpr uid_t kNobody = 65534;
  if (me == 0) {
    ASSERT_EQ(seteuid(kNobody), 0);
  }
  const std::string text = mistakes(path);
  if (me == 0) {
    ASSERT_EQ(seteuid(me), 0);
  }
  EXPECT_EQ(text, path + ": cannot be read: Permission denied");
}

TEST_F(FileErrors, BinaryFile) {
  const std::string path = write("binary.yaml", std::string("name: a\n\0\x01", 10));
  EXPECT_EQ(mistakes(path), path + ":2:1: a control character: this is no text file");
}

TEST_F(FileErrors, FileBeyondTheLimit) {
  const std::string path = write("long.yaml", std::string((16U << 20) + 1, '#'));
  EXPECT_EQ(mistakes(path), path + ": is larger than 16 MiB");
}

TEST_F(FileErrors, EndlessFile) {
  EXPECT_EQ(mistakes("/dev/zero"), "/dev/zero: is larger than 16 MiB");
}

/// Nine lists, each of nine times the list before: 9^9 leaves if aliases were expanded.
TEST_F(FileErrors, AliasBombIsRefusedUnexpanded) {
  std::string text = "a0: &a0 [x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string alias = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + alias;
    for (int j = 1; j < 9; ++j) text += ", " + alias;
    text += "]\n";
  }
  Diagnostics wrong;
  parse_yaml("bomb.yaml", text, wrong);
  // One mistake for each anchor and each alias as written, none for what they would expand to.
  EXPECT_EQ(wrong.list().size(), 10U + 9U * 9U);
  EXPECT_EQ(wrong.list().front().text(),
            "bomb.yaml:1:5: anchors are not supported: write the value out");
}

TEST_F(FileErrors, NestingIsBounded) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + "x" + std::string(depth, ']');
  };
  Diagnostics wrong;
  EXPECT_TRUE(parse_yaml("d.yaml", nested(kMaxYamlDepth), wrong).has_value());
  EXPECT_TRUE(wrong.ok()) << wrong.text();
  EXPECT_FALSE(parse_yaml("d.yaml", nested(kMaxYamlDepth + 1), wrong).has_value());
  EXPECT_EQ(wrong.text(), "d.yaml:1:65: nested deeper than 64 levels");
}

TEST_F(FileErrors, UnknownKindOfFile) {
  const std::string path = write("other.yaml", "colour: blue\n");
  const std::string text = validate_file(path).text();
  EXPECT_EQ(
      text.find(path + ":1:1: no known kind of file; allowed architecture (array, pe, buffers)"),
      0U)
      << text;
}

/// Whatever stands in a file, the reader answers: it never throws, and it refuses or accepts aloud.
RC_GTEST_PROP(AnyText, IsReadOrRefused, ()) {
  static const std::string correct = [] {
    Diagnostics wrong;
    return read_text_file(std::string(MIXPE_SOURCE_DIR) + "/configs/arch/abstract_example.yaml",
                          wrong)
        .value_or("");
  }();
  RC_ASSERT(!correct.empty());
  std::string text = correct;
  const auto edits = *rc::gen::inRange(1, 8);
  for (int i = 0; i < edits; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    const auto length = *rc::gen::inRange<std::size_t>(0, 4);
    const std::string with = *rc::gen::element<std::string>(
        "", "{", "}", "[", "]", ": ", "- ", "&a ", "*a ", "!", "|", ">", "\"", "'", "#", "? ", "%",
        "\n", "\n---\n", "\t", "~", "010", "-1", "<<: ", "\xff", "\xef\xbb\xbf", "@", "`", ",");
    text.replace(at, length, with);
  }
  Diagnostics wrong;
  const bool accepted = load_arch_text("any.yaml", text, wrong).has_value();
  RC_ASSERT(accepted == wrong.ok());
}

}  // namespace
}  // namespace mixpe
