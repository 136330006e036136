#pragma once
// The prices of one design: energy per event and per cycle, area and leakage of every component.
//  * Every event the design can raise has a price, and every priced MAC is declared by the PE; what
//    is missing is an error that names the event and the file. Nothing costs zero by omission.
//  * Components that do no work still pay clock and leakage, per cycle.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/config/arch_spec.h"
#include "sim/energy/tech.h"
#include "sim/timing/counters.h"

namespace mixpe {

enum class Component : int {
  kPeArray,
  kDequantLanes,
  kRowSum,      ///< adders at the edge
  kRowSumFifo,  ///< words; with those that go along from column to column
  kAligner,
  kScanBuffer,  ///< activations of a segment that wait for its exponent; bits
  kConverters,
  kEpilogue,
  kAccumulatorMemory,  ///< WS; bits
  kAccumulatorAdders,  ///< WS
  kActSram,
  kWgtSram,
  kOutSram,
  kCount,
};
inline constexpr int kComponentCount = static_cast<int>(Component::kCount);
/// "pe_array", "dequant_lanes", …
const char* component_name(Component c);

struct Price {
  double value = 0;
  std::string unit;
  Origin origin;
};

/// What a MAC's price becomes with other operands than typical ones.
struct OperandPrice {
  OperandStatistics typical;
  std::array<double, OperandStatistics::kCount> slope_pj{};  ///< of a MAC, for one more
  double error_pct = 0, held_out_pct = 0;

  /// pJ on top of the price, or less.
  double difference_pj(const OperandStatistics& operands) const;
};

/// A line of the energy bill: what one count of an event, or one cycle, costs.
struct EnergyPrice {
  std::string name;            ///< "pe_mac", "act_sram_read", "leakage_pe_array", …
  std::optional<Event> event;  ///< none: charged per cycle
  std::string mode;            ///< of the PE, for kMac; else empty
  Price price;                 ///< pJ
  std::optional<OperandPrice> operands = std::nullopt;  ///< of kMac, where the technology has it
};

/// A component at one unit: a PE, a lane, a FIFO entry, a bit, a buffer.
struct ComponentPrice {
  bool built = false;
  Price area;  ///< um2 per unit
};

/// The shortest clock period of a part, in the flow it was characterised with.
struct PeriodNote {
  std::string part;
  double min_period_ns = 0;
  std::string source;
};

struct PriceList {
  std::string tech;
  std::string activity;                ///< how the bounds of switching energy were read
  std::int64_t scan_buffer_steps = 1;  ///< see instances()
  std::vector<EnergyPrice> energy;     ///< in the order of the bill
  std::array<ComponentPrice, kComponentCount> area;
  std::vector<PeriodNote> periods;  ///< of all parts; compare with the clock

  const ComponentPrice& operator[](Component c) const { return area[static_cast<std::size_t>(c)]; }
  ComponentPrice& operator[](Component c) { return area[static_cast<std::size_t>(c)]; }
  /// Parts that do not reach this clock in this flow.
  std::vector<PeriodNote> too_slow_for(std::int64_t clock_hz) const;
};

/// How many units of a component the design has.
std::int64_t instances(Component c, const ArchSpec& arch, const PriceList& prices);

/// True if the design's PEs have a shadow register: OS, with overlapping passes or groups.
bool has_shadow(const ArchSpec& arch);

/// Reports each of the PE's modes whose price does not follow operands.
void require_operand_prices(const ArchSpec& arch, const TechTable& tech, const PriceList& prices,
                            Diagnostics& wrong);

/// All prices of `arch`. Mistakes go to `wrong`; the list is usable only if that stays ok().
PriceList price(const ArchSpec& arch, const TechTable& tech, Diagnostics& wrong);

}  // namespace mixpe
