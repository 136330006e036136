#include "sim/config/reference.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "sim/config/schema.h"

namespace mixpe {
namespace {

const FileKindRegistration kParsed{
    {"test of a parsed kind",
     {"parsed"},
     [](const YamlNode& root, const std::string&, Diagnostics& wrong) {
       YamlValue(root, wrong).map().required("parsed").integer(1, 9);
     },
     [] { return "A test kind.\n"; }}};

const FileKindRegistration kOpened{{"test of an opened kind",
                                    {"opened", "opened_too"},
                                    nullptr,
                                    nullptr,
                                    [](const std::string& path, Diagnostics& wrong) {
                                      wrong.add({{path, 0, 0}, {}, "opened once", {}, {}});
                                    },
                                    ".rows"}};

std::string mistakes(const std::string& name, const std::string& text) {
  const auto path = std::filesystem::temp_directory_path() / name;
  std::ofstream(path) << text;
  const Diagnostics wrong = validate_file(path.string());
  std::filesystem::remove(path);
  std::string shown = wrong.text();
  const std::string folder = path.parent_path().string() + "/";
  return shown.rfind(folder, 0) == 0 ? shown.substr(folder.size()) : shown;
}

TEST(FileKinds, TopLevelKeysTellTheKind) {
  EXPECT_EQ(mistakes("mixpe_kind.yaml", "parsed: 3\n"), "");
  EXPECT_EQ(mistakes("mixpe_kind.yaml", "parsed: 0\n"),
            "mixpe_kind.yaml:1:9: parsed: out of range; got 0; allowed 1..9");
}

TEST(FileKinds, TheKindWithMoreOfItsKeysWins) {
  EXPECT_EQ(mistakes("mixpe_kind.yaml", "parsed: 0\nopened: 1\nopened_too: 1\n"),
            "mixpe_kind.yaml: opened once");
}

TEST(FileKinds, AReaderThatOpensTheFileReportsAlone) {
  EXPECT_EQ(mistakes("mixpe_kind.yaml", "opened: 1\nopened: 2\n"), "mixpe_kind.yaml: opened once");
}

TEST(FileKinds, ExtensionsTellTheKindOfOtherFiles) {
  EXPECT_EQ(mistakes("mixpe_kind.rows", "1,2,3\n"), "mixpe_kind.rows: opened once");
}

TEST(FileKinds, ANameIsRegisteredOnce) {
  EXPECT_THROW(FileKindRegistration({"architecture", {"x"}, nullptr, nullptr}), InvariantError);
}

TEST(Reference, HasASectionForEachKindThatDescribesItself) {
  const std::string page = configuration_reference();
  EXPECT_NE(page.find("\n## File: test of a parsed kind\n\nA test kind.\n"), std::string::npos);
  EXPECT_EQ(page.find("opened kind"), std::string::npos);
}

TEST(Reference, TableCellsAreEscaped) {
  EXPECT_EQ(reference_table({{"k", "a|b", "", "1", "c"}}),
            "| key | type | allowed | default | meaning |\n|---|---|---|---|---|\n"
            "| `k` | a\\|b |  | 1 | c |\n");
}

}  // namespace
}  // namespace mixpe
