#pragma once
// The array that fits a budget of area or power: designs are compared at equal silicon and equal
// power, not only at equal size.

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/config/arch_spec.h"
#include "sim/energy/price.h"

namespace mixpe {

struct ArraySize {
  std::int64_t rows = 0, cols = 0;
  bool operator==(const ArraySize&) const = default;
};

/// `arch` with an array of this size; lanes and converters keep their ratio to the columns, rounded
/// up.
ArchSpec resized(const ArchSpec& arch, ArraySize size);

/// For every number of rows the most columns that fit; both multiples of 4, neither more than
/// kMaxSkew times the other. In order of rows; empty if not even 4 x 4 fits. `fits` must hold for
/// every smaller array if it holds for one. Which of them is best depends on the workload.
inline constexpr std::int64_t kMaxSkew = 4;
std::vector<ArraySize> widest_shapes(const std::function<bool(ArraySize)>& fits);

/// The arrays whose total area, buffers included as they are, is at most `budget_um2`.
std::vector<ArraySize> shapes_within(const ArchSpec& arch, const PriceList& prices,
                                     double budget_um2);

}  // namespace mixpe
