#include "sim/timing/memory.h"

#include <algorithm>

namespace mixpe {

IdealMemory::IdealMemory(sc_core::sc_module_name name) : MemoryTarget(name), target_("target") {
  target_.register_b_transport(this, &IdealMemory::b_transport);
}

void IdealMemory::begin(const CycleClock& clock, const TransferRate& rate) {
  clock_ = clock;
  rate_ = rate;
  channel_free_ = 0;
}

void IdealMemory::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const sc_core::sc_time now = sc_core::sc_time_stamp();
  const std::int64_t start = std::max(clock_.cycle(now + delay), channel_free_);
  channel_free_ = start + rate_.cycles(payload.get_data_length());
  delay = clock_.at(channel_free_ + rate_.latency) - now;
  ++(payload.is_read() ? reads_ : writes_);
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

}  // namespace mixpe
