#include "sim/cosim/rtl_array_ws.h"

#include <algorithm>
#include <utility>

#include "models/core/errors.h"

namespace mixpe {
namespace {

std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }

}  // namespace

RtlWs::RtlWs(const ArrayWork& work, const RtlArrayDesign& design, RtlArrayModel model)
    : t_(work.timing),
      design_(design),
      model_(std::move(model)),
      edge_(work, design, model_),
      lanes_(work, design, model_),
      load_(model_.bus("load_i")),
      load_row_(model_.bus("load_row_i", design.pe_row_bits)),
      valid_(model_.bus("valid_i")),
      first_(model_.bus("first_i")),
      begin_(model_.bus("begin_i")),
      end_(model_.bus("end_i")),
      last_row_(model_.bus("last_row_i", design.pe_row_bits)),
      overflow_(model_.bus("overflow_o")),
      row_overflow_(model_.bus("row_overflow_o")),
      sum_overflow_(model_.bus("sum_overflow_o")),
      row_sum_overflow_(model_.bus("row_sum_overflow_o")),
      arrive_(model_.bus("arrive_o")),
      read_(model_.bus("read_o")),
      take_(model_.bus("take_o")),
      write_(model_.bus("write_o")),
      columns_(size(t_.cols)),
      past_(design.to_lane),
      arrived_real_(size(past_ * t_.cols)),
      slot_real_(size(past_ * t_.cols)) {}

std::int64_t RtlWs::longest_way() const {
  // A lane may be behind by a chunk of the accumulator memory.
  return t_.rows * t_.row_hop() + t_.sum_latency() + t_.cols +
         (t_.accumulator_rows + 1) * std::max(t_.drain_interval, t_.step_cycles()) +
         t_.lane_latency + t_.accumulator_cycles + 16;
}

void RtlWs::skip_to(std::int64_t cycle) {
  const std::int64_t flushed = cycle_ + longest_way();
  while (cycle_ + 1 < std::min(cycle, flushed)) {
    drive({});
    tick(cycle_ + 1);
  }
  cycle_ = cycle - 1;
}

void RtlWs::drive(const EdgeSlot& slot) {
  const bool second = std::exchange(second_, slot.step && design_.two_cycles);
  model_.put(valid_, 0, slot.step || second ? 1 : 0);
  model_.put(first_, 0, slot.step && slot.index == 0 ? 1 : 0);
  if (slot.step) {
    const ArrayJob& job = *slot.job;
    model_.put(begin_, 0, job.begins_segment ? 1 : 0);
    model_.put(end_, 0, job.ends_segment ? 1 : 0);
    model_.put(last_row_, 0, static_cast<std::uint64_t>(job.rows - 1));
    edge_.put_acts(model_, job, slot.index);
  }
  model_.put(load_, 0, slot.load_job != nullptr ? 1 : 0);
  if (slot.load_job != nullptr) {
    model_.put(load_row_, 0, static_cast<std::uint64_t>(slot.load_row));
    edge_.put_weights(model_, *slot.load_job, slot.load_row, false);
  }
  edge_.scan(model_, slot);
}

std::uint8_t& RtlWs::past(std::vector<std::uint8_t>& flags, std::int64_t cycle,
                          std::int64_t col) const {
  return flags[size((cycle + past_) % past_ * t_.cols + col)];
}

/// Sums arrive below their columns: whose they are, by the order of K-tiles.
void RtlWs::see_arrivals(std::int64_t cycle) {
  for (std::int64_t c = 0; c < t_.cols; ++c) {
    past(arrived_real_, cycle, c) = 0;
    past(slot_real_, cycle, c) = 0;
    if (model_.get(arrive_, c) == 0) continue;
    Column& column = columns_[size(c)];
    if (column.steps_left == 0) ++column.ktile;
    check_invariant(
        !ktiles_.empty() && column.ktile >= ktiles_.front().number && column.ktile < next_ktile_,
        "the RTL array shows a sum that nobody has begun");
    KTile& ktile = ktiles_[size(column.ktile - ktiles_.front().number)];
    if (column.steps_left == 0) column.steps_left = ktile.job.steps;
    --column.steps_left;
    --ktile.arrivals_left;
    past(arrived_real_, cycle, c) = c < ktile.job.n ? 1 : 0;
    if (c >= ktile.job.cols) continue;
    --arrivals_left_;
    last_arrival_ = cycle;
    adding_left_ = t_.accumulator_cycles;
  }
  while (!ktiles_.empty() && ktiles_.front().arrivals_left == 0) ktiles_.pop_front();
}

/// Reads for the adder come with the arrival, writes when the adder is done; a lane reads a sum
/// that has waited as late as it can.
void RtlWs::count_accesses(std::int64_t cycle) {
  const std::int64_t adder = design_.to_lane - 1;
  Counters& counters = lanes_.counters();
  for (const std::int64_t c : lanes_.slot_columns()) past(slot_real_, cycle, c) = 1;
  for (std::int64_t c = 0; c < t_.cols; ++c) {
    if (model_.get(read_, c) != 0) {
      counters[Event::kAccumulatorRead] += past(arrived_real_, cycle, c);
    }
    if (model_.get(take_, c) != 0) {
      counters[Event::kAccumulatorRead] += past(slot_real_, cycle - (adder - 1), c);
    }
    if (model_.get(write_, c) != 0) {
      counters[Event::kAccumulatorWrite] += past(arrived_real_, cycle - adder, c);
    }
  }
}

void RtlWs::tick(std::int64_t cycle) {
  model_.clock(cycle);
  cycle_ = cycle;
  for (const RtlBus* bus : {&overflow_, &row_overflow_, &sum_overflow_, &row_sum_overflow_}) {
    lanes_.counters()[Event::kOverflow] += static_cast<std::uint64_t>(model_.count_ones(*bus));
  }
  see_arrivals(cycle);
  lanes_.clock(model_, cycle);
  count_accesses(cycle);
  adding_left_ = std::max<std::int64_t>(0, adding_left_ - 1);
}

void RtlWs::clock(const EdgeSlot& slot, std::int64_t cycle) {
  if (slot.job != nullptr) last_entry_ = cycle;
  if (slot.begin) {
    const ArrayJob& job = *slot.job;
    ktiles_.push_back({job, next_ktile_++, job.steps * t_.cols});
    arrivals_left_ += job.steps * job.cols;
    if (job.ends_segment) lanes_.expect(job, job.steps);
  }
  edge_.count(slot, lanes_.counters());
  drive(slot);
  tick(cycle);
  const std::int64_t quiet = cycle - std::max({last_entry_, last_arrival_, lanes_.last_seen()});
  check_invariant(empty() || quiet < longest_way(), "the RTL array has swallowed a sum");
}

}  // namespace mixpe
