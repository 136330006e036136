#include "models/core/errors.h"
#include "sim/timing/array_engine.h"
#include "sim/timing/engines/cycle_engine.h"
#include "sim/timing/engines/literal_engine.h"
#include "sim/timing/engines/tile_engine.h"

namespace mixpe {

std::unique_ptr<ArrayEngine> make_engine(Engine kind, const ArrayWork& work) {
  switch (kind) {
    case Engine::kTile:
      return make_tile_engine(work);
    case Engine::kCycle:
      return make_cycle_engine(work);
    case Engine::kLiteral:
      return make_literal_engine(work);
    case Engine::kRtl:
      break;  // a later stage's: whoever runs the machine passes it in
  }
  throw InvariantError("no such engine");
}

}  // namespace mixpe
