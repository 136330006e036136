#pragma once
// Cycles of a GEMM <-> kernel time, without accumulated rounding.

#include <cstdint>
#include <systemc>

namespace mixpe {

/// Cycle c of a job that starts at `start` is at start + floor(c / f), in the kernel's resolution
/// of 1 ps. For clocks below 1 THz cycle() of that time is c again: floor(c P) lies in (c P - 1, c
/// P] and P > 1 ps.
class CycleClock {
 public:
  CycleClock() = default;
  CycleClock(sc_core::sc_time start, std::int64_t hz)
      : start_(start.value()), hz_(static_cast<Wide>(hz)) {}

  sc_core::sc_time at(std::int64_t cycle) const {
    return sc_core::sc_time::from_value(
        start_ + static_cast<std::uint64_t>(static_cast<Wide>(cycle) * kTicks / hz_));
  }
  /// The first cycle that is not before `time`.
  std::int64_t cycle(sc_core::sc_time time) const {
    const Wide ticks = time.value() - start_;
    return static_cast<std::int64_t>((ticks * hz_ + kTicks - 1) / kTicks);
  }

 private:
  __extension__ using Wide = unsigned __int128;
  static constexpr Wide kTicks = 1'000'000'000'000;  ///< per second
  std::uint64_t start_ = 0;
  Wide hz_ = 1;
};

}  // namespace mixpe
