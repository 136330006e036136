#pragma once
// Workload x machine -> the dense GEMMs the machine runs.
//  * A causal GEMM becomes row blocks of the array's height, each with N (scores) or K (values)
//    trimmed to what the block's last token may see: engines know no mask.
//  * A PE or a dequantisation placement that cannot run a scheme is the user's mistake.

#include <vector>

#include "models/core/errors.h"
#include "sim/config/arch_spec.h"
#include "sim/mapping/schedule.h"
#include "sim/workload/workload.h"

namespace mixpe {

/// The mode of arch.pe that runs `quant`; null with a Diagnostic if there is none, or if the
/// array's surroundings do not do what the scheme asks. `where` names the layer.
const PeMode* select_mode(const ArchSpec& arch, const GemmQuant& quant, const Diagnostic& where,
                          Diagnostics& diagnostics);

/// The tasks of one GEMM, in row order; one if it has no mask.
std::vector<GemmTask> lower_gemm(const Gemm& gemm, int index, const GemmQuant& quant,
                                 const ArchSpec& arch);

/// All tasks in the workload's order. Throws UserError with every mistake found.
std::vector<GemmTask> lower(const Workload& workload, const ArchSpec& arch);

/// Where a GEMM was written and what it is called.
Diagnostic at_gemm(const Gemm& gemm);

}  // namespace mixpe
