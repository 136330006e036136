#pragma once
// Which RTL runs an ArrayWork: parameters, ports, latencies.
//  * What the RTL has no hardware for is refused here, before anything is compiled.

#include <cstdint>

#include "sim/cosim/pe_rtl.h"
#include "sim/cosim/verilate.h"
#include "sim/timing/array_engine.h"

namespace mixpe {

struct RtlArrayDesign {
  Verilation rtl;         ///< with ports; without shim and waves
  std::string registers;  ///< C++ that reads the PEs' registers, if wanted
  bool weight_stationary = false;
  PeRtl pe;
  /// Widths of ports' elements.
  int act_bits = 0, sum_bits = 0, row_sum_bits = 0;
  int pe_row_bits = 0;             ///< index of a row of PEs
  int row_bits = 0, col_bits = 0;  ///< of an output, as a lane shows it
  int zero_bits = 0;
  int flag_bits = 0;  ///< {NaN, -Inf, +Inf}, the upper ones of sums and row sums
  SumKind sum_kind = SumKind::kInteger;
  bool aligned = false, dequant = false;
  bool two_cycles = false;     ///< 8-bit weights enter as two nibbles
  std::int64_t act_lanes = 1;  ///< along k, of row sums
  std::uint64_t mode = 0;      ///< at mode_i
  std::int64_t lanes = 0;
  std::int64_t to_lane = 0;  ///< WS: from a lane's slot to the cycle in which it has the value
  std::int64_t y_read = 0;   ///< from a lane's value to the cycle in which it reads the old output
};

/// Makes the library of an integer PE's array show every PE's running sum: RtlArrayModel::sums().
void show_registers(const ArrayWork& work, RtlArrayDesign& design);

/// Throws UserError with every reason why the RTL cannot run it.
RtlArrayDesign rtl_array_design(const ArrayWork& work);

}  // namespace mixpe
