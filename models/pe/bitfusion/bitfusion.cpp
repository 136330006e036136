// Products composed of 2-bit bricks, the fused products of a step added to one sum (README.md).

#include "models/pe/integer_sum_pe.h"
#include "models/pe/registry.h"

namespace mixpe {
namespace {

constexpr int kBrickBits = 2;

/// Digit `i` of an operand, as a brick takes it: only the top digit of a signed operand is signed.
constexpr int digit(Code code, int i, const Format& format) {
  const int bits = static_cast<int>(code >> (kBrickBits * i) & 3U);
  const bool sign = format.is_signed() && kBrickBits * (i + 1) == format.bits;
  return sign && bits >= 2 ? bits - 4 : bits;
}

class BitFusion final : public IntegerDotPe {
 public:
  using IntegerDotPe::IntegerDotPe;

 protected:
  std::int64_t product(Code act, Code weight, const Operands& formats) const override {
    std::int64_t sum = 0;
    for (int i = 0; kBrickBits * i < formats.act.bits; ++i) {
      for (int j = 0; kBrickBits * j < formats.weight.bits; ++j) {
        // A brick: two 3-bit signed factors, 5 bits of product.
        const std::int64_t brick = digit(act, i, formats.act) * digit(weight, j, formats.weight);
        sum += brick * (std::int64_t{1} << (kBrickBits * (i + j)));
      }
    }
    return sum;
  }
};

const PeRegistration kRegistered{
    "bitfusion", [](PeSpec spec) { return std::make_unique<BitFusion>(std::move(spec)); }};

}  // namespace
}  // namespace mixpe
