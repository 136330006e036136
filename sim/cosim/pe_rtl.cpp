#include "sim/cosim/pe_rtl.h"

#include <algorithm>

#include "models/core/errors.h"
#include "models/formats/integers.h"
#include "sim/config/pe_yaml.h"
#include "sim/config/yaml_reader.h"
#include "sim/cosim/embedded_rtl.h"

namespace mixpe {
namespace {

std::string path_of(const std::string& pe) { return "pe/" + pe + "/rtl.yaml"; }

std::optional<YamlNode> read_description(const std::string& pe, Diagnostics& wrong) {
  const auto file = embedded_rtl().find(path_of(pe));
  if (file == embedded_rtl().end()) return std::nullopt;
  return parse_yaml("rtl/" + path_of(pe), file->second, wrong);
}

bool matches(const YamlValue& when, const PeSpec& pe) {
  bool all = true;
  for (const auto& [param, value] : when.map().entries()) {
    const auto set = pe.params.find(param);
    all = all && set != pe.params.end() && set->second == value.text().value_or("");
  }
  return all;
}

/// As written ("2", "1'b1"), or a field of the model's variant.
std::string parameter_value(const YamlValue& value, const PeSpec& pe) {
  const std::map<std::string, int> fields{{"add_latency", pe.add_latency},
                                          {"interleave", pe.interleave},
                                          {"product_latency", pe.product_latency}};
  const std::string text = value.text().value_or("");
  const auto field = fields.find(text);
  return field != fields.end() ? std::to_string(field->second) : text;
}

using Contributions = std::map<std::string, std::uint64_t>;

/// {name: value} of a key; a name the PE does not have is a mistake.
Contributions read_contributions(const YamlValue& value, const std::vector<std::string>& names) {
  Contributions found;
  if (!value.present()) return found;
  for (const auto& [name, number] : value.map().entries()) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      number.error("the PE has no such mode or format", name, joined(names));
    }
    found[name] = static_cast<std::uint64_t>(number.integer(0, 1 << 16).value_or(0));
  }
  return found;
}

void read_mode(YamlMap map, const PeSpec& pe, PeRtl& rtl) {
  std::vector<std::string> modes, acts, weights;
  for (const PeMode& mode : pe.modes) {
    modes.push_back(mode.name);
    for (const Format& f : mode.acts) acts.push_back(f.name());
    for (const Format& f : mode.weights) weights.push_back(f.name());
  }
  rtl.mode_bits = static_cast<int>(map.required("bits").integer(1, 16).value_or(1));
  rtl.mode_of_mode = read_contributions(map.optional("modes"), modes);
  rtl.mode_of_act = read_contributions(map.optional("acts"), acts);
  rtl.mode_of_weight = read_contributions(map.optional("weights"), weights);
}

PeRtl read_variant(YamlMap& map, const PeSpec& pe, Dataflow dataflow) {
  PeRtl rtl;
  const YamlValue parameters = map.optional("parameters");
  if (parameters.present()) {
    for (const auto& [name, value] : parameters.map().entries()) {
      rtl.parameters.push_back(name + "=" + parameter_value(value, pe));
    }
  }
  const auto width = [](const YamlValue& value, int least) {
    return static_cast<int>(value.integer(least, 64).value_or(1));
  };
  rtl.act_bits = width(map.required("act_bits"), 1);
  YamlMap weight_bits = map.required("weight_bits").map();
  const int os = width(weight_bits.required("os"), 1), ws = width(weight_bits.required("ws"), 1);
  rtl.wgt_bits = dataflow == Dataflow::kOutputStationary ? os : ws;
  rtl.flag_bits = width(map.required("flag_bits"), 0);
  rtl.nibbles = map.optional("nibbles").boolean().value_or(false);
  rtl.sum_bits = pe.acc_bits + rtl.flag_bits;
  for (const PeMode& mode : pe.modes) rtl.most_lanes = std::max(rtl.most_lanes, mode.lanes_k);
  return rtl;
}

std::uint64_t low_bits(std::int64_t value, int bits) {
  return static_cast<std::uint64_t>(value) & (~std::uint64_t{0} >> (64 - bits));
}

/// Codes side by side; integers extended with their sign to the field.
std::uint64_t fields(std::span<const Code> codes, const Format& format, int bits) {
  const bool number = format.is_integer() && !format.is_coded();
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const std::int64_t value = number ? decode_int(format, codes[i]) : std::int64_t{codes[i]};
    word |= low_bits(value, bits) << (static_cast<int>(i) * bits);
  }
  return word;
}

}  // namespace

int PeRtl::act_field(const Format& format) const {
  return std::max(format.code_bits(), act_bits / most_lanes);
}
int PeRtl::weight_field(const Format& format) const {
  return std::max(format.code_bits(), wgt_bits / most_lanes);
}

std::uint64_t PeRtl::act_word(std::span<const Code> acts, const Format& format) const {
  return fields(acts, format, act_field(format));
}

/// Of PEs that take nibbles, narrow weights are one; wide ones come whole, or streamed nibble by
/// nibble, the high one marked.
std::uint64_t PeRtl::weight_word(std::span<const Code> weights, const Format& format,
                                 bool high) const {
  constexpr int kNibbleBits = 4;
  constexpr std::uint64_t kHigh = 16;
  if (!nibbles) return fields(weights, format, weight_field(format));
  if (weights.empty()) return 0;
  const std::int64_t weight = decode_int(format, weights[0]);
  if (format.bits > kNibbleBits && wgt_bits >= format.bits) return low_bits(weight, format.bits);
  return high ? kHigh | low_bits(weight >> kNibbleBits, kNibbleBits)
              : low_bits(weight, kNibbleBits);
}

std::uint64_t PeRtl::mode_word(const PeSpec& pe, const Operands& formats) const {
  const auto part = [](const Contributions& from, const std::string& name) {
    const auto found = from.find(name);
    return found == from.end() ? 0 : found->second;
  };
  const PeMode* mode = pe.find_mode(formats.weight, formats.act);
  check_invariant(mode != nullptr, "the PE does not take these operands");
  return part(mode_of_mode, mode->name) + part(mode_of_act, formats.act.name()) +
         part(mode_of_weight, formats.weight.name());
}

std::vector<RtlPort> PeRtl::ports() const {
  constexpr bool kIn = false, kOut = true, kHeld = true;
  std::vector<RtlPort> all{{"clk_i", 1, kIn},
                           {"rst_ni", 1, kIn},
                           {"weight_signed_i", 1, kIn, kHeld},
                           {"weight_wide_i", 1, kIn, kHeld},
                           {"act_i", act_bits, kIn},
                           {"valid_i", 1, kIn},
                           {"first_i", 1, kIn},
                           {"last_i", 1, kIn},
                           {"shift_i", 1, kIn},
                           {"wgt_i", wgt_bits, kIn},
                           {"take_i", 1, kIn},
                           {"sum_i", sum_bits, kIn},
                           {"act_o", act_bits, kOut},
                           {"valid_o", 1, kOut},
                           {"first_o", 1, kOut},
                           {"last_o", 1, kOut},
                           {"shift_o", 1, kOut},
                           {"wgt_o", wgt_bits, kOut},
                           {"take_o", 1, kOut},
                           {"sum_o", sum_bits, kOut},
                           {"overflow_o", 1, kOut}};
  if (mode_bits > 0) all.push_back({"mode_i", mode_bits, kIn, kHeld});
  return all;
}

std::optional<PeRtl> find_pe_rtl(const PeSpec& pe, Dataflow dataflow) {
  Diagnostics wrong;
  const auto root = read_description(pe.name, wrong);
  std::optional<PeRtl> found;
  if (root) {
    YamlMap map = YamlValue(*root, wrong).map();
    const std::string module = map.required("module").text().value_or("");
    map.optional("also_check");
    for (const YamlValue& variant : map.required("variants").list(1, 64)) {
      YamlMap one = variant.map();
      const bool chosen = matches(one.required("when"), pe) && !found;
      PeRtl rtl = read_variant(one, pe, dataflow);
      const YamlValue mode = one.optional("mode");
      if (chosen && mode.present()) read_mode(mode.map(), pe, rtl);
      rtl.module = module;
      rtl.folder = "pe/" + pe.name;
      if (chosen) found = std::move(rtl);
    }
  }
  wrong.throw_if_any();
  return found;
}

std::vector<PeSpec> checked_pe_variants() {
  std::vector<PeSpec> specs;
  Diagnostics wrong;
  for (const PeSpec& spec : all_pe_variants()) {
    if (find_pe_rtl(spec, Dataflow::kOutputStationary)) specs.push_back(spec);
  }
  for (const auto& [name, declaration] : pe_declarations()) {
    const auto root = read_description(name, wrong);
    const YamlNode* also = root ? root->find("also_check") : nullptr;
    if (also == nullptr) continue;
    for (const YamlValue& settings : YamlValue(*also, wrong).list(1, 64)) {
      YamlMap map = settings.map();
      specs.push_back(resolve_pe(declaration, map).spec);
    }
  }
  wrong.throw_if_any();
  return specs;
}

}  // namespace mixpe
