#pragma once
// A technology at another node: Stillmaker and Baas, "Scaling equations for the accurate prediction
// of CMOS device performance from 180 nm to 7 nm", Integration 58 (2017) 74-81, areas and energies.
//  * The coefficients are those of scaling.py in the accelergy-library-plug-in. 180 nm and the
//  delays
//    are in the paper and not there: periods stay those of the node scaled from, none is claimed.
//  * Leakage keeps its share of the energy. DRAM stays as it is.
//  * From 45 nm to 7 nm the areas hold (0.059, measured 0.068) and the energies are optimistic by
//  up to
//    2.7 (0.039, measured 0.10): the least uncertainty of anything scaled is 60 %.

#include <optional>
#include <string>
#include <vector>

#include "sim/energy/tech.h"

namespace mixpe {

struct ProcessPoint {
  double node_nm = 0, voltage_v = 0;
};
struct ProcessScale {
  double area = 1, energy = 1;
};

/// 7 to 130 nm.
const std::vector<double>& scaled_nodes();
/// None if a node is not among scaled_nodes().
std::optional<ProcessScale> scale_between(const ProcessPoint& from, const ProcessPoint& to);

/// All areas and energies of `tech` at another point, every origin saying so.
void scale_tech(TechTable& tech, const ProcessPoint& to, const ProcessScale& scale);

}  // namespace mixpe
