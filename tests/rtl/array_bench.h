#pragma once
// Drives one Verilated array through tiles and compares, in every cycle, every lane and every PE's
// overflow with what docs/timing.md says of that cycle and the functional model of the value.
//  * Bench::tile() is the sequencer of docs/timing.md, written out once more; that its tiles end
//    when models/array says is compared, too.
//  * Cycle t is the one in which PE(0,0) has the operands issued in t; the ports see them in t - 1.
//  * The output buffer is here: partial outputs go to the lanes and come back.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "models/array/array_timing.h"
#include "models/dequant/dequant.h"
#include "tests/rtl/pe_bench.h"

namespace mixpe::rtl_test {

/// Bits of a port, which is an integer or an array of 32-bit words.
template <typename Port>
void put_bits(Port& port, int lsb, int bits, std::uint64_t value) {
  if constexpr (std::is_integral_v<Port>) {
    const std::uint64_t mask = (~std::uint64_t{0} >> (64 - bits)) << lsb;
    port = static_cast<Port>((port & ~mask) | (value << lsb & mask));
  } else {
    for (int i = 0; i < bits; ++i) {
      auto& word = port.at(static_cast<std::size_t>((lsb + i) / 32));
      const std::uint32_t bit = 1U << (lsb + i) % 32;
      word = (value >> i & 1U) != 0 ? word | bit : word & ~bit;
    }
  }
}

template <typename Port>
std::uint64_t get_bits(const Port& port, int lsb, int bits) {
  if constexpr (std::is_integral_v<Port>) {
    return std::uint64_t{port} >> lsb & ~std::uint64_t{0} >> (64 - bits);
  } else {
    std::uint64_t value = 0;
    for (int i = 0; i < bits; ++i) {
      const std::uint32_t word = port.at(static_cast<std::size_t>((lsb + i) / 32));
      value |= std::uint64_t{word >> (lsb + i) % 32 & 1U} << i;
    }
    return value;
  }
}

/// The parameters an array was Verilated with.
struct ArrayShape {
  int rows = 4, cols = 4, interval = 1;
  int act_bits = 8, weight_bits = 4, sum_bits = 20, row_sum_bits = 15;
  int product_latency = 0, add_latency = 1;
  int lane_latency = 5;  ///< from a slot to the new partial output
  int y_delay = 3;       ///< from a slot to the cycle the lane reads the old one
  int accumulate = 2;    ///< cycles before a lane may revisit an output

  int lanes() const { return (cols + interval - 1) / interval; }
  static int index_bits(int count) {
    int bits = 1;
    while (1 << bits < count) ++bits;
    return bits;
  }
};

/// What may differ from run to run.
struct ArrayPace {
  int edge_ii = 1;
  bool overlap = true;
  EdgeTiles edge_tiles = EdgeTiles::kActual;
  bool extremes = false;    ///< operands that make sums leave their range
  int missing_bubbles = 0;  ///< an edge that drives the array too fast
};

template <typename V>
class ArrayBench {
 public:
  ArrayBench(ArrayShape shape, std::unique_ptr<PeModel> pe, Operands formats, ArrayPace pace,
             std::uint64_t seed)
      : shape_(shape), pe_(std::move(pe)), formats_(formats), pace_(pace), random_(seed) {
    timing_.rows = shape.rows;
    timing_.cols = shape.cols;
    timing_.edge_ii = pace.edge_ii;
    timing_.merge_cycles = (pe_->spec().interleave - 1) * shape.add_latency;
    timing_.product_latency = shape.product_latency;
    timing_.add_latency = shape.add_latency;
    timing_.pass_overlap = pace.overlap;
    timing_.edge_tiles = pace.edge_tiles;
    timing_.drain_interval = shape.interval;
    timing_.lane_accumulate = shape.accumulate;
    timing_.lane_latency = shape.lane_latency;
  }
  ~ArrayBench() { dut_.final(); }

  /// Plans one tile, ready at this cycle, behind those before it.
  void tile(const TileShape& tile, std::int64_t ready) {
    const TileTiming model = stream_tile(timing_, tile, ready, model_state_);
    complete_ = 0;
    for (std::int64_t m0 = 0; m0 < tile.m; m0 += shape_.rows) {
      for (std::int64_t n0 = 0; n0 < tile.n; n0 += shape_.cols) {
        pass(tile, std::min<std::int64_t>(shape_.rows, tile.m - m0),
             std::min<std::int64_t>(shape_.cols, tile.n - n0), ready);
      }
    }
    if (pace_.missing_bubbles > 0) return;
    same(model.issue_end, free_, "the tile's issue ends", free_);
    same(model.complete, complete_, "the tile is complete", complete_);
  }

  /// Runs the plan.
  void run() {
    dut_.clk_i = 0;
    dut_.rst_ni = 0;
    edge();
    dut_.rst_ni = 1;
    dut_.weight_signed_i = formats_.weight.is_signed();
    dut_.scan_valid_i = 0;
    for (std::int64_t cycle = -1; cycle <= horizon_; ++cycle) {
      drive_edge(cycle + 1);
      dut_.eval();
      check_overflows(cycle);
      for (int lane = 0; lane < shape_.lanes(); ++lane) serve_lane(lane, cycle);
      if (::testing::Test::HasFatalFailure()) return;
      edge();
    }
  }

  std::uint64_t comparisons() const { return comparisons_; }
  std::uint64_t overflows() const { return overflows_; }
  std::uint64_t values() const { return slots_.size(); }

 private:
  struct Issue {
    std::vector<Code> acts, weights;  ///< of all rows and columns; empty: no step
    bool first = false, last = false;
    std::int64_t last_row = 0;
  };
  struct Slot {
    std::int64_t row = 0, col = 0;
    std::uint64_t sum = 0, row_sum = 0;
    std::int32_t zero = 0;
    Code scale = 0;
    std::size_t output = 0;  ///< index into outputs_
    float y = 0.0F;          ///< the output once this value is in it
  };
  using When = std::pair<std::int64_t, std::int64_t>;  ///< cycle, and lane, PE or row

  template <typename A, typename B>
  void same(A expected, B got, const char* what, std::int64_t where) {
    ++comparisons_;
    if (static_cast<std::uint64_t>(expected) != static_cast<std::uint64_t>(got)) {
      FAIL() << what << ", cycle " << cycle_ << ", " << where << ": expected " << std::hex
             << static_cast<std::uint64_t>(expected) << ", got " << static_cast<std::uint64_t>(got);
    }
  }

  /// One block of outputs: its segments, with the bubbles of docs/timing.md.
  void pass(const TileShape& tile, std::int64_t rows, std::int64_t cols, std::int64_t ready) {
    const std::int64_t tap = pace_.edge_tiles == EdgeTiles::kActual ? rows : shape_.rows;
    const std::int64_t group = tile.group == 0 ? tile.k : tile.group;
    const std::size_t outputs = outputs_.size();
    outputs_.resize(outputs + static_cast<std::size_t>(shape_.rows * shape_.cols));
    std::vector<float> y(static_cast<std::size_t>(shape_.rows * shape_.cols), 0.0F);
    for (std::int64_t k0 = 0; k0 < tile.k; k0 += group) {
      const std::int64_t steps = std::min(group, tile.k - k0);
      const std::int64_t duration = steps * pace_.edge_ii + timing_.merge_cycles;
      std::int64_t start = std::max(ready, free_);
      if (boundary_ >= 0) {
        const std::int64_t drain =
            std::max<std::int64_t>(boundary_rows_ * shape_.interval, shape_.accumulate);
        const std::int64_t shorter = std::max<std::int64_t>(0, boundary_rows_ - tap);
        start = std::max(start, boundary_ + drain + shorter - duration - pace_.missing_bubbles);
      }
      issue(start, steps, rows, cols, tap);
      expect(start, start + duration, tap, outputs, y);
      boundary_ = free_ = start + duration;
      boundary_rows_ = tap;
    }
    const std::int64_t active = pace_.edge_tiles == EdgeTiles::kActual ? cols : shape_.cols;
    const std::int64_t gone = boundary_ + timing_.sum_latency() + (tap - 1) + (active - 1) +
                              (tap - 1) * shape_.interval + 1;
    complete_ = std::max(complete_, gone + shape_.lane_latency);
    if (!pace_.overlap) free_ = gone;
    // Padding columns leave later.
    horizon_ = std::max(horizon_, gone + shape_.cols + shape_.lane_latency + 2);
  }

  Code draw(const Format& format) {
    if (pace_.extremes && format.is_integer() && random_() % 16 != 0) {
      return wrap_int(format, format.is_signed() ? int_min(format) : int_max(format));
    }
    auto code = static_cast<Code>(low_bits(static_cast<std::int64_t>(random_()), format.bits));
    // Of the infinities and NaN a few are left: one in a segment decides its sum.
    if (!format.is_integer() && (code & 0x7c00U) == 0x7c00U && random_() % 64 != 0) code ^= 0x4000U;
    return code;
  }

  /// Operands of a segment enter; idle rows and columns get zeros.
  void issue(std::int64_t start, std::int64_t steps, std::int64_t rows, std::int64_t cols,
             std::int64_t tap) {
    acts_.assign(static_cast<std::size_t>(shape_.rows), {});
    weights_.assign(static_cast<std::size_t>(shape_.cols), {});
    for (std::int64_t k = 0; k < steps; ++k) {
      Issue& slot = issues_[start + k * pace_.edge_ii];
      slot.first = k == 0;
      for (std::size_t r = 0; r < acts_.size(); ++r) {
        acts_[r].push_back(static_cast<std::int64_t>(r) < rows ? draw(formats_.act) : 0);
        slot.acts.push_back(acts_[r].back());
      }
      for (std::size_t c = 0; c < weights_.size(); ++c) {
        weights_[c].push_back(static_cast<std::int64_t>(c) < cols ? draw(formats_.weight) : 0);
        slot.weights.push_back(weights_[c].back());
      }
    }
    Issue& last = issues_[start + steps * pace_.edge_ii - 1];
    last.last = true;
    last.last_row = tap - 1;
  }

  /// What will be seen of a segment: overflows, and one value per output in its slot.
  void expect(std::int64_t start, std::int64_t end, std::int64_t tap, std::size_t outputs,
              std::vector<float>& y) {
    for (std::int64_t r = 0; r < tap; ++r) {
      const Sum row_sum = expected_row_sum(start, r);
      for (std::int64_t c = 0; c < shape_.cols; ++c) {
        const Sum sum = expected_sum(start, r, c);
        const SumKind kind = pe_->spec().sum_kind;
        const auto output = static_cast<std::size_t>(r * shape_.cols + c);
        Slot slot{r,
                  c,
                  sum_wire(kind, sum, shape_.sum_bits),
                  sum_wire(kind, row_sum, shape_.row_sum_bits),
                  static_cast<std::int32_t>(random_() % 16),
                  static_cast<Code>((random_() & 0x83ffU) | (10 + random_() % 8) << 10),
                  outputs + output,
                  0.0F};
        const float x = zero_corrected(kind, sum, row_sum, slot.zero, 0);
        y[output] = slot.y = accumulated(y[output], scaled(x, fp16_to_float(slot.scale)));
        // slot(i, j) of docs/timing.md, i counted from the last active row.
        const std::int64_t cycle =
            end + timing_.sum_latency() + (tap - 1) + c + (tap - 1 - r) * shape_.interval;
        const bool free = slots_.emplace(When{cycle, c / shape_.interval}, slot).second;
        if (pace_.missing_bubbles == 0) same(true, free, "a lane has one value a cycle", c);
      }
    }
  }

  Sum expected_row_sum(std::int64_t start, std::int64_t r) {
    std::vector<Sum> sums(static_cast<std::size_t>(pe_->spec().interleave));
    std::uint64_t overflows = 0;
    const auto& acts = acts_[static_cast<std::size_t>(r)];
    for (std::size_t k = 0; k < acts.size(); ++k) {
      overflows = 0;
      pe_->add_activation(sums[k % sums.size()], acts[k], formats_, overflows);
      const std::int64_t cycle = start + static_cast<std::int64_t>(k) * pace_.edge_ii + r;
      if (overflows != 0) row_wraps_[{cycle, r}] = true;
    }
    for (std::size_t i = 1; i < sums.size(); ++i) pe_->merge_row_sum(sums[0], sums[i], overflows);
    return sums[0];
  }

  Sum expected_sum(std::int64_t start, std::int64_t r, std::int64_t c) {
    const auto& acts = acts_[static_cast<std::size_t>(r)];
    const auto& weights = weights_[static_cast<std::size_t>(c)];
    std::vector<Sum> sums(static_cast<std::size_t>(pe_->spec().interleave));
    std::uint64_t overflows = 0;
    for (std::size_t k = 0; k < acts.size(); ++k) {
      overflows = 0;
      pe_->mac(sums[k % sums.size()], acts[k], weights[k], formats_, overflows);
      const std::int64_t cycle = start + static_cast<std::int64_t>(k) * pace_.edge_ii + r + c;
      if (overflows != 0) wraps_[{cycle + shape_.product_latency, r * shape_.cols + c}] = true;
    }
    for (std::size_t i = 1; i < sums.size(); ++i) pe_->merge(sums[0], sums[i], overflows);
    return sums[0];
  }

  void edge() {
    dut_.eval();
    dut_.clk_i = 1;
    dut_.eval();
    dut_.clk_i = 0;
    dut_.eval();
  }

  void drive_edge(std::int64_t cycle) {
    cycle_ = cycle - 1;
    const auto found = issues_.find(cycle);
    const Issue issue = found == issues_.end() ? Issue{} : found->second;
    dut_.valid_i = !issue.acts.empty();
    dut_.first_i = issue.first;
    dut_.last_i = issue.last;
    dut_.last_row_i = static_cast<CData>(issue.last_row);
    // In a cycle without a step the wires carry anything.
    for (int r = 0; r < shape_.rows; ++r) {
      const Code act = issue.acts.empty() ? static_cast<Code>(random_())
                                          : issue.acts[static_cast<std::size_t>(r)];
      put_bits(dut_.act_i, r * shape_.act_bits, shape_.act_bits, act);
    }
    for (int c = 0; c < shape_.cols; ++c) {
      Code weight = 0;
      if (!issue.acts.empty()) weight = issue.weights[static_cast<std::size_t>(c)];
      if (formats_.weight.is_integer() && formats_.weight.bits <= 4) {
        weight = nibble(weight, formats_.weight);
      }
      put_bits(dut_.wgt_i, c * shape_.weight_bits, shape_.weight_bits, weight);
    }
  }

  void check_overflows(std::int64_t cycle) {
    if (cycle < 0) return;
    for (int pe = 0; pe < shape_.rows * shape_.cols; ++pe) {
      same(wraps_.contains({cycle, pe}), get_bits(dut_.overflow_o, pe, 1), "overflow of PE", pe);
      overflows_ += wraps_.contains({cycle, pe});
    }
    for (int r = 0; r < shape_.rows; ++r) {
      same(row_wraps_.contains({cycle, r}), get_bits(dut_.row_overflow_o, r, 1),
           "overflow of row sum", r);
    }
  }

  void serve_lane(int lane, std::int64_t cycle) {
    const auto slot_of = [this, lane](std::int64_t when) {
      const auto found = slots_.find({when, lane});
      return found == slots_.end() ? nullptr : &found->second;
    };
    // What comes back is written first: it may be read in the same cycle.
    const Slot* done = slot_of(cycle - shape_.lane_latency);
    same(done != nullptr, get_bits(dut_.lane_done_o, lane, 1), "lane done", lane);
    if (done != nullptr) {
      const auto y = static_cast<Code>(get_bits(dut_.lane_y_o, lane * 32, 32));
      same(float_to_bits(done->y), y, "dequantised output", lane);
      outputs_[done->output] = bits_to_float(y);
    }
    const Slot* reads = slot_of(cycle - shape_.y_delay);
    put_bits(dut_.lane_y_i, lane * 32, 32,
             reads != nullptr ? float_to_bits(outputs_[reads->output]) : 0x7fc00000U);

    const Slot* slot = slot_of(cycle);
    same(slot != nullptr, get_bits(dut_.lane_valid_o, lane, 1), "lane valid", lane);
    if (slot == nullptr) return;
    const int row_bits = ArrayShape::index_bits(shape_.rows);
    const int col_bits = ArrayShape::index_bits(shape_.cols);
    same(slot->row, get_bits(dut_.lane_row_o, lane * row_bits, row_bits), "row", lane);
    same(slot->col, get_bits(dut_.lane_col_o, lane * col_bits, col_bits), "column", lane);
    same(slot->sum, get_bits(dut_.lane_sum_o, lane * shape_.sum_bits, shape_.sum_bits), "sum",
         lane);
    same(slot->row_sum,
         get_bits(dut_.lane_row_sum_o, lane * shape_.row_sum_bits, shape_.row_sum_bits), "row sum",
         lane);
    put_bits(dut_.lane_zero_i, lane * 5, 5, static_cast<std::uint64_t>(slot->zero));
    put_bits(dut_.lane_scale_i, lane * 16, 16, slot->scale);
  }

  ArrayShape shape_;
  std::unique_ptr<PeModel> pe_;
  Operands formats_;
  ArrayPace pace_;
  Random random_;
  ArrayTiming timing_;
  EdgeState model_state_;
  VerilatedContext verilated_;
  V dut_{&verilated_};

  // The plan.
  std::int64_t free_ = 0, boundary_ = -1, boundary_rows_ = 0, complete_ = 0, horizon_ = 0;
  std::vector<std::vector<Code>> acts_, weights_;  ///< of the segment: [row][k], [column][k]
  std::map<std::int64_t, Issue> issues_;           ///< by cycle
  std::map<When, Slot> slots_;
  std::map<When, bool> wraps_, row_wraps_;
  std::vector<float> outputs_;  ///< the output buffer

  std::int64_t cycle_ = 0;
  std::uint64_t comparisons_ = 0, overflows_ = 0;
};

}  // namespace mixpe::rtl_test
