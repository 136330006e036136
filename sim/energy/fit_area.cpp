#include "sim/energy/fit_area.h"

#include <algorithm>

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

std::vector<ArraySize> shapes_within(const ArchSpec& arch, const PriceList& prices,
                                     double budget_um2) {
  const double pe_um2 = prices[Component::kPeArray].area.value;
  check_invariant(pe_um2 > 0, "a PE without area");
  const auto most_pes = static_cast<std::int64_t>(budget_um2 / pe_um2);
  std::vector<ArraySize> shapes;
  ArchSpec candidate = arch;
  for (std::int64_t rows = kStep; rows * kStep <= most_pes; rows += kStep) {
    // Area grows with the columns: from the most that the PEs alone would allow down to what fits.
    const std::int64_t most = std::min(kMaxSkew * rows, most_pes / rows) / kStep * kStep;
    for (std::int64_t cols = most; cols >= kStep && rows <= kMaxSkew * cols; cols -= kStep) {
      set_size(candidate, arch, {rows, cols});
      if (area(candidate, prices).total_um2 > budget_um2) continue;
      shapes.push_back({rows, cols});
      break;
    }
  }
  return shapes;
}

}  // namespace mixpe
