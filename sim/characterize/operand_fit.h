#pragma once
// A busy cycle's energy as a function of its operands: linear in their statistics, through the
// priced stream, by least squares over the others.

#include <array>
#include <span>

#include "sim/workload/operand_statistics.h"

namespace mixpe {

struct OperandSample {
  OperandStatistics operands;
  double energy_pj = 0;
};

struct OperandFit {
  /// pJ per cycle for one more of each statistic. 0 for one that no sample varies.
  std::array<double, OperandStatistics::kCount> slope_pj{};
  double error_pct = 0;     ///< root mean square over the samples, relative to each
  double held_out_pct = 0;  ///< the same, each sample predicted by a fit to the others
};

OperandFit fit_operands(const OperandSample& priced, std::span<const OperandSample> others);

}  // namespace mixpe
