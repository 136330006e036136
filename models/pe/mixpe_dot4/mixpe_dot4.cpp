// Four INT2-INT4 weights x INT8 by shift-and-add, one adder tree and one sum (README.md).

#include "models/pe/integer_sum_pe.h"
#include "models/pe/registry.h"
#include "models/pe/shift_add.h"

namespace mixpe {
namespace {

class MixpeDot4 final : public IntegerDotPe {
 public:
  using IntegerDotPe::IntegerDotPe;

 protected:
  std::int64_t product(Code act, Code weight, const Operands& formats) const override {
    return shift_add(decode_int(formats.act, act), weight, formats.weight);
  }
};

const PeRegistration kRegistered{
    "mixpe_dot4", [](PeSpec spec) { return std::make_unique<MixpeDot4>(std::move(spec)); }};

}  // namespace
}  // namespace mixpe
