#include "sim/timing/engines/output_lanes.h"

#include <algorithm>

#include "models/core/errors.h"
#include "sim/timing/tile_values.h"

namespace mixpe {

OutputLanes::OutputLanes(const ArrayWork& work) : work_(work) {
  const ArrayTiming& t = work.timing;
  const std::int64_t columns = t.cols * t.lanes_n;
  const auto lanes = static_cast<std::size_t>((columns + t.drain_interval - 1) / t.drain_interval);
  lane_used_.assign(lanes, -1);
  for (std::int64_t j = 0; j < columns; ++j) {
    lane_of_.push_back(static_cast<std::size_t>(j / t.drain_interval));
  }
  visits_.resize(lanes * static_cast<std::size_t>(t.lane_accumulate));
  pipeline_.resize(static_cast<std::size_t>(t.lane_latency + 1));
}

std::int64_t OutputLanes::expect(const ArrayJob& job, std::int64_t rows, std::int64_t cols,
                                 std::shared_ptr<const OperandFeed> feed) {
  const bool grouped = work_.scale_groups && work_.operands != nullptr && work_.operands->group > 0;
  const std::int64_t group = grouped ? job.segment_k0 / work_.operands->group : 0;
  jobs_.push_back({job, next_number_, group, rows * cols, rows * cols, std::move(feed)});
  slots_left_ += rows * cols;
  if (tiles_.empty() || tiles_.back().tile != job.tile) tiles_.push_back({job.tile, 0, false});
  tiles_.back().outputs_left += rows * cols;
  tiles_.back().closed = job.ends_tile;
  return next_number_++;
}

JobInFlight& OutputLanes::job(std::int64_t number) {
  check_invariant(!jobs_.empty() && number >= jobs_.front().number && number < next_number_,
                  "a sum of a segment that is not in the array");
  return jobs_[static_cast<std::size_t>(number - jobs_.front().number)];
}

const JobInFlight& OutputLanes::in_flight(std::int64_t number) const {
  return const_cast<OutputLanes*>(this)->job(number);
}

std::int64_t OutputLanes::next_of_column(std::int64_t number, std::int64_t col) const {
  std::int64_t next = jobs_.empty() ? number + 1 : std::max(number + 1, jobs_.front().number);
  while (col >= in_flight(next).job.cols * work_.timing.lanes_n) ++next;
  return next;
}

void OutputLanes::check_lane(const LaneValue& value, const ArrayJob& job, std::int64_t cycle) {
  const std::size_t lane = lane_of_[static_cast<std::size_t>(value.col)];
  check_invariant(lane_used_[lane] != cycle, "a lane is given two sums in one cycle");
  lane_used_[lane] = cycle;
  if (work_.timing.lane_accumulate == 0 || value.row >= job.m || value.col >= job.n) return;
  // Whatever the lane visited this many clocks ago has just been written.
  const auto adding = static_cast<std::size_t>(work_.timing.lane_accumulate);
  Visit* visits = &visits_[lane * adding];
  const Visit visit{job.m0 + value.row, job.n0 + value.col, cycle};
  for (std::size_t i = 0; i < adding; ++i) {
    check_invariant(visits[i].m != visit.m || visits[i].n != visit.n ||
                        visits[i].cycle + work_.timing.lane_accumulate <= cycle,
                    "a lane revisits an output whose add has not finished");
  }
  visits[visit_] = visit;
}

LaneValue& OutputLanes::take(std::int64_t number, std::int64_t row, std::int64_t col,
                             std::int64_t cycle) {
  JobInFlight& from = job(number);
  LaneValue& value = pipeline_[entry_].emplace_back();
  value.number = number;
  value.row = row;
  value.col = col;
  check_lane(value, from.job, cycle);
  check_invariant(from.slots_left > 0, "a segment has more sums than outputs");
  --from.slots_left;
  --slots_left_;
  if (value.row < from.job.m && value.col < from.job.n) ++counters_[Event::kLaneOp];
  return value;
}

void OutputLanes::leave(const std::vector<LaneValue>& values) {
  JobInFlight* from = nullptr;
  TileInFlight* tile = nullptr;
  for (const LaneValue& value : values) {
    if (from == nullptr || from->number != value.number) {
      from = &job(value.number);
      tile = &*std::find_if(tiles_.begin(), tiles_.end(),
                            [&](const TileInFlight& t) { return t.tile == from->job.tile; });
    }
    --from->outputs_left;
    --tile->outputs_left;
    const bool real = value.row < from->job.m && value.col < from->job.n;
    if (!real || !from->job.values || !keep_values_ || work_.operands == nullptr) continue;
    take_sum(work_, from->job.m0 + value.row, from->job.n0 + value.col, from->group, value.sum,
             value.row_sum, from->feed->exponent[static_cast<std::size_t>(value.row)],
             counters_[Event::kOverflow]);
  }
}

void OutputLanes::clock(std::int64_t cycle) {
  // The oldest leave, and the next cycle's enter in their place.
  entry_ = (entry_ == 0 ? pipeline_.size() : entry_) - 1;
  leave(pipeline_[entry_]);
  pipeline_[entry_].clear();
  if (++visit_ >= static_cast<std::size_t>(work_.timing.lane_accumulate)) visit_ = 0;
  const auto waits = [](const JobInFlight& j) { return j.outputs_left != 0; };
  if (!jobs_.empty() && !waits(jobs_.front())) {
    jobs_.erase(jobs_.begin(), std::find_if(jobs_.begin(), jobs_.end(), waits));
  }
  // A narrow tile may be done before a wider one that began earlier.
  for (auto tile = tiles_.begin(); tile != tiles_.end();) {
    if (tile->closed && tile->outputs_left == 0) {
      completed_.push_back({tile->tile, cycle + 1});
      tile = tiles_.erase(tile);
    } else {
      ++tile;
    }
  }
}

}  // namespace mixpe
