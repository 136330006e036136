#pragma once
// The array behind one interface: `tile` (closed form), `cycle` (flat state at every clock) and
// `literal` (operands shifted register by register, the judge of both). For the same steps all give
// the same cycles, the same event counts and the same output bits.

#include <cstdint>
#include <memory>
#include <vector>

#include "models/array/array_timing.h"
#include "models/pe/pe_model.h"
#include "sim/config/arch_spec.h"
#include "sim/mapping/schedule.h"
#include "sim/timing/counters.h"
#include "sim/workload/operands.h"

namespace mixpe {

/// The output buffer's contents for one GEMM instance, [m*n] row-major. Integer psums when the sums
/// leave unscaled and the PE sums integers; FP32 otherwise.
struct OutputPsums {
  bool integer = false;
  std::vector<float> real;
  std::vector<std::int32_t> integers;
};

/// What an engine works on. All pointers outlive the engine's use of them.
struct ArrayWork {
  ArrayTiming timing;
  const PeModel* pe = nullptr;             ///< null for a PE without values
  Operands formats;                        ///< of the MAC
  bool scale_groups = false;               ///< lanes scale each segment (placement after_group)
  bool zero_points = false;                ///< row sums are formed at the edge
  Format zero_format = unsigned_int(4);    ///< of a zero-point
  bool shadow = true;                      ///< PEs have a shadow register (overlap or groups)
  const GemmOperands* operands = nullptr;  ///< null: timing only
  OutputPsums* psums = nullptr;            ///< set together with `operands`; sized by the caller
};

/// Events raised by an engine: mac, capture, shadow_shift, accumulator_*, lane_op, row_sum_add,
/// align, overflow. (pe_cycle, SRAM and DRAM traffic follow from the schedule and are counted by
/// the machine.)
class ArrayEngine {
 public:
  virtual ~ArrayEngine() = default;
  /// Streams one tile whose operands are ready at cycle `ready`, after all tiles before it.
  /// `with_values` selects whether this step computes values (its instance is the one observed).
  virtual TileTiming stream(const TileStep& step, std::int64_t ready, bool with_values) = 0;
  /// Runs until the array is empty; call once, after the last tile.
  virtual void finish() = 0;
  virtual const Counters& counters() const = 0;
};

std::unique_ptr<ArrayEngine> make_engine(Engine kind, const ArrayWork& work);

}  // namespace mixpe
