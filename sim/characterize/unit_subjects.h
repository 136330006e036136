#pragma once
// The modules around the array, each with a busy cycle of its own.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/characterize/measure.h"

namespace mixpe {

/// The stream of a unit: operands as of a language model.
inline constexpr const char* kUnitStream = "llm";

/// Dequantisation lanes, row-sum adders and FIFO, edge aligner, converters, control of drains and
/// of accumulators, and the FP32 adder and multiplier that others are made of.
std::vector<Subject> unit_subjects(std::uint64_t seed);

}  // namespace mixpe
