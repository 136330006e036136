#pragma once
// The project's RTL through yosys and ABC to cells of a library, and its timing by OpenSTA.
//  * Adders stay adders: the RTL's full_adder and half_adder become the library's adder cells,
//  where
//    none of their inputs is a constant. ABC would rebuild them from gates (a fifth larger).
//  * OpenSTA times the netlist that is priced, without wires; ports begin and end in registers.

#include <string>
#include <vector>

#include "sim/characterize/netlist.h"
#include "sim/cosim/build_cache.h"

namespace mixpe {

/// A module of rtl/ with its parameters.
struct RtlModule {
  std::string top;
  std::vector<std::string> folders;     ///< below rtl/, whose sources it needs
  std::vector<std::string> parameters;  ///< "SumBits=20", "Wide=1'b1"
  /// Outputs of one bit that are not built: what counts in simulation only.
  std::vector<std::string> open_outputs = {};

  /// A hash of its sources.
  std::string revision() const;
};

/// "0.23 (git sha1 …)" and "2.0.17". UserError if one is not installed.
std::string yosys_version();
std::string opensta_version();

/// Maps it, unless `cache` has the netlist; `clock_ns` is what ABC sizes for. Throws UserError
/// quoting yosys.
Netlist synthesize(const RtlModule& module, const CellLibrary& library, double clock_ns,
                   const BuildCache& cache);

struct Timing {
  double min_period_ns = 0;
  bool met = false;  ///< at `clock_ns`
};
/// Throws UserError quoting OpenSTA.
Timing time_netlist(const Netlist& netlist, const CellLibrary& library, double clock_ns);

}  // namespace mixpe
