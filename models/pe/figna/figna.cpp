// FP16 activations, aligned at the edge, times integer weights in an integer multiplier
// (README.md).

#include "models/pe/aligned_act_pe.h"
#include "models/pe/registry.h"

namespace mixpe {
namespace {

class Figna final : public AlignedActPe {
 public:
  using AlignedActPe::AlignedActPe;

 protected:
  std::int64_t product(std::int64_t act, Code weight, const Format& format) const override {
    return act * decode_int(format, weight);
  }
};

const PeRegistration kRegistered{
    "figna", [](PeSpec spec) { return std::make_unique<Figna>(std::move(spec)); }};

}  // namespace
}  // namespace mixpe
