#pragma once
// The power of a design in full use, for comparing designs at equal power.

#include "sim/config/arch_spec.h"
#include "sim/energy/tech.h"
#include "sim/workload/workload.h"

namespace mixpe {

/// Watts of array, lanes, edge units and buffers, clock and leakage included and DRAM left out,
/// while blocks of outputs as large as the array follow one another and operands are always in the
/// buffers. Of the GEMMs of `workload` the one that takes most: a GEMM's formats and K matter, its
/// M and N do not. Mistakes go to `wrong`; 0 then.
double full_power_w(const ArchSpec& arch, const TechTable& tech, const Workload& workload,
                    Diagnostics& wrong);

}  // namespace mixpe
