#pragma once
// Ratios inside one run: two pieces of work timed in turn, in CPU time of this thread, so that the
// noise of a shared machine hits both alike. The ratio reported is the median over the turns.

#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <string>
#include <vector>

namespace mixpe::bench {

inline double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

template <class Work>
double seconds_of(Work&& work) {
  const double start = cpu_seconds();
  work();
  return cpu_seconds() - start;
}

inline double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// A rate in units per second, of work that does `units` each time.
struct Rates {
  std::vector<double> subject, yardstick, ratio;

  template <class Subject, class Yardstick>
  double turn(double subject_units, Subject&& run_subject, double yardstick_units,
              Yardstick&& run_yardstick) {
    const double s = seconds_of(run_subject), y = seconds_of(run_yardstick);
    subject.push_back(subject_units / s);
    yardstick.push_back(yardstick_units / y);
    ratio.push_back(subject.back() / yardstick.back());
    return s;
  }
  void report(benchmark::State& state, const std::string& subject_name,
              const std::string& yardstick_name, const std::string& ratio_name) const {
    state.counters[subject_name] = median(subject);
    state.counters[yardstick_name] = median(yardstick);
    state.counters[ratio_name] = median(ratio);
  }
};

}  // namespace mixpe::bench
