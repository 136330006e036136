#include "sim/sweep/worker_pool.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <new>

#include "models/core/errors.h"
#include "sim/config/yaml_reader.h"

namespace mixpe {
namespace {

volatile std::sig_atomic_t g_signal = 0;
struct sigaction g_old_int, g_old_term;

void remember(int signal) { g_signal = signal; }

bool write_all(int fd, const char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t n = ::send(fd, bytes, size, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

bool read_all(int fd, char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t n = ::recv(fd, bytes, size, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

bool send_message(int fd, const std::string& text) {
  const std::uint64_t size = text.size();
  std::string frame(sizeof size, '\0');
  std::memcpy(frame.data(), &size, sizeof size);
  frame += text;
  return write_all(fd, frame.data(), frame.size());
}

std::optional<std::string> receive_message(int fd) {
  std::uint64_t size = 0;
  if (!read_all(fd, reinterpret_cast<char*>(&size), sizeof size)) return std::nullopt;
  std::string text(size, '\0');
  if (!read_all(fd, text.data(), text.size())) return std::nullopt;
  return text;
}

constexpr char kReply = '+', kFailure = '!';  // first byte of a worker's message

void limit_memory([[maybe_unused]] std::int64_t bytes) {
#ifndef __SANITIZE_ADDRESS__  // its shadow memory is beyond any limit
  if (bytes <= 0) return;
  const rlimit limit{static_cast<rlim_t>(bytes), static_cast<rlim_t>(bytes)};
  ::setrlimit(RLIMIT_AS, &limit);
#endif
}

}  // namespace

Interrupts::Interrupts() {
  g_signal = 0;
  struct sigaction action {};
  action.sa_handler = &remember;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, &g_old_int);
  ::sigaction(SIGTERM, &action, &g_old_term);
}

Interrupts::~Interrupts() {
  ::sigaction(SIGINT, &g_old_int, nullptr);
  ::sigaction(SIGTERM, &g_old_term, nullptr);
}

int Interrupts::signal() { return g_signal; }

WorkerPool::WorkerPool(const PoolOptions& options, Work work)
    : options_(options), work_(std::move(work)) {
  workers_.resize(static_cast<std::size_t>(options.workers));
}

WorkerPool::~WorkerPool() {
  for (Worker& worker : workers_) stop(worker);
}

void WorkerPool::start(Worker& worker) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw UserError(std::string("cannot start a worker: ") + std::strerror(errno));
  }
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) {
    ::close(ends[0]);
    ::close(ends[1]);
    throw UserError(std::string("cannot start a worker: ") + std::strerror(errno) +
                    "; allowed fewer workers (-j)");
  }
  if (pid == 0) {
    ::signal(SIGINT, SIG_IGN);  // a terminal sends it to all: the parent decides
    ::signal(SIGTERM, SIG_DFL);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(0);  // it died before that
    ::close(ends[0]);
    for (const Worker& other : workers_) {
      if (other.socket >= 0) ::close(other.socket);
    }
    limit_memory(options_.memory_bytes);
    serve(ends[1]);
  }
  ::close(ends[1]);
  worker.pid = pid;
  worker.socket = ends[0];
}

/// The worker's life. It never returns to the code that it is a copy of.
void WorkerPool::serve(int socket) const {
  while (const std::optional<std::string> request = receive_message(socket)) {
    std::string message;
    try {
      message = kReply + work_(*request);
    } catch (const std::bad_alloc&) {
      message = kFailure + ("needs more memory than " +
                            quantity_text(options_.memory_bytes, Dimension::kBytes));
    } catch (const std::exception& e) {
      message = std::string(1, kFailure) + e.what();
    }
    if (!send_message(socket, message) || options_.fresh_worker_for_each_job) break;
  }
  ::_exit(0);  // no destructors: files and databases are the parent's
}

void WorkerPool::stop(Worker& worker) {
  if (worker.pid < 0) return;
  ::kill(worker.pid, SIGKILL);
  ::waitpid(worker.pid, nullptr, 0);
  ::close(worker.socket);
  worker = {};
}

bool WorkerPool::send(Worker& worker, PoolJob job) {
  if (worker.pid < 0) start(worker);
  worker.deadline = Clock::now() + options_.time_limit;
  worker.job = std::move(job);
  return send_message(worker.socket, worker.job->request);
}

/// Of a worker whose socket has ended.
std::string WorkerPool::reason_of_death(Worker& worker) {
  int status = 0;
  ::waitpid(worker.pid, &status, 0);
  ::close(worker.socket);
  worker.pid = -1;
  worker.socket = -1;
  if (WIFSIGNALED(status)) {
    return std::string("its worker was ended by signal ") + std::to_string(WTERMSIG(status)) +
           " (" + ::strsignal(WTERMSIG(status)) + "), twice";
  }
  return "its worker ended with code " + std::to_string(WEXITSTATUS(status)) + ", twice";
}

/// The answer for a job whose worker is gone; none if it is tried again.
std::optional<PoolAnswer> WorkerPool::lost(Worker& worker, const std::string& reason,
                                           bool try_again) {
  PoolJob job = *worker.job;
  worker.job.reset();
  if (try_again && retried_.insert(job.id).second) {
    again_.push_back(std::move(job));
    return std::nullopt;
  }
  return PoolAnswer{std::nullopt, reason};
}

std::optional<PoolAnswer> WorkerPool::receive(Worker& worker) {
  std::optional<std::string> message = receive_message(worker.socket);
  if (!message || message->empty()) return lost(worker, reason_of_death(worker), true);
  worker.job.reset();
  if (options_.fresh_worker_for_each_job) stop(worker);
  if (message->front() == kFailure) return PoolAnswer{std::nullopt, message->substr(1)};
  return PoolAnswer{message->substr(1), {}};
}

int WorkerPool::milliseconds_to_deadline() const {
  constexpr std::int64_t kLongest = 60'000;
  std::int64_t left = kLongest;
  for (const Worker& worker : workers_) {
    if (!worker.job) continue;
    const auto ms =
        std::chrono::ceil<std::chrono::milliseconds>(worker.deadline - Clock::now()).count();
    left = std::clamp<std::int64_t>(ms, 0, left);
  }
  return static_cast<int>(left);
}

bool WorkerPool::run(const std::function<std::optional<PoolJob>()>& next,
                     const std::function<void(std::size_t, const PoolAnswer&)>& done) {
  bool more = true;
  const auto feed = [&](Worker& worker) {
    std::optional<PoolJob> job;
    if (!again_.empty()) {
      job = std::move(again_.back());
      again_.pop_back();
    } else if (more) {
      job = next();
      more = job.has_value();
    }
    if (job) send(worker, std::move(*job));  // a dead worker is noticed when it is read from
  };
  for (;;) {
    if (Interrupts::signal() != 0) return false;
    for (Worker& worker : workers_) {
      if (!worker.job) feed(worker);
    }
    std::vector<pollfd> waited;
    std::vector<Worker*> owners;
    for (Worker& worker : workers_) {
      if (!worker.job) continue;
      waited.push_back({worker.socket, POLLIN, 0});
      owners.push_back(&worker);
    }
    if (waited.empty()) return true;
    if (::poll(waited.data(), waited.size(), milliseconds_to_deadline()) < 0) continue;
    for (std::size_t i = 0; i < waited.size(); ++i) {
      Worker& worker = *owners[i];
      const std::size_t id = worker.job->id;
      std::optional<PoolAnswer> answer;
      if (waited[i].revents != 0) {
        answer = receive(worker);
      } else if (Clock::now() >= worker.deadline) {
        const std::string limit =
            quantity_text(options_.time_limit.count() * 1'000'000'000, Dimension::kPicoseconds);
        answer = lost(worker, "took longer than " + limit, false);
        stop(worker);
      }
      if (!answer) continue;
      feed(worker);  // it works on while the answer is stored
      done(id, *answer);
    }
  }
}

}  // namespace mixpe
