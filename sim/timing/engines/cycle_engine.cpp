#include "sim/timing/engines/cycle_engine.h"

#include "sim/timing/engines/clocked_engine.h"
#include "sim/timing/engines/cycle_os.h"
#include "sim/timing/engines/cycle_ws.h"

namespace mixpe {

std::unique_ptr<ArrayEngine> make_cycle_engine(const ArrayWork& work) {
  if (work.timing.dataflow == Dataflow::kOutputStationary) {
    return std::make_unique<ClockedEngine<CycleOs>>(work);
  }
  return std::make_unique<ClockedEngine<CycleWs>>(work);
}

}  // namespace mixpe
