#include "sim/energy/fit_area.h"

#include "sim/energy/bill.h"

namespace mixpe {
namespace {

constexpr std::int64_t kStep = 4;

std::int64_t scaled_up(std::int64_t count, std::int64_t cols, std::int64_t old_cols) {
  return (count * cols + old_cols - 1) / old_cols;
}

void set_size(ArchSpec& out, const ArchSpec& arch, ArraySize size) {
  out.array.rows = size.rows;
  out.array.cols = size.cols;
  out.dequant.lanes = scaled_up(arch.dequant.lanes, size.cols, arch.array.cols);
  out.dequant.converters = scaled_up(arch.dequant.converters, size.cols, arch.array.cols);
}

}  // namespace

ArchSpec resized(const ArchSpec& arch, ArraySize size) {
  ArchSpec out = arch;
  set_size(out, arch, size);
  return out;
}

std::vector<ArraySize> widest_shapes(const std::function<bool(ArraySize)>& fits) {
  std::vector<ArraySize> shapes;
  for (std::int64_t rows = kStep;; rows += kStep) {
    // In steps: `low` fits, `high` does not.
    std::int64_t low = (rows + kMaxSkew * kStep - 1) / (kMaxSkew * kStep);
    if (!fits({rows, low * kStep})) return shapes;
    for (std::int64_t high = kMaxSkew * rows / kStep + 1; high - low > 1;) {
      const std::int64_t middle = low + (high - low) / 2;
      (fits({rows, middle * kStep}) ? low : high) = middle;
    }
    shapes.push_back({rows, low * kStep});
  }
}

std::vector<ArraySize> shapes_within(const ArchSpec& arch, const PriceList& prices,
                                     double budget_um2) {
  check_invariant(prices[Component::kPeArray].area.value > 0, "a PE without area");
  ArchSpec candidate = arch;
  return widest_shapes([&](ArraySize size) {
    set_size(candidate, arch, size);
    return area(candidate, prices).total_um2 <= budget_um2;
  });
}

}  // namespace mixpe
