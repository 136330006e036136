#pragma once
// Loads, transition times and delays of a netlist, and what each transition costs.
//  * A net's load is its readers' input capacitances and a wire: 2.5 gate pitches x fanout^0.9 long
//    (a gate pitch is the root of the mean cell area), 0.2 fF/um, which wires of all nodes have
//    within a third (Ho, Mai, Horowitz, "The Future of Wires", Proc. IEEE 89, 2001).
//  * Transition times are passed forward once, the slowest of an output's inputs deciding. Ports
//    are driven as by a flip-flop; the clock's edges are the sharpest of the tables.
//  * Energy of an output's transition: the cell's table of the input that caused it and
//    1/2 C V^2 of the load. Inputs' own energies (flip-flops' D, clock pins) come on top.

#include <array>
#include <vector>

#include "sim/characterize/netlist.h"

namespace mixpe {

/// Where energy goes.
enum class Sink : int {
  kClock,          ///< clock pins, every cycle
  kFlop,           ///< flip-flops that take or show new data
  kCombinational,  ///< gates, with the pins they drive
  kWire,
  kCount
};
using Energies = std::array<double, static_cast<std::size_t>(Sink::kCount)>;  ///< pJ

struct Electrics {
  /// By edge of the output: [0] falls, [1] rises.
  struct Arc {
    std::array<double, 2> delay_ns{}, energy_pj{};
  };
  /// Of instance i: arcs[first_arc[i] + output * inputs + input].
  std::vector<std::size_t> first_arc;
  std::vector<Arc> arcs;
  /// What a transition of the net costs besides its driver's arc, by edge and sink.
  std::vector<std::array<Energies, 2>> net_energy;
  /// From the clock to an input port, by net and edge.
  std::vector<std::array<double, 2>> port_delay_ns;
  double clock_pj = 0;  ///< of a cycle: all clock pins, up and down

  const Arc& arc(const Netlist& netlist, std::size_t instance, std::size_t output,
                 std::size_t input) const {
    return arcs[first_arc[instance] + output * netlist.instances[instance].cell->inputs.size() +
                input];
  }
};

/// Throws UserError, with file, cell and pin, where the library says nothing of a pin that may
/// switch: an input's capacitance, an output's delay or energy.
Electrics electrics_of(const Netlist& netlist, const CellLibrary& library);

}  // namespace mixpe
