// INT2-INT4 weights x INT8 by shift-and-add; 8-bit weights in two nibble passes (README.md).

#include "models/pe/integer_sum_pe.h"
#include "models/pe/registry.h"
#include "models/pe/shift_add.h"

namespace mixpe {
namespace {

constexpr int kNibbleBits = 4;  ///< what the PE's shift-and-add takes in one cycle

class MixpeW4a8 final : public IntegerActPe {
 public:
  using IntegerActPe::IntegerActPe;

  void mac(Sum& sum, Code act, Code weight, const Operands& formats,
           std::uint64_t& overflows) const override {
    const std::int64_t x = decode_int(formats.act, act);
    accumulate(sum, product(x, weight, formats.weight), overflows);
  }

 private:
  static std::int64_t product(std::int64_t x, Code weight, const Format& format) {
    if (format.bits <= kNibbleBits) return shift_add(x, weight, format);
    // Two passes: the low nibble is always unsigned, the high one carries the weight's sign.
    const Format high{format.kind, format.bits - kNibbleBits, 0, 0};
    return shift_add(x, weight, unsigned_int(kNibbleBits)) +
           (shift_add(x, weight >> kNibbleBits, high) << kNibbleBits);
  }
};

const PeRegistration kRegistered{
    "mixpe_w4a8", [](PeSpec spec) { return std::make_unique<MixpeW4a8>(std::move(spec)); }};

}  // namespace
}  // namespace mixpe
