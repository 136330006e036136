#include "sim/timing/engines/cycle_engine.h"

#include <fmt/format.h>

#include "models/core/errors.h"
#include "sim/timing/engines/clocked_engine.h"
#include "sim/timing/engines/cycle_os.h"
#include "sim/timing/engines/literal_ws.h"

namespace mixpe {

std::unique_ptr<ArrayEngine> make_cycle_engine(const ArrayWork& work) {
  if (work.timing.dataflow == Dataflow::kOutputStationary) {
    return std::make_unique<ClockedEngine<CycleOs>>(work);
  }
  // A weight-stationary array steps the same registers as the literal engine does. Their tags hold
  // a row in 7 bits and a column in 8.
  constexpr std::int64_t kMaxRows = 126, kMaxCols = 255;
  if (work.timing.rows > kMaxRows || work.timing.cols > kMaxCols) {
    throw UserError(fmt::format(
        "array.engine: the cycle engine takes weight-stationary arrays up to {} x {}; got {} x {} "
        "(engine: tile gives the same results)",
        kMaxRows, kMaxCols, work.timing.rows, work.timing.cols));
  }
  return std::make_unique<ClockedEngine<LiteralWs>>(work);
}

}  // namespace mixpe
