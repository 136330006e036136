#pragma once
// What the operand buffers give to the ports of a Verilated array, for one step at a time.

#include <cstdint>
#include <optional>
#include <vector>

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
  /// All columns' weights of one step (OS) or of one row of PEs (WS), `index` of the job's.
  void put_weights(RtlArrayModel& model, const ArrayJob& job, std::int64_t index,
                   bool high_nibble) const;
  /// What the exponent scan looks at in this cycle.
  void scan(RtlArrayModel& model, const EdgeSlot& slot) const;
  /// Events that the ports do not show: operands that enter.
  void count(const EdgeSlot& slot, Counters& counters) const;

 private:
  void put_acts(RtlArrayModel& model, const RtlBus& bus, const ArrayJob& job,
                std::int64_t index) const;
  bool has_values(const ArrayJob& job) const { return job.values && work_.operands != nullptr; }
  /// Elements along k that the job has for lanes of step or row `index`.
  std::int64_t lanes_of(const ArrayJob& job, std::int64_t index) const;

  ArrayWork work_;
  PeRtl pe_;
  bool weight_stationary_;
  RtlBus act_, wgt_, scan_valid_, scan_first_, scan_act_;
  std::optional<RtlBus> scan_begin_;
  mutable std::vector<Code> codes_;  ///< of one port's lanes
};

}  // namespace mixpe
