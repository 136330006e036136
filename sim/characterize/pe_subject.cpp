#include "sim/characterize/pe_subject.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>

#include "models/core/errors.h"
#include "models/formats/floats.h"
#include "models/pe/registry.h"
#include "sim/characterize/operand_source.h"
#include "sim/cosim/pe_rtl.h"

namespace mixpe {
namespace {

constexpr int kCountedSegments = 4;
constexpr int kRowsAbove = 32;
constexpr std::int64_t kAboveRow = 1'000'000;  // draws of PEs above begin here

constexpr int kNarrowBits = 4;

/// The widest operands of a mode. Of two weights as wide: narrow ones unsigned (those of
/// zero-points), others signed.
Operands typical_operands(const PeMode& mode) {
  const auto usual = [](const Format& f) { return f.is_signed() == (f.bits > kNarrowBits); };
  const auto wider = [&](const Format& a, const Format& b) {
    return a.bits != b.bits ? a.bits < b.bits : !usual(a) && usual(b);
  };
  const Format weight = *std::max_element(mode.weights.begin(), mode.weights.end(), wider);
  return {weight, mode.acts.front()};
}

/// What sum_i carries.
std::uint64_t sum_word(const PeSpec& pe, const PeRtl& rtl, const Sum& sum) {
  if (pe.sum_kind == SumKind::kFloat32) return float_to_bits(sum.real);
  const std::uint64_t number =
      static_cast<std::uint64_t>(sum.integer) & (~std::uint64_t{0} >> (64 - pe.acc_bits));
  return rtl.flag_bits == 0 ? number : number | std::uint64_t{sum.special} << pe.acc_bits;
}

/// Drives one mode with one kind of operands.
class PeDriver {
 public:
  PeDriver(const PeBuild& build, const PeRtl& rtl, const PeMode& mode, StreamKind kind,
           std::uint64_t seed, const std::vector<std::string>& ports)
      : build_(build),
        rtl_(rtl),
        formats_(typical_operands(mode)),
        lanes_(mode.lanes_k),
        pe_(make_pe(build.spec)),
        traits_(traits_of(kind)),
        source_(kind, seed),
        out_(mode.name + "/" + stream_name(kind), ports) {}

  Stimulus run() {
    out_.set("weight_signed_i", formats_.weight.is_signed());
    out_.set("weight_wide_i", rtl_.mac_cycles(formats_.weight) == 2);
    if (rtl_.mode_bits > 0) out_.set("mode_i", rtl_.mode_word(build_.spec, formats_));
    out_.reset();
    const bool os = build_.dataflow == Dataflow::kOutputStationary;
    for (int s = 0; s <= kCountedSegments; ++s) {
      os ? segment(s) : tile(s);
      if (s == 0) out_.begin_counting();
    }
    counted_.formats = formats_;
    counted_.m = os ? 1 : std::ssize(counted_.act) / lanes_;
    counted_.k = std::ssize(counted_.act) / counted_.m;
    out_.set_statistics(operand_statistics(counted_, build_.dataflow, lanes_));
    return std::move(out_);
  }

 private:
  /// The draw that element `k` of a segment shows if each stays for so many steps.
  std::int64_t held(std::int64_t k, int steps) const {
    return k / lanes_ / steps * steps * lanes_ + k % lanes_;
  }
  /// A segment's activations of all lanes, step after step, as they are in the buffer.
  std::vector<Code> stored_acts(std::int64_t row, int steps) const {
    std::vector<Code> acts;
    for (int k = 0; k < steps * lanes_; ++k) {
      acts.push_back(source_.act(formats_.act, row, held(k, traits_.act_steps)));
    }
    return acts;
  }
  /// The same as the row's edge hands them on.
  std::vector<Code> segment_acts(std::int64_t row, int steps) const {
    std::vector<Code> acts = stored_acts(row, steps);
    int exponent = 0;
    pe_->align_segment(acts, formats_, exponent);
    return acts;
  }
  std::vector<Code> segment_weights(std::int64_t row, int steps) const {
    std::vector<Code> weights;
    for (int k = 0; k < steps * lanes_; ++k) {
      weights.push_back(source_.weight(formats_.weight, row, held(k, traits_.weight_steps)));
    }
    return weights;
  }
  /// Segments after the first are counted.
  void count(int number, const std::vector<Code>& weights) {
    if (number == 0) return;
    const auto append = [](std::vector<std::uint16_t>& all, const std::vector<Code>& codes) {
      for (const Code code : codes) all.push_back(static_cast<std::uint16_t>(code));
    };
    append(counted_.act, stored_acts(number, kSegmentSteps));
    append(counted_.weight, weights);
  }
  std::span<const Code> lanes_of(const std::vector<Code>& all, int step) const {
    return std::span(all).subspan(static_cast<std::size_t>(step * lanes_),
                                  static_cast<std::size_t>(lanes_));
  }
  std::uint64_t act_word(const std::vector<Code>& acts, int step) const {
    return rtl_.act_word(lanes_of(acts, step), formats_.act);
  }
  std::uint64_t weight_word(const std::vector<Code>& weights, int step, bool high) const {
    return rtl_.weight_word(lanes_of(weights, step), formats_.weight, high);
  }
  /// A whole sum of another PE: `steps` steps of its own operands.
  std::uint64_t sum_of(std::int64_t row, int steps) const {
    const std::vector<Code> acts = segment_acts(row, steps), weights = segment_weights(row, steps);
    Sum sum;
    std::uint64_t overflows = 0;
    for (std::size_t k = 0; k < acts.size(); ++k) {
      pe_->mac(sum, acts[k], weights[k], formats_, overflows);
    }
    return sum_word(build_.spec, rtl_, sum);
  }

  int step_cycles() const {
    const int mac = rtl_.mac_cycles(formats_.weight);
    return build_.dataflow == Dataflow::kOutputStationary
               ? std::max(mac, build_.spec.os_ii(PeMode{}))
               : mac;
  }

  void segment(int number) {
    const bool drained = build_.spec.os_merge_cycles() == 0;
    const std::vector<Code> acts = segment_acts(number, kSegmentSteps);
    const std::vector<Code> weights = segment_weights(number, kSegmentSteps);
    count(number, weights);
    constexpr int kFirstShift = (kSegmentSteps - kDrainedRows) / 2;
    for (int step = 0; step < kSegmentSteps; ++step) {
      for (int i = 0; i < step_cycles(); ++i) {
        const bool issues = i < rtl_.mac_cycles(formats_.weight);
        const bool ends = step + 1 == kSegmentSteps && i + 1 == step_cycles();
        const bool shifts = build_.shadow && drained && i == 0 && step >= kFirstShift &&
                            step < kFirstShift + kDrainedRows;
        out_.set("act_i", issues ? act_word(acts, step) : 0);
        out_.set("wgt_i", issues ? weight_word(weights, step, i > 0) : 0);
        out_.set("valid_i", issues);
        // Each of the interleaved sums begins in the first segment, and once in each if it drains.
        out_.set("first_i", step == 0 && i == 0 && (drained || number == 0));
        out_.set("last_i", drained && ends);
        out_.set("shift_i", shifts);
        if (build_.shadow && drained && i == 0) {
          out_.set("sum_i", sum_of(kAboveRow + number * kSegmentSteps + step, kSegmentSteps));
        }
        out_.next();
      }
    }
  }

  void tile(int number) {
    const std::vector<Code> weight = segment_weights(number, 1);
    count(number, weight);
    out_.set("wgt_i", weight_word(weight, 0, false));
    out_.set("take_i", 1);
    out_.set("act_i", 0);
    out_.set("valid_i", 0);
    out_.set("first_i", 0);
    out_.set("last_i", 0);
    out_.next();
    out_.set("take_i", 0);
    const std::vector<Code> acts = segment_acts(number, kSegmentSteps);
    for (int step = 0; step < kSegmentSteps; ++step) {
      // The partial sum that arrives with this step: its own row's, of the rows above.
      out_.set("sum_i", sum_of(kAboveRow + number * kSegmentSteps + step, kRowsAbove));
      for (int i = 0; i < step_cycles(); ++i) {
        out_.set("act_i", act_word(acts, step));
        out_.set("valid_i", 1);
        out_.set("first_i", step == 0 && i == 0);
        out_.set("last_i", i + 1 == step_cycles());
        out_.next();
      }
    }
  }

  const PeBuild& build_;
  const PeRtl& rtl_;
  Operands formats_;
  int lanes_;
  std::unique_ptr<PeModel> pe_;
  const StreamTraits& traits_;
  OperandSource source_;
  GemmOperands counted_;
  Stimulus out_;
};

}  // namespace

Subject pe_subject(const std::string& name, const PeBuild& build, std::uint64_t seed) {
  const auto rtl = find_pe_rtl(build.spec, build.dataflow);
  check_invariant(rtl.has_value(), "a PE without RTL cannot be characterised");
  Subject subject;
  subject.name = name;
  subject.rtl = {rtl->module, {"common", rtl->folder}, rtl->parameters, {"overflow_o"}};
  for (const auto& [width, bits] : {std::pair{"ActBits", rtl->act_bits},
                                    {"WgtBits", rtl->wgt_bits},
                                    {"SumBits", rtl->sum_bits}}) {
    subject.rtl.parameters.push_back(fmt::format("{}={}", width, bits));
  }
  if (build.dataflow == Dataflow::kWeightStationary) {
    subject.rtl.parameters.push_back("WeightStationary=1'b1");
  } else if (!build.shadow) {
    subject.rtl.parameters.push_back("Shadow=1'b0");
  }
  subject.stimuli = [build, rtl = *rtl, seed](const std::vector<std::string>& ports) {
    std::vector<Stimulus> stimuli;
    for (const PeMode& mode : build.spec.modes) {
      for (const StreamKind kind : kStreamKinds) {
        if (!build.fit && kind != StreamKind::kLlm) continue;
        stimuli.push_back(PeDriver(build, rtl, mode, kind, seed, ports).run());
      }
    }
    return stimuli;
  };
  return subject;
}

}  // namespace mixpe
