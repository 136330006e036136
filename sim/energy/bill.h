#pragma once
// What a run costs: counters x prices. A pure function of saved counters, so that another
// technology re-prices them without simulating again.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/energy/price.h"

namespace mixpe {

struct EnergyLine {
  std::string name;
  double count = 0;     ///< of the event, or cycles
  double price_pj = 0;  ///< of one; the mean if bills were added
  double energy_pj = 0;
};

struct EnergyBill {
  std::vector<EnergyLine> lines;  ///< in the order of the price list
  double total_pj = 0;            ///< their sum, in that order

  /// Energy of the lines whose name starts with `prefix`: "leakage_", "dram_", "pe_", …
  double sum_pj(std::string_view prefix) const;
  /// Adds a bill made from the same price list (layers of one run).
  EnergyBill& operator+=(const EnergyBill& other);
};

/// `cycles` is the time the counters cover; `mode` the PE mode that did the MACs. InvariantError if
/// an event that was counted has no price, or if the PE-cycles are not those of the whole array:
/// then idle PEs would look free. With `operands`, MACs cost what theirs do (never less than
/// nothing).
EnergyBill bill(const Counters& counters, std::uint64_t cycles, std::string_view mode,
                const ArchSpec& arch, const PriceList& prices,
                const std::optional<OperandStatistics>& operands = std::nullopt);

struct AreaLine {
  Component component = Component::kPeArray;
  std::int64_t instances = 0;
  double unit_um2 = 0;
  double area_um2 = 0;
};

struct AreaBill {
  std::vector<AreaLine> lines;  ///< components the design has
  double total_um2 = 0;
  double of(Component c) const;
};

/// Depends on array size, lanes and converters through `arch`, on widths and buffers through
/// `prices`.
AreaBill area(const ArchSpec& arch, const PriceList& prices);

}  // namespace mixpe
