// Outlier-victim pairs, decoded at the edge, and INT operands in 4-bit units (README.md).

#include "models/pe/integer_sum_pe.h"
#include "models/pe/nibble_units.h"
#include "models/pe/registry.h"

namespace mixpe {
namespace {

class Olive final : public IntegerDotPe {
 public:
  using IntegerDotPe::IntegerDotPe;

 protected:
  std::int64_t product(Code act, Code weight, const Operands& formats) const override {
    return fused_product(act, weight, formats.act, formats.weight);
  }
};

const PeRegistration kRegistered{
    "olive", [](PeSpec spec) { return std::make_unique<Olive>(std::move(spec)); }};

}  // namespace
}  // namespace mixpe
