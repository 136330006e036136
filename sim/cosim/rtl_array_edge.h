#pragma once
// What the operand buffers give to the ports of a Verilated array, for one step at a time.

#include <cstdint>
#include <optional>

#include "sim/cosim/rtl_array_design.h"
#include "sim/cosim/rtl_array_model.h"
#include "sim/timing/engines/array_job.h"
#include "sim/timing/engines/edge_sequencer.h"

namespace mixpe {

class RtlEdge {
 public:
  RtlEdge(const ArrayWork& work, const RtlArrayDesign& design, RtlArrayModel& model);

  /// All rows' activations of step `index`: OS, element k of each output; WS, an output's elements.
  /// Rows without one get zero.
  void put_acts(RtlArrayModel& model, const ArrayJob& job, std::int64_t index) const {
    put_acts(model, act_, job, index);
  }
  /// All columns' weights for element `k` of the GEMM.
  void put_weights(RtlArrayModel& model, const ArrayJob& job, std::int64_t k,
                   bool high_nibble) const;
  /// What the exponent scan looks at in this cycle.
  void scan(RtlArrayModel& model, const EdgeSlot& slot) const;
  /// Events that the ports do not show: operands that enter.
  void count(const EdgeSlot& slot, Counters& counters) const;

 private:
  void put_acts(RtlArrayModel& model, const RtlBus& bus, const ArrayJob& job,
                std::int64_t index) const;
  bool has_values(const ArrayJob& job) const { return job.values && work_.operands != nullptr; }

  ArrayWork work_;
  bool weight_stationary_, two_nibbles_;
  RtlBus act_, wgt_, scan_valid_, scan_first_, scan_act_;
  std::optional<RtlBus> scan_begin_;
};

}  // namespace mixpe
