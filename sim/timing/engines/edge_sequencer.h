#pragma once
// The edge of the array: counters that decide, cycle by cycle, what enters.
//  * One tick() per clock, nothing is looked up ahead: what it emits is what the edge does now.
//  * It inserts the bubbles of docs/timing.md and counts every cycle of a tile under one cause.
//  * Without pass overlap it waits until the array reports that it has drained.
//  * WS: weights are loaded row by row beside the activations; the load of a job may run behind the
//    job before it, so the sequencer wants to know that job first: wants_more(). So it does if a
//    segment is scanned while the one before it streams.

#include <cstdint>
#include <deque>

#include "models/array/array_timing.h"
#include "sim/timing/engines/array_job.h"

namespace mixpe {

/// What the edge does in one cycle. All zero: a bubble.
struct EdgeSlot {
  const ArrayJob* job = nullptr;  ///< the job issuing, if any
  bool step = false;              ///< operands of step `index` enter
  std::int64_t index = 0;
  bool begin = false;  ///< the job's first cycle
  bool merge = false;  ///< OS: interleaved sum `merge_index` is added to sum 0
  std::int64_t merge_index = 0;
  bool capture = false;                ///< OS: the segment's last cycle
  const ArrayJob* load_job = nullptr;  ///< WS: weights of array row `load_row` of this job enter
  std::int64_t load_row = 0;
  const ArrayJob* scan_job = nullptr;  ///< pre-scan: step `scan_index` of this job is looked at
  std::int64_t scan_index = 0;
};

/// A tile that the edge has finished.
struct IssuedTile {
  std::int64_t tile = 0;
  std::int64_t issue_end = 0;
  IssueCycles cycles;
};

class EdgeSequencer {
 public:
  explicit EdgeSequencer(const ArrayTiming& array) : array_(array) {}

  /// Adds a tile's jobs; none of them starts before cycle `ready`.
  void add(const std::vector<ArrayJob>& jobs, std::int64_t ready);
  /// All jobs added have been issued (and, without overlap, have drained).
  bool done() const { return queue_.empty() && phase_ == Phase::kFree; }
  /// The last job added (pre-scan: the last segment) would start now: what follows may already load
  /// its weights, or be scanned.
  bool wants_more(std::int64_t cycle) const;
  /// Nothing can enter before this cycle, if the array stays as it is.
  std::int64_t idle_until() const;
  /// To be called at the start of every cycle: ends what has ended. `drained`: no sum is left on
  /// its way to a lane.
  void settle(std::int64_t cycle, bool drained);
  /// What enters in this cycle.
  EdgeSlot tick(std::int64_t cycle);
  /// Tiles finished since the last call, in order.
  std::deque<IssuedTile>& issued() { return issued_; }
  /// The job that is issuing.
  const ArrayJob& current() const { return current_.job; }

  /// TEST ONLY: takes away bubbles before every segment, to show that hazards are then caught.
  void shorten_bubbles(std::int64_t cycles) { shorten_ = cycles; }

 private:
  enum class Phase { kFree, kIssuing, kDraining };
  enum class Wait { kNone, kReady, kWeightLoad, kFillDrain, kDequant, kPrescan };
  struct Queued {
    ArrayJob job;
    std::int64_t ready = 0;
  };

  Wait why_wait(const Queued& next, std::int64_t cycle) const;
  Wait why_wait_os(const Queued& next, std::int64_t cycle) const;
  Wait why_wait_ws(const Queued& next, std::int64_t cycle) const;
  bool must_scan(const Queued& next, std::int64_t cycle, std::int64_t scanned_from) const;
  void load_weights(std::int64_t cycle, EdgeSlot& slot);
  void scan(std::int64_t cycle, EdgeSlot& slot);
  void start(std::int64_t cycle);
  void issue(EdgeSlot& slot);
  void finish_job(std::int64_t cycle);
  void count_wait(Wait wait);

  ArrayTiming array_;
  std::deque<Queued> queue_;
  Queued current_;
  Phase phase_ = Phase::kFree;
  std::int64_t position_ = 0;     ///< cycles of the current job already issued
  std::int64_t duration_ = 0;     ///< of the current job
  std::int64_t load_begin_ = -1;  ///< WS: first cycle of the next job's weight load
  EdgeState state_;
  IssueCycles cycles_;
  std::deque<IssuedTile> issued_;
  std::int64_t shorten_ = 0;
};

}  // namespace mixpe
