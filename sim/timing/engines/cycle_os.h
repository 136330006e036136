#pragma once
// The output-stationary array with the state of every PE at every clock, fast.
//  * Nothing is shifted: PE(r,c) in cycle t reads what entered the edge in cycle t - r - c. A row's
//    activations are kept newest first and the weights by anti-diagonal, so that one row of PEs
//    reads contiguous memory.
//  * Sums are those in the registers: a product is added in the cycle in which the adder writes.
//  * 16-bit integers: up to kBatch clocks are computed at once, row by row, so that sums stay in
//    the host's registers. Who looks at a clock calls catch_up() first and sees that clock.
//  * A captured segment stays where it was captured; its shifts are counted, not made. Its values
//    take their way through the lanes when its last sum has left.

#include <boost/align/aligned_allocator.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "sim/timing/engines/array_state.h"
#include "sim/timing/engines/cycle_kernels.h"
#include "sim/timing/engines/edge_sequencer.h"
#include "sim/timing/engines/operand_feed.h"
#include "sim/timing/engines/output_lanes.h"

namespace mixpe {

/// On cache lines: a vector that crosses two is loaded twice.
using AlignedIntegers =
    std::vector<std::int32_t, boost::alignment::aligned_allocator<std::int32_t, 64>>;

class CycleOs final : public ArrayState {
 public:
  explicit CycleOs(const ArrayWork& work);

  void clock(const EdgeSlot& slot, std::int64_t cycle);
  /// Computes what has entered and is not yet computed; sums and shadows are then this clock's.
  void catch_up();
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
    bool step = false, first = false, last = false, merge = false;
    std::int64_t k = 0;      ///< first element of the step, or of what follows the segment's last
    std::int64_t count = 0;  ///< elements in the step; a merge: which sum is added to sum 0
    const OperandFeed* feed = nullptr;
    std::int64_t index = 0, steps = 0;  ///< the step, and how many its feed has
  };
  /// A segment from its first step until its last sum has left.
  struct Segment {
    ArrayJob job;
    std::int64_t begin = 0;  ///< cycle of its first step at the edge
    std::int64_t end = -1;   ///< cycle after its last at the edge; -1: not yet
    std::int64_t outputs_left = 0;
    std::shared_ptr<const OperandFeed> feed;
    std::vector<std::int32_t> rows_left;  ///< [output col] that its lane has yet to take
    // Sums where they were captured.
    AlignedIntegers integers;   ///< 16-bit integers: [row][padded col]
    std::vector<Sum> sums;      ///< else: [output row][output col]
    std::vector<Sum> row_sums;  ///< [output row]
  };
  struct TileLeft {
    std::int64_t tile = 0, outputs_left = 0;
    bool closed = false;
  };

  /// Clocks computed together.
  static constexpr std::int64_t kBatch = 64;

  void begin(const EdgeSlot& slot, std::int64_t cycle);
  void enter(const EdgeSlot& slot, std::int64_t cycle);
  void add_row_sums(Segment& segment);
  void add_integer_row_sums(Segment& segment);
  void fill_views();
  void fill_acts(const Edge& newest, std::int64_t place, std::int64_t count);
  void fill_weights(const Edge& newest, std::int64_t cycle, std::int64_t count);
  void enter_floats(const EdgeSlot& slot, std::int64_t cycle);
  void compute_row(std::int64_t row);
  void run_row(std::int64_t row, std::int64_t newest, std::int64_t cycles, bool boundary,
               std::int32_t* captured);
  void compute_floats(std::int64_t cycle);
  void compute_in_order(std::int64_t cycle);
  void step_in_order(std::int64_t row, std::int64_t col, const Edge& edge);
  void capture(Segment& segment, std::int64_t cycle);
  void drain(Segment& segment, std::int64_t cycle);
  void finish_segment(Segment& segment);
  bool scale_rows(const Segment& segment, std::int64_t group);
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
  std::int64_t window_;       ///< cycles of the edge that PEs may still look at
  std::int64_t padded_cols_;  ///< 16-bit integers: of weights and sums
  std::int64_t stride_;  ///< of a row's view: longer than the window, so that no look at it wraps
  std::int64_t cycle_ = -1;
  std::int64_t last_entry_ = -1;  ///< last cycle in which something entered
  std::int64_t computed_ = -1;    ///< 16-bit integers: last cycle computed
  /// [output col] of its lane slots; and the same modulo the drain interval.
  std::vector<std::int32_t> skew_, turn_;
  std::int64_t largest_zero_ = 0;  ///< magnitude of any zero-point

  /// Feeds that the window may still show, with the cycle in which each began.
  std::deque<std::pair<std::int64_t, std::shared_ptr<const OperandFeed>>> feeds_;
  std::vector<Edge> edges_;              ///< [cycle mod window]
  std::vector<std::int32_t> keep_;       ///< newest first: 0 if the sum restarts, else -1
  std::vector<std::int32_t> capture_;    ///< newest first: -1 if the sum is captured, else 0
  std::vector<std::int32_t> operation_;  ///< newest first: FP32, see cycle_kernels.h
  std::vector<std::int32_t> act_integer_;
  AlignedIntegers weight_integer_;
  std::vector<float> act_real_, weight_real_;
  AlignedIntegers integers_;  ///< [row][padded col]
  AlignedIntegers nowhere_;   ///< a row of captures that nobody wants
  std::vector<float> reals_;  ///< [interleave][PE]
  std::vector<Sum> sums_;     ///< [output][interleave]

  std::deque<std::int64_t> capture_entries_;  ///< cycles of the window with a capture mark
  std::deque<Segment> segments_;
  std::deque<TileLeft> tiles_;
  std::deque<CompletedTile> completed_;
  Counters counters_;
};

}  // namespace mixpe
