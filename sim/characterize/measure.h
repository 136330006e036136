#pragma once
// One module of rtl/, mapped to a library: checked against its RTL, then priced.

#include <functional>
#include <string>
#include <vector>

#include "sim/characterize/netlist_electrics.h"
#include "sim/characterize/stimulus.h"
#include "sim/characterize/synthesize.h"
#include "sim/cosim/build_cache.h"

namespace mixpe {

struct Subject {
  std::string name;  ///< "my_pe/os/acc_bits=24"
  RtlModule rtl;
  /// Made when the module's input ports are known.
  std::function<std::vector<Stimulus>(const std::vector<std::string>& ports)> stimuli;
};

/// The mean cycle of one stimulus, pJ.
struct StreamEnergy {
  std::string name;
  OperandStatistics operands;
  Energies zero_delay{}, glitch{};
  double transitions = 0, settled_transitions = 0;
  std::uint64_t comparisons = 0;  ///< of port words with the RTL's, all equal

  double zero_delay_pj() const;
  double glitch_pj() const;
};

struct Measurement {
  std::string name, rtl_revision;
  std::size_t cells = 0, flops = 0;
  double area_um2 = 0, flop_area_um2 = 0, leakage_nw = 0;
  Timing timing;
  std::vector<StreamEnergy> streams;

  const StreamEnergy& stream(std::string_view stream_name) const;
  double leakage_pj(double clock_ns) const { return leakage_nw * clock_ns * 1e-6; }  // nW x ns
};

/// Throws UserError if a tool is missing or complains, InvariantError if the netlist and the RTL
/// differ anywhere.
Measurement measure(const Subject& subject, const CellLibrary& library, double clock_ns,
                    const BuildCache& cache);

}  // namespace mixpe
