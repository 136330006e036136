// FP16 x FP16 with an FP32 sum (README.md).

#include "models/pe/fp32_sum_pe.h"
#include "models/pe/registry.h"

namespace mixpe {
namespace {

class Fp16 final : public Fp32SumPe {
 public:
  using Fp32SumPe::Fp32SumPe;

  /// The product is exact in FP32: 22 significant bits of 24, last place 2^-48 .. 2^10.
  void mac(Sum& sum, Code act, Code weight, const Operands&, std::uint64_t&) const override {
    add(sum, fp16_to_float(act) * fp16_to_float(weight));
  }

  float act_float(Code act, const Format&) const override { return fp16_to_float(act); }
  float weight_float(Code weight, const Format&) const override { return fp16_to_float(weight); }
};

const PeRegistration kRegistered{
    "fp16", [](PeSpec spec) { return std::make_unique<Fp16>(std::move(spec)); }};

}  // namespace
}  // namespace mixpe
