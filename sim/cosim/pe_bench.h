#pragma once
// Drives one PE through the ports of rtl/README.md and says what every output must be.
//  * Cycle t is the clock at whose edge the inputs are taken; "after cycle t" is after that edge.
//  * Output-stationary: a segment whose `last` is taken in cycle t is in the shadow register after
//    cycle t + 1 + capture_delay(), and not before: the old value is compared until then.
//  * Weight-stationary: the sum of a step taken in cycle t is compared when it is due.

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <span>

#include "models/pe/pe_model.h"
#include "sim/cosim/pe_cases.h"
#include "sim/cosim/pe_rtl.h"
#include "sim/cosim/port_stream.h"

namespace mixpe {

struct PeInputs {
  std::uint64_t act = 0, weight = 0, sum = 0;
  bool valid = false, first = false, last = false, shift = false, take = false;
};

/// What both dataflows have in common: encodings, and ports that pass their inputs on.
class PeBench {
 public:
  PeBench(const PeModel& pe, const PeRtl& rtl, const Operands& formats, FlatModule& module);

  const PortStream& stream() const { return stream_; }
  std::uint64_t overflows() const { return overflows_; }

 protected:
  std::uint64_t sum_word(const Sum& sum) const;
  std::uint64_t weight_word(std::span<const Code> weights, bool high, CaseRandom& random) const;
  int mac_cycles() const { return mac_cycles_; }
  void drive(const PeInputs& inputs);
  const PeModel& pe_;
  const PeRtl& rtl_;
  Operands formats_;
  PortStream stream_;
  std::uint64_t overflows_ = 0;
  struct Words {
    int rst_n, weight_signed, weight_wide, act_i, valid_i, first_i, last_i, shift_i, wgt_i, take_i,
        sum_i, act_o, valid_o, first_o, last_o, shift_o, wgt_o, take_o, sum_o, overflow_o;
  } words_;
  std::size_t lanes_;  ///< along k

 private:
  int mac_cycles_;
  int mode_i_ = -1;  ///< -1: no such port
  std::uint64_t mode_ = 0;
};

class OsPeBench : public PeBench {
 public:
  using PeBench::PeBench;
  /// Runs a segment; what comes out later is compared during the next ones.
  void run(const SegmentCase& segment, std::uint64_t case_number, CaseRandom& random);
  /// Lets the last captures come out and compares what is left.
  void finish();

 private:
  int capture_delay() const;
  bool captures_in(std::uint64_t cycle) const;
  void cycle(const SegmentCase& pace, CaseRandom& random);
  std::uint64_t golden(const SegmentCase& segment);
  void issue(const SegmentCase& segment, std::size_t step, CaseRandom& random);
  std::size_t steps() const { return wraps_.size(); }
  /// The elements of a list over k that step `step` takes.
  std::span<const Code> lanes_of(const std::vector<Code>& all, std::size_t step) const {
    const std::size_t begin = step * lanes_;
    return std::span(all).subspan(begin, std::min(lanes_, all.size() - begin));
  }

  struct Capture {
    std::uint64_t cycle, value, case_number;
  };
  PeInputs next_;
  std::vector<Code> aligned_;
  std::vector<bool> wraps_;              ///< by step of the segment
  std::deque<Capture> captures_;         ///< whose value is not there yet
  std::deque<std::uint64_t> capturing_;  ///< cycles in which no shift may act
  static constexpr std::size_t kRing = 32;
  std::array<bool, kRing> overflow_due_{};  ///< by cycle modulo kRing
  std::uint64_t last_cycle_ = 0, case_ = 0, shown_case_ = 0, shadow_ = 0, above_ = 0;
  bool known_ = false, shifting_ = false;
};

class WsPeBench : public PeBench {
 public:
  using PeBench::PeBench;
  void run(const TileCase& tile, std::uint64_t case_number, CaseRandom& random);
  void finish();

 private:
  struct Due {
    bool set = false;
    std::uint64_t value = 0;
  };
  static constexpr std::size_t kRing = 64;
  void cycle(PeInputs inputs, CaseRandom& random);
  Due& at(std::array<Due, kRing>& ring, std::uint64_t cycle) { return ring[cycle % kRing]; }

  std::array<Due, kRing> psums_{}, results_{}, wraps_{}, passed_weights_{};
  std::uint64_t case_ = 0;
};

}  // namespace mixpe
