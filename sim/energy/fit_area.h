#pragma once
// The array that fits an area: designs are compared at equal silicon, not only at equal size.

#include <cstdint>
#include <optional>

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

/// The array with the most PEs whose total area, buffers included as they are, is at most
/// `budget_um2`: rows and cols multiples of 4, neither more than twice the other; of equals the
/// squarer, then the one with fewer rows. None if not even 4 x 4 fits.
std::optional<ArraySize> fit_area(const ArchSpec& arch, const PriceList& prices, double budget_um2);

}  // namespace mixpe
