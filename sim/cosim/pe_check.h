#pragma once
// The checks of a PE's RTL against its functional model.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/cosim/check.h"
#include "sim/cosim/pe_rtl.h"

namespace mixpe {

/// "my_pe/sum=fp32": every choice, and what differs from the defaults.
std::string variant_name(const PeSpec& pe);

/// The checks of one variant in one dataflow, `cache` holding its compiled RTL.
CheckGroup pe_check_group(const PeSpec& pe, Dataflow dataflow, const BuildCache& cache);

}  // namespace mixpe
