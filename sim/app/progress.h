#pragma once
// How far a long job is: a line that rewrites itself on a terminal, plain lines now and then in a
// log.

#include <chrono>
#include <cstddef>
#include <string>

namespace mixpe {

class Progress {
 public:
  Progress(std::string what, std::size_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void done(std::size_t count);
  /// Shows nothing from now on: in a worker, whose parent shows how far all of it is.
  static void silence();

 private:
  using Clock = std::chrono::steady_clock;
  std::string what_;
  std::size_t total_;
  bool terminal_;
  bool shown_ = false;
  Clock::time_point start_ = Clock::now(), last_ = start_;
};

}  // namespace mixpe
