#pragma once
// A cell library, as pricing needs it: functions, areas, leakage, capacitances, delays, energies.
//  * Units here are ns, pF, pJ, nW and um2, whatever the file's are. Energy tables of Liberty are
//  in
//    voltage_unit^2 x capacitive_load_unit.
//  * Cells that are no plain gate or flip-flop (latches, tristate, clock gates, more than six
//  inputs)
//    are left out, as are those marked dont_use.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/characterize/truth_table.h"

namespace mixpe {

/// A table over the input's transition time (ns) and the output's load (pF), interpolated and
/// extrapolated linearly, as NLDM tables are.
class LibertyTable {
 public:
  LibertyTable() = default;
  /// `values[s * loads.size() + l]`; an axis of one entry is a constant.
  LibertyTable(std::vector<double> slews, std::vector<double> loads, std::vector<double> values);

  double at(double slew_ns, double load_pf) const;
  bool empty() const { return values_.empty(); }
  const std::vector<double>& slews() const { return slews_; }

 private:
  std::vector<double> slews_, loads_, values_;
};

/// Of the edge of the output (or, of an input's own energy, of that input).
struct EdgeTables {
  LibertyTable rise, fall;
  const LibertyTable& operator[](bool high) const { return high ? rise : fall; }
};

/// From an input to an output. Several timing groups of a pair (`when`) are averaged by who reads.
struct DelayArc {
  std::size_t input = 0;
  EdgeTables delay_ns, transition_ns;
};

struct PowerArc {
  std::size_t input = 0;
  EdgeTables energy_pj;
};

struct CellInput {
  std::string name;
  double capacitance_pf = 0;
  std::vector<EdgeTables> energy_pj;  ///< of its own transitions, over the slew
};

struct CellOutput {
  std::string name;
  TruthTable function;    ///< of the inputs; of a flop: unused
  bool inverted = false;  ///< of a flop: shows the complement of its state
  std::vector<DelayArc> delays;
  std::vector<PowerArc> energies;
};

struct FlipFlop {
  std::size_t clock = 0;
  bool rising = true;
  TruthTable next, clear, preset;  ///< of the inputs; clear and preset are false without one
};

struct Cell {
  std::string name;
  double area_um2 = 0, leakage_nw = 0;
  std::vector<CellInput> inputs;
  std::vector<CellOutput> outputs;
  std::optional<FlipFlop> flop;

  std::optional<std::size_t> input(std::string_view pin) const;
  std::optional<std::size_t> output(std::string_view pin) const;
};

/// An adder cell: three inputs (two of a half adder), a sum and a carry, perhaps complemented.
struct AdderCell {
  std::string cell;
  std::vector<std::string> inputs;
  std::string sum, carry;
  bool sum_inverted = false, carry_inverted = false;
};

struct CellLibrary {
  std::string file, name;
  std::string text_hash;  ///< of the file (content_hash)
  double voltage_v = 0, temperature_c = 0;
  double time_unit_ns = 0, capacitance_unit_pf = 0;
  std::map<std::string, Cell, std::less<>> cells;

  const Cell* find(std::string_view cell) const;
  /// The smallest flip-flop without clear or preset.
  const Cell& plain_flop() const;
  /// The smallest inverter.
  const Cell& inverter() const;
  std::optional<AdderCell> adder(std::size_t inputs) const;
};

/// Throws UserError: no such file, not whole, without units, flip-flop, inverter, adders, or
/// without the tables that pricing needs.
CellLibrary load_liberty(const std::string& file);
CellLibrary read_liberty(const std::string& file, std::string_view text);

}  // namespace mixpe
