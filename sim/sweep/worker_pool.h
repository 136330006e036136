#pragma once
// Jobs run by forked worker processes, so that one that crashes, hangs or eats memory harms no
// other.
//  * A job and its answer are bytes. Workers are copies of this process at the time they start: a
//    job only has to name what both know.
//  * A worker that dies is replaced and its job tried once more: someone may have killed it.

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mixpe {

/// Ctrl-C and termination while this exists: remembered instead of ending the process.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  static int signal();  ///< the one that came; 0: none
};

struct PoolOptions {
  int workers = 1;
  std::chrono::milliseconds time_limit{300'000};  ///< of one job
  std::int64_t memory_bytes = 0;                  ///< address space of a worker; 0: no limit
  bool fresh_worker_for_each_job = false;         ///< a SystemC simulation can run once per process
};

struct PoolJob {
  std::size_t id = 0;
  std::string request;
};

/// What became of a job.
struct PoolAnswer {
  std::optional<std::string> reply;
  std::string failure;  ///< why there is no reply
};

class WorkerPool {
 public:
  using Work = std::function<std::string(const std::string& request)>;
  WorkerPool(const PoolOptions& options, Work work);
  ~WorkerPool();  ///< ends the workers, whatever they do
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Runs what `next` gives until it gives none and all are answered; `done` is called for each
  /// answer, after the worker has its next job. False if interrupted: jobs under way are lost.
  bool run(const std::function<std::optional<PoolJob>()>& next,
           const std::function<void(std::size_t id, const PoolAnswer&)>& done);

 private:
  using Clock = std::chrono::steady_clock;
  struct Worker {
    pid_t pid = -1;
    int socket = -1;
    std::optional<PoolJob> job;
    Clock::time_point deadline;
  };
  void start(Worker& worker);
  void stop(Worker& worker);
  bool send(Worker& worker, PoolJob job);
  std::string reason_of_death(Worker& worker);
  std::optional<PoolAnswer> receive(Worker& worker);
  std::optional<PoolAnswer> lost(Worker& worker, const std::string& reason, bool try_again);
  int milliseconds_to_deadline() const;
  [[noreturn]] void serve(int socket) const;

  PoolOptions options_;
  Work work_;
  std::vector<Worker> workers_;
  std::vector<PoolJob> again_;     ///< to be tried once more
  std::set<std::size_t> retried_;  ///< have been
};

}  // namespace mixpe
