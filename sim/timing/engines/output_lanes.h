#pragma once
// Dequantisation lanes, literally: which lane serves which value in which cycle, a lane's pipeline,
// and the read-modify-write of the output buffer.
//  * Lane l serves the output columns l*m .. l*m + m - 1, one value per cycle.
//  * Two values in one lane and cycle, or a visit of an output before its last add has finished,
//    is an InvariantError.
//  * Remembers of every job how many sums are still to come, so that it sees when a tile is done.

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "sim/timing/array_engine.h"
#include "sim/timing/engines/array_job.h"
#include "sim/timing/engines/operand_feed.h"

namespace mixpe {

/// A job whose sums have not all reached the output buffer.
struct JobInFlight {
  ArrayJob job;
  std::int64_t number = 0;        ///< of the jobs that end a segment, in order
  std::int64_t group = 0;         ///< of scales
  std::int64_t slots_left = 0;    ///< sums that have not yet entered a lane, padding included
  std::int64_t outputs_left = 0;  ///< sums that have not yet left a lane
  std::shared_ptr<const OperandFeed> feed;
};

struct CompletedTile {
  std::int64_t tile = 0;
  std::int64_t cycle = 0;  ///< after its last value reached the output buffer
};

/// A sum on its way: output (row, col) of job `number`.
struct LaneValue {
  std::int64_t number = 0, row = 0, col = 0;
  Sum sum, row_sum;
};

class OutputLanes {
 public:
  explicit OutputLanes(const ArrayWork& work);

  /// The edge has begun a job that ends a segment: `rows` x `cols` sums will come.
  std::int64_t expect(const ArrayJob& job, std::int64_t rows, std::int64_t cols,
                      std::shared_ptr<const OperandFeed> feed);
  const JobInFlight& in_flight(std::int64_t number) const;
  /// The first segment after `number` in which output column `col` takes part.
  std::int64_t next_of_column(std::int64_t number, std::int64_t col) const;
  /// The lane of column `col` takes a value in this cycle, of output (row, col) of job `number`:
  /// the caller fills in its sums.
  LaneValue& take(std::int64_t number, std::int64_t row, std::int64_t col, std::int64_t cycle);
  /// End of a clock.
  void clock(std::int64_t cycle);

  bool drained() const { return slots_left_ == 0; }
  bool empty() const { return jobs_.empty(); }
  std::int64_t expected() const { return next_number_; }
  std::deque<CompletedTile>& completed() { return completed_; }
  Counters& counters() { return counters_; }
  const Counters& counters() const { return counters_; }
  /// From now on no value is written to the output buffer.
  void discard_values() { keep_values_ = false; }

 private:
  struct Visit {
    std::int64_t m = -1, n = -1, cycle = 0;
  };

  /// A tile whose sums have not all left.
  struct TileInFlight {
    std::int64_t tile = 0;
    std::int64_t outputs_left = 0;
    bool closed = false;  ///< its last job has begun
  };

  JobInFlight& job(std::int64_t number);
  void check_lane(const LaneValue& value, const ArrayJob& job, std::int64_t cycle);
  void leave(const std::vector<LaneValue>& values);

  ArrayWork work_;
  bool keep_values_ = true;
  std::vector<JobInFlight> jobs_;  ///< in order of their numbers
  std::deque<TileInFlight> tiles_;
  std::int64_t next_number_ = 0;
  std::int64_t slots_left_ = 0;
  std::vector<std::size_t> lane_of_;              ///< [output column]
  std::vector<std::int64_t> lane_used_;           ///< [lane] last cycle in which it took a value
  std::vector<Visit> visits_;                     ///< [lane][lane_accumulate] by clock, the latest
  std::vector<std::vector<LaneValue>> pipeline_;  ///< [lane_latency + 1] by cycle of entry
  std::size_t visit_ = 0;                         ///< this clock's place in visits_
  std::size_t entry_ = 0;                         ///< where this cycle's sums enter the pipeline
  std::deque<CompletedTile> completed_;
  Counters counters_;
};

}  // namespace mixpe
