#pragma once
// The Verilated output-stationary array behind ClockedEngine: the edge's slot goes to its ports,
// and what comes out of its ports is what happens.

#include <cstdint>
#include <deque>

#include "sim/cosim/rtl_array_design.h"
#include "sim/cosim/rtl_array_edge.h"
#include "sim/cosim/rtl_array_lanes.h"
#include "sim/cosim/rtl_array_model.h"
#include "sim/timing/engines/edge_sequencer.h"

namespace mixpe {

class RtlOs final {
 public:
  RtlOs(const ArrayWork& work, const RtlArrayDesign& design, RtlArrayModel model);

  void clock(const EdgeSlot& slot, std::int64_t cycle);
  bool drained() const { return lanes_.drained(); }
  bool empty() const { return lanes_.empty(); }
  /// Idle cycles in which nothing can change are not simulated.
  void skip_to(std::int64_t cycle);
  void discard_values() { lanes_.discard_values(); }
  std::deque<CompletedTile>& completed() { return lanes_.completed(); }
  const Counters& counters() const { return lanes_.counters(); }
  RtlArrayModel& model() { return model_; }

 private:
  void drive(const EdgeSlot& slot);
  void tick(std::int64_t cycle);

  ArrayTiming t_;
  bool two_nibbles_;
  RtlArrayModel model_;
  RtlEdge edge_;
  RtlLanes lanes_;
  RtlBus valid_, first_, last_, last_row_, overflow_, row_overflow_;
  std::int64_t position_ = 0;     ///< cycles of the job that issues
  std::int64_t cycle_ = -1;       ///< last cycle simulated
  std::int64_t last_entry_ = -1;  ///< last cycle in which something entered
};

}  // namespace mixpe
