#pragma once
// The kernels of one instruction set, as segment_kernels.cpp selects them.

#include "models/kernels/segment_kernels.h"

namespace mixpe::kernels {

struct Table {
  void (*integer_sums[2])(const SegmentBlock&, BlockOut<std::int32_t>);  ///< by Packing
  void (*integer_sums_scaled[2])(const SegmentBlock&, const GroupScale&, BlockOut<float>);
  void (*float_sums)(const SegmentBlock&, bool, BlockOut<float>);
  void (*float_scaled)(BlockOut<const float>, std::int64_t, std::int64_t, const float*,
                       const float*, const float*, BlockOut<float>);
  void (*exact_sums_scaled)(const ExactBlock&, const float*, BlockOut<float>);
};

extern const Table kPortableTable;
extern const Table kAvx2Table;
extern const Table kAvx512Table;

}  // namespace mixpe::kernels
