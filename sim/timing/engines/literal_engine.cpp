#include "sim/timing/engines/literal_engine.h"

#include <fmt/format.h>

#include "models/core/errors.h"
#include "sim/timing/engines/clocked_engine.h"
#include "sim/timing/engines/literal_os.h"
#include "sim/timing/engines/literal_ws.h"

namespace mixpe {

std::unique_ptr<ArrayEngine> make_literal_engine(const ArrayWork& work) {
  const ArrayTiming& t = work.timing;
  if (t.rows > kLiteralMaxPes || t.cols > kLiteralMaxPes) {
    throw UserError(fmt::format(
        "array.engine: the literal engine is for small arrays; got {} x {}; allowed up to {} x {} "
        "(engine: cycle gives the same results)",
        t.rows, t.cols, kLiteralMaxPes, kLiteralMaxPes));
  }
  if (t.dataflow == Dataflow::kOutputStationary) {
    return std::make_unique<ClockedEngine<LiteralOs>>(work);
  }
  return std::make_unique<ClockedEngine<LiteralWs>>(work);
}

}  // namespace mixpe
