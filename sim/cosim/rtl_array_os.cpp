#include "sim/cosim/rtl_array_os.h"

#include <algorithm>
#include <utility>

#include "models/core/errors.h"

namespace mixpe {
namespace {

/// Cycles from the last operand at the edge until the last value is in the output buffer, padding
/// included, and a few more.
std::int64_t longest_way(const ArrayTiming& t) {
  return t.merge_cycles + t.sum_latency() + t.rows + t.cols + (t.rows + 1) * t.drain_interval +
         t.lane_latency + 16;
}

}  // namespace

RtlOs::RtlOs(const ArrayWork& work, const RtlArrayDesign& design, RtlArrayModel model)
    : t_(work.timing),
      two_nibbles_(design.two_cycles),
      model_(std::move(model)),
      edge_(work, design, model_),
      lanes_(work, design, model_),
      valid_(model_.bus("valid_i")),
      first_(model_.bus("first_i")),
      last_(model_.bus("last_i")),
      last_row_(model_.bus("last_row_i", design.row_bits)),
      overflow_(model_.bus("overflow_o")),
      row_overflow_(model_.bus("row_overflow_o")) {}

void RtlOs::skip_to(std::int64_t cycle) {
  const std::int64_t flushed = cycle_ + longest_way(t_);
  while (cycle_ + 1 < std::min(cycle, flushed)) {
    drive({});
    tick(cycle_ + 1);
  }
  cycle_ = cycle - 1;
}

void RtlOs::drive(const EdgeSlot& slot) {
  bool valid = false, first = false, last = false;
  if (slot.job != nullptr) {
    if (slot.begin) position_ = 0;
    const std::int64_t steps_end = slot.job->steps * t_.step_cycles();
    const bool high_nibble =
        two_nibbles_ && position_ < steps_end && position_ % t_.step_cycles() == 1;
    valid = slot.step || high_nibble;
    first = slot.step && slot.index == 0;
    last = position_ == steps_end - 1;
    if (slot.step) edge_.put_acts(model_, *slot.job, slot.index);
    if (valid) edge_.put_weights(model_, *slot.job, slot.index, high_nibble);
    if (last) model_.put(last_row_, 0, static_cast<std::uint64_t>(slot.job->rows - 1));
    ++position_;
  }
  model_.put(valid_, 0, valid ? 1 : 0);
  model_.put(first_, 0, first ? 1 : 0);
  model_.put(last_, 0, last ? 1 : 0);
  edge_.scan(model_, slot);
}

void RtlOs::tick(std::int64_t cycle) {
  model_.clock(cycle);
  cycle_ = cycle;
  lanes_.counters()[Event::kOverflow] +=
      static_cast<std::uint64_t>(model_.count_ones(overflow_) + model_.count_ones(row_overflow_));
  lanes_.clock(model_, cycle);
}

void RtlOs::clock(const EdgeSlot& slot, std::int64_t cycle) {
  if (slot.job != nullptr) last_entry_ = cycle;
  if (slot.begin) lanes_.expect(*slot.job, slot.job->rows);
  edge_.count(slot, lanes_.counters());
  drive(slot);
  tick(cycle);
  const std::int64_t quiet = cycle - std::max(last_entry_, lanes_.last_seen());
  check_invariant(lanes_.empty() || quiet < longest_way(t_), "the RTL array has swallowed a sum");
}

}  // namespace mixpe
