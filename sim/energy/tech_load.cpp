// The files of configs/tech/<name>/ through the strict reader.

#include <algorithm>
#include <filesystem>

#include "sim/config/reference.h"
#include "sim/energy/complain.h"
#include "sim/energy/scale.h"
#include "sim/energy/tech.h"
#include "sim/energy/tech_schema.h"

namespace mixpe {
namespace {

namespace fs = std::filesystem;

void read_file(const fs::path& path, const Schema<TechTable>& schema, TechTable& tech,
               Diagnostics& wrong) {
  if (const auto root = load_yaml(path.string(), wrong)) {
    schema.read(YamlValue(*root, wrong), tech);
  }
}

/// Every other .yaml of the folder prices a PE. Sorted: messages come in the same order everywhere.
std::vector<std::string> pe_names(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().extension() != ".yaml") continue;
    const std::string stem = entry.path().stem().string();
    const bool taken = stem == "tech" || stem == "sram" || stem == "dram" ||
                       std::count(module_names().begin(), module_names().end(), stem) > 0;
    if (!taken) names.push_back(stem);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> folder_names(const fs::path& parent) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(parent, ignored)) {
    if (entry.is_directory(ignored)) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<fs::path> find_folder(const std::string& name, Diagnostics& wrong) {
  const bool is_path = name.find('/') != std::string::npos;
  const fs::path folder = is_path ? fs::path(name) : fs::path(configs_root()) / "tech" / name;
  std::error_code ignored;
  if (fs::is_directory(folder, ignored)) return folder.lexically_normal();
  const std::vector<std::string> known = folder_names(folder.lexically_normal().parent_path());
  complain(wrong, whole_file(folder.string()), "tech", "there is no such technology", name,
           joined(known));
  return std::nullopt;
}

bool is_scaled(const fs::path& folder) {
  Diagnostics ignored;
  const auto root = load_yaml((folder / "tech.yaml").string(), ignored);
  return root && root->find("scaled") != nullptr;
}

/// A folder whose tech.yaml names another technology and a node.
TechTable load_scaled(const fs::path& folder, Diagnostics& wrong) {
  const std::string file = (folder / "tech.yaml").string();
  ScaledTech scaled;
  Diagnostics here;
  if (const auto root = load_yaml(file, here)) {
    scaled_tech_file_schema(folder.filename().string()).read(YamlValue(*root, here), scaled);
  }
  for (const Diagnostic& d : here.list()) wrong.add(d);
  if (!here.ok()) return {};
  const fs::path from = scaled.from.find('/') == std::string::npos
                            ? fs::path(configs_root()) / "tech" / scaled.from
                            : fs::path(scaled.from);
  if (is_scaled(from)) {
    complain(wrong, whole_file(file), "scaled.from", "is scaled itself", scaled.from);
    return {};
  }
  TechTable tech = load_tech(scaled.from, wrong);
  if (!wrong.ok()) return {};
  const ProcessPoint to{scaled.node_nm, scaled.voltage_v};
  const auto scale = scale_between({tech.node_nm, tech.voltage_v}, to);
  if (!scale) {
    complain(wrong, whole_file(file), "scaled.from", "its node has no scaling factors",
             number_text(tech.node_nm) + " nm");
    return {};
  }
  scale_tech(tech, to, *scale);
  tech.name = folder.filename().string();
  tech.folder = folder.string();
  tech.description = scaled.description;
  return tech;
}

/// A file is checked as part of its folder; mistakes of the other files are theirs.
void check_tech_file(const std::string& path, Diagnostics& wrong) {
  const fs::path file = fs::absolute(path).lexically_normal();
  if (file.extension() != ".yaml") {
    complain(wrong, whole_file(path), {}, "a technology is read from files that end in .yaml");
    return;
  }
  Diagnostics all;
  load_tech(file.parent_path().string(), all);
  for (Diagnostic d : all.list()) {
    if (fs::path(d.at.file).filename() != file.filename()) continue;
    d.at.file = path;
    wrong.add(std::move(d));
  }
}

const FileKindRegistration kTechnology{{"technology",
                                        {"pe", "variants", "module", "types", "widths_bits",
                                         "macros", "flop", "register_bit", "scaled"},
                                        nullptr,
                                        &tech_reference,
                                        &check_tech_file}};

}  // namespace

const std::vector<std::string>& module_names() {
  static const std::vector<std::string> names = {"dequant",    "row_sum",     "aligner",
                                                 "converters", "accumulator", "epilogue"};
  return names;
}

const std::map<std::string, std::vector<std::string>>& module_facts() {
  static const std::map<std::string, std::vector<std::string>> facts = {
      {"placement", {"after_group", "before_array", "none"}},
      {"sum_kind", {"integer", "fp32"}},
      {"act_kind", {"integer", "float"}},
      {"weight_kind", {"integer", "float"}},
      {"output_kind", {"integer", "fp32"}},
      {"lanes", {"short", "deep", "accumulate"}},
      {"prescan", {"true", "false"}}};
  return facts;
}

TechTable load_tech(const std::string& name_or_folder, Diagnostics& wrong) {
  TechTable tech;
  const auto found = find_folder(name_or_folder, wrong);
  if (!found) return tech;
  const fs::path folder = found->filename().empty() ? found->parent_path() : *found;
  if (is_scaled(folder)) return load_scaled(folder, wrong);
  tech.folder = folder.string();
  tech.name = folder.filename().string();
  read_file(folder / "tech.yaml", tech_file_schema(tech.name), tech, wrong);
  read_file(folder / "sram.yaml", sram_file_schema(), tech, wrong);
  read_file(folder / "dram.yaml", dram_file_schema(), tech, wrong);
  for (const std::string& name : module_names()) {
    const fs::path file = folder / (name + ".yaml");
    read_file(file, module_file_schema(name, file.string()), tech, wrong);
  }
  for (const std::string& name : pe_names(folder)) {
    const fs::path file = folder / (name + ".yaml");
    read_file(file, pe_file_schema(name, file.string()), tech, wrong);
  }
  return tech;
}

std::vector<ConfigEntry> list_techs() {
  std::vector<ConfigEntry> techs;
  for (const std::string& name : folder_names(fs::path(configs_root()) / "tech")) {
    Diagnostics ignored;
    techs.push_back({name, load_tech(name, ignored).description});
  }
  return techs;
}

}  // namespace mixpe
