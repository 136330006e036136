#include "sim/config/pe_yaml.h"

#include <algorithm>
#include <set>

#include "models/pe/registry.h"
#include "sim/config/reference.h"
#include "sim/config/schema.h"

namespace mixpe {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxModes = 64, kMaxFormats = 64;
constexpr double kMaxPrice = 1e9;  // pJ, um2, uW: far beyond any PE, far from overflow

/// The numbers of a PeSpec that a variant gives, or the user for a PE on paper.
struct NumberField {
  const char* name;
  int PeSpec::*member;
  std::int64_t min, max;
  const char* doc;
};
constexpr NumberField kNumberFields[] = {
    {"acc_bits", &PeSpec::acc_bits, 1, 62, "width of the running sum, bits"},
    {"row_sum_bits", &PeSpec::row_sum_bits, 1, 62, "width of the row-sum adder at the edge, bits"},
    {"product_latency", &PeSpec::product_latency, 0, 64,
     "pipeline stages between operands and adder, cycles"},
    {"add_latency", &PeSpec::add_latency, 1, 64, "latency of the adder, cycles"},
    {"interleave", &PeSpec::interleave, 1, 64,
     "running sums; product k of a segment joins sum k mod interleave"},
};

const std::vector<std::pair<std::string, SumKind>>& sum_kinds() {
  static const std::vector<std::pair<std::string, SumKind>> kinds = {{"integer", SumKind::kInteger},
                                                                     {"fp32", SumKind::kFloat32}};
  return kinds;
}

Schema<PeMode> formats_field(Schema<PeMode> schema, const std::string& key,
                             std::vector<Format> PeMode::*member, const std::string& doc) {
  const std::string allowed = kFormatNames;
  return schema.custom(
      {key, "list of formats", allowed, {}, doc}, Need::kRequired,
      [=](const YamlValue& at, PeMode& mode) {
        for (const YamlValue& item : at.list(1, kMaxFormats)) {
          const auto name = item.text();
          const auto format = name ? Format::parse(*name) : std::nullopt;
          if (format) (mode.*member).push_back(*format);
          if (name && !format) item.error("unknown format", *name, allowed);
        }
      },
      [=](const PeMode& mode) {
        Json names = Json::array();
        for (const Format& format : mode.*member) names.push_back(format.name());
        return names;
      });
}

const Schema<PeMode>& mode_schema() {
  static const Schema<PeMode> schema = [] {
    const Schema<PeMode> lanes =
        Schema<PeMode>()
            .integer("m", &PeMode::lanes_m, 1, 64, Need::kOptional, "outputs along m a PE holds")
            .integer("n", &PeMode::lanes_n, 1, 64, Need::kOptional, "outputs along n a PE holds")
            .integer("k", &PeMode::lanes_k, 1, 64, Need::kOptional,
                     "products along k added per step");
    Schema<PeMode> mode;
    mode.text("name", &PeMode::name, Need::kRequired, "its MACs are the event `mac.<name>`");
    mode = formats_field(mode, "weights", &PeMode::weights, "weight formats it takes");
    mode = formats_field(mode, "acts", &PeMode::acts, "activation formats it takes");
    mode.group("lanes", lanes, Need::kOptional, "what a PE works on in one step");
    mode.integer("ii", &PeMode::ii, 1, 64, Need::kRequired, "cycles from one step to the next");
    return mode;
  }();
  return schema;
}

/// What the user states under `pe:` of a PE on paper: behaviour …
const Schema<PeSpec>& paper_spec_schema() {
  static const Schema<PeSpec> schema = [] {
    Schema<PeSpec> pe;
    pe.text("description", &PeSpec::description, Need::kOptional, "one line for the report");
    pe.choice("sum_kind", &PeSpec::sum_kind, sum_kinds(), Need::kOptional,
              "how the running sum is held");
    for (const NumberField& field : kNumberFields) {
      pe.integer(field.name, field.member, field.min, field.max, Need::kOptional, field.doc);
    }
    pe.boolean("prescan", &PeSpec::prescan, Need::kOptional,
               "the edge scans a segment for its largest exponent before streaming it");
    pe.list("modes", &PeSpec::modes, mode_schema(), 1, kMaxModes, Need::kRequired,
            "the operand formats it takes and how fast; the first that fits is used");
    return pe;
  }();
  return schema;
}

/// … and prices.
const Schema<PaperPePrices>& paper_price_schema() {
  static const Schema<PaperPePrices> schema = [] {
    Schema<PaperPePrices> prices;
    prices.quantity("area", &PaperPePrices::area_um2, Dimension::kSquareMicrometres, 1e-6,
                    kMaxPrice, Need::kRequired, "of one PE, shadow register included");
    prices.custom(
        {"energy",
         "map of quantities (" + allowed_units(Dimension::kPicojoules) + ")",
         "every mode",
         {},
         "per MAC, by mode, beyond the clock"},
        Need::kRequired,
        [](const YamlValue& at, PaperPePrices& into) {
          for (const auto& [mode, price] : at.map().entries()) {
            const auto pj = price.real_quantity(Dimension::kPicojoules, 1e-9, kMaxPrice);
            into.mac_pj[mode] = pj.value_or(kMaxPrice);  // wrong ones are reported
          }
        },
        [](const PaperPePrices& from) {
          Json all = Json::object();
          for (const auto& [mode, pj] : from.mac_pj) {
            all[mode] = quantity_text(pj, Dimension::kPicojoules);
          }
          return all;
        });
    prices.quantity("leakage", &PaperPePrices::leakage_uw, Dimension::kMicrowatts, 0, kMaxPrice,
                    Need::kRequired, "of one PE");
    prices.quantity("clock_energy", &PaperPePrices::clock_pj, Dimension::kPicojoules, 0, kMaxPrice,
                    Need::kRequired, "of one PE in every cycle, busy or idle");
    return prices;
  }();
  return schema;
}

// ---- pe.yaml ----------------------------------------------------------------------------------

PeParam parse_param(const std::string& name, const YamlValue& at) {
  PeParam param;
  param.name = name;
  YamlMap map = at.map();
  param.is_choice = map.required("type").choice({"int", "choice"}) == "choice";
  if (param.is_choice) {
    for (const YamlValue& value : map.required("values").list(1, 64)) {
      param.values.push_back(value.text().value_or(""));
    }
    param.fallback = map.required("default").choice(param.values).value_or("");
  } else {
    param.min = map.required("min").integer(0, 1 << 20).value_or(0);
    param.max = map.required("max").integer(param.min, 1 << 20).value_or(param.min);
    const auto fallback = map.required("default").integer(param.min, param.max);
    param.fallback = std::to_string(fallback.value_or(param.min));
    param.unit = map.optional("unit").text().value_or("");
  }
  param.doc = map.required("doc").text().value_or("");
  return param;
}

const PeParam* find_param(const std::vector<PeParam>& params, std::string_view name) {
  for (const PeParam& param : params) {
    if (param.name == name) return &param;
  }
  return nullptr;
}

/// A number in [min, max], or the name of an integer parameter whose range lies within.
PeField parse_field(const YamlValue& at, const NumberField& field,
                    const std::vector<PeParam>& params) {
  std::string why;
  const bool number = at.is_scalar() && strict_integer(at.node().scalar, why).has_value();
  if (number) return at.integer(field.min, field.max).value_or(field.min);
  const std::string name = at.text().value_or("");
  const PeParam* param = find_param(params, name);
  const bool fits =
      param && !param->is_choice && param->min >= field.min && param->max <= field.max;
  if (at.present() && !name.empty() && !fits) {
    at.error("must be a number or an integer parameter within its range", name,
             std::to_string(field.min) + ".." + std::to_string(field.max));
  }
  return name;
}

PeVariant parse_variant(const YamlValue& at, const PeDeclaration& pe) {
  PeVariant variant;
  YamlMap map = at.map();
  for (const auto& [key, value] : map.required("when").map().entries()) {
    const PeParam* param = find_param(pe.params, key);
    if (!param || !param->is_choice) {
      value.error("`when` names no choice parameter");
    } else if (const auto word = value.choice(param->values)) {
      variant.when.emplace_back(key, *word);
    }
  }
  const auto kind =
      map.required("sum_kind")
          .choice<SumKind>({{"integer", SumKind::kInteger}, {"fp32", SumKind::kFloat32}});
  variant.sum_kind = kind.value_or(SumKind::kInteger);
  for (const NumberField& field : kNumberFields) {
    variant.fields[field.name] = parse_field(map.required(field.name), field, pe.params);
  }
  variant.prescan = map.required("prescan").boolean().value_or(false);
  for (const YamlValue& mode : map.required("modes").list(1, kMaxModes)) {
    mode_schema().read(mode, variant.modes.emplace_back());
    const std::string event = "mac." + variant.modes.back().name;
    const bool declared = std::any_of(pe.events.begin(), pe.events.end(),
                                      [&](const PeEvent& e) { return e.name == event; });
    if (!declared) mode.error("the mode's event is not declared", event);
  }
  return variant;
}

/// The first variant whose `when` holds for these parameters.
const PeVariant* find_variant(const PeDeclaration& pe,
                              const std::map<std::string, std::string>& params) {
  for (const PeVariant& variant : pe.variants) {
    const bool holds = std::all_of(variant.when.begin(), variant.when.end(), [&](const auto& want) {
      return params.at(want.first) == want.second;
    });
    if (holds) return &variant;
  }
  return nullptr;
}

/// Every combination of values of the choice parameters.
std::vector<std::map<std::string, std::string>> all_choices(const PeDeclaration& pe) {
  std::vector<std::map<std::string, std::string>> all = {{}};
  for (const PeParam& param : pe.params) {
    if (!param.is_choice) continue;
    std::vector<std::map<std::string, std::string>> longer;
    for (const auto& partial : all) {
      for (const std::string& value : param.values) {
        longer.push_back(partial);
        longer.back()[param.name] = value;
      }
    }
    all = std::move(longer);
  }
  return all;
}

// ---- the user's `pe:` --------------------------------------------------------------------------

/// Reads the declared parameters; `given` are those the user wrote.
std::map<std::string, std::string> read_params(const PeDeclaration& pe, YamlMap& user,
                                               std::map<std::string, YamlValue>& given) {
  std::map<std::string, std::string> params;
  for (const PeParam& param : pe.params) {
    const YamlValue value = user.optional(param.name);
    params[param.name] = param.fallback;
    if (!value.present()) continue;
    given.emplace(param.name, value);
    if (param.is_choice) {
      params[param.name] = value.choice(param.values).value_or(param.fallback);
    } else if (const auto number = value.integer(param.min, param.max)) {
      params[param.name] = std::to_string(*number);
    }
  }
  return params;
}

int field_value(const PeField& field, const std::map<std::string, std::string>& params) {
  if (const auto* number = std::get_if<std::int64_t>(&field)) return static_cast<int>(*number);
  std::string why;
  const auto value = strict_integer(params.at(std::get<std::string>(field)), why);
  check_invariant(value.has_value(), "a PE parameter is no number");
  return static_cast<int>(*value);
}

/// "sum: fixed", the choices that led to a variant.
std::string when_text(const PeVariant& variant) {
  std::vector<std::string> words;
  for (const auto& [name, value] : variant.when) words.push_back(name + ": " + value);
  return joined(words);
}

PeSpec resolve_declared(const PeDeclaration& pe, YamlMap& user) {
  std::map<std::string, YamlValue> given;
  const auto params = read_params(pe, user, given);
  const PeVariant* variant = find_variant(pe, params);
  check_invariant(variant != nullptr, "a PE's variants do not cover its parameters");

  PeSpec spec;
  spec.sum_kind = variant->sum_kind;
  spec.prescan = variant->prescan;
  spec.modes = variant->modes;
  spec.events = pe.events;
  for (const PeParam& param : pe.params) {
    if (param.is_choice) spec.params[param.name] = params.at(param.name);
  }
  for (const NumberField& field : kNumberFields) {
    const PeField& source = variant->fields.at(field.name);
    spec.*field.member = field_value(source, params);
    if (const auto* name = std::get_if<std::string>(&source)) spec.params[*name] = params.at(*name);
  }
  for (const auto& [name, value] : given) {
    if (spec.params.find(name) == spec.params.end()) {
      value.error("has no effect with " + when_text(*variant) + ": remove it", value.written());
    }
  }
  return spec;
}

ResolvedPe resolve_on_paper(YamlMap& user) {
  ResolvedPe resolved;
  PaperPePrices prices;
  paper_spec_schema().read(user, resolved.spec);
  paper_price_schema().read(user, prices);
  std::map<std::string, double> unused = prices.mac_pj;
  std::set<std::string> names;
  for (const PeMode& mode : resolved.spec.modes) {
    resolved.spec.events.push_back({"mac." + mode.name, "MAC", "one MAC in mode " + mode.name});
    if (!names.insert(mode.name).second) user.error("two modes of one name", mode.name);
    if (user.has("energy") && prices.mac_pj.find(mode.name) == prices.mac_pj.end()) {
      user.error("a mode without its energy: add it under energy", mode.name);
    }
    unused.erase(mode.name);
  }
  for (const auto& [mode, pj] : unused) {
    user.error("an energy without its mode: add the mode or remove it under energy", mode);
  }
  resolved.prices = std::move(prices);
  return resolved;
}

}  // namespace

std::optional<PeDeclaration> parse_pe_declaration(const std::string& name, std::string_view text,
                                                  Diagnostics& wrong) {
  const std::size_t before = wrong.list().size();
  const auto root = parse_yaml("models/pe/" + name + "/pe.yaml", text, wrong);
  if (!root) return std::nullopt;
  PeDeclaration pe;
  {
    YamlMap map = YamlValue(*root, wrong).map();
    pe.name = map.required("pe").choice({name}).value_or("");
    pe.description = map.required("description").text().value_or("");
    pe.source = map.required("source").text().value_or("");
    pe.values = map.required("values").boolean().value_or(true);
    for (const auto& [param, at] : map.required("params").map().entries()) {
      pe.params.push_back(parse_param(param, at));
    }
    const YamlValue variants = map.required("variants");
    for (const YamlValue& event : map.required("events").list(0, 256)) {
      YamlMap one = event.map();
      pe.events.push_back({one.required("name").text().value_or(""),
                           one.required("unit").text().value_or(""),
                           one.required("doc").text().value_or("")});
    }
    for (const YamlValue& variant : variants.list(0, 256)) {
      pe.variants.push_back(parse_variant(variant, pe));
    }
    if (wrong.list().size() == before && !pe.on_paper()) {
      for (const auto& choices : all_choices(pe)) {
        if (!find_variant(pe, choices)) variants.error("the variants do not cover every choice");
      }
    }
  }
  if (wrong.list().size() != before) return std::nullopt;
  return pe;
}

const std::map<std::string, PeDeclaration, std::less<>>& pe_declarations() {
  static const auto declarations = [] {
    std::map<std::string, PeDeclaration, std::less<>> all;
    Diagnostics wrong;
    for (const auto& [name, text] : embedded_pe_yaml()) {
      if (auto pe = parse_pe_declaration(name, text, wrong)) all.emplace(name, std::move(*pe));
    }
    wrong.throw_if_any();
    return all;
  }();
  return declarations;
}

ResolvedPe resolve_pe(const PeDeclaration& declaration, YamlMap& user) {
  ResolvedPe resolved;
  if (declaration.on_paper()) {
    resolved = resolve_on_paper(user);
  } else {
    resolved.spec = resolve_declared(declaration, user);
  }
  resolved.spec.name = declaration.name;
  if (resolved.spec.description.empty()) resolved.spec.description = declaration.description;
  resolved.spec.source = declaration.source;
  resolved.spec.has_values = declaration.values;
  return resolved;
}

ResolvedPe read_pe(const YamlValue& pe) {
  std::vector<std::string> names;
  for (const auto& [name, declaration] : pe_declarations()) names.push_back(name);
  YamlMap user = pe.map();
  const auto chosen = user.required("name").choice(names);
  if (chosen) return resolve_pe(pe_declarations().find(*chosen)->second, user);
  user.entries();  // its other keys cannot be judged
  return {};
}

nlohmann::ordered_json dump_pe(const PeSpec& spec, const std::optional<PaperPePrices>& prices) {
  Json json;
  json["name"] = spec.name;
  const auto found = pe_declarations().find(spec.name);
  if (found == pe_declarations().end()) return json;
  for (const PeParam& param : found->second.params) {
    const auto value = spec.params.find(param.name);
    if (value == spec.params.end()) continue;
    json[param.name] = param.is_choice ? Json(value->second) : Json::parse(value->second);
  }
  if (found->second.on_paper()) json.update(paper_spec_schema().dump(spec));
  if (prices) json.update(paper_price_schema().dump(*prices));
  return json;
}

std::vector<PeSpec> all_pe_variants() {
  std::vector<PeSpec> specs;
  for (const auto& [name, declaration] : pe_declarations()) {
    if (declaration.on_paper()) continue;
    for (const auto& choices : all_choices(declaration)) {
      std::string text = "name: " + name + "\n";
      for (const auto& [param, value] : choices) text += param + ": " + value + "\n";
      Diagnostics wrong;
      const auto node = parse_yaml(name, text, wrong);
      check_invariant(node.has_value(), "a PE's choices are no YAML");
      specs.push_back(read_pe(YamlValue(*node, wrong)).spec);
      wrong.throw_if_any();
    }
  }
  return specs;
}

std::string pe_reference() {
  std::string s;
  for (const auto& [name, pe] : pe_declarations()) {
    s += "### `" + name + "`\n\n" + pe.description + ". Source: " + pe.source + ".\n\n";
    std::vector<ReferenceRow> rows;
    for (const PeParam& param : pe.params) {
      const std::string range = std::to_string(param.min) + ".." + std::to_string(param.max);
      const std::string unit = param.unit.empty() ? "" : " (" + param.unit + ")";
      rows.push_back({"pe." + param.name, param.is_choice ? "choice" : "integer" + unit,
                      param.is_choice ? joined(param.values) : range, param.fallback, param.doc});
    }
    if (pe.on_paper()) {
      for (const auto* schema_rows :
           {&paper_spec_schema().describe(), &paper_price_schema().describe()}) {
        for (ReferenceRow row : *schema_rows) {
          row.key = "pe." + row.key;
          rows.push_back(std::move(row));
        }
      }
    }
    s += rows.empty() ? "No parameters.\n\n" : reference_table(rows) + "\n";
  }
  return s;
}

}  // namespace mixpe
