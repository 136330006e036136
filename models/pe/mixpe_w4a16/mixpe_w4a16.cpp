// INT2-INT4 weights x FP16 by shift-and-add on the significand, with three kinds of sum
// (README.md).

#include <bit>

#include "models/formats/floats.h"
#include "models/pe/aligned_act_pe.h"
#include "models/pe/fp32_sum_pe.h"
#include "models/pe/integer_sum_pe.h"
#include "models/pe/registry.h"
#include "models/pe/shift_add.h"

namespace mixpe {
namespace {

constexpr int kFixedExponent = min_exponent(kFp16);  ///< -24: every FP16 is a multiple of 2^-24
/// sum: fp32. The product (15 significant bits) is exact in FP32 and rounded once, by the adder.
class Fp32Sum final : public Fp32SumPe {
 public:
  using Fp32SumPe::Fp32SumPe;

  void mac(Sum& sum, Code act, Code weight, const Operands& formats,
           std::uint64_t&) const override {
    add(sum, product(unpack(kFp16, act), weight, formats.weight));
  }

  float act_float(Code act, const Format&) const override { return fp16_to_float(act); }
  float weight_float(Code weight, const Format& format) const override {
    return static_cast<float>(decode_int(format, weight));
  }

 private:
  static float product(const Unpacked& act, Code weight, const Format& format) {
    const std::uint32_t special = times_weight(special_of(act), decode_int(format, weight));
    if (special == Sum::kNan) return bits_to_float(nan_code(kFp32));
    if (special != Sum::kNone) {
      return bits_to_float(infinity_code(kFp32, special == Sum::kMinusInf));
    }
    const std::int64_t p = shift_add(act.significand, weight, format);
    return integer_to_fp32(act.negative ? -p : p, act.exponent);
  }
};

/// sum: fixed. Products are multiples of 2^-24 below 2^20 in magnitude: no rounding at all.
class FixedSum final : public IntegerSumPe {
 public:
  using IntegerSumPe::IntegerSumPe;

  void mac(Sum& sum, Code act, Code weight, const Operands& formats,
           std::uint64_t& overflows) const override {
    const Unpacked a = unpack(kFp16, act);
    const std::int64_t p = shift_add(a.significand, weight, formats.weight);
    accumulate(sum, in_units(a, p), overflows);
    const std::uint32_t special = special_of(a);
    if (special != Sum::kNone) {
      add_special(sum, times_weight(special, decode_int(formats.weight, weight)));
    }
  }

  int sum_exponent() const override { return kFixedExponent; }

  FastPath fast_path(const Operands&) const override { return FastPath::kExact; }
  bool fast_path_allows(Code act) const override { return special_of(unpack(kFp16, act)) == 0; }
  float act_float(Code act, const Format&) const override { return fp16_to_float(act); }
  float weight_float(Code weight, const Format& format) const override {
    return static_cast<float>(decode_int(format, weight));
  }

 protected:
  std::int64_t act_integer(Code act, const Format&) const override {
    const Unpacked a = unpack(kFp16, act);
    return in_units(a, a.significand);
  }
  std::uint32_t act_special(Code act) const override { return special_of(unpack(kFp16, act)); }
  Range act_range(const Format& format) const override {
    const std::int64_t largest = act_integer(infinity_code(kFp16) - 1, format);
    return {-largest, largest};
  }

 private:
  /// +-p * 2^exponent of `act` in units of 2^-24. (Infinities and NaN: p is 0.)
  static std::int64_t in_units(const Unpacked& act, std::int64_t p) {
    if (act.kind != FloatClass::kFinite) return 0;
    const std::int64_t units = p << (act.exponent - kFixedExponent);
    return act.negative ? -units : units;
  }
};

/// sum: aligned. The edge turns a segment's activations into integers of one common exponent.
class AlignedSum final : public AlignedActPe {
 public:
  using AlignedActPe::AlignedActPe;

 protected:
  std::int64_t product(std::int64_t act, Code weight, const Format& format) const override {
    return shift_add(act, weight, format);
  }
};

std::unique_ptr<PeModel> make(PeSpec spec) {
  const std::string sum = spec.params.at("sum");
  if (sum == "fp32") return std::make_unique<Fp32Sum>(std::move(spec));
  if (sum == "fixed") return std::make_unique<FixedSum>(std::move(spec));
  check_invariant(sum == "aligned", "sum is fp32, fixed or aligned");
  return std::make_unique<AlignedSum>(std::move(spec));
}

const PeRegistration kRegistered{"mixpe_w4a16", make};

}  // namespace
}  // namespace mixpe
