#pragma once
// What the edge fetches from the operand buffers for one job, and how the PEs want it.
//  * Per step one bundle for each row (lanes_m * lanes_k activations) and each column (lanes_n *
//    lanes_k weights). WS: the weights are those of the K-tile, one bundle for each PE.
//  * Activations have passed the aligner (PeModel::align_segment).

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/timing/array_engine.h"
#include "sim/timing/engines/array_job.h"
#include "sim/timing/segment_sum.h"

namespace mixpe {

/// How an engine computes the values of a run.
enum class ValuePath {
  kTimingOnly,  ///< no values
  kInt16,       ///< exact products of 16-bit integers; no accumulator can overflow
  kFloat,       ///< FP32 sums in order (cycle engine)
  kOrdered,     ///< PeModel::mac() for every product
};

/// The fastest path that gives the bits of PeModel::mac() for all tiles of `work`.
ValuePath value_path(const ArrayWork& work);

/// Only the vectors of the value path in use are filled.
struct OperandFeed {
  std::vector<Code> act, weight;  ///< OS [step][row or col bundle]; WS weight [row][col]
  std::vector<std::int16_t> act16, weight16;
  std::vector<float> act_real, weight_real;
  std::vector<int> exponent;  ///< [output row]
};

std::shared_ptr<const OperandFeed> make_feed(const ArrayWork& work, const ArrayJob& job,
                                             ValuePath path);

}  // namespace mixpe
