#include "sim/timing/counters.h"

namespace mixpe {

const EventInfo& event_info(Event e) {
  static constexpr std::array<EventInfo, kEventCount> kInfo = {{
      {"mac", "MAC", "products of operands that exist, added by the PEs"},
      {"pe_cycle", "PE-cycle", "PEs times cycles, busy or idle"},
      {"capture", "sum", "segment sums copied into a shadow register"},
      {"shadow_shift", "sum", "sums moved down by one register of the drain chain"},
      {"accumulator_read", "sum", "sums read from the accumulator memory (weight-stationary)"},
      {"accumulator_write", "sum", "sums written to the accumulator memory (weight-stationary)"},
      {"lane_op", "sum", "segment sums taken by a lane and added to an output"},
      {"row_sum_add", "activation", "activations added by the row-sum adders (zero-points)"},
      {"align", "activation", "activations aligned at the edge to their segment's exponent"},
      {"convert", "weight", "weights converted before the array"},
      {"epilogue", "output", "outputs scaled and rounded to their format"},
      {"act_read", "word", "activation buffer, port-wide reads"},
      {"act_write", "word", "activation buffer, port-wide writes"},
      {"wgt_read", "word", "weight buffer, port-wide reads"},
      {"wgt_write", "word", "weight buffer, port-wide writes"},
      {"out_read", "word", "output buffer, port-wide reads"},
      {"out_write", "word", "output buffer, port-wide writes"},
      {"dram_read_bytes", "byte", "bytes read from DRAM"},
      {"dram_write_bytes", "byte", "bytes written to DRAM"},
      {"overflow", "add", "accumulator adds that left the range and wrapped (values only)"},
  }};
  return kInfo[static_cast<std::size_t>(e)];
}

Counters& Counters::operator+=(const Counters& o) { return add_scaled(o, 1); }

Counters& Counters::add_scaled(const Counters& o, std::uint64_t times) {
  for (std::size_t i = 0; i < value.size(); ++i) value[i] += o.value[i] * times;
  return *this;
}

}  // namespace mixpe
