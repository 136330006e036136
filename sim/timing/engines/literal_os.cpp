#include "sim/timing/engines/literal_os.h"

#include <algorithm>
#include <bit>

#include "models/core/ceil_div.h"
#include "models/core/errors.h"
#include "models/formats/integers.h"
#include "sim/timing/engines/literal_kernels.h"
#include "sim/timing/segment_sum.h"

namespace mixpe {
namespace {

using Moves = OperandRegisters<Code>::Moves;

/// Row sums of one row alive at once. One is pushed as its segment ends at the row's edge, in cycle
/// E + r, and popped when the last column has drained that row, at the latest in cycle
/// E + X + (rows - 1) + (columns - 1) + (output rows - 1) * m; segments end `output rows * m`
/// apart, or less by the difference in rows between passes of actual size.
std::int64_t row_sum_fifo_depth(const ArrayTiming& t) {
  const std::int64_t fewest = t.edge_tiles == EdgeTiles::kActual ? 1 : t.rows;
  const std::int64_t lifetime =
      t.sum_latency() + t.rows + t.cols * t.lanes_n + (t.rows * t.lanes_m - 1) * t.drain_interval;
  return ceil_div(lifetime, fewest * t.lanes_m * t.drain_interval) + 1;
}

/// The literal engine computes FP32 sums, and adders of several cycles, product by product.
ValuePath literal_path(const ArrayWork& work) {
  const ValuePath path = value_path(work);
  if (path == ValuePath::kFloat) return ValuePath::kOrdered;
  return path == ValuePath::kInt16 && work.timing.add_latency > 1 ? ValuePath::kOrdered : path;
}

ShadowChain::Values shadow_values(ValuePath path) {
  if (path == ValuePath::kInt16) return ShadowChain::Values::kIntegers;
  return path == ValuePath::kOrdered ? ShadowChain::Values::kSums : ShadowChain::Values::kNone;
}

std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }

}  // namespace

LiteralOs::LiteralOs(const ArrayWork& work)
    : work_(work),
      t_(work.timing),
      path_(literal_path(work)),
      interleave_(work.pe == nullptr ? 1 : work.pe->spec().interleave),
      output_rows_(t_.rows * t_.lanes_m),
      output_cols_(t_.cols * t_.lanes_n),
      pes_(static_cast<std::int32_t>(t_.rows * t_.cols)),
      lanes_(work),
      shadow_(t_.lanes_n, output_rows_, t_.cols, shadow_values(path_)),
      one_lane_(t_.lanes_m == 1 && t_.lanes_n == 1 && t_.lanes_k == 1),
      tags_(kRowTags + t_.lanes_m, t_.rows, t_.cols, t_.sum_latency()),
      weight_tags_(1 + t_.lanes_n, t_.rows, t_.cols, t_.sum_latency()),
      step_k_({}, t_.rows, t_.cols, one_lane_ ? 0 : 1, 1, t_.product_latency, 0),
      act16_({}, t_.rows, t_.cols, path_ == ValuePath::kInt16 ? 1 : 0, 1, t_.product_latency, 0),
      weight16_(OperandRegisters<std::int16_t>::Moves::kDown, t_.rows, t_.cols,
                path_ == ValuePath::kInt16 ? 1 : 0, 1, t_.product_latency, 0),
      act_(Moves::kRight, t_.rows, t_.cols,
           path_ == ValuePath::kOrdered ? t_.lanes_m * t_.lanes_k : 0, 1, t_.product_latency,
           kNoOperand),
      weight_(Moves::kDown, t_.rows, t_.cols,
              path_ == ValuePath::kOrdered ? t_.lanes_n * t_.lanes_k : 0, 1, t_.product_latency,
              kNoOperand),
      tags_in_(size((kRowTags + t_.lanes_m) * t_.rows)),
      no_tags_(tags_in_),
      weight_tags_in_(size(1 + t_.lanes_n)),
      no_columns_(weight_tags_in_),
      no_operands16_(size(std::max(t_.rows, t_.cols))),
      columns_(size(output_cols_)),
      turns_(size(t_.drain_interval)),
      captured_(size(t_.rows)),
      row_captured_(size(output_rows_)),
      row_odd_(row_captured_),
      row_real_(row_captured_),
      row_real_col_(row_captured_),
      row_integers_(size(t_.rows)),
      row_adders_(size(output_rows_ * interleave_)),
      row_products_(size(t_.rows)),
      row_merges_(size(t_.rows)),
      row_sums_(size(output_rows_)),
      row_segment_(size(t_.rows), -1),
      fifo_depth_(row_sum_fifo_depth(t_)) {
  check_invariant(t_.lanes_k < 32768, "too many lanes for a tag");
  for (std::int64_t j = 0; j < output_cols_; ++j) {
    pe_column_.push_back(j / t_.lanes_n);
    plane_.push_back(j % t_.lanes_n);
  }
  const std::size_t outputs = size(output_rows_ * output_cols_);
  if (path_ == ValuePath::kInt16) integers_.assign(outputs, 0);
  if (path_ == ValuePath::kOrdered) {
    sums_.assign(outputs * size(interleave_), {});
    in_flight_.assign(sums_.size(), 0);
    products_.assign(size(t_.rows * t_.cols), 0);
    merges_ = products_;
    adders_.resize(size(t_.add_latency));
    no_operands_.assign(std::max(act_.width() * size(t_.rows), weight_.width() * size(t_.cols)),
                        kNoOperand);
  }
}

void LiteralOs::discard_values() {
  lanes_.discard_values();
  path_ = ValuePath::kTimingOnly;
}

void LiteralOs::skip_to(std::int64_t) {
  tags_.clear();
  weight_tags_.clear();
  step_k_.clear(0);
  act16_.clear(0);
  act_.clear(kNoOperand);
  // What has not yet reached the rows that take no part would have told them of these segments.
  std::fill(row_segment_.begin(), row_segment_.end(), segment_);
}

void LiteralOs::begin(const EdgeSlot& slot) {
  const ArrayJob& job = *slot.job;
  // Without a shadow register the sums leave through the accumulators' own chain.
  check_invariant(work_.shadow || lanes_.drained(), "a sum is restarted before it has left");
  feed_ = make_feed(work_, job, path_);
  job_values_ = job.values;
  told_ = -1;
  segment_ = lanes_.expect(job, job.rows * t_.lanes_m, job.cols * t_.lanes_n, feed_);
  tag_job(job);
}

void LiteralOs::count_edge_events(const EdgeSlot& slot) {
  if (!slot.step) return;
  const ArrayJob& job = *slot.job;
  const std::int64_t k = std::min(t_.lanes_k, job.k - slot.index * t_.lanes_k);
  const auto acts = static_cast<std::uint64_t>(job.m * k);
  if (work_.zero_points) lanes_.counters()[Event::kRowSumAdd] += acts;
  if (t_.prescan) lanes_.counters()[Event::kAlign] += acts;
}

/// What a job's rows and columns are told of it, whatever the cycle.
void LiteralOs::tag_job(const ArrayJob& job) {
  for (std::int64_t r = 0; r < t_.rows; ++r) {
    tags_in_[line(RowTag::kOdd) + size(r)] = (segment_ & 1) != 0 ? 1 : 0;
    tags_in_[line(RowTag::kBottom) + size(r)] = r == job.rows - 1 ? 1 : 0;
  }
  for (std::int64_t i = 0; i < output_rows_; ++i) {
    const std::int64_t at = i % t_.lanes_m * t_.rows + i / t_.lanes_m;
    tags_in_[line(RowTag::kReal) + size(at)] = i < job.m ? 1 : 0;
  }
  std::fill(weight_tags_in_.begin(), weight_tags_in_.end(), 0);
  for (std::int64_t j = 0; j < job.cols * t_.lanes_n; ++j) {
    const TagWord bit = TagWord{1} << (j / t_.lanes_n);
    weight_tags_in_[0] |= bit;
    if (j < job.n) weight_tags_in_[size(1 + j % t_.lanes_n)] |= bit;
  }
}

void LiteralOs::tell_slot(const EdgeSlot& slot) {
  const auto tell = [&](RowTag kind, bool value) {
    std::fill_n(&tags_in_[line(kind)], t_.rows, value ? 1 : 0);
  };
  tell(RowTag::kStep, slot.step);
  tell(RowTag::kFirst, slot.begin);
  tell(RowTag::kMerge, slot.merge);
  tell(RowTag::kCapture, false);
  if (slot.capture) std::fill_n(&tags_in_[line(RowTag::kCapture)], slot.job->rows, 1);
}

/// What this cycle's slot puts in front of the skew registers.
void LiteralOs::enter(const EdgeSlot& slot) {
  if (slot.job != nullptr) {
    const int told =
        (slot.step ? 1 : 0) | (slot.begin ? 2 : 0) | (slot.merge ? 4 : 0) | (slot.capture ? 8 : 0);
    if (told != told_) tell_slot(slot);
    told_ = told;
    tags_.clock(tags_in_.data());
    weight_tags_.clock(weight_tags_in_.data());
  } else {
    tags_.clock(no_tags_.data());
    weight_tags_.clock(no_columns_.data());
  }
  if (!one_lane_) {
    const std::int64_t k =
        slot.step ? std::min(t_.lanes_k, slot.job->k - slot.index * t_.lanes_k) : 0;
    step_k_in_.assign(size(t_.rows), static_cast<std::int16_t>(k));
    step_k_.clock(step_k_in_.data());
  }
  const bool operands = slot.step && job_values_;
  if (path_ == ValuePath::kInt16) {
    const std::int16_t* bubble = no_operands16_.data();
    act16_.clock(operands ? &feed_->act16[size(slot.index * t_.rows)] : bubble);
    weight16_.clock(operands ? &feed_->weight16[size(slot.index * t_.cols)] : bubble);
  } else if (path_ == ValuePath::kOrdered) {
    const std::size_t acts = act_.width() * size(t_.rows);
    const std::size_t weights = weight_.width() * size(t_.cols);
    const Code* bubble = no_operands_.data();
    act_.clock(operands ? &feed_->act[size(slot.index) * acts] : bubble);
    weight_.clock(operands ? &feed_->weight[size(slot.index) * weights] : bubble);
  }
}

/// One adder for each output row at the edge, in the cycle in which the row's first PE takes the
/// operands; it interleaves and merges as the PEs do. At the segment's end its sum goes into the
/// row's FIFO.
void LiteralOs::add_row_sums() {
  // Rows whose first PE has such a bit.
  const auto rows_with = [&](RowTag kind) {
    return literal_rows_with(row_tags(kind, 0), 1, static_cast<std::int32_t>(t_.rows));
  };
  for (TagWord rows = rows_with(RowTag::kFirst); rows != 0; rows &= rows - 1) {
    const std::size_t r = size(std::countr_zero(rows));
    ++row_segment_[r];
    row_products_[r] = row_merges_[r] = row_integers_[r] = 0;
    const std::size_t adders = size(t_.lanes_m * interleave_);
    std::fill_n(&row_adders_[r * adders], adders, Sum{});
  }
  if (path_ == ValuePath::kInt16) add_row_integers();
  if (path_ == ValuePath::kOrdered) {
    const TagWord step = rows_with(RowTag::kStep), merge = rows_with(RowTag::kMerge);
    for (TagWord rows = step | merge; rows != 0; rows &= rows - 1) {
      const std::int64_t r = std::countr_zero(rows);
      if ((step >> r & 1) != 0) add_activations(r);
      if ((merge >> r & 1) != 0) merge_row_sums(r);
    }
  }
  for (TagWord rows = rows_with(RowTag::kCapture); rows != 0; rows &= rows - 1) {
    const std::int64_t r = std::countr_zero(rows);
    for (std::int64_t a = 0; a < t_.lanes_m; ++a) push_row_sum(r * t_.lanes_m + a);
  }
}

/// Between steps activations are zero.
void LiteralOs::add_row_integers() {
  const int bits = work_.pe->spec().row_sum_bits;
  const std::uint64_t magnitudes =
      literal_add_edge(act16_.stage(0), row_integers_.data(), static_cast<std::int32_t>(t_.cols),
                       static_cast<std::int32_t>(t_.rows));
  if (magnitudes >> (bits - 1) == 0) return;
  for (std::int64_t& sum : row_integers_) {
    sum = wrap_counted(sum, bits, lanes_.counters()[Event::kOverflow]);
  }
}

void LiteralOs::add_activations(std::int64_t row) {
  const Code* codes = act_.entering(size(row));
  for (std::size_t i = 0; i < act_.width(); ++i) {
    if (codes[i] == kNoOperand) continue;
    const auto lane = static_cast<std::int64_t>(i);
    const std::int64_t output_row = row * t_.lanes_m + lane / t_.lanes_k;
    const std::int64_t index = (row_products_[size(row)] + lane % t_.lanes_k) % interleave_;
    work_.pe->add_activation(row_adders_[size(output_row * interleave_ + index)], codes[i],
                             work_.formats, lanes_.counters()[Event::kOverflow]);
  }
  row_products_[size(row)] += one_lane_ ? 1 : *step_k_.entering(size(row));
}

/// The next interleaved sum of each of the row's adders joins their sum 0.
void LiteralOs::merge_row_sums(std::int64_t row) {
  const std::int64_t from = ++row_merges_[size(row)];
  const bool used = from < row_products_[size(row)];
  for (std::int64_t a = 0; a < t_.lanes_m; ++a) {
    Sum* sums = &row_adders_[size((row * t_.lanes_m + a) * interleave_)];
    work_.pe->merge_row_sum(sums[0], used ? sums[from] : Sum{},
                            lanes_.counters()[Event::kOverflow]);
  }
}

void LiteralOs::push_row_sum(std::int64_t output_row) {
  const std::int64_t number = row_segment_[size(output_row / t_.lanes_m)];
  std::vector<RowSum>& fifo = row_sums_[size(output_row)];
  Sum sum = row_adders_[size(output_row * interleave_)];
  if (path_ == ValuePath::kInt16) sum.integer = row_integers_[size(output_row)];
  fifo.push_back({number, sum, lanes_.in_flight(number).job.cols * t_.lanes_n});
  check_invariant(static_cast<std::int64_t>(fifo.size()) <= fifo_depth_,
                  "the row sums' FIFO overflows");
}

/// A sum that all columns have read leaves its FIFO. A wider segment before it may still be read,
/// and keeps its place.
Sum LiteralOs::read_row_sum(const LaneValue& value) {
  std::vector<RowSum>& fifo = row_sums_[size(value.row)];
  const auto at = std::find_if(fifo.begin(), fifo.end(),
                               [&](const RowSum& r) { return r.number == value.number; });
  check_invariant(at != fifo.end(), "the row sums' FIFO underflows");
  const Sum sum = at->sum;
  --at->reads_left;
  while (!fifo.empty() && fifo.front().reads_left == 0) fifo.erase(fifo.begin());
  return sum;
}

/// A lane starts when the bottom PE of its first column has captured. Its columns follow one
/// another: a token moves along them, one a cycle.
void LiteralOs::start_columns() {
  for (const std::int64_t j : tokens_) {
    Column& column = columns_[size(j)];
    const std::int64_t number = lanes_.next_of_column(column.number, j);
    const ArrayJob& job = lanes_.in_flight(number).job;
    check_invariant(column.rows_left == 0, "a column drains two segments at once");
    const std::int64_t rows = job.rows * t_.lanes_m;
    column = {rows, number, rows - 1};
    turns_[turn_].push_back(j);
    const std::int64_t next = j + 1;
    if (next % t_.drain_interval != 0 && next < job.cols * t_.lanes_n) next_tokens_.push_back(next);
  }
  tokens_.clear();
}

/// Lanes take what stands in the last active row; the registers above shift at the clock's end.
void LiteralOs::drain(std::int64_t cycle) {
  std::vector<std::int64_t>& columns = turns_[turn_];
  for (const std::int64_t j : columns) {
    Column& column = columns_[size(j)];
    LaneValue& value = lanes_.take(column.number, --column.rows_left, j, cycle);
    value.sum =
        shadow_.take(plane_[size(j)], column.tap, pe_column_[size(j)], (column.number & 1) != 0);
    if (work_.zero_points) value.row_sum = read_row_sum(value);
  }
  std::erase_if(columns, [&](std::int64_t j) { return columns_[size(j)].rows_left == 0; });
  if (++turn_ == turns_.size()) turn_ = 0;
}

void LiteralOs::step_pe(std::size_t pe) {
  const std::int64_t k = one_lane_ ? 1 : step_k_.stage(t_.product_latency)[pe];
  const std::int64_t together = products_together(work_);
  const Code* acts = &act_.stage(t_.product_latency)[pe * act_.width()];
  const Code* weights = &weight_.stage(t_.product_latency)[pe * weight_.width()];
  const std::int64_t row = static_cast<std::int64_t>(pe) / t_.cols;
  const std::int64_t col = static_cast<std::int64_t>(pe) % t_.cols;
  for (std::int64_t a = 0; a < t_.lanes_m; ++a) {
    for (std::int64_t b = 0; b < t_.lanes_n; ++b) {
      const std::size_t output = output_index(row * t_.lanes_m + a, col * t_.lanes_n + b);
      for (std::int64_t j = 0; j < k; j += together) {
        const std::int64_t index = (products_[pe] + j) % interleave_;
        const std::size_t at = output * size(interleave_) + size(index);
        const bool fresh = products_[pe] + j < interleave_;
        std::vector<Add>& entering = adders_.front();
        // Products of one step that join the same sum are added by one adder tree.
        const auto same = std::find_if(entering.begin(), entering.end(), [&](const Add& add) {
          return j >= interleave_ && add.output == output && add.index == index;
        });
        check_invariant(fresh || same != entering.end() || in_flight_[at] == 0,
                        "an adder reads a sum that is still being added");
        Sum next = same != entering.end() ? same->result : fresh ? Sum{} : sums_[at];
        join_products(work_, next, acts + a * t_.lanes_k + j, weights + b * t_.lanes_k + j,
                      std::min(together, k - j), lanes_.counters()[Event::kOverflow]);
        if (same != entering.end()) {
          same->result = next;
        } else {
          ++in_flight_[at];
          entering.push_back({output, index, next});
        }
      }
    }
  }
  products_[pe] += k;
}

void LiteralOs::merge_pe(std::size_t pe) {
  const std::int64_t from = ++merges_[pe];
  const std::int64_t row = static_cast<std::int64_t>(pe) / t_.cols;
  const std::int64_t col = static_cast<std::int64_t>(pe) % t_.cols;
  for (std::int64_t a = 0; a < t_.lanes_m; ++a) {
    for (std::int64_t b = 0; b < t_.lanes_n; ++b) {
      const std::size_t output = output_index(row * t_.lanes_m + a, col * t_.lanes_n + b);
      const std::size_t into = output * size(interleave_);
      const bool used = from < products_[pe];
      check_invariant(in_flight_[into] == 0 && (!used || in_flight_[into + size(from)] == 0),
                      "a merge reads a sum that is still being added");
      Sum merged = sums_[into];
      work_.pe->merge(merged, used ? sums_[into + size(from)] : Sum{},
                      lanes_.counters()[Event::kOverflow]);
      ++in_flight_[into];
      adders_.front().push_back({output, 0, merged});
    }
  }
}

/// What leaves the adders is written to the sums; sum 0 may be captured in the same clock.
void LiteralOs::finish_adds() {
  for (const Add& add : adders_.back()) {
    const std::size_t at = add.output * size(interleave_) + size(add.index);
    sums_[at] = add.result;
    --in_flight_[at];
  }
  adders_.back().clear();
  adders_.push_front(std::move(adders_.back()));
  adders_.pop_back();
}

void LiteralOs::compute_in_order() {
  const TagWord* first = row_tags(RowTag::kFirst, t_.product_latency);
  const TagWord* step = row_tags(RowTag::kStep, t_.product_latency);
  const TagWord* merge = row_tags(RowTag::kMerge, t_.product_latency);
  for (std::int64_t r = 0; r < t_.rows; ++r) {
    for (TagWord at = first[r] | step[r] | merge[r]; at != 0; at &= at - 1) {
      const TagWord bit = at & (~at + 1);
      const std::size_t pe = size(r * t_.cols + std::countr_zero(at));
      if ((first[r] & bit) != 0) products_[pe] = merges_[pe] = 0;
      if ((step[r] & bit) != 0) step_pe(pe);
      if ((merge[r] & bit) != 0) merge_pe(pe);
    }
  }
  finish_adds();
}

void LiteralOs::compute_integers() {
  const TagWord* first = row_tags(RowTag::kFirst, t_.product_latency);
  TagWord rows = literal_rows_with(first, ~TagWord{0}, static_cast<std::int32_t>(t_.rows));
  for (; rows != 0; rows &= rows - 1) {
    const std::int64_t r = std::countr_zero(rows);
    for (TagWord at = first[r]; at != 0; at &= at - 1) {
      integers_[size(r * t_.cols + std::countr_zero(at))] = 0;
    }
  }
  // Between steps operands are zero.
  literal_multiply_add(act16_.stage(t_.product_latency), weight16_.stage(t_.product_latency),
                       integers_.data(), pes_);
}

/// MACs of operands that exist.
void LiteralOs::count_macs() {
  const TagWord* step = row_tags(RowTag::kStep, 0);
  const TagWord* real_row = row_tags(RowTag::kReal, 0);
  const TagWord* real_col = real_columns(0);
  std::uint64_t& macs = lanes_.counters()[Event::kMac];
  if (t_.lanes_k == 1) {
    macs += literal_count_macs({step, real_row, real_col, static_cast<std::int32_t>(t_.rows),
                                static_cast<std::int32_t>(t_.lanes_m),
                                static_cast<std::int32_t>(t_.lanes_n)});
    return;
  }
  const std::int16_t* k = step_k_.stage(0);
  for (std::int64_t i = 0; i < output_rows_; ++i) {
    const std::int64_t r = i % t_.rows;
    for (std::int64_t b = 0; b < t_.lanes_n; ++b) {
      for (TagWord at = step[r] & real_row[i] & real_col[b * t_.rows + r]; at != 0; at &= at - 1) {
        macs += static_cast<std::uint64_t>(k[r * t_.cols + std::countr_zero(at)]);
      }
    }
  }
}

Sum LiteralOs::result_of(std::size_t output) const {
  Sum sum;
  if (path_ == ValuePath::kInt16) sum.integer = integers_[output];
  if (path_ == ValuePath::kOrdered) sum = sums_[output * size(interleave_)];
  return sum;
}

void LiteralOs::capture_values(std::int64_t plane, const TagWord* columns) {
  if (path_ == ValuePath::kTimingOnly) return;
  for (std::int64_t i = 0; i < output_rows_; ++i) {
    if (columns[i] == 0) continue;
    if (path_ == ValuePath::kInt16) {
      shadow_.set_integers(plane, i, columns[i], &integers_[size(i * t_.cols)]);
      continue;
    }
    for (TagWord left = columns[i]; left != 0; left &= left - 1) {
      const std::int64_t col = std::countr_zero(left);
      shadow_.set_value(plane, i, col, result_of(output_index(i, col * t_.lanes_n + plane)));
    }
  }
}

/// [output row] from [row].
const TagWord* LiteralOs::for_output_rows(const TagWord* rows, std::vector<TagWord>& words) const {
  if (t_.lanes_m == 1) return rows;
  for (std::int64_t i = 0; i < output_rows_; ++i) words[size(i)] = rows[i / t_.lanes_m];
  return words.data();
}

/// PEs of active columns whose sums are complete.
void LiteralOs::capture() {
  const std::int64_t latency = t_.sum_latency();
  const TagWord* active = weight_tags_.stage(latency);
  const TagWord* captures = row_tags(RowTag::kCapture, latency);
  const TagWord* bottom = row_tags(RowTag::kBottom, latency);
  TagWord any = 0, starts = 0;
  for (std::size_t r = 0; r < captured_.size(); ++r) {
    captured_[r] = captures[r] & active[r];
    any |= captured_[r];
    starts |= captured_[r] & bottom[r];
  }
  if (any == 0) return;
  const TagWord* real_row = row_tags(RowTag::kReal, latency);
  if (t_.lanes_m > 1) {
    for (std::int64_t i = 0; i < output_rows_; ++i) {
      row_real_[size(i)] = real_row[i % t_.lanes_m * t_.rows + i / t_.lanes_m];
    }
    real_row = row_real_.data();
  }
  const TagWord* columns = for_output_rows(captured_.data(), row_captured_);
  const TagWord* odd = for_output_rows(row_tags(RowTag::kOdd, latency), row_odd_);
  for (std::int64_t b = 0; b < t_.lanes_n; ++b) {
    const TagWord* real_col = for_output_rows(real_columns(latency) + b * t_.rows, row_real_col_);
    const std::uint64_t captured = shadow_.capture(b, {columns, odd, real_row, real_col});
    if (work_.shadow) lanes_.counters()[Event::kCapture] += captured;
    capture_values(b, columns);
  }
  for (; starts != 0; starts &= starts - 1) {
    const std::int64_t first = std::countr_zero(starts) * t_.lanes_n;
    for (std::int64_t j = first; j < first + t_.lanes_n; ++j) {
      if (j % t_.drain_interval == 0) next_tokens_.push_back(j);
    }
  }
}

void LiteralOs::clock(const EdgeSlot& slot, std::int64_t cycle) {
  if (slot.begin) begin(slot);
  count_edge_events(slot);
  enter(slot);
  if (work_.zero_points) add_row_sums();
  start_columns();
  drain(cycle);
  count_macs();
  if (path_ == ValuePath::kInt16) compute_integers();
  if (path_ == ValuePath::kOrdered) compute_in_order();
  lanes_.counters()[Event::kShadowShift] += shadow_.clock();
  capture();
  tokens_.swap(next_tokens_);
  lanes_.clock(cycle);
}

bool LiteralOs::valid(std::int64_t row, std::int64_t col) const {
  return (row_tags(RowTag::kStep, 0)[row] >> col & 1) != 0;
}

std::int64_t LiteralOs::act(std::int64_t row, std::int64_t col) const {
  const std::size_t pe = size(row * t_.cols + col);
  if (path_ == ValuePath::kInt16) return act16_.stage(0)[pe];
  return path_ == ValuePath::kOrdered ? act_.stage(0)[pe * act_.width()] : 0;
}

std::int64_t LiteralOs::weight(std::int64_t row, std::int64_t col) const {
  const std::size_t pe = size(row * t_.cols + col);
  if (path_ == ValuePath::kInt16) return weight16_.stage(0)[pe];
  return path_ == ValuePath::kOrdered ? weight_.stage(0)[pe * weight_.width()] : 0;
}

Sum LiteralOs::sum(std::int64_t row, std::int64_t col) const {
  return result_of(output_index(row * t_.lanes_m, col * t_.lanes_n));
}

bool LiteralOs::shadow_valid(std::int64_t row, std::int64_t col) const {
  return shadow_.held(0, row * t_.lanes_m, col);
}

Sum LiteralOs::shadow(std::int64_t row, std::int64_t col) const {
  return shadow_.value(0, row * t_.lanes_m, col);
}

}  // namespace mixpe
