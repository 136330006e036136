#pragma once
// A PE's pe.yaml, and what the user sets of it under `pe:` in an architecture file.
//  * Declared parameters are read strictly; one that the chosen variant does not use may not be
//  set.
//  * A declaration without variants is a PE on paper: modes, area and energy come from the user.
//  * pe.yaml is ours, so a mistake in it is reported like the user's, with file and line.

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "models/core/errors.h"
#include "models/pe/pe_spec.h"
#include "sim/config/arch_spec.h"
#include "sim/config/yaml_reader.h"

namespace mixpe {

struct PeParam {
  std::string name;
  bool is_choice = false;
  std::vector<std::string> values;  ///< choice
  std::int64_t min = 0, max = 0;    ///< integer
  std::string fallback;
  std::string unit;
  std::string doc;
};

/// A field of a variant: a number, or the name of an integer parameter.
using PeField = std::variant<std::int64_t, std::string>;

struct PeVariant {
  std::vector<std::pair<std::string, std::string>> when;  ///< choice parameter -> value
  SumKind sum_kind = SumKind::kInteger;
  bool prescan = false;
  std::map<std::string, PeField> fields;  ///< acc_bits, add_latency, …
  std::vector<PeMode> modes;
};

struct PeDeclaration {
  std::string name, description, source;
  bool values = true;
  std::vector<PeParam> params;
  std::vector<PeVariant> variants;
  std::vector<PeEvent> events;

  bool on_paper() const { return variants.empty(); }
};

/// Parses models/pe/<name>/pe.yaml. None after an error.
std::optional<PeDeclaration> parse_pe_declaration(const std::string& name, std::string_view text,
                                                  Diagnostics& wrong);
/// Every embedded pe.yaml, by name. Throws UserError if one of them is wrong.
const std::map<std::string, PeDeclaration, std::less<>>& pe_declarations();

struct ResolvedPe {
  PeSpec spec;
  std::optional<PaperPePrices> prices;  ///< of a PE on paper
};
/// Applies the user's `pe:` map ({name: …, parameters…}) to the declaration.
ResolvedPe resolve_pe(const PeDeclaration& declaration, YamlMap& user);
/// Reads `pe: {name: …}`: finds the declaration by its name and resolves it.
ResolvedPe read_pe(const YamlValue& pe);
/// What read_pe() would read to give the same.
nlohmann::ordered_json dump_pe(const PeSpec& spec, const std::optional<PaperPePrices>& prices);

/// Every combination of choice parameters of every PE that computes values, integer parameters at
/// their defaults. What the contract suite runs over.
std::vector<PeSpec> all_pe_variants();

/// The section "Processing elements" of docs/configuration.md.
std::string pe_reference();

}  // namespace mixpe
