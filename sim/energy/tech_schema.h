#pragma once
// The keys of a technology's files, declared once.
//  * Each schema reads one file of the folder into the table of all of them.
//  * Units are in the names of keys, as in the tables the numbers come from.

#include <string>

#include "sim/config/schema.h"
#include "sim/energy/tech.h"

namespace mixpe {

/// `tech` is the folder's name, which the file must repeat.
Schema<TechTable> tech_file_schema(const std::string& tech);

/// A tech.yaml that scales another technology instead (scale.h): what the key `scaled` holds.
struct ScaledTech {
  std::string description, from;
  double node_nm = 0, voltage_v = 0;
};
Schema<ScaledTech> scaled_tech_file_schema(const std::string& tech);

Schema<TechTable> sram_file_schema();
Schema<TechTable> dram_file_schema();
/// `name` is one of module_names(), which the file must repeat; `file` is kept for messages.
Schema<TechTable> module_file_schema(const std::string& name, const std::string& file);
/// The same for a PE's price file.
Schema<TechTable> pe_file_schema(const std::string& name, const std::string& file);

/// Markdown tables of the keys, file by file.
std::string tech_reference();

}  // namespace mixpe
