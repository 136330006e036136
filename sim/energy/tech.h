#pragma once
// A technology: everything configs/tech/<name>/ says, checked. docs/energy.md explains the numbers.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/core/errors.h"
#include "models/memory/dram.h"
#include "models/memory/sram.h"
#include "sim/energy/part.h"
#include "sim/workload/locate.h"

namespace mixpe {

/// The variants of one price file; the first whose `when` matches is taken.
struct PartFile {
  std::string file;
  std::vector<Part> variants;
};

/// A small memory beside the array, priced per bit as the SRAM macro of this width that serves
/// several rows or columns.
struct SlicedMemory {
  std::int64_t slice_width_bits = 0;
  Origin origin;
};

struct DramType {
  DramEnergy energy;
  Origin origin;
};

struct TechTable {
  std::string name, description, source;
  std::string folder;
  double node_nm = 0, voltage_v = 0, temperature_c = 0;
  Activity activity = Activity::kMean;
  LogicConstants logic;
  std::map<std::string, PartFile> pes;      ///< by the PE's name
  std::map<std::string, PartFile> modules;  ///< by module_names()
  std::int64_t group_steps = 0;             ///< of a group, where what ends one is charged per step
  SlicedMemory accumulator_memory;
  std::int64_t scan_buffer_steps = 0;  ///< longest segment the buffer before the aligners holds
  SlicedMemory scan_buffer;
  SramTable sram;
  Origin sram_origin;
  std::map<std::string, DramType> dram;
  std::string default_dram;
};

/// dequant, row_sum, aligner, converters, accumulator, epilogue: <name>.yaml each.
const std::vector<std::string>& module_names();

/// Facts that a module's `when` may name, each with its values. A PE's may name
/// its parameters and price_fields().
const std::map<std::string, std::vector<std::string>>& module_facts();

/// Reads a technology: a folder if the name has a slash, else configs/tech/<name>. All mistakes go
/// to `wrong`; the table is usable only if that stays ok().
TechTable load_tech(const std::string& name_or_folder, Diagnostics& wrong);

/// The technologies of configs/tech, sorted by name.
std::vector<ConfigEntry> list_techs();

}  // namespace mixpe
