#include "sim/sweep/worker_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <thread>

namespace mixpe {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

std::map<std::size_t, PoolAnswer> run(const PoolOptions& options, std::size_t jobs,
                                      const WorkerPool::Work& work) {
  WorkerPool pool(options, work);
  std::map<std::size_t, PoolAnswer> answers;
  std::size_t next = 0;
  pool.run(
      [&]() -> std::optional<PoolJob> {
        if (next == jobs) return std::nullopt;
        const std::size_t id = next++;
        return PoolJob{id, std::to_string(id)};
      },
      [&](std::size_t id, const PoolAnswer& answer) {
        EXPECT_TRUE(answers.emplace(id, answer).second) << id << " answered twice";
      });
  return answers;
}

TEST(WorkerPool, AnswersEveryJobOnceWithWhatItAsked) {
  for (const int workers : {1, 3}) {
    const auto answers = run({.workers = workers}, 50, [](const std::string& job) {
      return "job " + job + std::string(std::stoul(job) * 1000, '.');
    });
    ASSERT_EQ(answers.size(), 50U);
    for (const auto& [id, answer] : answers) {
      EXPECT_EQ(answer.reply, "job " + std::to_string(id) + std::string(id * 1000, '.'));
    }
  }
}

TEST(WorkerPool, ACrashHarmsNoOtherJob) {
  const auto answers = run({.workers = 2}, 10, [](const std::string& job) {
    if (job == "3") {
      ::signal(SIGSEGV, SIG_DFL);  // a sanitizer would end the worker in its own way
      ::raise(SIGSEGV);
    }
    return job;
  });
  ASSERT_EQ(answers.size(), 10U);
  EXPECT_THAT(answers.at(3).failure, HasSubstr("signal 11"));
  EXPECT_FALSE(answers.at(3).reply);
  EXPECT_EQ(answers.at(4).reply, "4");
}

TEST(WorkerPool, AJobWhoseWorkerWasKilledOnceIsTriedAgain) {
  const std::string mark = ::testing::TempDir() + "mixpe_killed_once_" + std::to_string(::getpid());
  const auto answers = run({.workers = 1}, 3, [&](const std::string& job) {
    if (job == "1" && ::access(mark.c_str(), F_OK) != 0) {
      std::ofstream(mark) << "killed";
      ::raise(SIGKILL);
    }
    return job;
  });
  std::remove(mark.c_str());
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers.at(1).reply, "1");
}

TEST(WorkerPool, AJobThatHangsIsEndedAtTheLimit) {
  const auto answers = run({.workers = 1, .time_limit = 200ms}, 3, [](const std::string& job) {
    while (job == "1") ::pause();
    return job;
  });
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers.at(1).failure, "took longer than 200 ms");
  EXPECT_EQ(answers.at(2).reply, "2");
}

#ifndef __SANITIZE_ADDRESS__  // it keeps memory without limit
TEST(WorkerPool, AJobThatNeedsTooMuchMemoryIsRefused) {
  const PoolOptions options{.workers = 1, .memory_bytes = std::int64_t{2} << 30};
  const auto answers = run(options, 2, [](const std::string& job) {
    std::string much(job == "0" ? std::size_t{8} << 30 : 1, 'x');
    return much.substr(0, 1);
  });
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers.at(0).failure, "needs more memory than 2 GiB");
  EXPECT_EQ(answers.at(1).reply, "x");
}
#endif

TEST(WorkerPool, WhatAJobThrowsIsItsFailure) {
  const auto answers = run({.workers = 1}, 2, [](const std::string& job) {
    if (job == "0") throw std::logic_error("the reason");
    return job;
  });
  EXPECT_EQ(answers.at(0).failure, "the reason");
  EXPECT_EQ(answers.at(1).reply, "1");
}

TEST(WorkerPool, AFreshWorkerHasDoneNothingBefore) {
  static int jobs_of_this_process = 0;
  for (const bool fresh : {false, true}) {
    const auto answers =
        run({.workers = 1, .fresh_worker_for_each_job = fresh}, 3,
            [](const std::string&) { return std::to_string(++jobs_of_this_process); });
    EXPECT_EQ(answers.at(2).reply, fresh ? "1" : "3");
  }
  EXPECT_EQ(jobs_of_this_process, 0);
}

TEST(WorkerPool, StopsWhenInterrupted) {
  const Interrupts interrupts;
  WorkerPool pool({.workers = 1}, [](const std::string& job) { return job; });
  std::size_t given = 0, answered = 0;
  const bool finished = pool.run(
      [&]() -> std::optional<PoolJob> {
        if (given == 3) ::raise(SIGINT);
        return PoolJob{given++, "x"};
      },
      [&](std::size_t, const PoolAnswer&) { ++answered; });
  EXPECT_FALSE(finished);
  EXPECT_EQ(Interrupts::signal(), SIGINT);
  EXPECT_EQ(answered, 3U);
}

}  // namespace
}  // namespace mixpe
