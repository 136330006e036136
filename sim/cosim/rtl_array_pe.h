#pragma once
// What an array must know of a PE's RTL: its module, parameters and widths at its ports.

#include <string>

#include "models/pe/pe_model.h"
#include "models/pe/pe_spec.h"

namespace mixpe {

struct RtlPe {
  std::string folder;  ///< below rtl/
  std::string module;
  std::string parameters;  ///< its own, as MIXPE_PE_PARAMS: ", .Name(value)" for each
  int act_bits = 0, wgt_bits = 0;
  bool wide = false;  ///< takes 8-bit weights as two nibbles
};

/// Throws UserError if the PE has no RTL.
RtlPe rtl_pe(const PeSpec& pe, const Operands& formats, bool weight_stationary, bool shadow);

}  // namespace mixpe
