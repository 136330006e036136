#pragma once
// A PE to be characterised: its module and the busy cycles it is driven with.
//  * Output-stationary: a step whenever the PE takes one, segments of 128; with a shadow register
//    each sum is captured and 64 sums from above pass. PEs that merge interleaved sums run one long
//    segment, since merging is an event of its own.
//  * Weight-stationary: tiles of 128 steps, partial sums of 32 rows above.

#include <cstdint>

#include "models/array/array_timing.h"
#include "models/pe/pe_spec.h"
#include "sim/characterize/measure.h"

namespace mixpe {

/// Steps of a segment or tile, and rows whose sums pass a shadow register in one.
inline constexpr int kSegmentSteps = 128, kDrainedRows = 64;

struct PeBuild {
  PeSpec spec;
  Dataflow dataflow = Dataflow::kOutputStationary;
  bool shadow = false;  ///< output-stationary only
  bool fit = false;     ///< driven with all streams, not llm alone
};

/// Streams are named "<mode>/<stream>". Throws InvariantError if the PE has no RTL.
Subject pe_subject(const std::string& name, const PeBuild& build, std::uint64_t seed);

}  // namespace mixpe
