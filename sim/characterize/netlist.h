#pragma once
// A module mapped to cells of a library: nets, instances, ports.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/characterize/liberty.h"

namespace mixpe {

using NetId = std::uint32_t;

struct Netlist {
  struct Instance {
    const Cell* cell = nullptr;
    std::vector<NetId> inputs, outputs;  ///< by the cell's pins; an output without a net: kNone
  };
  struct Port {
    std::string name;
    bool output = false;
    std::vector<NetId> bits;  ///< bit 0 first
  };
  static constexpr NetId kZero = 0, kOne = 1;  ///< the constants
  static constexpr NetId kNone = ~NetId{0};

  std::uint32_t nets = 2;
  std::vector<Instance> instances;
  std::vector<Port> ports;  ///< by name
  NetId clock = kNone;      ///< of port clk_i; kNone if the module has none

  const Port* port(std::string_view name) const;
  double area_um2() const;
  double flop_area_um2() const;
  double leakage_nw() const;
  std::size_t flops() const;
};

/// `json` is what yosys' write_json makes of a flat module `top`. The library must outlive it.
/// Throws UserError if a cell is not among the library's, or clocks are not one net.
Netlist read_netlist(const std::string& json, const std::string& top, const CellLibrary& library);

/// The combinational instances, each after those that drive its inputs. Throws UserError on a loop.
std::vector<std::uint32_t> evaluation_order(const Netlist& netlist);

}  // namespace mixpe
