#include "sim/energy/fit_area.h"

#include <algorithm>
#include <cstdlib>

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

bool better(ArraySize a, ArraySize b) {
  const std::int64_t pes_a = a.rows * a.cols, pes_b = b.rows * b.cols;
  if (pes_a != pes_b) return pes_a > pes_b;
  const std::int64_t skew_a = std::abs(a.rows - a.cols), skew_b = std::abs(b.rows - b.cols);
  if (skew_a != skew_b) return skew_a < skew_b;
  return a.rows < b.rows;
}

}  // namespace

ArchSpec resized(const ArchSpec& arch, ArraySize size) {
  ArchSpec out = arch;
  set_size(out, arch, size);
  return out;
}

std::optional<ArraySize> fit_area(const ArchSpec& arch, const PriceList& prices,
                                  double budget_um2) {
  const double pe_um2 = prices[Component::kPeArray].area.value;
  check_invariant(pe_um2 > 0, "a PE without area");
  std::optional<ArraySize> best;
  // PEs alone bound the search: rows >= cols/2, so cols^2/2 PEs must fit; likewise for rows.
  const double most_pes = budget_um2 / pe_um2;
  const auto fits_alone = [&](std::int64_t rows, std::int64_t cols) {
    return static_cast<double>(rows) * static_cast<double>(cols) <= most_pes;
  };
  ArchSpec candidate = arch;
  for (std::int64_t cols = kStep; fits_alone((cols + 1) / 2, cols); cols += kStep) {
    const std::int64_t first = (cols / 2 + kStep - 1) / kStep * kStep;
    for (std::int64_t rows = first; rows <= 2 * cols && fits_alone(rows, cols); rows += kStep) {
      const ArraySize size{rows, cols};
      if (best && !better(size, *best)) continue;
      set_size(candidate, arch, size);
      if (area(candidate, prices).total_um2 <= budget_um2) best = size;
    }
  }
  return best;
}

}  // namespace mixpe
