#pragma once
// The architecture file: configs/arch/*.yaml -> ArchSpec (docs/configuration.md lists its keys).

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "models/core/errors.h"
#include "sim/config/arch_spec.h"
#include "sim/config/yaml_reader.h"

namespace mixpe {

/// A key set from outside the file: "array.rows" = "32". `origin` says by whom, in diagnostics.
struct Override {
  std::string path, value;
  std::string origin = "--set";
};
/// "array.rows=32".
std::optional<Override> parse_override(const std::string& text, Diagnostics& wrong);

/// Reads, applies the overrides, checks. None after an error; all of them are in `wrong`.
std::optional<ArchSpec> load_arch(const std::string& path, Diagnostics& wrong,
                                  const std::vector<Override>& overrides = {});
/// The same from a text; `name` stands for the file.
std::optional<ArchSpec> load_arch_text(const std::string& name, std::string_view text,
                                       Diagnostics& wrong,
                                       const std::vector<Override>& overrides = {});
/// The same from a tree read before.
std::optional<ArchSpec> load_arch_tree(YamlNode root, const std::string& path, Diagnostics& wrong,
                                       const std::vector<Override>& overrides = {});

/// A placement's word in the architecture file.
const char* placement_name(DequantPlacement placement);

/// The resolved configuration: every key, defaults included, as an architecture file. Reading it
/// gives the same ArchSpec (but for `file`).
nlohmann::ordered_json dump_arch(const ArchSpec& arch);

}  // namespace mixpe
