#include "sim/cosim/rtl_array_edge.h"

#include <algorithm>
#include <span>

namespace mixpe {

RtlEdge::RtlEdge(const ArrayWork& work, const RtlArrayDesign& design, RtlArrayModel& model)
    : work_(work),
      pe_(design.pe),
      weight_stationary_(design.weight_stationary),
      act_(model.bus("act_i", design.act_bits)),
      wgt_(model.bus("wgt_i", design.pe.wgt_bits)),
      scan_valid_(model.bus("scan_valid_i")),
      scan_first_(model.bus("scan_first_i")),
      scan_act_(model.bus("scan_act_i", design.act_bits)) {
  if (weight_stationary_) scan_begin_ = model.bus("scan_begin_i");
  model.put(model.bus("weight_signed_i"), 0, work.formats.weight.is_signed() ? 1 : 0);
  model.put(model.bus("weight_wide_i"), 0, design.two_cycles ? 1 : 0);
  model.put(model.bus("mode_i", std::max(1, design.pe.mode_bits)), 0, design.mode);
}

std::int64_t RtlEdge::lanes_of(const ArrayJob& job, std::int64_t index) const {
  const std::int64_t lanes = work_.timing.lanes_k;
  return std::clamp<std::int64_t>(job.k - index * lanes, 0, lanes);
}

/// Rows lie along m (OS) or k (WS).
void RtlEdge::put_acts(RtlArrayModel& model, const RtlBus& bus, const ArrayJob& job,
                       std::int64_t index) const {
  for (std::int64_t r = 0; r < work_.timing.rows; ++r) {
    const std::int64_t along_k = weight_stationary_ ? r : index;
    const std::int64_t m = job.m0 + (weight_stationary_ ? index : r);
    const bool exists = has_values(job) && (weight_stationary_ || r < job.m);
    const std::int64_t lanes = exists ? lanes_of(job, along_k) : 0;
    std::uint64_t word = 0;
    if (lanes > 0) {
      const GemmOperands& o = *work_.operands;
      const auto at = o.act.begin() + m * o.k + job.k0 + along_k * work_.timing.lanes_k;
      codes_.assign(at, at + lanes);
      word = pe_.act_word(codes_, work_.formats.act);
    }
    model.put(bus, r, word);
  }
}

void RtlEdge::put_weights(RtlArrayModel& model, const ArrayJob& job, std::int64_t index,
                          bool high_nibble) const {
  for (std::int64_t c = 0; c < work_.timing.cols; ++c) {
    const std::int64_t lanes = has_values(job) && c < job.n ? lanes_of(job, index) : 0;
    std::uint64_t word = 0;
    if (lanes > 0) {
      const GemmOperands& o = *work_.operands;
      const auto at = o.weight.begin() + (job.n0 + c) * o.k + job.k0 + index * work_.timing.lanes_k;
      codes_.assign(at, at + lanes);
      word = pe_.weight_word(codes_, work_.formats.weight, high_nibble);
    }
    model.put(wgt_, c, word);
  }
}

void RtlEdge::scan(RtlArrayModel& model, const EdgeSlot& slot) const {
  const ArrayJob* job = slot.scan_job;
  model.put(scan_valid_, 0, job != nullptr ? 1 : 0);
  if (job == nullptr) return;
  model.put(scan_first_, 0, slot.scan_index == 0 ? 1 : 0);
  if (scan_begin_) model.put(*scan_begin_, 0, job->begins_segment ? 1 : 0);
  put_acts(model, scan_act_, *job, slot.scan_index);
}

void RtlEdge::count(const EdgeSlot& slot, Counters& counters) const {
  if (!slot.step) return;
  const ArrayJob& job = *slot.job;
  // So many of a step's activations exist.
  const auto acts =
      static_cast<std::uint64_t>(weight_stationary_ ? job.k : job.m * lanes_of(job, slot.index));
  counters[Event::kMac] += acts * static_cast<std::uint64_t>(job.n);
  if (work_.zero_points) counters[Event::kRowSumAdd] += acts;
  if (work_.timing.prescan) counters[Event::kAlign] += acts;
}

}  // namespace mixpe
