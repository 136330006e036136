// Flint, power-of-two and INT operands in 4-bit units: integer times integer, shifted by both
// exponents (README.md).

#include "models/pe/integer_sum_pe.h"
#include "models/pe/nibble_units.h"
#include "models/pe/registry.h"

namespace mixpe {
namespace {

class Ant final : public IntegerDotPe {
 public:
  using IntegerDotPe::IntegerDotPe;

 protected:
  std::int64_t product(Code act, Code weight, const Operands& formats) const override {
    return fused_product(act, weight, formats.act, formats.weight);
  }
};

const PeRegistration kRegistered{
    "ant", [](PeSpec spec) { return std::make_unique<Ant>(std::move(spec)); }};

}  // namespace
}  // namespace mixpe
