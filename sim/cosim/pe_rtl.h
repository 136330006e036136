#pragma once
// What the program knows of a PE's RTL: rtl/pe/<name>/rtl.yaml, embedded as the sources are.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/array/array_timing.h"
#include "models/formats/format.h"
#include "models/pe/pe_spec.h"
#include "sim/cosim/verilate.h"

namespace mixpe {

/// The module of one PE variant in one dataflow.
struct PeRtl {
  std::string module;
  std::string folder;  ///< below rtl/
  /// Its own parameters, "Sum=1"; WeightStationary, Shadow and the ports' widths not among them.
  std::vector<std::string> parameters;
  int act_bits = 0;      ///< of act_i
  int wgt_bits = 0;      ///< of wgt_i
  int sum_bits = 0;      ///< of sum_i, flags included
  int flag_bits = 0;     ///< {NaN, -Inf, +Inf} above an integer sum
  bool nibbles = false;  ///< 8-bit weights take two cycles, the low nibble first

  /// Cycles a MAC of this weight format occupies.
  int mac_cycles(const Format& weight) const { return nibbles && weight.bits == 8 ? 2 : 1; }
  /// The ports every PE has (rtl/README.md).
  std::vector<RtlPort> ports() const;
};

/// None if the PE has no RTL. Throws UserError if its rtl.yaml is wrong.
std::optional<PeRtl> find_pe_rtl(const PeSpec& pe, Dataflow dataflow);

/// The variants of all PEs with RTL that are checked: every combination of choices, integers at
/// their defaults, and what `also_check` adds.
std::vector<PeSpec> checked_pe_variants();

}  // namespace mixpe
