#include "sim/timing/engines/literal_ws.h"

#include <algorithm>

#include "models/core/errors.h"
#include "models/formats/integers.h"
#include "sim/timing/engines/literal_kernels.h"
#include "sim/timing/segment_sum.h"

namespace mixpe {
namespace {

/// 8 bits: columns that take part.
constexpr int kActiveColumns = 8;

constexpr std::int64_t kLongAgo = std::int64_t{1} << 40;

std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }

ValuePath literal_path(const ArrayWork& work) {
  const ValuePath path = value_path(work);
  return path == ValuePath::kFloat ? ValuePath::kOrdered : path;
}

/// Row sums alive at once: those that arrive while one waits for the last column, lanes_m in each
/// step, and a chunk more if they wait for their lanes' turn.
std::int64_t row_sum_fifo_depth(const ArrayTiming& t) {
  const std::int64_t columns = t.cols * t.lanes_n;
  const bool wait = t.lanes_m > 1 || t.drain_interval * t.lanes_m > t.step_cycles();
  return t.lanes_m * (columns / t.step_cycles() + 1) + (wait ? t.accumulator_rows : 0);
}

constexpr auto kDown = OperandRegisters<std::int16_t>::Moves::kDown;

}  // namespace

LiteralWs::LiteralWs(const ArrayWork& work)
    : work_(work),
      t_(work.timing),
      path_(literal_path(work)),
      hop_(t_.row_hop()),
      pes_(t_.rows * t_.cols),
      lanes_(work),
      since_begin_(kLongAgo),
      since_load_(kLongAgo),
      tags_({}, t_.rows, t_.cols, 1, hop_, t_.product_latency + hop_ - 1, 0),
      steps_({}, t_.rows, t_.cols, 1, hop_, t_.product_latency, 0),
      act16_({}, t_.rows, t_.cols, path_ == ValuePath::kInt16 ? 1 : 0, hop_, t_.product_latency, 0),
      act_({}, t_.rows, t_.cols, path_ == ValuePath::kOrdered ? t_.lanes_m * t_.lanes_k : 0, hop_,
           t_.product_latency, kNoOperand),
      tags_in_(size(t_.rows)),
      steps_in_(size(t_.rows)),
      chain_tags_(kDown, (t_.rows - 1) * hop_ + 1, t_.cols, 1, 1, 0, 0),
      chain16_(kDown, (t_.rows - 1) * hop_ + 1, t_.cols, path_ == ValuePath::kInt16 ? 1 : 0, 1, 0,
               0),
      chain_(OperandRegisters<Code>::Moves::kDown, (t_.rows - 1) * hop_ + 1, t_.cols,
             path_ == ValuePath::kOrdered ? t_.lanes_n * t_.lanes_k : 0, 1, 0, kNoOperand),
      chain_tags_in_(size(t_.cols)),
      next_tag_(size(pes_)),
      weight_tag_(size(pes_)),
      in_use_(size(pes_)),
      columns_(size(t_.cols * t_.lanes_n)),
      row_adders_(size(t_.accumulator_rows)),
      fifo_depth_(row_sum_fifo_depth(t_)) {
  check_invariant(
      t_.lanes_m * t_.lanes_k < 32768 && t_.lanes_n < 64 && t_.rows < 127 && t_.cols < 256,
      "too many lanes or rows for a tag");
  const std::size_t stages = size(hop_);
  psum_steps_.assign(stages, std::vector<std::int32_t>(size(pes_)));
  if (path_ == ValuePath::kInt16) {
    next16_.assign(size(pes_), 0);
    weight16_ = next16_;
    product_weight16_.assign(size(t_.product_latency + 1), next16_);
    psum_integers_.assign(stages, std::vector<std::int32_t>(size(pes_)));
  }
  if (path_ == ValuePath::kOrdered) {
    next_.assign(size(pes_) * chain_.width(), kNoOperand);
    weight_ = next_;
    product_weight_.assign(size(t_.product_latency + 1), next_);
    psums_.assign(stages, std::vector<Sum>(size(pes_) * outputs_per_pe()));
  }
  for (Column& column : columns_) column.memory.resize(size(t_.accumulator_rows));
}

void LiteralWs::discard_values() {
  lanes_.discard_values();
  path_ = ValuePath::kTimingOnly;
}

void LiteralWs::begin(const EdgeSlot& slot) {
  const ArrayJob& job = *slot.job;
  feed_ = make_feed(work_, job, path_);
  job_values_ = job.values;
  KTile ktile{job, -1, job.cols * t_.lanes_n, feed_};
  if (job.ends_segment) {
    ktile.segment = lanes_.expect(job, job.steps * t_.lanes_m, job.cols * t_.lanes_n, feed_);
  }
  ktiles_.push_back(ktile);
  arrivals_left_ += job.steps * job.cols * t_.lanes_n;
  since_begin_ = 0;
}

/// This cycle's row of weights enters the chain, column c delayed c cycles.
void LiteralWs::load(const EdgeSlot& slot) {
  std::fill(chain_tags_in_.begin(), chain_tags_in_.end(), std::int16_t{0});
  ++since_load_;
  const bool loading = slot.load_job != nullptr;
  if (loading) {
    const ArrayJob& job = *slot.load_job;
    if (slot.load_row == 0) {
      load_job_ = job;
      load_feed_ = make_feed(work_, job, path_);
    }
    since_load_ = 0;
    for (std::int64_t c = 0; c < t_.cols; ++c) {
      const std::int64_t real = std::clamp<std::int64_t>(job.n - c * t_.lanes_n, 0, t_.lanes_n);
      chain_tags_in_[size(c)] = static_cast<std::int16_t>((slot.load_row + 1) << 8 | real << 1 |
                                                          (c < job.cols ? tag::kActiveColumn : 0));
    }
  }
  chain_tags_.clock(chain_tags_in_.data());
  const bool values = loading && load_job_.values;
  if (path_ == ValuePath::kInt16) {
    const std::vector<std::int16_t> bubble(size(t_.cols), 0);
    chain16_.clock(values ? &load_feed_->weight16[size(slot.load_row * t_.cols)] : bubble.data());
  } else if (path_ == ValuePath::kOrdered) {
    const std::size_t line = size(t_.cols) * chain_.width();
    const std::vector<Code> bubble(line, kNoOperand);
    chain_.clock(values ? &load_feed_->weight[size(slot.load_row) * line] : bubble.data());
  }
}

void LiteralWs::enter(const EdgeSlot& slot) {
  std::fill(tags_in_.begin(), tags_in_.end(), 0);
  std::fill(steps_in_.begin(), steps_in_.end(), 0);
  ++since_begin_;
  if (slot.step) {
    const ArrayJob& job = *slot.job;
    const std::int64_t rows = std::min(t_.lanes_m, job.m - slot.index * t_.lanes_m);
    ++step_number_;
    for (std::int64_t r = 0; r < job.rows; ++r) {
      const std::int64_t k = std::clamp<std::int64_t>(job.k - r * t_.lanes_k, 0, t_.lanes_k);
      tags_in_[size(r)] = tag::kStep | static_cast<std::int32_t>(rows * k << tag::kProducts) |
                          (slot.index == 0 ? tag::kFirst : 0) |
                          (slot.index == job.steps - 1 ? tag::kLast : 0) |
                          (r == job.rows - 1 ? tag::kBottom : 0) |
                          static_cast<std::int32_t>(job.cols << kActiveColumns);
      steps_in_[size(r)] = step_number_;
    }
    const auto acts = static_cast<std::uint64_t>(rows * job.k);
    if (work_.zero_points) lanes_.counters()[Event::kRowSumAdd] += acts;
    if (t_.prescan) lanes_.counters()[Event::kAlign] += acts;
  }
  tags_.clock(tags_in_.data());
  steps_.clock(steps_in_.data());
  const bool operands = slot.step && job_values_;
  if (path_ == ValuePath::kInt16) {
    const std::vector<std::int16_t> bubble(size(t_.rows), 0);
    act16_.clock(operands ? &feed_->act16[size(slot.index * t_.rows)] : bubble.data());
  } else if (path_ == ValuePath::kOrdered) {
    const std::size_t line = size(t_.rows) * act_.width();
    const std::vector<Code> bubble(line, kNoOperand);
    act_.clock(operands ? &feed_->act[size(slot.index) * line] : bubble.data());
  }
}

/// A K-tile's first activation makes the PE's next weight its current one.
void LiteralWs::turn_to_new_weights() {
  if (since_begin_ <= t_.rows * hop_ + t_.cols) {
    const std::int32_t* tags = tags_.stage(0);
    for (std::size_t pe = 0; pe < size(pes_); ++pe) {
      if ((tags[pe] & tag::kFirst) == 0) continue;
      check_invariant(next_tag_[pe] != 0, "weights come too late");
      weight_tag_[pe] = next_tag_[pe];
      next_tag_[pe] = 0;
      in_use_[pe] = 1;
      if (path_ == ValuePath::kInt16) weight16_[pe] = next16_[pe];
      if (path_ == ValuePath::kOrdered) {
        std::copy_n(&next_[pe * chain_.width()], chain_.width(), &weight_[pe * chain_.width()]);
      }
    }
  }
  const auto advance = [](auto& pipeline, const auto& now) {
    pipeline.push_front(std::move(pipeline.back()));
    pipeline.pop_back();
    pipeline.front() = now;
  };
  if (path_ == ValuePath::kInt16) advance(product_weight16_, weight16_);
  if (path_ == ValuePath::kOrdered) advance(product_weight_, weight_);
}

/// Each PE keeps the weight addressed to its row, at the end of the cycle in which it passes.
void LiteralWs::latch_weights() {
  if (since_load_ > t_.rows * (hop_ + 1) + t_.cols) return;
  for (std::int64_t r = 0; r < t_.rows; ++r) {
    for (std::int64_t c = 0; c < t_.cols; ++c) {
      const std::size_t pe = size(r * t_.cols + c);
      const std::size_t at = size(r * hop_ * t_.cols + c);
      const std::int16_t token = chain_tags_.stage(0)[at];
      if (token >> 8 != r + 1) continue;
      check_invariant(next_tag_[pe] == 0, "weights are overwritten before they were used");
      check_invariant(t_.weight_double_buffering || in_use_[pe] == 0,
                      "weights are overwritten while in use");
      next_tag_[pe] = token;
      if (path_ == ValuePath::kInt16) next16_[pe] = chain16_.stage(0)[at];
      if (path_ == ValuePath::kOrdered) {
        std::copy_n(&chain_.stage(0)[at * chain_.width()], chain_.width(),
                    &next_[pe * chain_.width()]);
      }
    }
  }
}

void LiteralWs::add_in_order(std::size_t pe, const std::int32_t* tags) {
  const std::size_t w = chain_.width();
  const Code* acts = &act_.stage(t_.product_latency)[pe * act_.width()];
  const Code* weights = &product_weight_.back()[pe * w];
  for (std::size_t lane = 0; lane < outputs_per_pe(); ++lane) {
    const std::size_t above = (pe - size(t_.cols)) * outputs_per_pe() + lane;
    Sum sum = pe < size(t_.cols) ? Sum{} : psums_.back()[above];
    if ((tags[pe] & tag::kStep) != 0) {
      join_products(work_, sum, acts + lane / size(t_.lanes_n) * size(t_.lanes_k),
                    weights + lane % size(t_.lanes_n) * size(t_.lanes_k), t_.lanes_k,
                    lanes_.counters()[Event::kOverflow]);
    }
    psums_.front()[pe * outputs_per_pe() + lane] = sum;
  }
}

/// The adders' first cycle: products meet the psum that the row above has finished.
void LiteralWs::add_products() {
  const std::int32_t* tags = tags_.stage(t_.product_latency);
  const std::int32_t* steps = steps_.stage(t_.product_latency);
  // The last stage holds what the row above finished in the cycle before; it is read here, and
  // then gives its place to the sums that enter now.
  std::vector<std::int32_t> entering(size(pes_));
  bool in_step = true;
  for (std::size_t pe = 0; pe < size(pes_); ++pe) {
    entering[pe] = steps[pe];
    const std::int32_t above =
        pe < size(t_.cols) ? steps[pe] : psum_steps_.back()[pe - size(t_.cols)];
    in_step &= steps[pe] == 0 || above == steps[pe];
  }
  check_invariant(in_step, "a psum meets the activations of another step");
  psum_steps_.pop_back();
  psum_steps_.push_front(std::move(entering));
  if (path_ == ValuePath::kInt16) {
    std::vector<std::int32_t> sums(size(pes_));
    const std::int16_t* act = act16_.stage(t_.product_latency);
    const std::int16_t* weight = product_weight16_.back().data();
    const std::int32_t* above = psum_integers_.back().data();
    literal_add_products(act, weight, above, sums.data(), static_cast<std::int32_t>(t_.cols),
                         static_cast<std::int32_t>(pes_));
    psum_integers_.pop_back();
    psum_integers_.push_front(std::move(sums));
  }
  if (path_ == ValuePath::kOrdered) {
    psums_.push_front(std::vector<Sum>(psums_.back().size()));
    for (std::size_t pe = 0; pe < size(pes_); ++pe) add_in_order(pe, tags);
    psums_.pop_back();
  }
}

Sum LiteralWs::psum(std::size_t output) const {
  Sum sum;
  if (path_ == ValuePath::kInt16) sum.integer = psum_integers_.back()[output];
  if (path_ == ValuePath::kOrdered) sum = psums_.back()[output];
  return sum;
}

/// The last active row's sums, in their adder's last cycle.
void LiteralWs::leave_array(std::int64_t row, std::int64_t col) {
  const std::size_t pe = size(row * t_.cols + col);
  for (std::int64_t b = 0; b < t_.lanes_n; ++b) {
    const std::int64_t j = col * t_.lanes_n + b;
    Arrival arrival{j - col, psum_steps_.back()[pe], {}};
    for (std::int64_t a = 0; a < t_.lanes_m; ++a) {
      arrival.sums.push_back(psum(pe * outputs_per_pe() + size(a * t_.lanes_n + b)));
    }
    columns_[size(j)].arriving.push_back(std::move(arrival));
  }
}

/// Sums that have come to the column's accumulator in this cycle, if any.
void LiteralWs::arrive(std::int64_t col, std::int64_t cycle) {
  Column& column = columns_[size(col)];
  column.direct_row = -1;
  if (!column.arriving.empty() && column.arriving.front().delay == 0) {
    check_invariant(column.last_arrival < 0 || cycle >= column.last_arrival + t_.accumulator_cycles,
                    "two sums at one accumulator port");
    column.last_arrival = cycle;
    // A column that was not active for some K-tiles goes past them.
    column.ktile = std::max(column.ktile, first_ktile_);
    check_invariant(!ktiles_.empty(), "a sum of a K-tile that is not in the array");
    while (col >= ktiles_[size(column.ktile - first_ktile_)].job.cols * t_.lanes_n) ++column.ktile;
    KTile& ktile = ktiles_[size(column.ktile - first_ktile_)];
    if (col == 0 && work_.zero_points) add_row_sums(ktile, column.index);
    accumulate(column, col, ktile, column.arriving.front());
    column.arriving.pop_front();
    --arrivals_left_;
    adding_left_ = t_.accumulator_cycles;
    if (++column.index == ktile.job.steps) {
      column.index = 0;
      ++column.ktile;
      --ktile.columns_left;
    }
  }
  check_invariant(column.arriving.empty() || column.arriving.front().delay > 0,
                  "two sums at one accumulator port");
  for (Arrival& arrival : column.arriving) --arrival.delay;
}

void LiteralWs::accumulate(Column& column, std::int64_t col, const KTile& ktile,
                           const Arrival& arrival) {
  const ArrayJob& job = ktile.job;
  if (job.ends_segment && column.index == 0) {
    check_invariant(column.rows_left == 0, "a column drains two segments at once");
    column.rows_left = job.steps * t_.lanes_m;
    column.row = column.phase = 0;
    column.segment = ktile.segment;
  }
  column.direct = arrival.sums;
  for (std::int64_t a = 0; a < t_.lanes_m; ++a) {
    const std::int64_t row = column.index * t_.lanes_m + a;
    if (row >= job.m) break;
    Accumulator& at = column.memory[size(row)];
    check_invariant(!at.waiting, "a sum that waits for its lane is overwritten");
    const bool real = col < job.n;
    Sum& sum = column.direct[size(a)];
    if (!job.begins_segment) {
      Sum total = at.sum;
      if (real) ++lanes_.counters()[Event::kAccumulatorRead];
      if (real && path_ != ValuePath::kTimingOnly && job.values) {
        work_.pe->merge(total, sum, lanes_.counters()[Event::kOverflow]);
      }
      sum = total;
    }
    at.sum = sum;
    if (!job.ends_segment && real) ++lanes_.counters()[Event::kAccumulatorWrite];
  }
  if (job.ends_segment) column.direct_row = column.index * t_.lanes_m;
}

/// The edge's adders, a chain down the rows like the psums' and an accumulator below it, at the
/// time at which the step's sums reach the first column.
void LiteralWs::add_row_sums(const KTile& ktile, std::int64_t index) {
  const ArrayJob& job = ktile.job;
  for (std::int64_t a = 0; a < t_.lanes_m && index * t_.lanes_m + a < job.m; ++a) {
    const std::int64_t row = index * t_.lanes_m + a;
    Sum sum;
    for (std::int64_t k = 0; k < job.k && job.values; ++k) {
      if (path_ == ValuePath::kInt16) {
        sum.integer =
            wrap_counted(sum.integer + ktile.feed->act16[size(index * t_.rows + k)],
                         work_.pe->spec().row_sum_bits, lanes_.counters()[Event::kOverflow]);
      } else if (path_ == ValuePath::kOrdered) {
        const std::int64_t bundle = index * t_.rows + k / t_.lanes_k;
        const std::int64_t lane = a * t_.lanes_k + k % t_.lanes_k;
        work_.pe->add_activation(sum, ktile.feed->act[size(bundle) * act_.width() + size(lane)],
                                 work_.formats, lanes_.counters()[Event::kOverflow]);
      }
    }
    Sum& total = row_adders_[size(row)];
    if (job.begins_segment) {
      total = sum;
    } else if (job.values && path_ != ValuePath::kTimingOnly) {
      work_.pe->merge_row_sum(total, sum, lanes_.counters()[Event::kOverflow]);
    }
    if (!job.ends_segment) continue;
    row_sums_.push_back({ktile.segment, row, total});
    check_invariant(static_cast<std::int64_t>(row_sums_.size()) <= fifo_depth_,
                    "the row sums' FIFO overflows");
  }
}

Sum LiteralWs::row_sum(const Column& column, std::int64_t col, const ArrayJob& job) {
  if (!work_.zero_points || column.row >= job.m) return {};
  const auto at = std::find_if(row_sums_.begin(), row_sums_.end(), [&](const RowSum& r) {
    return r.segment == column.segment && r.row == column.row;
  });
  check_invariant(at != row_sums_.end(), "the row sums' FIFO underflows");
  const Sum sum = at->sum;
  if (col == job.cols * t_.lanes_n - 1) at->read = true;
  while (!row_sums_.empty() && row_sums_.front().read) row_sums_.pop_front();
  return sum;
}

/// Output (i, a) of a column takes its lane i * q + a * m cycles after the first.
void LiteralWs::drain(std::int64_t col, std::int64_t cycle) {
  Column& column = columns_[size(col)];
  if (column.rows_left > 0) {
    const std::int64_t period = std::max(t_.step_cycles(), t_.drain_interval * t_.lanes_m);
    const std::int64_t lane = column.row % t_.lanes_m;
    const bool turn = column.phase == lane * t_.drain_interval;
    column.phase = (column.phase + 1) % period;
    if (turn) {
      const ArrayJob& job = lanes_.in_flight(column.segment).job;
      LaneValue& value = lanes_.take(column.segment, column.row, col, cycle);
      value.row_sum = row_sum(column, col, job);
      const std::int64_t direct = column.row - column.direct_row;
      if (column.direct_row >= 0 && direct >= 0 && direct < t_.lanes_m) {
        value.sum = column.direct[size(direct)];
      } else if (column.row < job.m) {
        Accumulator& at = column.memory[size(column.row)];
        check_invariant(at.waiting, "a lane finds no sum");
        at.waiting = false;
        value.sum = at.sum;
        if (col < job.n) ++lanes_.counters()[Event::kAccumulatorRead];
      }
      ++column.row;
      --column.rows_left;
    }
  }
  // What arrived and was not taken waits in the accumulator memory.
  if (column.direct_row < 0) return;
  const ArrayJob& job = lanes_.in_flight(column.segment).job;
  for (std::int64_t a = 0; a < t_.lanes_m; ++a) {
    const std::int64_t row = column.direct_row + a;
    if (row < column.row || row >= job.m) continue;
    column.memory[size(row)].waiting = true;
    if (col < job.n) ++lanes_.counters()[Event::kAccumulatorWrite];
  }
}

void LiteralWs::clock(const EdgeSlot& slot, std::int64_t cycle) {
  if (slot.begin) begin(slot);
  load(slot);
  enter(slot);
  turn_to_new_weights();
  lanes_.counters()[Event::kMac] +=
      literal_count_macs_ws(tags_.stage(0), weight_tag_.data(), static_cast<std::int32_t>(pes_));
  add_products();
  const std::int32_t* finishing = tags_.stage(t_.product_latency + hop_ - 1);
  for (std::int64_t row = 0; row < t_.rows; ++row) {
    for (std::int64_t col = 0; col < t_.cols; ++col) {
      const std::size_t pe = size(row * t_.cols + col);
      const std::int32_t wanted = tag::kStep | tag::kBottom;
      const bool active = col < ((finishing[pe] >> kActiveColumns) & 0xff);
      if (active && (finishing[pe] & wanted) == wanted) leave_array(row, col);
    }
  }
  for (std::int64_t j = 0; j < t_.cols * t_.lanes_n; ++j) {
    arrive(j, cycle);
    drain(j, cycle);
  }
  while (!ktiles_.empty() && ktiles_.front().columns_left == 0) {
    ktiles_.pop_front();
    ++first_ktile_;
  }
  for (std::size_t pe = 0; pe < size(pes_); ++pe) {
    if ((tags_.stage(0)[pe] & tag::kLast) != 0) in_use_[pe] = 0;
  }
  latch_weights();
  adding_left_ = std::max<std::int64_t>(0, adding_left_ - 1);
  lanes_.clock(cycle);
}

bool LiteralWs::valid(std::int64_t row, std::int64_t col) const {
  return (tags_.stage(0)[row * t_.cols + col] & tag::kStep) != 0;
}

std::int64_t LiteralWs::act(std::int64_t row, std::int64_t col) const {
  const std::size_t pe = size(row * t_.cols + col);
  if (path_ == ValuePath::kInt16) return act16_.stage(0)[pe];
  return path_ == ValuePath::kOrdered ? act_.stage(0)[pe * act_.width()] : 0;
}

std::int64_t LiteralWs::weight(std::int64_t row, std::int64_t col) const {
  const std::size_t pe = size(row * t_.cols + col);
  if (path_ == ValuePath::kInt16) return weight16_[pe];
  return path_ == ValuePath::kOrdered ? weight_[pe * chain_.width()] : 0;
}

Sum LiteralWs::sum(std::int64_t row, std::int64_t col) const {
  return psum(size(row * t_.cols + col) * outputs_per_pe());
}

}  // namespace mixpe
