#pragma once
// How long a memory of fixed bandwidth and latency takes for a transfer, in whole cycles.

#include <cstdint>

#include "sim/config/arch_spec.h"

namespace mixpe {

/// A transfer occupies the channel for ceil(bytes * clock / bandwidth) cycles; its data has arrived
/// (or is safely stored) `latency` cycles after that. Latencies of successive transfers overlap.
struct TransferRate {
  std::int64_t clock = 0;      ///< bytes * clock / bandwidth cycles, as a reduced fraction
  std::int64_t bandwidth = 1;  ///< clock = 0: unlimited
  std::int64_t latency = 0;    ///< cycles

  std::int64_t cycles(std::int64_t bytes) const {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(bytes) * static_cast<Wide>(clock);
    const auto divisor = static_cast<std::uint64_t>(bandwidth);
    if (product <= UINT64_MAX - divisor) {
      return static_cast<std::int64_t>((static_cast<std::uint64_t>(product) + divisor - 1) /
                                       divisor);
    }
    return static_cast<std::int64_t>((product + divisor - 1) / divisor);
  }
};

TransferRate transfer_rate(const MemorySpec& memory, std::int64_t clock_hz);

}  // namespace mixpe
