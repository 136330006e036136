#pragma once
// How much the operands of a MAC change from step to step: what a PE's energy follows.
//  * Of codes as the array is fed, before an edge aligns them; per MAC. Partial tiles and the
//  places
//    where two tiles meet count like the rest.
//  * A PE with several lanes along k takes that many neighbours a step: lane l sees every lanes-th.

#include <array>
#include <cstdint>

#include "models/array/array_timing.h"
#include "sim/workload/operands.h"

namespace mixpe {

/// Means over the MACs of a GEMM.
struct OperandStatistics {
  double act_toggles = 0;     ///< bits in which an activation differs from the one before, in a PE
  double weight_toggles = 0;  ///< likewise; 0 where weights stay (ws)
  double zero_acts = 0;       ///< share of the activations that are zero

  static constexpr std::size_t kCount = 3;
  std::array<double, kCount> values() const { return {act_toggles, weight_toggles, zero_acts}; }
  /// `share` of `other` joins the rest of this: means over both.
  void blend(const OperandStatistics& other, double share);
};

/// OS: a PE gets a row of activations and of weights along k. WS: its activations come along m.
OperandStatistics operand_statistics(const GemmOperands& operands, Dataflow dataflow, int lanes_k);

}  // namespace mixpe
