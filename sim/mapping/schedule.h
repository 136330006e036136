#pragma once
// A dense GEMM instance cut into SRAM-resident tiles, in order.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "models/array/array_timing.h"
#include "sim/config/arch_spec.h"
#include "sim/workload/workload.h"

namespace mixpe {

/// Loop order over tiles, outermost first.
enum class LoopOrder { kMNK, kMKN, kNMK, kNKM, kKMN, kKNM };

/// One dense GEMM the machine runs (a causal GEMM has been cut into row blocks before).
struct GemmTask {
  int gemm = 0;  ///< index into Workload::gemms
  std::int64_t m = 0, n = 0, k = 0;
  std::int64_t batch = 1, count = 1;
  std::int64_t useful_macs = 0;  ///< per instance (batch and count not applied)
  std::int64_t segment = 0;      ///< K elements of a segment; 0: a whole K-tile
  /// K elements of a row in DRAM, of which k are values; 0: k.
  std::int64_t act_k_pitch = 0, wgt_k_pitch = 0;
};

struct Tiling {
  std::int64_t m = 0, n = 0, k = 0;  ///< tile sizes
  LoopOrder order = LoopOrder::kMNK;
};

/// One step of the schedule: which tile is computed and what must move for it.
struct TileStep {
  std::int64_t m0 = 0, n0 = 0, k0 = 0;  ///< first element
  TileShape shape;
  bool load_act = false, load_wgt = false, load_out = false;  ///< psums of an earlier visit
  bool store_out = false;                                     ///< after this step
  bool final_store =
      false;  ///< the outputs are complete: epilogue and output format; else FP32 psums
  bool first_visit = false;  ///< this tile's outputs start from zero
  /// Over DRAM's bus.
  std::int64_t act_bytes = 0, wgt_bytes = 0, out_load_bytes = 0, out_store_bytes = 0;
};

}  // namespace mixpe
