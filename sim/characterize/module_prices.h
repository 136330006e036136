#pragma once
// The files of a technology that are not a PE's: the modules around the array and the constants of
// its logic (configs/tech/README.md).
//  * What has RTL is measured; the rest is put together from measured parts (an FP32 adder, a
//    multiplier, a bit of an adder, a flip-flop).

#include <map>
#include <string>
#include <vector>

#include "sim/characterize/campaign.h"
#include "sim/characterize/pe_prices.h"

namespace mixpe {

/// File name -> text: dequant.yaml, row_sum.yaml, aligner.yaml, converters.yaml, accumulator.yaml,
/// epilogue.yaml. From the measurements of unit_subjects().
std::map<std::string, std::string> module_price_files(const Measurements& measurements,
                                                      const CellLibrary& library,
                                                      const Provenance& provenance);

/// tech.yaml of the folder `tech`. `node_nm` is of the library's process.
std::string tech_file(const std::string& tech, double node_nm, const std::vector<PeForms>& pes,
                      const CellLibrary& library, const Provenance& provenance);

}  // namespace mixpe
