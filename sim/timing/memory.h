#pragma once
// The memory behind the DMA's TLM-2.0 socket.
//  * b_transport with annotated delay: the call arrives at sc_time_stamp() + delay and returns with
//    the delay until its data has arrived. The DMA calls in order and may be ahead of kernel time.
//  * A target that waits inside b_transport instead works too, but then serves one transfer, its
//    latency included, after the other.

#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <systemc>
#include <tlm>

#include "sim/mapping/transfer_rate.h"
#include "sim/timing/machine_clock.h"

namespace mixpe {

/// What the machine needs of a memory.
class MemoryTarget : public sc_core::sc_module {
 public:
  using sc_module::sc_module;
  virtual tlm::tlm_target_socket<>& socket() = 0;
  /// A GEMM starts now, with nothing in flight.
  virtual void begin(const CycleClock& clock, const TransferRate& rate) = 0;
};

/// Bandwidth and latency, nothing else: start = max(arrival, channel free), the channel is free
/// again ceil(bytes * clock / bandwidth) cycles later, the data is there `latency` cycles after
/// that. It holds no data.
class IdealMemory final : public MemoryTarget {
 public:
  explicit IdealMemory(sc_core::sc_module_name name);
  tlm::tlm_target_socket<>& socket() override { return target_; }
  void begin(const CycleClock& clock, const TransferRate& rate) override;

  std::uint64_t reads() const { return reads_; }
  std::uint64_t writes() const { return writes_; }

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  tlm_utils::simple_target_socket<IdealMemory> target_;
  CycleClock clock_;
  TransferRate rate_;
  std::int64_t channel_free_ = 0;
  std::uint64_t reads_ = 0, writes_ = 0;
};

}  // namespace mixpe
