#include "sim/cosim/rtl_array_edge.h"

#include "models/formats/integers.h"

namespace mixpe {

RtlEdge::RtlEdge(const ArrayWork& work, const RtlArrayDesign& design, RtlArrayModel& model)
    : work_(work),
      weight_stationary_(design.weight_stationary),
      two_nibbles_(design.two_cycles && !design.weight_stationary),
      act_(model.bus("act_i", design.act_bits)),
      wgt_(model.bus("wgt_i", design.wgt_bits)),
      scan_valid_(model.bus("scan_valid_i")),
      scan_first_(model.bus("scan_first_i")),
      scan_act_(model.bus("scan_act_i", design.act_bits)) {
  if (weight_stationary_) scan_begin_ = model.bus("scan_begin_i");
  model.put(model.bus("weight_signed_i"), 0, work.formats.weight.is_signed() ? 1 : 0);
  model.put(model.bus("weight_wide_i"), 0, design.two_cycles ? 1 : 0);
}

void RtlEdge::put_acts(RtlArrayModel& model, const RtlBus& bus, const ArrayJob& job,
                       std::int64_t index) const {
  for (std::int64_t r = 0; r < work_.timing.rows; ++r) {
    const bool exists = has_values(job) && r < (weight_stationary_ ? job.k : job.m);
    const std::int64_t m = job.m0 + (weight_stationary_ ? index : r);
    const std::int64_t k = job.k0 + (weight_stationary_ ? r : index);
    const auto at = static_cast<std::size_t>(exists ? m * work_.operands->k + k : 0);
    model.put(bus, r, exists ? work_.operands->act[at] : 0);
  }
}

void RtlEdge::put_weights(RtlArrayModel& model, const ArrayJob& job, std::int64_t k,
                          bool high_nibble) const {
  const Format& format = work_.formats.weight;
  constexpr std::uint64_t kNibble = 15, kHighNibble = 16;
  for (std::int64_t c = 0; c < work_.timing.cols; ++c) {
    std::uint64_t wire = 0;
    if (has_values(job) && c < job.n && k < job.k0 + job.k) {
      const GemmOperands& o = *work_.operands;
      const Code code = o.weight[static_cast<std::size_t>((job.n0 + c) * o.k + k)];
      // Integers arrive extended with their sign to the nibble or byte that the PE takes.
      wire = format.is_integer() ? static_cast<std::uint64_t>(decode_int(format, code)) : code;
    }
    if (format.is_integer() && format.bits <= 4) wire &= kNibble;
    if (two_nibbles_) wire = high_nibble ? (wire >> 4 & kNibble) | kHighNibble : wire & kNibble;
    model.put(wgt_, c, wire);
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
  // Rows lie along m (OS) or k (WS): so many of a step's activations exist.
  const auto acts = static_cast<std::uint64_t>(weight_stationary_ ? job.k : job.m);
  counters[Event::kMac] += acts * static_cast<std::uint64_t>(job.n);
  if (work_.zero_points) counters[Event::kRowSumAdd] += acts;
  if (work_.timing.prescan) counters[Event::kAlign] += acts;
}

}  // namespace mixpe
