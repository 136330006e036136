#pragma once
// What PEs with an FP32 sum share: exact product, one rounding (RNE) for each add, no wrapping.
//  * -ffp-contract=off keeps the host from fusing anything into the add.
//  * The sum register holds the canonical NaN at every step, so any cycle can be compared with RTL.

#include <cstdint>
#include <utility>

#include "models/core/errors.h"
#include "models/formats/floats.h"
#include "models/pe/pe_model.h"

namespace mixpe {

class Fp32SumPe : public PeModel {
 public:
  explicit Fp32SumPe(PeSpec spec) : PeModel(std::move(spec)) {
    check_invariant(this->spec().sum_kind == SumKind::kFloat32, "this PE has an FP32 sum");
  }

  void merge(Sum& into, const Sum& from, std::uint64_t&) const final { add(into, from.real); }

  void add_activation(Sum& sum, Code act, const Operands& formats, std::uint64_t&) const final {
    add(sum, act_float(act, formats.act));
  }

  void merge_row_sum(Sum& into, const Sum& from, std::uint64_t&) const final {
    add(into, from.real);
  }

  FastPath fast_path(const Operands&) const final { return FastPath::kFloat; }
  /// FP32 does not wrap: beyond its range it holds an infinity, which is a value.
  bool cannot_overflow(const Operands&, std::int64_t) const final { return true; }

 protected:
  static void add(Sum& sum, float product) { sum.real = canonical_nan(sum.real + product); }
};

}  // namespace mixpe
