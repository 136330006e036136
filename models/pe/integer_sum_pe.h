#pragma once
// What PEs with an integer sum share: a two's complement accumulator of spec().acc_bits, a row-sum
// adder of spec().row_sum_bits, and the exact bound that excludes an overflow.
//  * An overflow is counted on the sum after a whole MAC: partial products of one MAC may pass
//    through values out of range, which two's complement takes back exactly.

#include <algorithm>
#include <cstdint>
#include <utility>

#include "models/core/errors.h"
#include "models/formats/integers.h"
#include "models/pe/pe_model.h"

namespace mixpe {

/// Values an operand or a product can take.
struct Range {
  std::int64_t min = 0;
  std::int64_t max = 0;
};

class IntegerSumPe : public PeModel {
 public:
  explicit IntegerSumPe(PeSpec spec) : PeModel(std::move(spec)) {
    check_invariant(this->spec().sum_kind == SumKind::kInteger, "this PE has an integer sum");
    // Up to 62 bits the sum of two values in range fits the 64-bit integer that holds it.
    check_invariant(fits_host(this->spec().acc_bits) && fits_host(this->spec().row_sum_bits),
                    "an accumulator has 2-62 bits");
  }

  void merge(Sum& into, const Sum& from, std::uint64_t& overflows) const final {
    add(into, from.integer, spec().acc_bits, overflows);
    add_special(into, from.special);
  }

  void add_activation(Sum& sum, Code act, const Operands& formats,
                      std::uint64_t& overflows) const final {
    add(sum, act_integer(act, formats.act), spec().row_sum_bits, overflows);
    add_special(sum, act_special(act));
  }

  void merge_row_sum(Sum& into, const Sum& from, std::uint64_t& overflows) const final {
    add(into, from.integer, spec().row_sum_bits, overflows);
    add_special(into, from.special);
  }

  /// Exact: with one MAC more, the worst operands leave the range.
  bool cannot_overflow(const Operands& formats, std::int64_t k) const final {
    const Range act = act_range(formats.act);
    const Range weight{int_min(formats.weight), int_max(formats.weight)};
    const Range product = product_range(act, weight);
    return (product.max <= 0 || k <= signed_max(spec().acc_bits) / product.max) &&
           (product.min >= 0 || k <= signed_min(spec().acc_bits) / product.min);
  }

 protected:
  /// The activation in units of 2^exponent (see align_segment()); 0 for infinities and NaN.
  virtual std::int64_t act_integer(Code act, const Format& format) const = 0;
  virtual std::uint32_t act_special(Code) const { return Sum::kNone; }
  /// All values of act_integer().
  virtual Range act_range(const Format& format) const = 0;

  void accumulate(Sum& sum, std::int64_t product, std::uint64_t& overflows) const {
    add(sum, product, spec().acc_bits, overflows);
  }

  /// Sticky flags: NaN as soon as one came or both infinities met, in whatever order.
  static void add_special(Sum& sum, std::uint32_t special) {
    const std::uint32_t flags = sum.special | special;
    constexpr std::uint32_t kBothInfinities = Sum::kPlusInf | Sum::kMinusInf;
    const bool nan = (flags & Sum::kNan) != 0 || (flags & kBothInfinities) == kBothInfinities;
    sum.special = nan ? Sum::kNan : flags;
  }

 private:
  static bool fits_host(int bits) { return bits >= 2 && bits <= 62; }

  static void add(Sum& sum, std::int64_t addend, int bits, std::uint64_t& overflows) {
    sum.integer = wrap_counted(sum.integer + addend, bits, overflows);
  }

  /// Its extremes lie at the corners.
  static Range product_range(Range a, Range b) {
    Range r{a.min * b.min, a.min * b.min};
    for (const std::int64_t corner : {a.min * b.max, a.max * b.min, a.max * b.max}) {
      r = {std::min(r.min, corner), std::max(r.max, corner)};
    }
    return r;
  }
};

/// An integer PE whose activations are integers as well.
class IntegerActPe : public IntegerSumPe {
 public:
  using IntegerSumPe::IntegerSumPe;

  FastPath fast_path(const Operands&) const final { return FastPath::kInt16; }
  std::int16_t act_int16(Code act, const Format& format) const final {
    return static_cast<std::int16_t>(decode_int(format, act));
  }
  std::int16_t weight_int16(Code weight, const Format& format) const final {
    return static_cast<std::int16_t>(decode_int(format, weight));
  }

 protected:
  std::int64_t act_integer(Code act, const Format& format) const final {
    return decode_int(format, act);
  }
  Range act_range(const Format& format) const final { return {int_min(format), int_max(format)}; }
};

/// An integer PE with lanes along k: an adder tree, wide enough for them all, adds up the products
/// of a step, and one adder joins them to the sum.
class IntegerDotPe : public IntegerActPe {
 public:
  using IntegerActPe::IntegerActPe;

  void mac(Sum& sum, Code act, Code weight, const Operands& formats,
           std::uint64_t& overflows) const final {
    accumulate(sum, product(act, weight, formats), overflows);
  }
  void step(Sum& sum, std::span<const Code> acts, std::span<const Code> weights,
            const Operands& formats, std::uint64_t& overflows) const final {
    std::int64_t products = 0;
    for (std::size_t i = 0; i < acts.size(); ++i) products += product(acts[i], weights[i], formats);
    accumulate(sum, products, overflows);
  }

 protected:
  virtual std::int64_t product(Code act, Code weight, const Operands& formats) const = 0;
};

}  // namespace mixpe
