#pragma once
// Drives one Verilated PE through the ports rtl/README.md defines, and compares every output of
// every cycle with the functional model.
//  * V is the Verilated class; all PEs have the same port names.
//  * Times count clock edges: inputs set before edge k are in the operand registers after it.
//  * An output-stationary segment whose `last` is taken at edge k is in the shadow register after
//    edge k + 1 + capture_delay(), and not before: the old value is compared until then.

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <iostream>
#include <memory>
#include <random>
#include <vector>

#include "models/formats/floats.h"
#include "models/formats/integers.h"
#include "models/pe/pe_test_support.h"
#include "verilated.h"

namespace mixpe::rtl_test {

using Random = std::mt19937_64;
using testing::Segment;

/// What the wires of a PE mean.
struct Wires {
  int acc_bits = 32;     ///< integer part of a sum; its flags are above
  bool nibbles = false;  ///< 8-bit weights take two cycles
  int mac_cycles = 1;    ///< cycles one MAC occupies
  int product_latency = 0;
  int add_latency = 1;
};

inline std::uint64_t low_bits(std::int64_t value, int bits) {
  return static_cast<std::uint64_t>(value) & (~std::uint64_t{0} >> (64 - bits));
}

inline std::uint64_t sum_wire(SumKind kind, const Sum& sum, int acc_bits) {
  if (kind == SumKind::kFloat32) return float_to_bits(sum.real);
  const std::uint64_t number = low_bits(sum.integer, acc_bits);
  // Where a PE has no flags, special is 0.
  return acc_bits < 61 ? number | std::uint64_t{sum.special} << acc_bits : number;
}

/// Weights of 2-4 bits travel as a nibble, extended with their sign.
inline std::uint32_t nibble(Code weight, const Format& format) {
  return static_cast<std::uint32_t>(low_bits(decode_int(format, weight), 4));
}

/// Ports are of the narrowest type that holds them.
template <typename Port>
void drive(Port& port, std::uint64_t value) {
  port = static_cast<Port>(value);
}

template <typename V>
class Bench {
 public:
  Bench(std::unique_ptr<PeModel> pe, Wires wires) : pe_(std::move(pe)), wires_(wires) {
    // The first edge comes in reset, with every input low.
    dut_.clk_i = 0;
    dut_.rst_ni = 0;
    idle();
    edge();
    edge();
    dut_.rst_ni = 1;
  }
  ~Bench() { dut_.final(); }

  const PeModel& pe() const { return *pe_; }
  V& dut() { return dut_; }
  const Wires& wires() const { return wires_; }
  std::uint64_t comparisons() const { return comparisons_; }
  std::uint64_t now() const { return edges_; }

  void set_formats(const Operands& formats) {
    dut_.weight_signed_i = formats.weight.is_signed();
    dut_.weight_wide_i = wires_.nibbles;
  }

  void idle() {
    dut_.act_i = 0;
    dut_.valid_i = dut_.first_i = dut_.last_i = dut_.shift_i = 0;
    dut_.wgt_i = 0;
    dut_.take_i = 0;
  }

  void edge() {
    dut_.clk_i = 1;
    dut_.eval();
    dut_.clk_i = 0;
    dut_.eval();
    ++edges_;
  }

  template <typename A, typename B>
  void same(A expected, B got, const char* what) {
    ++comparisons_;
    if (static_cast<std::uint64_t>(expected) != static_cast<std::uint64_t>(got)) {
      FAIL() << what << " at edge " << edges_ << ": expected " << std::hex
             << static_cast<std::uint64_t>(expected) << ", got " << static_cast<std::uint64_t>(got);
    }
  }

 private:
  VerilatedContext verilated_;
  V dut_{&verilated_};
  std::unique_ptr<PeModel> pe_;
  Wires wires_;
  std::uint64_t edges_ = 0;
  std::uint64_t comparisons_ = 0;
};

/// Output-stationary: segments back to back, with idle cycles, drains and a foreign chain.
template <typename V>
class OsBench : public Bench<V> {
 public:
  using Base = Bench<V>;
  using Base::Base;

  struct Pace {
    int idle_percent = 0;    ///< chance of an idle cycle before each issue
    int shift_percent = 0;   ///< chance of a drain shift in a cycle that captures nothing
    bool late_last = false;  ///< `last` may come in an idle cycle after the last step
  };

  /// Cycles between the operands' cycle tagged `last` and the capture.
  int capture_delay() const {
    return this->wires().product_latency + this->wires().add_latency - 1 +
           this->pe().spec().os_merge_cycles();
  }

  void run(const Segment& segment, const Pace& pace, Random& random) {
    const PeModel& pe = this->pe();
    const testing::SegmentSum golden = testing::run_segment(pe, segment);
    Segment aligned = segment;
    int exponent = 0;
    pe.align_segment(aligned.acts, segment.formats, exponent);
    this->set_formats(segment.formats);
    expected_overflows_ += golden.overflows;
    const int interval = pe.spec().os_ii(PeMode{});
    const auto chance = [&random](int percent) {
      return percent > 0 && static_cast<int>(random() % 100) < percent;
    };
    const std::size_t count = aligned.acts.size();
    for (std::size_t k = 0; k < count; ++k) {
      while (chance(pace.idle_percent)) cycle(pace, random);
      const bool end = k + 1 == count;
      const bool late = end && interval == 1 && pace.late_last && chance(50);
      for (int part = 0; part < this->wires().mac_cycles; ++part) {
        const bool last_part = part + 1 == this->wires().mac_cycles;
        step_ = {aligned.acts[k], weight_wire(aligned.weights[k], segment.formats.weight, part),
                 true, k == 0 && part == 0, end && last_part && interval == 1 && !late};
        cycle(pace, random);
      }
      for (int i = 1; i < interval; ++i) {
        step_.last = end && i + 1 == interval;
        cycle(pace, random);
      }
      if (late) {
        while (chance(50)) cycle(pace, random);
        step_.last = true;
        cycle(pace, random);
      }
    }
    pending_.push_back({last_edge_ + 1 + static_cast<std::uint64_t>(capture_delay()),
                        sum_wire(pe.spec().sum_kind, golden.sum, this->wires().acc_bits)});
    for (int i = 0; i < pe.spec().os_merge_cycles(); ++i) cycle(pace, random);
  }

  /// Lets the last captures come out, and compares the overflows seen.
  void finish(Random& random) {
    while (!pending_.empty()) cycle({}, random);
    for (int i = 0; i < 4; ++i) cycle({}, random);
    this->same(expected_overflows_, seen_overflows_, "overflows");
  }

  std::uint64_t expected_overflows() const { return expected_overflows_; }

 private:
  struct Step {
    std::uint64_t act = 0;
    std::uint64_t weight = 0;
    bool valid = false, first = false, last = false;
  };
  struct Capture {
    std::uint64_t edge;
    std::uint64_t value;
  };

  std::uint32_t weight_wire(Code weight, const Format& format, int part) const {
    if (!format.is_integer()) return weight;
    if (format.bits <= 4) return nibble(weight, format);
    if (!this->wires().nibbles) return weight;
    return part == 0 ? (weight & 15U) : (16U | (weight >> 4 & 15U));
  }

  // One cycle: sets the inputs, passes an edge, compares every output.
  void cycle(const Pace& pace, Random& random) {
    V& dut = this->dut();
    const std::uint64_t edge = this->now() + 1;  // the coming one
    this->idle();
    drive(dut.act_i, step_.act);
    drive(dut.wgt_i, step_.weight);
    dut.valid_i = step_.valid;
    dut.first_i = step_.first;
    dut.last_i = step_.last;
    if (step_.last) {
      last_edge_ = edge;
      captures_.push_back(edge + 1 + static_cast<std::uint64_t>(capture_delay()));
    }
    // A shift taken now acts at the next edge, which must not capture.
    const auto captures = [this](std::uint64_t e) {
      for (const std::uint64_t c : captures_) {
        if (c == e) return true;
      }
      return false;
    };
    const bool shift = pace.shift_percent > 0 && !captures(edge + 1) && edge > 8 &&
                       static_cast<int>(random() % 100) < pace.shift_percent;
    dut.shift_i = shift;
    const std::uint64_t above = low_bits(static_cast<std::int64_t>(random()), sum_bits());
    drive(dut.sum_i, above);
    dut.eval();
    this->edge();

    if (shifting_) {
      shadow_ = above;
      known_ = true;
    }
    while (!pending_.empty() && pending_.front().edge <= edge) {
      shadow_ = pending_.front().value;
      known_ = true;
      pending_.pop_front();
    }
    while (!captures_.empty() && captures_.front() < edge) captures_.pop_front();
    shifting_ = shift;
    if (known_) this->same(shadow_, dut.sum_o, "sum");
    this->same(step_.act, dut.act_o, "activation passed on");
    this->same(step_.weight, dut.wgt_o, "weight passed on");
    const auto tags = [](bool valid, bool first, bool last, bool drain) {
      return valid * 8 + first * 4 + last * 2 + drain * 1;
    };
    this->same(tags(step_.valid, step_.first, step_.last, shift),
               tags(dut.valid_o, dut.first_o, dut.last_o, dut.shift_o), "tags passed on");
    seen_overflows_ += dut.overflow_o;
    step_ = {};
  }

  int sum_bits() const {
    return this->pe().spec().sum_kind == SumKind::kFloat32 ? 32 : this->wires().acc_bits;
  }

  Step step_;
  std::uint64_t last_edge_ = 0;
  std::deque<Capture> pending_;
  std::deque<std::uint64_t> captures_;
  std::uint64_t shadow_ = 0;
  bool known_ = false, shifting_ = false;
  std::uint64_t expected_overflows_ = 0, seen_overflows_ = 0;
};

/// Weight-stationary: one PE of a column. Weights change in the background, partial sums pass
/// through.
template <typename V>
class WsBench : public Bench<V> {
 public:
  using Base = Bench<V>;
  using Base::Base;

  /// One tile: a weight, then these activations, each added to a partial sum from above.
  void run(Code weight, const Operands& formats, const std::vector<Code>& acts,
           const std::vector<Sum>& psums, int idle_percent, Random& random) {
    this->set_formats(formats);
    const int take_at = static_cast<int>(random() % 3);  // cycles before the tile's first step
    inputs_ = {};
    inputs_.weight = weight_wire(weight, formats.weight);
    inputs_.take = true;
    cycle();
    for (int i = 0; i < take_at; ++i) cycle();
    const int mac_cycles = this->wires().mac_cycles;
    const int latency = this->wires().product_latency + this->wires().add_latency + mac_cycles - 1;
    for (std::size_t k = 0; k < acts.size(); ++k) {
      while (static_cast<int>(random() % 100) < idle_percent && k > 0) cycle();
      Sum golden = psums[k];
      this->pe().mac(golden, acts[k], weight, formats, expected_overflows_);
      const std::uint64_t edge = this->now() + 1;
      const SumKind kind = this->pe().spec().sum_kind;
      const int acc_bits = this->wires().acc_bits;
      psums_.push_back({edge + static_cast<std::uint64_t>(this->wires().product_latency) + 1,
                        sum_wire(kind, psums[k], acc_bits)});
      results_.push_back(
          {edge + static_cast<std::uint64_t>(latency), sum_wire(kind, golden, acc_bits)});
      for (int part = 0; part < mac_cycles; ++part) {
        inputs_.act = acts[k];
        inputs_.valid = true;
        inputs_.first = k == 0 && part == 0;
        inputs_.last = part + 1 == mac_cycles;
        cycle();
      }
    }
  }

  void finish() {
    while (!results_.empty()) cycle();
    this->same(expected_overflows_, seen_overflows_, "overflows");
  }
  std::uint64_t expected_overflows() const { return expected_overflows_; }

 private:
  struct Inputs {
    std::uint64_t act = 0, weight = 0;
    bool valid = false, first = false, last = false, take = false;
  };
  struct Timed {
    std::uint64_t edge;
    std::uint64_t value;
  };

  std::uint32_t weight_wire(Code weight, const Format& format) const {
    if (!format.is_integer() || format.bits > 4) return weight;
    return nibble(weight, format);
  }

  void cycle() {
    V& dut = this->dut();
    const std::uint64_t edge = this->now() + 1;
    this->idle();
    drive(dut.act_i, inputs_.act);
    drive(dut.wgt_i, inputs_.weight);
    dut.valid_i = inputs_.valid;
    dut.first_i = inputs_.first;
    dut.last_i = inputs_.last;
    dut.take_i = inputs_.take;
    dut.sum_i = 0;
    if (!psums_.empty() && psums_.front().edge == edge) {
      drive(dut.sum_i, psums_.front().value);
      psums_.pop_front();
    }
    dut.eval();
    // Before this edge the operands of the last one are being added.
    if (this->now() > 2) seen_overflows_ += dut.overflow_o;
    this->edge();
    this->same(inputs_.act, dut.act_o, "activation passed on");
    if (!results_.empty() && results_.front().edge == edge) {
      this->same(results_.front().value, dut.sum_o, "partial sum");
      results_.pop_front();
    }
    inputs_ = {};
  }

  Inputs inputs_;
  std::deque<Timed> psums_, results_;
  std::uint64_t expected_overflows_ = 0, seen_overflows_ = 0;
};

/// Operand space of a format, in order.
inline std::vector<Code> all_codes(const Format& format) {
  std::vector<Code> codes(std::size_t{1} << format.bits);
  for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<Code>(i);
  return codes;
}

/// Every pair of operands as a segment of its own, then again with a first step before it.
template <typename V>
void check_every_pair(OsBench<V>& bench, const Operands& formats, Random& random) {
  const std::vector<Code> acts = all_codes(formats.act), weights = all_codes(formats.weight);
  for (const Code act : acts) {
    for (const Code weight : weights) {
      bench.run({{act}, {weight}, formats}, {}, random);
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
}

inline Segment random_segment(std::size_t length, const Operands& formats, Random& random) {
  Segment s{{}, {}, formats};
  const auto code = [&random](const Format& f) {
    return static_cast<Code>(low_bits(static_cast<std::int64_t>(random()), f.bits));
  };
  for (std::size_t k = 0; k < length; ++k) {
    s.acts.push_back(code(formats.act));
    s.weights.push_back(code(formats.weight));
  }
  return s;
}

/// Segments of random length with idle cycles, late ends and drains.
template <typename V>
void check_histories(OsBench<V>& bench, const Operands& formats, int segments, int longest,
                     Random& random) {
  for (int i = 0; i < segments && !::testing::Test::HasFatalFailure(); ++i) {
    const std::size_t length = 1 + random() % static_cast<unsigned>(longest);
    const int idle = random() % 2 == 0 ? 0 : 30;
    bench.run(random_segment(length, formats, random), {idle, 40, random() % 2 == 0}, random);
  }
  bench.finish(random);
}

/// Zero comparisons are no check.
inline void report(std::uint64_t comparisons, const char* what) {
  std::cout << what << ": " << comparisons << " comparisons\n";
  ASSERT_GT(comparisons, 0U);
}

}  // namespace mixpe::rtl_test
