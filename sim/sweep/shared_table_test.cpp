#include "sim/sweep/shared_table.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "sim/sweep/fingerprint.h"

namespace mixpe {
namespace {

SharedTable<int>::Key key(int i) { return content_hash(std::to_string(i)); }

/// Runs `body` in `count` processes at once; true if all ended in order.
template <class Body>
bool in_processes(int count, Body body) {
  std::vector<pid_t> children;
  for (int i = 0; i < count; ++i) {
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(body(i) ? 0 : 1);
    children.push_back(pid);
  }
  bool all = true;
  for (const pid_t pid : children) {
    int status = 0;
    ::waitpid(pid, &status, 0);
    all = all && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  return all;
}

TEST(SharedTable, ComputesEachValueOnceForAllProcesses) {
  constexpr int kValues = 200;
  SharedTable<int> table(1000);
  const auto all_right = [&](int) {
    bool right = true;
    for (int i = 0; i < kValues; ++i) {
      right = right && table.get(key(i), [&] {
        ::usleep(100);  // so that the others want it meanwhile
        return i * i;
      }) == i * i;
    }
    return right;
  };
  EXPECT_TRUE(in_processes(4, all_right));
  EXPECT_EQ(table.computed(), static_cast<std::uint64_t>(kValues));
}

TEST(SharedTable, AValueWhoseProcessDiedIsComputedByAnother) {
  SharedTable<int> table(1000);
  EXPECT_FALSE(in_processes(1, [&](int) {
    table.get(key(1), []() -> int { ::_exit(1); });
    return true;
  }));
  EXPECT_EQ(table.get(key(1), [] { return 7; }), 7);
  EXPECT_EQ(table.get(key(1), [] { return 8; }), 7);
}

TEST(SharedTable, AFailureIsPassedOnAndNotKept) {
  SharedTable<int> table(1000);
  EXPECT_THROW(table.get(key(1), []() -> int { throw UserError("no"); }), UserError);
  EXPECT_EQ(table.get(key(1), [] { return 7; }), 7);
}

TEST(SharedTable, WorksOnWhenItIsFull) {
  SharedTable<int> table(8);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(table.get(key(i), [&] { return i; }), i);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(table.get(key(i), [&] { return i; }), i);
}

}  // namespace
}  // namespace mixpe
