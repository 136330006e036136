#include "sim/timing/engines/cycle_ws.h"

#include <algorithm>

#include "models/core/errors.h"
#include "models/formats/floats.h"

namespace mixpe {
namespace {

std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }
std::uint64_t count(std::int64_t n) { return static_cast<std::uint64_t>(n); }

}  // namespace

CycleWs::CycleWs(const ArrayWork& work)
    : work_(work),
      t_(work.timing),
      path_(value_path(work)),
      hop_(t_.row_hop()),
      window_(t_.rows * hop_ + t_.cols + t_.product_latency + 1),
      edges_(size(window_)) {}

void CycleWs::skip_to(std::int64_t cycle) {
  // What has entered before lies too far back to be looked at.
  for (Edge& edge : edges_) edge = {};
  cycle_ = cycle - 1;
}

std::shared_ptr<const CycleWs::SegmentActs> CycleWs::receive(const ArrayJob& job) const {
  auto acts = std::make_shared<SegmentActs>();
  if (path_ == ValuePath::kTimingOnly || !job.values) return acts;
  std::vector<Code> row;
  for (std::int64_t i = 0; i < job.m; ++i) {
    int exponent = 0;
    receive_row(work_, job, i, row, exponent);
    acts->codes.insert(acts->codes.end(), row.begin(), row.end());
    acts->exponent.push_back(exponent);
  }
  return acts;
}

void CycleWs::begin(const EdgeSlot& slot, std::int64_t cycle) {
  const ArrayJob& job = *slot.job;
  const auto acts = job.begins_segment ? receive(job) : residents_.back().second->acts;
  const auto resident = std::make_shared<const Resident>(Resident{job, acts});
  residents_.emplace_back(cycle, resident);
  while (residents_.size() > 1 && residents_[1].first <= cycle - window_) residents_.pop_front();
  ktiles_.push_back({.resident = resident, .begin = cycle});
  if (!job.ends_segment) return;
  if (tiles_.empty() || tiles_.back().tile != job.tile) tiles_.push_back({job.tile, 0, false});
  ++tiles_.back().segments_left;
  tiles_.back().closed = job.ends_tile;
}

void CycleWs::enter(const EdgeSlot& slot, std::int64_t cycle) {
  Edge& now = edges_[size(cycle % window_)];
  now = {slot.step, slot.index, cycle, slot.step ? residents_.back().second.get() : nullptr};
  if (!slot.step) return;
  check_invariant(cycle == ktiles_.back().begin + slot.index * t_.step_cycles(),
                  "a step enters out of turn");
  const ArrayJob& job = *slot.job;
  const std::uint64_t acts = count(std::min(t_.lanes_m, job.m - slot.index * t_.lanes_m) * job.k);
  counters_[Event::kMac] += acts * count(job.n);
  if (work_.zero_points) counters_[Event::kRowSumAdd] += acts;
  if (t_.prescan) counters_[Event::kAlign] += acts;
}

/// The next step's sums come to column 0's accumulator.
void CycleWs::arrive(KTile& k, std::int64_t cycle) {
  const ArrayJob& job = k.resident->job;
  const std::int64_t sums = std::min(t_.lanes_m, job.m - k.arrived * t_.lanes_m) * job.n;
  if (!job.begins_segment) counters_[Event::kAccumulatorRead] += count(sums);
  if (!job.ends_segment) counters_[Event::kAccumulatorWrite] += count(sums);
  ++k.arrived;
  const std::int64_t last_column = cycle + job.cols * t_.lanes_n - 1;
  adding_until_ = std::max(adding_until_, last_column + t_.accumulator_cycles);
}

/// Column 0's lane, if it is its turn; what arrives and is not taken waits in the memory.
void CycleWs::take(KTile& k, bool arrival) {
  const ArrayJob& job = k.resident->job;
  const std::int64_t arrived = k.arrived * t_.lanes_m;
  const std::int64_t direct = arrival ? arrived - t_.lanes_m : arrived;  // first that comes now
  const std::int64_t period = std::max(t_.step_cycles(), t_.drain_interval * t_.lanes_m);
  const bool turn = k.phase == k.taken % t_.lanes_m * t_.drain_interval;
  k.phase = (k.phase + 1) % period;
  if (turn && k.taken < job.steps * t_.lanes_m) {
    check_invariant(k.taken < arrived, "a lane finds no sum");
    const bool exists = k.taken < job.m;
    if (exists) counters_[Event::kLaneOp] += count(job.n);
    if (exists && k.taken < direct) counters_[Event::kAccumulatorRead] += count(job.n);
    ++k.taken;
  }
  const std::int64_t waiting = std::min(arrived, job.m) - std::max(direct, k.taken);
  if (waiting > 0) counters_[Event::kAccumulatorWrite] += count(waiting * job.n);
}

/// Column 0's accumulator and lane in this cycle.
void CycleWs::clock_column(KTile& k, std::int64_t cycle) {
  const ArrayJob& job = k.resident->job;
  const std::int64_t since =
      cycle - (k.begin + (job.rows - 1) * hop_ + t_.product_latency + hop_ - 1);
  if (since < 0 || k.done >= 0) return;
  const bool arrival = k.arrived < job.steps && since == k.arrived * t_.step_cycles();
  if (arrival) arrive(k, cycle);
  if (job.ends_segment) take(k, arrival);
  const bool taken = !job.ends_segment || k.taken == job.steps * t_.lanes_m;
  if (k.arrived == job.steps && taken) k.done = cycle;
}

/// The last column has done what column 0 did.
void CycleWs::finish(const KTile& k, std::int64_t cycle) {
  const ArrayJob& job = k.resident->job;
  if (!job.ends_segment) return;
  if (path_ != ValuePath::kTimingOnly && job.values) finish_values(*k.resident);
  std::erase_if(tiles_, [&](TileLeft& tile) {
    if (tile.tile == job.tile) --tile.segments_left;
    const bool done = tile.closed && tile.segments_left == 0;
    if (done) completed_.push_back({tile.tile, cycle + 1 + t_.lane_latency});
    return done;
  });
}

void CycleWs::clock(const EdgeSlot& slot, std::int64_t cycle) {
  cycle_ = cycle;
  if (slot.begin) begin(slot, cycle);
  enter(slot, cycle);
  const auto left = [&](const KTile& k) {
    return k.done >= 0 && cycle - k.done == k.resident->job.cols * t_.lanes_n - 1;
  };
  bool any_left = false;
  for (KTile& k : ktiles_) {
    clock_column(k, cycle);
    if (!left(k)) continue;
    finish(k, cycle);
    any_left = true;
  }
  if (any_left) std::erase_if(ktiles_, left);
}

const CycleWs::Edge* CycleWs::entered(std::int64_t row, std::int64_t col,
                                      std::int64_t delay) const {
  const std::int64_t cycle = cycle_ - row * hop_ - col - delay;
  if (cycle < 0) return nullptr;
  const Edge& e = edges_[size(cycle % window_)];
  return e.step && e.cycle == cycle ? &e : nullptr;
}

Code CycleWs::act_code(const Edge& e, std::int64_t row, std::int64_t lane) const {
  const ArrayJob& job = e.resident->job;
  const std::int64_t m = e.index * t_.lanes_m, k = row * t_.lanes_k + lane;
  if (e.resident->acts->codes.empty() || m >= job.m || k >= job.k) return kNoOperand;
  return e.resident->acts->codes[size(m * job.segment_k + job.k0 - job.segment_k0 + k)];
}

Code CycleWs::weight_code(const Edge& e, std::int64_t row, std::int64_t col,
                          std::int64_t lane) const {
  const ArrayJob& job = e.resident->job;
  const std::int64_t n = col * t_.lanes_n, k = row * t_.lanes_k + lane;
  if (e.resident->acts->codes.empty() || n >= job.n || k >= job.k) return kNoOperand;
  return work_.operands->weight[size((job.n0 + n) * work_.operands->k + job.k0 + k)];
}

bool CycleWs::valid(std::int64_t row, std::int64_t col) const {
  const Edge* e = entered(row, col, 0);
  return e != nullptr && row < e->resident->job.rows;
}

std::int64_t CycleWs::act(std::int64_t row, std::int64_t col) const {
  const Edge* e = entered(row, col, 0);
  const Code code = e == nullptr ? kNoOperand : act_code(*e, row, 0);
  if (code == kNoOperand) return path_ == ValuePath::kOrdered ? std::int64_t{kNoOperand} : 0;
  const Format& format = work_.formats.act;
  if (path_ == ValuePath::kInt16) return work_.pe->act_int16(code, format);
  return path_ == ValuePath::kFloat ? float_to_bits(work_.pe->act_float(code, format)) : code;
}

std::int64_t CycleWs::weight(std::int64_t row, std::int64_t col) const {
  const Edge* e = entered(row, col, 0);
  const Code code = e == nullptr ? kNoOperand : weight_code(*e, row, col, 0);
  if (code == kNoOperand) return path_ == ValuePath::kOrdered ? std::int64_t{kNoOperand} : 0;
  const Format& format = work_.formats.weight;
  if (path_ == ValuePath::kInt16) return work_.pe->weight_int16(code, format);
  return path_ == ValuePath::kFloat ? float_to_bits(work_.pe->weight_float(code, format)) : code;
}

/// The sum down the column from row 0 on, in the last stage of the adder.
Sum CycleWs::sum(std::int64_t row, std::int64_t col) const {
  Sum sum;
  std::uint64_t overflows = 0;  // counted when the segment is summed
  const Edge* e = entered(row, col, t_.product_latency + hop_ - 1);
  for (std::int64_t r = 0; e != nullptr && r <= row; ++r) {
    for (std::int64_t lane = 0; lane < t_.lanes_k; ++lane) {
      const Code act = act_code(*e, r, lane), weight = weight_code(*e, r, col, lane);
      if (act == kNoOperand || weight == kNoOperand) continue;
      work_.pe->mac(sum, act, weight, work_.formats, overflows);
    }
  }
  return sum;
}

}  // namespace mixpe
