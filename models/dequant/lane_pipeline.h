#pragma once
// The pipelines of a dequantisation lane as it is built (rtl/dequant, rtl/README.md).

#include <cstdint>
#include <optional>

#include "models/array/array_timing.h"
#include "models/pe/pe_spec.h"

namespace mixpe {

struct LanePipeline {
  std::int64_t before = 0;  ///< cycles until the old output is read
  std::int64_t adder = 0;   ///< cycles of its FP32 adders, the last of which adds the old output
  bool deep = false;        ///< conversion and products in several stages each
  std::int64_t latency() const { return before + adder; }
};

/// The pipeline of so many cycles: deep if there is such a one, since its adder is done first.
/// None: there is none of that latency.
std::optional<LanePipeline> lane_pipeline(SumKind kind, std::int64_t latency_cycles);

/// The latency of such a one.
std::int64_t lane_latency_cycles(SumKind kind, std::int64_t adder, bool deep);

/// Cycles from a lane's slot to its first stage, part of the machine's lane latency: in a
/// weight-stationary array the PE's sum register and the accumulator's adder.
std::int64_t cycles_before_lane(const PeSpec& pe, Dataflow dataflow);

}  // namespace mixpe
