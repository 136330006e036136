// INT8 x INT8 with an integer sum (README.md).

#include "models/pe/integer_sum_pe.h"
#include "models/pe/registry.h"

namespace mixpe {
namespace {

class Int8 final : public IntegerActPe {
 public:
  using IntegerActPe::IntegerActPe;

  void mac(Sum& sum, Code act, Code weight, const Operands& formats,
           std::uint64_t& overflows) const override {
    accumulate(sum, decode_int(formats.act, act) * decode_int(formats.weight, weight), overflows);
  }
};

const PeRegistration kRegistered{
    "int8", [](PeSpec spec) { return std::make_unique<Int8>(std::move(spec)); }};

}  // namespace
}  // namespace mixpe
