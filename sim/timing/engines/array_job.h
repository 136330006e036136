#pragma once
// A tile as the edge of the array sees it: a list of jobs in order.
//  * OS: a job is one segment of one pass. WS: a job is one K-tile of one chunk of outputs.
//  * Plain data; nothing here says when something happens.

#include <cstdint>
#include <vector>

#include "models/array/array_timing.h"
#include "sim/mapping/schedule.h"

namespace mixpe {

struct ArrayJob {
  std::int64_t tile = 0;            ///< number of the tile in the run
  std::int64_t m0 = 0, n0 = 0;      ///< first output of the GEMM
  std::int64_t m = 0, n = 0;        ///< outputs that exist
  std::int64_t k0 = 0, k = 0;       ///< elements of K summed by this job
  std::int64_t segment_k0 = 0;      ///< first element of the segment this job is part of
  std::int64_t segment_k = 0;       ///< elements of that segment
  std::int64_t rows = 0, cols = 0;  ///< active PEs
  std::int64_t steps = 0;           ///< operand steps
  std::int64_t scan_cycles = 0;     ///< to find the segment's largest exponent
  bool begins_segment = true, ends_segment = true;
  bool ends_pass = false;  ///< a fold ends here: without overlap the array drains
  bool ends_tile = false;
  bool values = false;  ///< the sums go to the output buffer
};

/// The jobs of one tile, in the order of docs/timing.md.
std::vector<ArrayJob> array_jobs(const ArrayTiming& array, const TileStep& step, std::int64_t tile,
                                 bool values);

}  // namespace mixpe
