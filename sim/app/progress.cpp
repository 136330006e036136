#include "sim/app/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace mixpe {
namespace {

constexpr std::chrono::milliseconds kTerminalInterval{100};
constexpr std::chrono::seconds kLogInterval{10};

bool silent = false;

}  // namespace

Progress::Progress(std::string what, std::size_t total)
    : what_(std::move(what)), total_(total), terminal_(::isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
  if (terminal_ && shown_) std::fputs("\r\033[K", stderr);
}

void Progress::silence() { silent = true; }

void Progress::done(std::size_t count) {
  if (silent) return;
  const Clock::time_point now = Clock::now();
  if (now - last_ <
      (terminal_ ? Clock::duration(kTerminalInterval) : Clock::duration(kLogInterval)))
    return;
  last_ = now;
  shown_ = true;
  const double elapsed_s = std::chrono::duration<double>(now - start_).count();
  const double left_s =
      count > 0 ? elapsed_s / static_cast<double>(count) * static_cast<double>(total_ - count) : 0;
  const std::string line = fmt::format("{} {}/{}, {:.3g}/s, about {:.0f} s left", what_, count,
                                       total_, static_cast<double>(count) / elapsed_s, left_s);
  std::fputs(terminal_ ? ("\r\033[K" + line).c_str() : (line + "\n").c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace mixpe
