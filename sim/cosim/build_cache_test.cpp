#include "sim/cosim/build_cache.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "models/core/errors.h"

namespace mixpe {
namespace {

namespace fs = std::filesystem;

class Cache : public ::testing::Test {
 protected:
  Cache() {
    root_ = fs::temp_directory_path() /
            ("mixpe_cache_test_" + std::to_string(::getpid()) + "_" +
             ::testing::UnitTest::GetInstance()->current_test_info()->name());
  }
  ~Cache() override {
    std::error_code ignored;
    fs::permissions(root_, fs::perms::owner_all, ignored);
    fs::remove_all(root_, ignored);
  }
  BuildCache cache() const { return BuildCache(root_); }
  /// Builds an entry that holds `text`, and counts.
  auto building(const std::string& text) {
    return [this, text](const fs::path& directory) {
      ++builds_;
      std::ofstream(directory / "made") << text;
      return BuildCache::Made{"made", {}};
    };
  }
  static std::string read(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  fs::path root_;
  std::atomic<int> builds_ = 0;
};

TEST_F(Cache, MakesAnEntryOnce) {
  EXPECT_EQ(read(cache().result("a", building("one"))), "one");
  EXPECT_EQ(read(cache().result("a", building("two"))), "one");
  EXPECT_EQ(read(cache().result("b", building("two"))), "two");
  EXPECT_EQ(builds_, 2);
}

TEST_F(Cache, DamagedEntriesAreMadeAgain) {
  const fs::path result = cache().result("a", building("one"));
  std::ofstream(result) << "onE";
  EXPECT_EQ(read(cache().result("a", building("one"))), "one");
  fs::remove(result);
  cache().result("a", building("one"));
  std::ofstream(result.parent_path() / "manifest") << "";
  cache().result("a", building("one"));
  EXPECT_EQ(builds_, 4);
}

TEST_F(Cache, BuildThatThrowsLeavesNothing) {
  const auto throwing = [](const fs::path& directory) -> BuildCache::Made {
    std::ofstream(directory / "half") << "x";
    throw UserError("no");
  };
  EXPECT_THROW(cache().result("a", throwing), UserError);
  for (const auto& entry : fs::directory_iterator(root_)) {
    EXPECT_FALSE(entry.is_directory()) << entry.path();
  }
  EXPECT_EQ(read(cache().result("a", building("one"))), "one");
}

TEST_F(Cache, KilledBuildIsRemovedByTheNext) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    cache().result("killed", [&](const fs::path& directory) -> BuildCache::Made {
      std::ofstream(directory / "half") << "x";
      [[maybe_unused]] const ssize_t written = ::write(ready[1], "x", 1);
      for (;;) ::pause();
    });
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  // While it runs, another build leaves it alone.
  cache().result("a", building("one"));
  EXPECT_TRUE(fs::exists(root_ / "killed.unfinished/half"));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  cache().result("b", building("one"));
  EXPECT_FALSE(fs::exists(root_ / "killed.unfinished"));
  EXPECT_EQ(read(cache().result("killed", building("two"))), "two");
}

TEST_F(Cache, TwoThatWantTheSameEntryMakeItOnce) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      EXPECT_EQ(read(cache().result("a",
                                    [this](const fs::path& directory) {
                                      std::this_thread::sleep_for(std::chrono::milliseconds(20));
                                      return building("one")(directory);
                                    })),
                "one");
    });
  }
  threads.clear();
  EXPECT_EQ(builds_, 1);
}

TEST_F(Cache, PlaceThatCannotBeWrittenIsTheUsersMistake) {
  std::ofstream(root_.string()) << "a file where the folder should be";
  EXPECT_THROW(cache().result("a", building("one")), UserError);
}

TEST_F(Cache, EntryIsStaleWhenAFileItDependsOnChanges) {
  fs::create_directories(root_);
  const fs::path source = root_ / "source with spaces";
  const auto from_source = [&](const fs::path& directory) {
    ++builds_;
    fs::copy_file(source, directory / "made");
    return BuildCache::Made{"made", {source}};
  };
  std::ofstream(source) << "one";
  cache().result("a", from_source);
  EXPECT_EQ(read(cache().result("a", from_source)), "one");
  std::ofstream(source) << "two";
  EXPECT_EQ(read(cache().result("a", from_source)), "two");
  EXPECT_EQ(builds_, 2);
}

}  // namespace
}  // namespace mixpe
