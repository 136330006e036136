#include "sim/cosim/rtl_array_os.h"

#include <algorithm>
#include <utility>

#include "models/core/errors.h"
#include "models/formats/integers.h"

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
    : work_(work),
      design_(design),
      model_(std::move(model)),
      lanes_(work, design, model_),
      act_(model_.bus("act_i", design.act_bits)),
      wgt_(model_.bus("wgt_i", design.wgt_bits)),
      valid_(model_.bus("valid_i")),
      first_(model_.bus("first_i")),
      last_(model_.bus("last_i")),
      last_row_(model_.bus("last_row_i", design.row_bits)),
      overflow_(model_.bus("overflow_o")),
      row_overflow_(model_.bus("row_overflow_o")),
      longest_(longest_way(work.timing)) {
  model_.put(model_.bus("weight_signed_i"), 0, work.formats.weight.is_signed() ? 1 : 0);
  model_.put(model_.bus("weight_wide_i"), 0, design.two_cycles ? 1 : 0);
}

void RtlOs::skip_to(std::int64_t cycle) {
  const std::int64_t flushed = cycle_ + longest_;
  while (cycle_ + 1 < std::min(cycle, flushed)) {
    drive({});
    tick(cycle_ + 1);
  }
  cycle_ = cycle - 1;
}

/// Operands of all rows and columns for one step; padding is zero.
void RtlOs::put_step(const ArrayJob& job, std::int64_t index, bool high_nibble) {
  if (!job.values || work_.operands == nullptr) return;
  const GemmOperands& o = *work_.operands;
  const std::int64_t k = job.k0 + index;
  for (std::int64_t r = 0; r < work_.timing.rows; ++r) {
    model_.put(act_, r, r < job.m ? o.act[static_cast<std::size_t>((job.m0 + r) * o.k + k)] : 0);
  }
  const Format& format = work_.formats.weight;
  for (std::int64_t c = 0; c < work_.timing.cols; ++c) {
    std::uint64_t wire = 0;
    if (c < job.n) {
      const Code code = o.weight[static_cast<std::size_t>((job.n0 + c) * o.k + k)];
      // Integers arrive extended with their sign; the high nibble of two is marked in bit 4.
      wire = format.is_integer() ? static_cast<std::uint64_t>(decode_int(format, code)) : code;
      if (design_.two_cycles)
        wire = high_nibble ? (wire >> 4 & 15U) | 16U : wire & 15U;
      else if (format.is_integer() && format.bits <= 4)
        wire &= 15U;
    } else if (high_nibble) {
      wire = 16;
    }
    model_.put(wgt_, c, wire);
  }
}

void RtlOs::drive(const EdgeSlot& slot) {
  bool valid = false, first = false, last = false;
  if (slot.job != nullptr) {
    if (slot.begin) position_ = 0;
    const std::int64_t step = work_.timing.step_cycles();
    const bool high_nibble = design_.two_cycles && !slot.step && position_ % step == 1 &&
                             position_ < slot.job->steps * step;
    valid = slot.step || high_nibble;
    first = slot.step && slot.index == 0;
    last = position_ == slot.job->steps * step - 1;
    if (valid) put_step(*slot.job, slot.index, high_nibble);
    if (last) model_.put(last_row_, 0, static_cast<std::uint64_t>(slot.job->rows - 1));
    ++position_;
  }
  model_.put(valid_, 0, valid ? 1 : 0);
  model_.put(first_, 0, first ? 1 : 0);
  model_.put(last_, 0, last ? 1 : 0);
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
  if (slot.begin) lanes_.expect(*slot.job);
  if (slot.step) {
    const auto acts = static_cast<std::uint64_t>(slot.job->m);
    lanes_.counters()[Event::kMac] += acts * static_cast<std::uint64_t>(slot.job->n);
    if (work_.zero_points) lanes_.counters()[Event::kRowSumAdd] += acts;
    if (work_.timing.prescan) lanes_.counters()[Event::kAlign] += acts;
  }
  drive(slot);
  tick(cycle);
  check_invariant(lanes_.empty() || cycle - std::max(last_entry_, lanes_.last_seen()) < longest_,
                  "the RTL array has swallowed a sum");
}

}  // namespace mixpe
