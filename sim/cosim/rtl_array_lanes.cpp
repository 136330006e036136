#include "sim/cosim/rtl_array_lanes.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/core/errors.h"
#include "models/formats/floats.h"
#include "sim/timing/tile_values.h"

namespace mixpe {
namespace {

constexpr std::uint32_t kFp16One = 0x3c00;
/// What a lane reads where no output is due: it must make no difference.
constexpr std::uint32_t kNothing = 0x7fc00000;

std::int64_t sign_extended(std::uint64_t value, int bits) {
  const int unused = 64 - bits;
  return static_cast<std::int64_t>(value << unused) >> unused;
}

}  // namespace

RtlLanes::RtlLanes(const ArrayWork& work, const RtlArrayDesign& design, const RtlArrayModel& model)
    : work_(work),
      design_(design),
      valid_(model.bus("lane_valid_o")),
      row_(model.bus("lane_row_o", design.row_bits)),
      col_(model.bus("lane_col_o", design.col_bits)),
      sum_(model.bus("lane_sum_o", design.sum_bits)),
      row_sum_(model.bus("lane_row_sum_o", design.row_sum_bits)),
      exponent_(model.bus("lane_exponent_o", 8)),
      done_(model.bus("lane_done_o")),
      y_out_(model.bus("lane_y_o", 32)),
      zero_(model.bus("lane_zero_i", design.zero_bits)),
      scale_(model.bus("lane_scale_i", 16)),
      y_in_(model.bus("lane_y_i", 32)),
      columns_(static_cast<std::size_t>(work.timing.cols)),
      lane_slots_(static_cast<std::size_t>(design.lanes)),
      pipelines_(static_cast<std::size_t>(design.lanes)) {
  if (design.weight_stationary) slot_ = model.bus("slot_o");
}

void RtlLanes::expect(const ArrayJob& job, std::int64_t lines) {
  const std::int64_t outputs = lines * job.cols;
  segments_.push_back({job, next_number_++, lines, lines * work_.timing.cols});
  slots_left_ += outputs;
  outputs_left_ += outputs;
  if (tiles_.empty() || tiles_.back().tile != job.tile) tiles_.push_back({job.tile, 0, false});
  tiles_.back().outputs_left += outputs;
  tiles_.back().closed = job.ends_tile;
}

RtlLanes::Segment& RtlLanes::segment(std::int64_t number) {
  check_invariant(!segments_.empty() && number >= segments_.front().number && number < next_number_,
                  "the RTL array shows a sum that nobody has begun");
  return segments_[static_cast<std::size_t>(number - segments_.front().number)];
}

Sum RtlLanes::sum_of(std::uint64_t wire, int bits) const {
  Sum sum;
  if (design_.sum_kind == SumKind::kFloat32) {
    sum.real = bits_to_float(static_cast<Code>(wire));
    return sum;
  }
  const int number_bits = bits - design_.flag_bits;
  sum.integer = sign_extended(wire, number_bits);
  if (design_.flag_bits > 0) sum.special = static_cast<std::uint8_t>(wire >> number_bits);
  return sum;
}

void RtlLanes::see_slot(std::int64_t col, const ArrayJob& job, std::int64_t cycle) {
  if (col < job.n) slot_columns_.push_back(col);
  if (col >= job.cols) return;
  --slots_left_;
  last_seen_ = cycle;
}

void RtlLanes::see_early_slot(std::int64_t lane, std::int64_t cycle) {
  const std::int64_t first = lane * work_.timing.drain_interval;
  const std::int64_t columns = std::min(work_.timing.drain_interval, work_.timing.cols - first);
  LaneSlots& slots = lane_slots_[static_cast<std::size_t>(lane)];
  if (slots.left == 0) slots = {slots.number + 1, segment(slots.number + 1).lines * columns};
  const Segment& from = segment(slots.number);
  const std::int64_t position = from.lines * columns - slots.left--;
  see_slot(first + position % columns, from.job, cycle);
}

/// A lane shows a sum in this cycle: whose it is, and what it wants to know of that output.
void RtlLanes::take(RtlArrayModel& model, std::int64_t lane, std::int64_t cycle) {
  const auto row = static_cast<std::int64_t>(model.get(row_, lane));
  const auto col = static_cast<std::int64_t>(model.get(col_, lane));
  check_invariant(col < work_.timing.cols && col / work_.timing.drain_interval == lane,
                  "the RTL array shows a column in another's lane");
  Column& column = columns_[static_cast<std::size_t>(col)];
  if (column.lines_left == 0) column = {column.number + 1, segment(column.number + 1).lines};
  Segment& from = segment(column.number);
  const ArrayJob& job = from.job;
  // OS: the bottom row first. WS: in the order of steps.
  --column.lines_left;
  const std::int64_t expected = slot_ ? from.lines - 1 - column.lines_left : column.lines_left;
  if (row != expected) {
    throw InvariantError(fmt::format("the RTL array shows row {} of column {} in place of row {}",
                                     row, col, expected));
  }
  --from.values_left;

  Value value;
  value.cycle = cycle;
  value.active = col < job.cols;
  value.real = row < job.m && col < job.n;
  value.kept = value.real && job.values && work_.operands != nullptr;
  value.tile = job.tile;
  value.m = job.m0 + row;
  value.n = job.n0 + col;
  if (!slot_) see_slot(col, job, cycle);
  if (value.real) {
    ++counters_[Event::kLaneOp];
    if (!slot_) {
      // It was captured in its own row and has come down to the last active one.
      if (work_.shadow) ++counters_[Event::kCapture];
      counters_[Event::kShadowShift] += static_cast<std::uint64_t>(job.rows - 1 - row);
    }
  }
  if (value.kept) {
    const GemmOperands& gemm = *work_.operands;
    value.group = work_.scale_groups && gemm.group > 0 ? job.segment_k0 / gemm.group : 0;
    value.sum = sum_of(model.get(sum_, lane), design_.sum_bits);
    if (work_.zero_points) value.row_sum = sum_of(model.get(row_sum_, lane), design_.row_sum_bits);
    value.exponent = static_cast<int>(sign_extended(model.get(exponent_, lane), 8));
    const auto at = static_cast<std::size_t>(value.n * gemm.groups() + value.group);
    const bool zero = work_.zero_points && !gemm.group_zero.empty();
    model.put(zero_, lane, zero ? static_cast<std::uint64_t>(gemm.group_zero[at]) : 0);
    model.put(scale_, lane, gemm.group_scale.empty() ? kFp16One : gemm.group_scale[at]);
  }
  pipelines_[static_cast<std::size_t>(lane)].push_back(value);
}

void RtlLanes::leave(const Value& value) {
  if (!value.active) return;
  --outputs_left_;
  const auto tile = std::find_if(tiles_.begin(), tiles_.end(),
                                 [&](const TileLeft& t) { return t.tile == value.tile; });
  --tile->outputs_left;
}

void RtlLanes::clock(RtlArrayModel& model, std::int64_t cycle) {
  slot_columns_.clear();
  for (std::int64_t lane = 0; lane < design_.lanes; ++lane) {
    if (slot_ && model.get(*slot_, lane) != 0) see_early_slot(lane, cycle);
    std::deque<Value>& pipeline = pipelines_[static_cast<std::size_t>(lane)];
    // What comes back is written first: it may be read in the same cycle.
    if (design_.dequant && model.get(done_, lane) != 0) {
      check_invariant(!pipeline.empty(), "an RTL lane is done with nothing");
      const Value& value = pipeline.front();
      if (value.kept && keep_values_) {
        work_.psums->real[static_cast<std::size_t>(value.m * work_.operands->n + value.n)] =
            bits_to_float(static_cast<Code>(model.get(y_out_, lane)));
      }
      leave(value);
      pipeline.pop_front();
    }
    if (design_.dequant) {
      std::uint32_t y = kNothing;
      for (const Value& value : pipeline) {
        if (value.cycle + design_.y_read != cycle || !value.kept) continue;
        y = float_to_bits(
            work_.psums->real[static_cast<std::size_t>(value.m * work_.operands->n + value.n)]);
      }
      model.put(y_in_, lane, y);
    }
    if (model.get(valid_, lane) != 0) take(model, lane, cycle);
    while (!design_.dequant && !pipeline.empty() &&
           pipeline.front().cycle + work_.timing.lane_latency - design_.to_lane <= cycle) {
      const Value& value = pipeline.front();
      if (value.kept && keep_values_) {
        take_sum(work_, value.m, value.n, value.group, value.sum, value.row_sum, value.exponent,
                 counters_[Event::kOverflow]);
      }
      leave(value);
      pipeline.pop_front();
    }
  }
  while (!segments_.empty() && segments_.front().values_left == 0) segments_.pop_front();
  finish_tiles(cycle);
}

void RtlLanes::finish_tiles(std::int64_t cycle) {
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
