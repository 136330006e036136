#include "sim/workload/locate.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "sim/config/yaml_reader.h"

namespace mixpe {
namespace fs = std::filesystem;
namespace {

/// Told from an unrelated folder of this name by what is in it.
bool is_configs_root(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path / "schemes", ignored) && fs::is_directory(path / "llms", ignored);
}

std::vector<std::string> names_in(const std::string& kind) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(fs::path(configs_root()) / kind, ignored)) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

std::string configs_root() {
  const char* given = std::getenv("MIXPE_CONFIGS");
  if (given && *given) return given;
  std::error_code ignored;
  for (fs::path dir = fs::read_symlink("/proc/self/exe", ignored).parent_path();
       dir.has_relative_path(); dir = dir.parent_path()) {
    if (is_configs_root(dir / "configs")) return (dir / "configs").string();
  }
  // This file is <source tree>/sim/workload/locate.cpp.
  return (fs::path(__FILE__).parent_path().parent_path().parent_path() / "configs").string();
}

std::optional<std::string> find_config(const std::string& kind, const std::string& name,
                                       Diagnostics& wrong) {
  std::error_code ignored;
  const bool path = name.find('/') != std::string::npos || fs::path(name).extension() == ".yaml";
  if (path || fs::is_regular_file(name, ignored)) return name;
  const std::vector<std::string> names = names_in(kind);
  if (std::find(names.begin(), names.end(), name) != names.end()) {
    return (fs::path(configs_root()) / kind / (name + ".yaml")).string();
  }
  const std::string near = nearest(name, names);
  Diagnostic d;
  d.what = "no file of this name in " + (fs::path(configs_root()) / kind).string() +
           (near.empty() ? "" : " (did you mean '" + near + "'?)");
  d.got = name.empty() ? "an empty name" : name;
  d.allowed = joined(names) + (names.empty() ? "" : ", ") + "a path to a .yaml file";
  wrong.add(std::move(d));
  return std::nullopt;
}

std::vector<ConfigEntry> list_configs(const std::string& kind) {
  std::vector<ConfigEntry> entries;
  for (const std::string& name : names_in(kind)) {
    Diagnostics unused;  // a broken file is listed, and explained when it is used
    ConfigEntry entry{name, ""};
    const auto root =
        load_yaml((fs::path(configs_root()) / kind / (name + ".yaml")).string(), unused);
    const YamlNode* text = root ? root->find("description") : nullptr;
    if (text) entry.description = text->scalar;
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace mixpe
