#include "models/dequant/lane_pipeline.h"

namespace mixpe {
namespace {

/// FP32 sums are corrected by an FP32 adder before the scale.
std::int64_t adders(SumKind kind) { return kind == SumKind::kInteger ? 1 : 2; }

/// Integer sums: t, conversion, product, in stages 1 + 1 + 1 or 1 + 3 + 3. FP32 sums: two products,
/// of a stage each, or of three.
std::int64_t stages(SumKind kind, bool deep) {
  if (kind == SumKind::kInteger) return deep ? 7 : 3;
  return deep ? 6 : 2;
}

}  // namespace

std::int64_t lane_latency_cycles(SumKind kind, std::int64_t adder, bool deep) {
  return stages(kind, deep) + adders(kind) * adder;
}

std::optional<LanePipeline> lane_pipeline(SumKind kind, std::int64_t latency_cycles) {
  for (const bool deep : {true, false}) {
    const std::int64_t adding = latency_cycles - stages(kind, deep);
    if (adding < adders(kind) || adding % adders(kind) != 0) continue;
    const std::int64_t adder = adding / adders(kind);
    return LanePipeline{latency_cycles - adder, adder, deep};
  }
  return std::nullopt;
}

std::int64_t cycles_before_lane(const PeSpec& pe, Dataflow dataflow) {
  if (dataflow == Dataflow::kOutputStationary) return 0;
  return 1 + (pe.sum_kind == SumKind::kInteger ? 1 : pe.add_latency);
}

}  // namespace mixpe
