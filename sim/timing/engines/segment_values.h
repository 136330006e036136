#pragma once
// A segment's values beside its products: what the edge makes of its activations, and the way of
// its sums through the lanes once the last of them has left.

#include <cstdint>
#include <span>
#include <vector>

#include "sim/timing/array_engine.h"
#include "sim/timing/engines/array_job.h"
#include "sim/timing/engines/skewed_sums.h"

namespace mixpe {

/// Sums of a segment's outputs [m][stride], and what its lanes need to know.
struct SegmentValues {
  CacheAligned<std::int32_t> integers;  ///< of the fast integer paths
  std::vector<Sum> sums;                ///< of all others
  std::int64_t stride = 0;
  std::vector<Sum> row_sums;  ///< [m], if there are zero-points
  std::vector<int> exponent;  ///< [m]
};

/// A row of a segment, [segment_k], as the PEs receive it.
void receive_row(const ArrayWork& work, const ArrayJob& job, std::int64_t row,
                 std::vector<Code>& codes, int& exponent);

/// The row sum of activations `codes` that the PEs multiply as the integers `acts`.
Sum row_sum_int16(const ArrayWork& work, std::span<const Code> codes, const std::int16_t* acts,
                  std::uint64_t& overflows);

/// All sums of the job's segment through the lanes into the output buffer.
void pass_lanes(const ArrayWork& work, const ArrayJob& job, const SegmentValues& values,
                std::uint64_t& overflows);

}  // namespace mixpe
