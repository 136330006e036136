#pragma once
// Operands for the checks of PEs: cases by number, for whatever formats a PE takes.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/pe/pe_model.h"
#include "sim/cosim/check.h"

namespace mixpe {

/// An output-stationary case: one segment and how it arrives.
struct SegmentCase {
  std::vector<Code> acts, weights;
  int idle_percent = 0;    ///< chance of an idle cycle before each step
  int shift_percent = 0;   ///< chance of a drain shift in a cycle that may have one
  bool late_last = false;  ///< `last` may come in an idle cycle after the last step

  void clear() {
    acts.clear();
    weights.clear();
    idle_percent = shift_percent = 0;
    late_last = false;
  }
  void add(Code act, Code weight) {
    acts.push_back(act);
    weights.push_back(weight);
  }
};

/// A weight-stationary case: one tile of a PE.
struct TileCase {
  std::vector<Code> weights;  ///< of its lanes along k
  std::vector<Code> acts;     ///< as many for each step
  std::vector<Sum> psums;     ///< that come from above, one for each step
  int idle_percent = 0;

  std::size_t steps() const { return acts.size() / weights.size(); }
  std::span<const Code> acts_of(std::size_t step) const {
    return std::span(acts).subspan(step * weights.size(), weights.size());
  }
};

Code random_code(const Format& format, CaseRandom& random);
/// Floats: zeros, subnormals, ones, extremes, infinities, NaNs of several payloads, of both signs.
/// Integers: every code.
std::vector<Code> directed_codes(const Format& format);
/// The codes of the least and of the largest finite value.
std::array<Code, 2> extreme_codes(const Format& format);

/// Operands of near exponents, repeated with the opposite sign, special now and then: sums cancel,
/// grow and stay finite. Integers: random, with runs of extremes.
void random_segment(const Operands& formats, std::size_t length, CaseRandom& random,
                    SegmentCase& segment);

/// Three powers of two, the sum of two 22 to 26 binades below the third: which way their sum in
/// FP32 is rounded hangs on a single bit. Any of them may be a zero. For floating-point
/// activations.
void tie_segment(const Operands& formats, CaseRandom& random, SegmentCase& segment);

/// A partial sum as a PE above may give it: anything, an extreme, near the negative of `product`,
/// so far from it that rounding hangs on single bits.
Sum random_psum(const PeSpec& pe, int flag_bits, const Sum& product, CaseRandom& random);

/// A one-to-one map of [0, 2^bits): pairs of operands in an order without pattern.
std::uint64_t shuffled(std::uint64_t index, int bits);

}  // namespace mixpe
