#pragma once
// What the array's closed form needs to know, from the machine, the quantisation and the PE's mode.

#include <cstdint>

#include "models/array/array_timing.h"
#include "sim/config/arch_spec.h"
#include "sim/workload/scheme.h"

namespace mixpe {

/// Cycles that each supplier of the array's edge needs for one full step (weight-stationary: for
/// one row of weights or one row of activations). All are at least 1.
struct EdgeRates {
  std::int64_t act_port = 1;    ///< activation buffer's port
  std::int64_t wgt_port = 1;    ///< weight buffer's port
  std::int64_t converters = 1;  ///< before_array: weights converted per cycle

  /// Of a step. In a weight-stationary array weights do not stream.
  std::int64_t step(Dataflow dataflow) const;
  /// Of a row of weights entering a weight-stationary array.
  std::int64_t weight_row() const;
  /// What the step waits for, in words for the report; empty if it takes one cycle.
  const char* slowest(Dataflow dataflow) const;
};

EdgeRates edge_rates(const ArchSpec& arch, const GemmQuant& quant, const PeMode& mode);

/// Timing of `arch` running GEMMs of `quant` in `mode`, which must be one of arch.pe's.
ArrayTiming array_timing(const ArchSpec& arch, const GemmQuant& quant, const PeMode& mode);

}  // namespace mixpe
