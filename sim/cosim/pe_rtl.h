#pragma once
// What the program knows of a PE's RTL: rtl/pe/<name>/rtl.yaml, embedded as the sources are.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "models/array/array_timing.h"
#include "models/pe/pe_model.h"
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
  int most_lanes = 1;    ///< along k, of all modes: so many fields a port has
  /// mode_i, for PEs that have more than one kind of product: the sum of what the PE's mode and
  /// both formats contribute, by name.
  int mode_bits = 0;
  std::map<std::string, std::uint64_t> mode_of_mode, mode_of_act, mode_of_weight;

  /// Cycles a MAC of this weight format occupies.
  int mac_cycles(const Format& weight) const { return nibbles && weight.bits == 8 ? 2 : 1; }
  /// Bits of one lane's operand in act_i, wgt_i: an equal part of the port, or what the format
  /// needs.
  int act_field(const Format& format) const;
  int weight_field(const Format& format) const;
  /// What act_i carries: the lanes' activations, as align_segment() left them, lane 0 lowest. Lanes
  /// that are not given are 0.
  std::uint64_t act_word(std::span<const Code> acts, const Format& format) const;
  /// What wgt_i carries, likewise; `high`: in a step's second cycle.
  std::uint64_t weight_word(std::span<const Code> weights, const Format& format, bool high) const;
  std::uint64_t mode_word(const PeSpec& pe, const Operands& formats) const;
  /// The ports every PE has (rtl/README.md), and mode_i if it has one.
  std::vector<RtlPort> ports() const;
};

/// None if the PE has no RTL. Throws UserError if its rtl.yaml is wrong.
std::optional<PeRtl> find_pe_rtl(const PeSpec& pe, Dataflow dataflow);

/// The variants of all PEs with RTL that are checked: every combination of choices, integers at
/// their defaults, and what `also_check` adds.
std::vector<PeSpec> checked_pe_variants();

}  // namespace mixpe
