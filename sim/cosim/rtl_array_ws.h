#pragma once
// The Verilated weight-stationary array behind ClockedEngine, like RtlOs.
//  * Sums of a K-tile that ends no segment are seen only as they arrive below their column
//    (arrive_o), and as reads and writes of the accumulator memories.

#include <cstdint>
#include <deque>
#include <vector>

#include "sim/cosim/rtl_array_design.h"
#include "sim/cosim/rtl_array_edge.h"
#include "sim/cosim/rtl_array_lanes.h"
#include "sim/cosim/rtl_array_model.h"
#include "sim/timing/engines/edge_sequencer.h"

namespace mixpe {

class RtlWs final {
 public:
  RtlWs(const ArrayWork& work, const RtlArrayDesign& design, RtlArrayModel model);

  void clock(const EdgeSlot& slot, std::int64_t cycle);
  bool drained() const { return arrivals_left_ == 0 && adding_left_ == 0 && lanes_.drained(); }
  bool empty() const { return arrivals_left_ == 0 && adding_left_ == 0 && lanes_.empty(); }
  /// Idle cycles in which nothing can change are not simulated.
  void skip_to(std::int64_t cycle);
  void discard_values() { lanes_.discard_values(); }
  std::deque<CompletedTile>& completed() { return lanes_.completed(); }
  const Counters& counters() const { return lanes_.counters(); }
  RtlArrayModel& model() { return model_; }

 private:
  /// A K-tile whose sums have not all arrived.
  struct KTile {
    ArrayJob job;
    std::int64_t number = 0;
    std::int64_t arrivals_left = 0;  ///< of all columns
  };
  struct Column {
    std::int64_t ktile = -1;      ///< number of the K-tile that arrives
    std::int64_t steps_left = 0;  ///< of it
  };

  void drive(const EdgeSlot& slot);
  void tick(std::int64_t cycle);
  void see_arrivals(std::int64_t cycle);
  void count_accesses(std::int64_t cycle);
  std::int64_t longest_way() const;
  std::uint8_t& past(std::vector<std::uint8_t>& flags, std::int64_t cycle, std::int64_t col) const;

  ArrayTiming t_;
  RtlArrayDesign design_;
  RtlArrayModel model_;
  RtlEdge edge_;
  RtlLanes lanes_;
  RtlBus load_, load_row_, valid_, first_, begin_, end_, last_row_;
  RtlBus overflow_, row_overflow_, sum_overflow_, row_sum_overflow_;
  RtlBus arrive_, read_, take_, write_;
  std::deque<KTile> ktiles_;
  std::int64_t next_ktile_ = 0;
  std::vector<Column> columns_;
  /// Cycles that an access to an accumulator memory may lie behind what it belongs to, and 1.
  std::int64_t past_;
  /// [cycle mod past_][column] an output that exists arrived, had its lane slot.
  std::vector<std::uint8_t> arrived_real_, slot_real_;
  std::int64_t arrivals_left_ = 0;  ///< of active columns
  std::int64_t adding_left_ = 0;    ///< cycles until the accumulators are done
  bool second_ = false;             ///< the step's second cycle comes now
  std::int64_t cycle_ = -1, last_entry_ = -1, last_arrival_ = -1;
};

}  // namespace mixpe
