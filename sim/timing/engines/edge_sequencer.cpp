#include "sim/timing/engines/edge_sequencer.h"

#include <algorithm>

#include "models/core/errors.h"

namespace mixpe {

void EdgeSequencer::add(const std::vector<ArrayJob>& jobs, std::int64_t ready) {
  for (const ArrayJob& job : jobs) queue_.push_back({job, ready});
}

bool EdgeSequencer::wants_more(std::int64_t cycle) const {
  const bool ws = array_.dataflow == Dataflow::kWeightStationary;
  if (!(ws || array_.prescan) || phase_ != Phase::kFree || queue_.empty()) return false;
  const bool knows_next = array_.prescan
                              ? std::any_of(queue_.begin() + 1, queue_.end(),
                                            [](const Queued& q) { return q.job.begins_segment; })
                              : queue_.size() > 1;
  return !knows_next && why_wait(queue_.front(), cycle) == Wait::kNone;
}

std::int64_t EdgeSequencer::idle_until() const {
  return phase_ == Phase::kFree && !queue_.empty() ? queue_.front().ready : 0;
}

bool EdgeSequencer::must_scan(const Queued& next, std::int64_t cycle,
                              std::int64_t scanned_from) const {
  const std::int64_t from = state_.empty ? next.ready : std::max(next.ready, scanned_from);
  return array_.prescan && cycle < from + next.job.scan_cycles;
}

EdgeSequencer::Wait EdgeSequencer::why_wait_os(const Queued& next, std::int64_t cycle) const {
  const std::int64_t end = cycle + next.job.steps * array_.step_cycles() + array_.merge_cycles;
  if (!state_.empty) {
    const std::int64_t shorter = std::max<std::int64_t>(0, state_.rows - next.job.rows);
    if (end < state_.boundary + state_.drain + shorter - shorten_) return Wait::kDequant;
  }
  if (must_scan(next, cycle, state_.start)) return Wait::kPrescan;
  return Wait::kNone;
}

EdgeSequencer::Wait EdgeSequencer::why_wait_ws(const Queued& next, std::int64_t cycle) const {
  const std::int64_t load_cycles = next.job.rows * array_.weight_row_cycles;
  if (load_begin_ < 0 || cycle < load_begin_ + load_cycles) return Wait::kWeightLoad;
  if (!state_.empty) {
    const std::int64_t hop = array_.row_hop();
    const auto shorter = [&](std::int64_t rows) {
      return std::max<std::int64_t>(0, rows - next.job.rows) * hop;
    };
    const std::int64_t sums = shorter(state_.boundary_rows) - shorten_;
    if (array_.pass_overlap && cycle < state_.free + shorter(state_.rows)) return Wait::kFillDrain;
    if (cycle < state_.overwrite + sums) return Wait::kDequant;
    if (next.job.ends_segment && cycle < state_.boundary + state_.drain + sums) {
      return Wait::kDequant;
    }
  }
  if (next.job.begins_segment && must_scan(next, cycle, state_.segment_start)) {
    return Wait::kPrescan;
  }
  return Wait::kNone;
}

EdgeSequencer::Wait EdgeSequencer::why_wait(const Queued& next, std::int64_t cycle) const {
  if (cycle < next.ready) return Wait::kReady;
  return array_.dataflow == Dataflow::kOutputStationary ? why_wait_os(next, cycle)
                                                        : why_wait_ws(next, cycle);
}

void EdgeSequencer::count_wait(Wait wait) {
  switch (wait) {
    case Wait::kWeightLoad:
      ++cycles_.weight_load;
      break;
    case Wait::kFillDrain:
      ++cycles_.fill_drain;
      break;
    case Wait::kDequant:
      ++cycles_.dequant;
      break;
    case Wait::kPrescan:
      ++cycles_.prescan;
      break;
    case Wait::kNone:
    case Wait::kReady:
      break;
  }
}

void EdgeSequencer::finish_job(std::int64_t cycle) {
  phase_ = Phase::kFree;
  state_.free = cycle;
  if (!current_.job.ends_tile) return;
  issued_.push_back({current_.job.tile, cycle, cycles_});
  cycles_ = {};
}

void EdgeSequencer::settle(std::int64_t cycle, bool drained) {
  if (phase_ == Phase::kIssuing && position_ == duration_) {
    if (current_.job.ends_pass && !array_.pass_overlap) {
      phase_ = Phase::kDraining;
    } else {
      finish_job(cycle);
    }
  }
  if (phase_ == Phase::kDraining && drained) finish_job(cycle);
  // The next job's weights follow those of the job before it, or wait until it has been streamed.
  if (array_.dataflow != Dataflow::kWeightStationary || load_begin_ >= 0 || queue_.empty()) return;
  const bool background = array_.weight_double_buffering && array_.pass_overlap && !state_.empty;
  if (cycle >= queue_.front().ready && (background || phase_ == Phase::kFree)) load_begin_ = cycle;
}

void EdgeSequencer::start(std::int64_t cycle) {
  const ArrayJob& job = queue_.front().job;
  state_.empty = false;
  state_.start = cycle;
  if (job.begins_segment) state_.segment_start = cycle;
  state_.rows = job.rows;
  const std::int64_t step = array_.step_cycles();
  if (array_.dataflow == Dataflow::kOutputStationary) {
    duration_ = job.steps * step + array_.merge_cycles;
    state_.boundary = cycle + duration_;
    state_.drain =
        std::max(job.rows * array_.lanes_m * array_.drain_interval, array_.lane_accumulate);
  } else {
    duration_ = job.steps * step;
    if (job.ends_segment) {
      const std::int64_t lane_step = std::max(step, array_.drain_interval * array_.lanes_m);
      state_.boundary = cycle;
      state_.boundary_rows = job.rows;
      state_.drain = std::max(job.steps * lane_step, array_.lane_accumulate);
      state_.overwrite = cycle + (job.steps - 1) * (lane_step - step) +
                         (array_.lanes_m - 1) * array_.drain_interval + 1;
    }
  }
  current_ = queue_.front();
  queue_.pop_front();
  phase_ = Phase::kIssuing;
  position_ = 0;
  load_begin_ = -1;
}

void EdgeSequencer::issue(EdgeSlot& slot) {
  const std::int64_t step = array_.step_cycles();
  const std::int64_t steps_end = current_.job.steps * step;
  slot.job = &current_.job;
  slot.begin = position_ == 0;
  if (position_ < steps_end) {
    slot.step = position_ % step == 0;
    slot.index = position_ / step;
    ++(position_ % step < array_.ii ? cycles_.compute : cycles_.edge);
  } else {
    ++cycles_.merge;
  }
  if (array_.dataflow == Dataflow::kOutputStationary) {
    // Each merge follows the add before it: the last step's, then the merge before.
    const std::int64_t since_last_step = position_ - (steps_end - step);
    slot.merge = array_.merge_cycles > 0 && since_last_step > 0 &&
                 since_last_step <= array_.merge_cycles &&
                 since_last_step % array_.add_latency == 0;
    slot.merge_index = since_last_step / array_.add_latency;
    slot.capture = position_ == duration_ - 1;
  }
  ++position_;
}

void EdgeSequencer::load_weights(std::int64_t cycle, EdgeSlot& slot) {
  if (queue_.empty() || load_begin_ < 0) return;
  const std::int64_t row = (cycle - load_begin_) / array_.weight_row_cycles;
  const bool enters = (cycle - load_begin_) % array_.weight_row_cycles == 0;
  if (!enters || row >= queue_.front().job.rows) return;
  slot.load_job = &queue_.front().job;
  slot.load_row = row;
}

/// The next segment's steps pass the exponent scan in order, as fast as they will stream.
void EdgeSequencer::scan(std::int64_t cycle, EdgeSlot& slot) {
  const auto next = std::find_if(queue_.begin(), queue_.end(),
                                 [](const Queued& q) { return q.job.begins_segment; });
  if (!array_.prescan || next == queue_.end()) return;
  const std::int64_t from =
      state_.empty ? next->ready : std::max(next->ready, state_.segment_start);
  const std::int64_t position = cycle - from, step = array_.step_cycles();
  if (position < 0 || position >= next->job.scan_cycles || position % step != 0) return;
  // All K-tiles of a segment have as many steps.
  const std::int64_t steps = next->job.steps;
  slot.scan_job = &(next + position / step / steps)->job;
  slot.scan_index = position / step % steps;
}

EdgeSlot EdgeSequencer::tick(std::int64_t cycle) {
  EdgeSlot slot;
  if (phase_ == Phase::kFree && !queue_.empty()) {
    const Wait wait = why_wait(queue_.front(), cycle);
    if (wait == Wait::kNone) {
      start(cycle);
      // The job after this one may begin to load its weights in this very cycle.
      settle(cycle, false);
    } else {
      count_wait(wait);
    }
  } else if (phase_ == Phase::kDraining) {
    ++cycles_.fill_drain;
  }
  load_weights(cycle, slot);
  scan(cycle, slot);
  if (phase_ == Phase::kIssuing) issue(slot);
  return slot;
}

}  // namespace mixpe
