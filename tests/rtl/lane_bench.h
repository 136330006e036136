#pragma once
// Drives one Verilated PE with lanes along k and compares every step's overflow
// and every segment's sum with the functional model.
//  * Lane l of a step is the l-th field of act_i and wgt_i, from bit 0 on.
//  * What all PEs have around the arithmetic (pe_links, sum_register) is checked by `mixpe cosim`
//    with PEs of one lane.

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "models/formats/integers.h"
#include "models/pe/pe_test_support.h"
#include "verilated.h"

namespace mixpe::rtl_test {

struct LaneMode {
  Operands formats;
  std::size_t lanes = 1;
  int act_field = 8, weight_field = 8;  ///< bits of a lane in the ports
};

struct LaneStep {
  std::vector<Code> acts, weights;
};

template <typename V>
class LaneBench {
 public:
  /// `configure` sets the PE's own static ports.
  LaneBench(std::unique_ptr<PeModel> pe, LaneMode mode, const std::function<void(V&)>& configure)
      : pe_(std::move(pe)), mode_(std::move(mode)) {
    dut_.weight_signed_i = mode_.formats.weight.is_signed();
    dut_.weight_wide_i = 0;
    configure(dut_);
    dut_.rst_ni = dut_.clk_i = 0;
    dut_.sum_i = 0;
    idle();
    edge();
    edge();
    dut_.rst_ni = 1;
  }
  ~LaneBench() { dut_.final(); }

  /// Output-stationary, segments back to back. One in eight consists of the
  /// largest weight and the smallest activation, so that long ones leave the
  /// sum's range.
  void run_segments(int count, std::size_t longest) {
    std::uint64_t overflows_seen = 0;
    for (int segment = 0; segment < count; ++segment) {
      const bool extreme = segment % 8 == 0;
      const std::size_t steps = 1 + random_() % (extreme ? longest : 40);
      Sum sum;
      for (std::size_t k = 0; k < steps; ++k) {
        const bool last = k + 1 == steps;
        const LaneStep s = random_step(last ? 1 + random_() % mode_.lanes : mode_.lanes, extreme);
        idle();
        set(s);
        dut_.first_i = k == 0;
        dut_.last_i = last;
        edge();
        std::uint64_t overflows = 0;
        pe_->step(sum, s.acts, s.weights, mode_.formats, overflows);
        ASSERT_EQ(dut_.overflow_o, overflows) << "segment " << segment << " step " << k;
        overflows_seen += overflows;
      }
      idle();
      edge();
      ASSERT_EQ(this->sum(), sum.integer) << "segment " << segment;
    }
    EXPECT_GT(overflows_seen, 0U);
  }

  /// Weight-stationary: a weight is taken, then meets an activation and the sum
  /// from above.
  void run_psums(int count) {
    for (int i = 0; i < count; ++i) {
      const LaneStep s = random_step(mode_.lanes, i % 8 == 0);
      idle();
      set(s);
      dut_.act_i = 0;
      dut_.valid_i = 0;
      dut_.take_i = 1;
      edge();
      idle();
      edge();
      Sum sum{.integer = wrap_signed(static_cast<std::int64_t>(random_()), sum_bits())};
      set(s);
      dut_.wgt_i = 0;
      dut_.first_i = 1;
      edge();
      idle();
      drive(dut_.sum_i,
            static_cast<std::uint64_t>(sum.integer) & ((std::uint64_t{1} << sum_bits()) - 1));
      dut_.eval();
      std::uint64_t overflows = 0;
      pe_->step(sum, s.acts, s.weights, mode_.formats, overflows);
      ASSERT_EQ(dut_.overflow_o, overflows) << i;
      edge();
      ASSERT_EQ(this->sum(), sum.integer) << i;
    }
  }

 private:
  /// Ports are of the narrowest type that holds them.
  template <typename Port>
  static void drive(Port& port, std::uint64_t value) {
    port = static_cast<Port>(value);
  }
  int sum_bits() const { return pe_->spec().acc_bits; }
  std::int64_t sum() const {
    return wrap_signed(static_cast<std::int64_t>(dut_.sum_o), sum_bits());
  }

  void idle() {
    dut_.act_i = 0;
    dut_.wgt_i = 0;
    dut_.valid_i = dut_.first_i = dut_.last_i = dut_.shift_i = dut_.take_i = 0;
  }
  void edge() {
    dut_.clk_i = 1;
    dut_.eval();
    dut_.clk_i = 0;
    dut_.eval();
  }

  /// An integer is extended to its field with its sign; other codes are as they
  /// are.
  static std::uint64_t field(const Format& format, Code code, int bits) {
    const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
    return (format.is_coded() ? code : static_cast<std::uint64_t>(decode_int(format, code))) & mask;
  }
  void set(const LaneStep& s) {
    std::uint64_t acts = 0, weights = 0;
    for (std::size_t i = 0; i < s.acts.size(); ++i) {
      const int lane = static_cast<int>(i);
      acts |= field(mode_.formats.act, s.acts[i], mode_.act_field) << (mode_.act_field * lane);
      weights |= field(mode_.formats.weight, s.weights[i], mode_.weight_field)
                 << (mode_.weight_field * lane);
    }
    drive(dut_.act_i, acts);
    drive(dut_.wgt_i, weights);
    dut_.valid_i = 1;
  }

  /// The codes of the smallest and the largest value.
  static Code extreme_code(const Format& f, bool largest) {
    Code best = 0;
    for (Code code = 0; code < Code{1} << f.code_bits(); ++code) {
      const int value = decode_int(f, code), so_far = decode_int(f, best);
      if (largest ? value > so_far : value < so_far) best = code;
    }
    return best;
  }
  LaneStep random_step(std::size_t lanes, bool extreme) {
    const auto draw = [&](const Format& f, bool largest) {
      if (extreme) return extreme_code(f, largest);
      return static_cast<Code>(random_()) & ((Code{1} << f.code_bits()) - 1);
    };
    LaneStep s;
    for (std::size_t i = 0; i < lanes; ++i) {
      // Unsigned activations reach their extreme at the other end.
      s.acts.push_back(draw(mode_.formats.act, !mode_.formats.act.is_signed()));
      s.weights.push_back(draw(mode_.formats.weight, true));
    }
    return s;
  }

  std::unique_ptr<PeModel> pe_;
  LaneMode mode_;
  VerilatedContext verilated_;
  V dut_{&verilated_};
  std::mt19937_64 random_{5};
};

inline std::string lane_mode_name(const ::testing::TestParamInfo<LaneMode>& info) {
  return info.param.formats.weight.name() + "_" + info.param.formats.act.name();
}

}  // namespace mixpe::rtl_test
