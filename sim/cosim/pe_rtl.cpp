#include "sim/cosim/pe_rtl.h"

#include <map>

#include "models/core/errors.h"
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
  return rtl;
}

}  // namespace

std::vector<RtlPort> PeRtl::ports() const {
  return {{"clk_i", 1, false},         {"rst_ni", 1, false},       {"weight_signed_i", 1, false},
          {"weight_wide_i", 1, false}, {"act_i", act_bits, false}, {"valid_i", 1, false},
          {"first_i", 1, false},       {"last_i", 1, false},       {"shift_i", 1, false},
          {"wgt_i", wgt_bits, false},  {"take_i", 1, false},       {"sum_i", sum_bits, false},
          {"act_o", act_bits, true},   {"valid_o", 1, true},       {"first_o", 1, true},
          {"last_o", 1, true},         {"shift_o", 1, true},       {"wgt_o", wgt_bits, true},
          {"take_o", 1, true},         {"sum_o", sum_bits, true},  {"overflow_o", 1, true}};
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
