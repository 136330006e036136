#pragma once
// The checks of what surrounds the PEs: dequantisation lanes, FP32 arithmetic, row sums, aligner
// and converters, each against the function of models/ that it is.

#include <vector>

#include "sim/cosim/build_cache.h"
#include "sim/cosim/check.h"

namespace mixpe {

std::vector<CheckGroup> unit_check_groups(const BuildCache& cache);

}  // namespace mixpe
