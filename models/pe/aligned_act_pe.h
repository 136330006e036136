#pragma once
// What PEs with FP16 activations in integer units share: the special values of an activation, and
// the alignment of a row's segment to one exponent at the array's edge, after which a PE multiplies
// and adds integers.
//  * An aligned activation has 16 bits: the sign, the significand's 11 and 4 below its last place,
//    so that the segment's largest values, and those within 4 octaves of them, stay exact.
//  * An aligned code: bits 0-15 the value, from bit 16 on Sum::Special.

#include <algorithm>

#include "models/formats/floats.h"
#include "models/pe/integer_sum_pe.h"

namespace mixpe {

inline std::uint32_t special_of(const Unpacked& act) {
  if (act.kind == FloatClass::kFinite) return Sum::kNone;
  if (act.kind == FloatClass::kNan) return Sum::kNan;
  return act.negative ? Sum::kMinusInf : Sum::kPlusInf;
}

/// special * weight: Inf * 0 = NaN, a negative weight turns infinities round.
inline std::uint32_t times_weight(std::uint32_t special, std::int32_t weight) {
  if (special == Sum::kNone || special == Sum::kNan) return special;
  if (weight == 0) return Sum::kNan;
  if (weight > 0) return special;
  return special == Sum::kPlusInf ? Sum::kMinusInf : Sum::kPlusInf;
}

class AlignedActPe : public IntegerSumPe {
 public:
  using IntegerSumPe::IntegerSumPe;

  void mac(Sum& sum, Code act, Code weight, const Operands& formats,
           std::uint64_t& overflows) const final {
    accumulate(sum, product(value_of(act), weight, formats.weight), overflows);
    const std::uint32_t special = act_special(act);
    if (special != Sum::kNone) {
      add_special(sum, times_weight(special, decode_int(formats.weight, weight)));
    }
  }

  /// Rounds each magnitude to nearest even at 4 bits below the last place of the segment's largest
  /// exponent. Infinities and NaN take no part in finding it; they become tags on a value of 0.
  void align_segment(std::span<Code> acts, const Operands&, int& exponent) const final {
    int largest = min_exponent(kFp16);
    for (const Code act : acts) {
      const Unpacked a = unpack(kFp16, act);
      if (a.kind == FloatClass::kFinite) largest = std::max(largest, a.exponent);
    }
    exponent = largest - kGuardBits;
    for (Code& act : acts) act = aligned(unpack(kFp16, act), largest);
  }

  FastPath fast_path(const Operands&) const final { return FastPath::kInt16; }
  bool fast_path_allows(Code act) const final { return act >> kTagShift == 0; }
  std::int16_t act_int16(Code act, const Format&) const final { return value_of(act); }
  std::int16_t weight_int16(Code weight, const Format& format) const final {
    return static_cast<std::int16_t>(decode_int(format, weight));
  }

 protected:
  /// An aligned activation times a weight, as the PE's multiplier does it.
  virtual std::int64_t product(std::int64_t act, Code weight, const Format& format) const = 0;

  std::int64_t act_integer(Code act, const Format&) const final { return value_of(act); }
  std::uint32_t act_special(Code act) const final { return act >> kTagShift; }
  /// The largest significand, not shifted: rounding to the right never exceeds it.
  Range act_range(const Format&) const final {
    const std::int64_t largest = ((std::int64_t{2} << kFp16.fraction_bits) - 1) << kGuardBits;
    return {-largest, largest};
  }

 private:
  static constexpr int kGuardBits = 4;
  static constexpr int kTagShift = 16;

  static std::int16_t value_of(Code aligned) {
    return static_cast<std::int16_t>(static_cast<std::uint16_t>(aligned));
  }

  static Code aligned(const Unpacked& act, int largest_exponent) {
    if (act.kind != FloatClass::kFinite) return Code{special_of(act)} << kTagShift;
    const std::uint64_t magnitude = shift_right_rne(std::uint64_t{act.significand} << kGuardBits,
                                                    largest_exponent - act.exponent);
    const auto code = static_cast<std::uint16_t>(act.negative ? 0 - magnitude : magnitude);
    return code;
  }
};

}  // namespace mixpe
