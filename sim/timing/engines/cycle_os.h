#pragma once
// The output-stationary array with the state of every PE at every clock, fast.
//  * Nothing is shifted: PE(r,c) in cycle t reads what entered the edge in cycle t - r - c.
//  * Sums are those in the registers: a product is added in the cycle in which the adder writes.
//  * 16-bit integers: each segment has sums of its own, so that nothing is captured or restarted,
//    and many clocks are computed at once, row by row (skewed_sums.h). Who looks at a clock calls
//    catch_up() first and sees that clock.
//  * A captured segment stays where it was captured; its shifts are counted, not made. Its values
//    take their way through the lanes when its last sum has left.

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
#include "sim/timing/engines/segment_values.h"
#include "sim/timing/engines/skewed_feed.h"

namespace mixpe {

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
  /// 16-bit integers: sum() of all PEs, row by row, into `sums`; many times as fast.
  void integer_sums(std::int32_t* sums) const;

 private:
  /// What entered the edge in one cycle.
  struct Edge {
    bool step = false, merge = false;
    std::int64_t index = 0;  ///< of the step
    std::int64_t k = 0;      ///< first element of the step, or of what follows the segment's last
    std::int64_t count = 0;  ///< elements in the step; a merge: which sum is added to sum 0
    std::int64_t entry = 0;  ///< cycle of the segment
    const OperandFeed* feed = nullptr;
    const SkewedFeed* skewed = nullptr;  ///< 16-bit integers
  };
  /// A segment from its first step until its last sum has left.
  struct Segment {
    ArrayJob job;
    std::int64_t begin = 0;  ///< cycle of its first step at the edge
    std::int64_t end = -1;   ///< cycle after its last at the edge; -1: not yet
    std::int64_t outputs_left = 0;
    std::shared_ptr<const OperandFeed> feed;
    std::shared_ptr<const SkewedFeed> skewed;
    std::vector<std::int32_t> rows_left;  ///< [output col] that its lane has yet to take
    /// 16-bit integers: the running sums, which stay as they are at the capture. Else: sums where
    /// they were captured.
    SegmentValues values;
  };
  struct TileLeft {
    std::int64_t tile = 0, outputs_left = 0;
    bool closed = false;
  };

  /// 16-bit integers: clocks computed together, at most. So much of a segment stays in the cache.
  static constexpr std::int64_t kBatch = 512;

  void begin(const EdgeSlot& slot, std::int64_t cycle);
  void begin_values(Segment& segment);
  void begin_tile(const Segment& segment);
  std::vector<Sum> ordered_row_sums(const ArrayJob& job);
  void enter(const EdgeSlot& slot, std::int64_t cycle);
  void enter_floats(const EdgeSlot& slot, std::int64_t cycle);
  void count_capture(const Segment& segment, std::int64_t cycle);
  void drain(Segment& segment, std::int64_t cycle);
  void finish_segment(Segment& segment);
  void finish_tiles(std::int64_t cycle);

  // cycle_os_sums.cpp
  void compute_integers();
  void compute_floats(std::int64_t cycle);
  void compute_in_order(std::int64_t cycle);
  void step_in_order(std::int64_t row, std::int64_t col, const Edge& edge);
  void merge_in_order(std::int64_t row, std::int64_t col, const Edge& edge);
  void capture_sums(Segment& segment, std::int64_t cycle);
  Sum sum_of(std::size_t output) const;

  // cycle_os_state.cpp
  Sum integer_sum(std::int64_t row, std::int64_t col) const;
  const Segment* in_shadow(std::int64_t row, std::int64_t col, std::size_t& output) const;

  const Edge& edge(std::int64_t cycle) const {
    return edges_[static_cast<std::size_t>((cycle + window_) % window_)];
  }
  /// Where a row's view keeps what entered in `cycle`; older cycles follow.
  std::size_t newest_first(std::int64_t cycle) const {
    return static_cast<std::size_t>(window_ - 1 - (cycle + window_) % window_);
  }
  /// Cycles from a segment's begin until its last PE has written its first sum.
  std::int64_t reach() const { return t_.sum_latency() + t_.rows + t_.cols; }

  ArrayWork work_;
  ArrayTiming t_;
  ValuePath path_;
  bool keep_values_ = true;
  std::int64_t interleave_;
  std::int64_t output_rows_, output_cols_;
  std::int64_t window_;  ///< cycles of the edge that PEs may still look at
  std::int64_t stride_;  ///< of a row's view: twice the window, so that no look at it wraps
  std::int64_t cycle_ = -1;
  std::int64_t last_entry_ = -1;  ///< last cycle in which something entered
  /// [output col] of its lane slots; and the same modulo the drain interval.
  std::vector<std::int32_t> skew_, turn_;

  std::shared_ptr<const SkewedFeeder> feeder_;  ///< 16-bit integers
  Isa isa_ = best_isa();
  std::int64_t computed_ = -1;  ///< 16-bit integers: last cycle computed
  /// 16-bit integers: segments that have left, while a PE's register may still hold their sum.
  std::deque<Segment> left_;

  /// Feeds that the window may still show, with the cycle in which each began.
  std::deque<std::pair<std::int64_t, std::shared_ptr<const void>>> feeds_;
  std::vector<Edge> edges_;              ///< [cycle mod window]
  std::vector<std::int32_t> operation_;  ///< newest first: FP32, see cycle_kernels.h
  std::vector<float> act_real_, weight_real_;
  std::vector<float> reals_;  ///< [interleave][PE]
  std::vector<Sum> sums_;     ///< [output][interleave]

  std::deque<Segment> segments_;
  std::deque<TileLeft> tiles_;
  std::deque<CompletedTile> completed_;
  Counters counters_;
};

}  // namespace mixpe
