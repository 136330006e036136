#pragma once
// The machine, checked and with units resolved. Immutable after config::load_arch().

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "models/array/array_timing.h"
#include "models/core/errors.h"
#include "models/pe/pe_spec.h"

namespace mixpe {

enum class Engine { kTile, kCycle, kLiteral, kRtl };

/// Where the weights' scale meets the data.
enum class DequantPlacement {
  kAfterGroup,   ///< lanes at the bottom of the array scale each group's sum
  kBeforeArray,  ///< converters between weight buffer and array edge
  kNone,         ///< no group scale: sums leave as they are
};

struct ArraySpec {
  std::int64_t rows = 0, cols = 0;
  Dataflow dataflow = Dataflow::kOutputStationary;
  Engine engine = Engine::kTile;
  bool pass_overlap = true;
  EdgeTiles edge_tiles = EdgeTiles::kPadded;
  bool weight_double_buffering = true;  ///< WS
  std::int64_t accumulator_rows =
      1024;                             ///< WS: depth of the accumulator memory, outputs per column
  std::int64_t accumulator_cycles = 1;  ///< WS
};

struct DequantSpec {
  DequantPlacement placement = DequantPlacement::kNone;
  std::int64_t lanes = 1;              ///< values per cycle from the array to the output buffer
  std::int64_t latency_cycles = 0;     ///< pipeline depth of a lane
  std::int64_t accumulate_cycles = 0;  ///< lambda
  std::int64_t converters = 0;         ///< weights converted per cycle (before_array)
};

struct BufferSpec {
  std::int64_t bytes = 0;  ///< both halves of the double buffer together
  std::int64_t banks = 1;
  std::int64_t width_bits = 256;  ///< of one bank's port
  std::int64_t bits_per_cycle() const { return banks * width_bits; }
};

struct MemorySpec {
  std::string model = "ideal";
  bool unlimited = false;  ///< infinite bandwidth
  std::int64_t bandwidth_bytes_per_s = 0;
  std::int64_t latency_cycles = 0;
  std::string dram;  ///< type in the technology's dram.yaml that prices it; empty: its default
};

/// A mapping the user gives instead of the search. 0 = not given.
struct MappingSpec {
  bool given = false;
  std::int64_t tile_m = 0, tile_n = 0, tile_k = 0;
  std::array<SourceMark, 3> tile_at;  ///< where m, n and k were written
  std::string order;                  ///< outermost first: "mnk", "mkn", "nmk", "nkm", "kmn", "knm"
  /// The search may spend this many millionths more than the fewest cycles to save DRAM traffic.
  std::int64_t cycle_slack_ppm = 0;
};

/// Prices of a PE on paper, which the user gives; characterised PEs have theirs in configs/tech.
/// Area and clock are those of a whole PE, shadow register included.
struct PaperPePrices {
  double area_um2 = 0;
  double clock_pj = 0;                   ///< per PE and cycle, busy or idle
  double leakage_uw = 0;                 ///< per PE
  std::map<std::string, double> mac_pj;  ///< by mode, beyond the clock; covers every mode
};

struct ArchSpec {
  std::string name;
  std::string description;  ///< one line
  std::string file;         ///< where it came from
  std::int64_t clock_hz = 500'000'000;
  ArraySpec array;
  PeSpec pe;
  DequantSpec dequant;
  BufferSpec act_buffer, wgt_buffer, out_buffer;
  MemorySpec memory;
  MappingSpec mapping;
  std::string tech = "nangate45";
  std::optional<PaperPePrices> paper_prices;  ///< PEs without an entry in the technology
};

}  // namespace mixpe
