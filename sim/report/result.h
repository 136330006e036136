#pragma once
// What a run found, and the numbers that follow from it. Ratios are computed here, not counted.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/config/arch_spec.h"
#include "sim/energy/bill.h"
#include "sim/mapping/cost.h"
#include "sim/timing/value_report.h"
#include "sim/workload/workload.h"

namespace mixpe {

/// One GEMM of the workload; everything counts all of its batch and count.
struct LayerResult {
  Gemm gemm;
  std::string phase;       ///< of the workload it came from; may be empty
  std::string mode;        ///< PE mode
  std::int64_t tasks = 1;  ///< dense GEMMs it was cut into (causal row blocks)
  Tiling tiling;           ///< of the largest of them
  std::int64_t tiles = 0;
  std::int64_t executed_macs = 0;  ///< after the mask's row blocks were trimmed
  std::int64_t cycles = 0;
  CycleCauses causes;
  Counters counters;
  EnergyBill energy;
  std::string bound;  ///< the resource that bounds the task with the most cycles
  std::optional<ValueReport> values;
  std::optional<OperandStatistics> operands;  ///< if PE energy followed them
};

struct RunResult {
  ArchSpec arch;
  std::string workload, scheme, llm, phase;
  std::int64_t tokens = 0;            ///< one run of the workload processes or produces; 0: unknown
  std::vector<std::string> notes;     ///< what the reader must know
  std::optional<std::uint64_t> seed;  ///< of the operands, if values were computed
  std::string distribution;
  bool operands_priced = false;  ///< PE energy is that of these operands, not of typical ones
  std::vector<LayerResult> layers;

  std::int64_t cycles = 0;
  CycleCauses causes;
  Counters counters;
  EnergyBill energy;
  AreaBill area;
  /// Parts that do not reach the clock in the flow they were characterised with, slowest first.
  std::vector<PeriodNote> slow_parts;

  double time_s() const;
  std::int64_t dense_macs() const;
  std::int64_t useful_macs() const;
  std::int64_t executed_macs() const;
  /// Useful MACs over what the array could do in this time in the modes used: 0..1.
  double utilization() const;
  /// DRAM bytes over what the memory could move in this time; 0 if it is unlimited.
  double dram_utilization() const;
  double useful_tops() const;  ///< two operations for a MAC
  double tops_per_watt() const;
  double tokens_per_s() const;  ///< of the GEMMs alone; 0 if tokens are unknown
};

/// Cycles by cause, in the order of docs/timing.md.
struct NamedCycles {
  const char* name;
  std::int64_t cycles;
};
std::vector<NamedCycles> named_causes(const CycleCauses& causes);

/// Energy by part of the machine: lines of the bill grouped by their names.
struct NamedEnergy {
  const char* name;
  double energy_pj;
};
std::vector<NamedEnergy> named_energy(const EnergyBill& bill);

/// "llm operands of seed 1", and whether PE energy follows them.
std::string operands_text(const std::string& distribution, std::uint64_t seed, bool priced);

/// Peak MACs per cycle of `arch` in the PE mode called `mode`.
double peak_macs_per_cycle(const ArchSpec& arch, const std::string& mode);

}  // namespace mixpe
