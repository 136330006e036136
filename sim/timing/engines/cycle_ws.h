#pragma once
// The weight-stationary array with the state of every PE at every clock, fast.
//  * Nothing is shifted: PE(r,c) in cycle t reads what entered the edge in cycle t - r*h - c, with
//    the weight of that entry's K-tile. A register's psum is the sum down its column so far, and is
//    made when somebody looks.
//  * Output column j does in cycle t what column 0 did in cycle t - j, so that the accumulators and
//    lanes of all columns are those of column 0: clocked once, and counted for all.
//  * A segment's values pass the accumulators and lanes together when its last sum has left.

#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "sim/timing/engines/array_state.h"
#include "sim/timing/engines/edge_sequencer.h"
#include "sim/timing/engines/operand_feed.h"
#include "sim/timing/engines/output_lanes.h"
#include "sim/timing/engines/segment_values.h"

namespace mixpe {

class CycleWs final : public ArrayState {
 public:
  explicit CycleWs(const ArrayWork& work);

  void clock(const EdgeSlot& slot, std::int64_t cycle);
  void catch_up() {}  ///< it is never behind
  bool drained() const { return ktiles_.empty() && cycle_ + 1 >= adding_until_; }
  bool empty() const { return drained(); }
  void skip_to(std::int64_t cycle);
  void discard_values() { path_ = ValuePath::kTimingOnly; }
  std::deque<CompletedTile>& completed() { return completed_; }
  const Counters& counters() const { return counters_; }

  bool valid(std::int64_t row, std::int64_t col) const override;
  std::int64_t act(std::int64_t row, std::int64_t col) const override;
  std::int64_t weight(std::int64_t row, std::int64_t col) const override;
  Sum sum(std::int64_t row, std::int64_t col) const override;
  bool shadow_valid(std::int64_t, std::int64_t) const override { return false; }
  Sum shadow(std::int64_t, std::int64_t) const override { return {}; }

 private:
  /// A segment's activations as the PEs receive them.
  struct SegmentActs {
    std::vector<Code> codes;    ///< [m][segment_k]; empty: no values
    std::vector<int> exponent;  ///< [m]
  };
  /// What is resident while a K-tile's steps enter.
  struct Resident {
    ArrayJob job;
    std::shared_ptr<const SegmentActs> acts;
  };
  /// A K-tile until its last column has added, and taken, its last sum.
  struct KTile {
    std::shared_ptr<const Resident> resident;
    std::int64_t begin = 0;    ///< cycle of its first step at the edge
    std::int64_t arrived = 0;  ///< steps whose sums have come to column 0's accumulator
    std::int64_t taken = 0;    ///< rows that column 0's lane has taken
    std::int64_t phase = 0;    ///< of that lane
    std::int64_t done = -1;    ///< cycle in which column 0 was done
  };
  /// What entered the edge in one cycle.
  struct Edge {
    bool step = false;
    std::int64_t index = 0, cycle = 0;
    const Resident* resident = nullptr;
  };
  struct TileLeft {
    std::int64_t tile = 0, segments_left = 0;
    bool closed = false;
  };

  void begin(const EdgeSlot& slot, std::int64_t cycle);
  std::shared_ptr<const SegmentActs> receive(const ArrayJob& job) const;
  void enter(const EdgeSlot& slot, std::int64_t cycle);
  void clock_column(KTile& ktile, std::int64_t cycle);
  void arrive(KTile& ktile, std::int64_t cycle);
  void take(KTile& ktile, bool arrival);
  void finish(const KTile& ktile, std::int64_t cycle);

  // cycle_ws_sums.cpp
  void finish_values(const Resident& resident);
  void sum_integers(const Resident& resident, SegmentValues& values) const;
  void sum_floats(const Resident& resident, SegmentValues& values) const;
  void sum_in_order(const Resident& resident, SegmentValues& values);
  std::vector<Sum> row_sums(const Resident& resident);

  /// Registers of PE(row, col): what entered when its operands (delay 0) or its sum's did.
  const Edge* entered(std::int64_t row, std::int64_t col, std::int64_t delay) const;
  /// Codes of an operand of step `index` at PE(row, col); kNoOperand where none is.
  Code act_code(const Edge& e, std::int64_t row, std::int64_t lane) const;
  Code weight_code(const Edge& e, std::int64_t row, std::int64_t col, std::int64_t lane) const;

  ArrayWork work_;
  ArrayTiming t_;
  ValuePath path_;
  std::int64_t hop_;
  std::int64_t window_;  ///< cycles of the edge that PEs may still look at
  std::int64_t cycle_ = -1;
  std::int64_t adding_until_ = 0;  ///< the last accumulator's read-modify-write ends
  std::vector<Edge> edges_;        ///< [cycle mod window]
  /// K-tiles that the window may still show, with the cycle in which each began.
  std::deque<std::pair<std::int64_t, std::shared_ptr<const Resident>>> residents_;
  std::deque<KTile> ktiles_;
  std::deque<TileLeft> tiles_;
  std::deque<CompletedTile> completed_;
  Counters counters_;
};

}  // namespace mixpe
