#pragma once
// The output-stationary array with the state of every PE at every clock, fast.
//  * Nothing is shifted: PE(r,c) in cycle t reads what entered the edge in cycle t - r - c. A row's
//    activations are kept newest first and the weights by anti-diagonal, so that one row of PEs
//    reads contiguous memory.
//  * Sums are those in the registers: a product is added in the cycle in which the adder writes.
//  * A captured segment stays where it was captured; its shifts are counted, not made.

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "sim/timing/engines/array_state.h"
#include "sim/timing/engines/cycle_kernels.h"
#include "sim/timing/engines/edge_sequencer.h"
#include "sim/timing/engines/operand_feed.h"
#include "sim/timing/engines/output_lanes.h"

namespace mixpe {

class CycleOs final : public ArrayState {
 public:
  explicit CycleOs(const ArrayWork& work);

  void clock(const EdgeSlot& slot, std::int64_t cycle);
  bool drained() const { return segments_.empty(); }
  bool empty() const { return segments_.empty(); }
  void skip_to(std::int64_t cycle);
  void discard_values();
  std::deque<CompletedTile>& completed() { return completed_; }
  const Counters& counters() const { return counters_; }

  bool valid(std::int64_t row, std::int64_t col) const override;
  std::int64_t act(std::int64_t row, std::int64_t col) const override;
  std::int64_t weight(std::int64_t row, std::int64_t col) const override;
  Sum sum(std::int64_t row, std::int64_t col) const override;
  bool shadow_valid(std::int64_t row, std::int64_t col) const override;
  Sum shadow(std::int64_t row, std::int64_t col) const override;

 private:
  /// What entered the edge in one cycle.
  struct Edge {
    bool step = false, first = false, merge = false;
    std::int64_t k = 0;      ///< first element of the step, or of what follows the segment's last
    std::int64_t count = 0;  ///< elements in the step; a merge: which sum is added to sum 0
    std::shared_ptr<const OperandFeed> feed;
    std::int64_t index = 0;
  };
  /// A segment from its first step until its last sum has left.
  struct Segment {
    ArrayJob job;
    std::int64_t end = -1;  ///< cycle after its last at the edge; -1: not yet
    std::int64_t outputs_left = 0;
    std::shared_ptr<const OperandFeed> feed;
    std::vector<Sum> sums;      ///< [output row][output col], where they were captured
    std::vector<Sum> row_sums;  ///< [output row]
  };
  struct TileLeft {
    std::int64_t tile = 0, outputs_left = 0;
    bool closed = false;
  };

  void begin(const EdgeSlot& slot);
  void enter(const EdgeSlot& slot, std::int64_t cycle);
  void add_row_sums(Segment& segment);
  void compute(std::int64_t cycle);
  void compute_in_order(std::int64_t cycle);
  void step_in_order(std::int64_t row, std::int64_t col, const Edge& edge);
  void capture(Segment& segment, std::int64_t cycle);
  void drain(Segment& segment, std::int64_t cycle);
  void take(Segment& segment, std::int64_t row, std::int64_t col);
  void finish_tiles(std::int64_t cycle);
  Sum captured(std::size_t output) const;
  const Segment* in_shadow(std::int64_t row, std::int64_t col, std::size_t& output) const;
  const Edge& edge(std::int64_t cycle) const {
    return edges_[static_cast<std::size_t>((cycle + window_) % window_)];
  }
  /// Where a row's view keeps what entered in `cycle`; older cycles follow.
  std::size_t newest_first(std::int64_t cycle) const {
    return static_cast<std::size_t>(window_ - 1 - (cycle + window_) % window_);
  }

  ArrayWork work_;
  ArrayTiming t_;
  ValuePath path_;
  bool keep_values_ = true;
  std::int64_t interleave_;
  std::int64_t output_rows_, output_cols_;
  std::int64_t window_;  ///< cycles of the edge that PEs may still look at
  std::int64_t stride_;  ///< of a row's view: the window twice, so that it never wraps
  std::int64_t cycle_ = -1;
  std::int64_t last_entry_ = -1;    ///< last cycle in which something entered
  std::vector<std::int64_t> skew_;  ///< [output col] of its lane slots

  std::vector<Edge> edges_;              ///< [cycle mod window]
  std::vector<Int16View> views_;         ///< [row] of this clock
  std::vector<std::int32_t> keep_;       ///< newest first: 0 if the sum restarts, else -1
  std::vector<std::int32_t> operation_;  ///< newest first: FP32, see cycle_kernels.h
  std::vector<std::int16_t> act16_, weight16_;
  std::vector<float> act_real_, weight_real_;
  std::vector<std::int32_t> integers_;  ///< [PE]
  std::vector<float> reals_;            ///< [interleave][PE]
  std::vector<Sum> sums_;               ///< [output][interleave]

  std::deque<Segment> segments_;
  std::deque<TileLeft> tiles_;
  std::deque<CompletedTile> completed_;
  Counters counters_;
};

}  // namespace mixpe
