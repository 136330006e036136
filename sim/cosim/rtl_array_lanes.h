#pragma once
// What comes out of a Verilated array: its lanes' ports, read in every cycle.
//  * A value is the next of its column, and a segment's columns come in the order in which the
//    edge began the segments: so the driver knows whose it is. When it comes, and what it is, the
//    RTL alone says.
//  * With a dequantisation unit the output buffer is here: the old output goes into a lane and the
//    new one comes back. Without, sums are added here, lane_latency after they were seen.
//  * Columns that take no part still drain in the RTL; what they show is passed over.

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "sim/cosim/rtl_array_design.h"
#include "sim/cosim/rtl_array_model.h"
#include "sim/timing/engines/array_job.h"
#include "sim/timing/engines/output_lanes.h"

namespace mixpe {

class RtlLanes {
 public:
  RtlLanes(const ArrayWork& work, const RtlArrayDesign& design, const RtlArrayModel& model);

  /// The edge has begun a job that ends a segment: `lines` sums will come of each column.
  void expect(const ArrayJob& job, std::int64_t lines);
  /// Reads the lanes in this cycle and sets what they read of the buffers.
  void clock(RtlArrayModel& model, std::int64_t cycle);

  /// Columns with an output that exists whose sum has its lane's slot in this cycle.
  const std::vector<std::int64_t>& slot_columns() const { return slot_columns_; }
  bool drained() const { return slots_left_ == 0; }
  bool empty() const { return outputs_left_ == 0; }
  /// The last cycle in which a value was seen.
  std::int64_t last_seen() const { return last_seen_; }
  std::deque<CompletedTile>& completed() { return completed_; }
  Counters& counters() { return counters_; }
  const Counters& counters() const { return counters_; }
  void discard_values() { keep_values_ = false; }

 private:
  /// A segment whose sums have not all been seen.
  struct Segment {
    ArrayJob job;
    std::int64_t number = 0;
    std::int64_t lines = 0;
    std::int64_t values_left = 0;  ///< of all columns
  };
  /// A sum inside a lane's pipeline.
  struct Value {
    std::int64_t cycle = 0;  ///< in which the lane showed it
    bool active = false;     ///< of a column that takes part
    bool real = false;       ///< no padding
    bool kept = false;       ///< goes into the output buffer
    std::int64_t tile = 0, m = 0, n = 0, group = 0;
    Sum sum, row_sum;
    int exponent = 0;
  };
  struct Column {
    std::int64_t number = -1;     ///< of the segment it is taking
    std::int64_t lines_left = 0;  ///< sums of it still to come
  };
  /// Weight-stationary: the slots of a lane, column by column for each line.
  struct LaneSlots {
    std::int64_t number = -1, left = 0;
  };
  struct TileLeft {
    std::int64_t tile = 0, outputs_left = 0;
    bool closed = false;
  };

  void see_slot(std::int64_t col, const ArrayJob& job, std::int64_t cycle);
  void see_early_slot(std::int64_t lane, std::int64_t cycle);
  void take(RtlArrayModel& model, std::int64_t lane, std::int64_t cycle);
  void leave(const Value& value);
  void finish_tiles(std::int64_t cycle);
  Segment& segment(std::int64_t number);
  Sum sum_of(std::uint64_t wire, int bits) const;

  ArrayWork work_;
  RtlArrayDesign design_;
  bool keep_values_ = true;
  RtlBus valid_, row_, col_, sum_, row_sum_, exponent_, done_, y_out_;
  RtlBus zero_, scale_, y_in_;
  std::optional<RtlBus> slot_;  ///< weight-stationary: slots come before their values
  std::deque<Segment> segments_;
  std::int64_t next_number_ = 0;
  std::vector<Column> columns_;
  std::vector<LaneSlots> lane_slots_;
  std::vector<std::int64_t> slot_columns_;
  std::vector<std::deque<Value>> pipelines_;  ///< [lane], the oldest in front
  std::deque<TileLeft> tiles_;
  std::int64_t slots_left_ = 0, outputs_left_ = 0;  ///< of active columns
  std::int64_t last_seen_ = 0;
  std::deque<CompletedTile> completed_;
  Counters counters_;
};

}  // namespace mixpe
