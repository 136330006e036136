#include "sim/report/output.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "models/core/errors.h"

namespace mixpe {
namespace {

namespace fs = std::filesystem;

class Output : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() / (std::string("mixpe_output_") + info->name());
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  static std::string content(const std::string& path) {
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }
  std::size_t files() const {
    std::size_t n = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder_))
      n += entry.is_regular_file();
    return n;
  }

  fs::path folder_;
};

TEST_F(Output, WritesAllFiles) {
  make_folder(path("a"));
  write_files({{path("a/x.json"), "one"}, {path("y.csv"), "two"}});
  EXPECT_EQ(content(path("a/x.json")), "one");
  EXPECT_EQ(content(path("y.csv")), "two");
  EXPECT_EQ(files(), 2U);
}

TEST_F(Output, LeavesNothingBehindWhenOneTargetCannotBeWritten) {
  fs::create_directories(path("taken"));
  EXPECT_THROW(write_files({{path("x.json"), "one"}, {path("taken"), "two"}}), UserError);
  EXPECT_EQ(files(), 0U);
}

TEST_F(Output, LeavesTheOldFileWhenTheDiskIsFull) {
  make_folder(folder_.string());
  write_files({{path("x.json"), "old"}});
  // A file size limit makes write() fail half-way as a full disk does.
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 1000;
  setrlimit(RLIMIT_FSIZE, &small);
  EXPECT_THROW(write_files({{path("x.json"), std::string(5000, 'n')}}), UserError);
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(content(path("x.json")), "old");
  EXPECT_EQ(files(), 1U);
}

TEST_F(Output, ChecksBeforeALongJobWithoutLeavingAFile) {
  make_folder(path("deep"));
  check_writable(path("deep/x.json"));
  EXPECT_EQ(files(), 0U);
  EXPECT_THROW(check_writable(path("deep")), UserError);
  EXPECT_THROW(check_writable(path("no/such/folder.json")), UserError);
  write_files({{path("file"), ""}});
  EXPECT_THROW(check_writable(path("file/x.json")), UserError);
  EXPECT_THROW(make_folder(path("file/x")), UserError);
}

TEST_F(Output, RefusesWhatIsNoRegularFileAndKeepsIt) {
  make_folder(folder_.string());
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_THROW(check_writable(path("pipe")), UserError);
  EXPECT_THROW(write_files({{path("pipe"), "x"}}), UserError);
  EXPECT_TRUE(fs::is_fifo(path("pipe")));
}

TEST_F(Output, WritesThroughASymbolicLink) {
  make_folder(folder_.string());
  write_files({{path("real"), "old"}});
  fs::create_symlink(path("real"), path("link"));
  write_files({{path("link"), "new"}});
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(content(path("real")), "new");
}

}  // namespace
}  // namespace mixpe
