#pragma once
// Where the shipped descriptions are, and how a name on the command line becomes a file.
//  * The root is $MIXPE_CONFIGS if set; else the nearest configs/ above the executable; else the
//    configs/ of the source tree this was compiled from.
//  * A name with a slash or a .yaml ending, or that is a file here, is a path; any other name means
//    <root>/<kind>/<name>.yaml.

#include <optional>
#include <string>
#include <vector>

#include "models/core/errors.h"

namespace mixpe {

std::string configs_root();

/// The file that `name` means. `kind` is a folder of configs/: "llms", "schemes", "arch", …
/// An unknown name is reported with the known ones and the nearest.
std::optional<std::string> find_config(const std::string& kind, const std::string& name,
                                       Diagnostics& wrong);

struct ConfigEntry {
  std::string name;
  std::string description;  ///< the file's `description`, one line
};
/// What configs/<kind> holds, sorted by name. Empty if there is no such folder.
std::vector<ConfigEntry> list_configs(const std::string& kind);
inline std::vector<ConfigEntry> list_llms() { return list_configs("llms"); }
inline std::vector<ConfigEntry> list_schemes() { return list_configs("schemes"); }

}  // namespace mixpe
