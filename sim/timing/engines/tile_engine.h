#pragma once
// The tile engine: cycles and events from the closed forms, values from the exact kernels.

#include <memory>

#include "sim/timing/array_engine.h"

namespace mixpe {

std::unique_ptr<ArrayEngine> make_tile_engine(const ArrayWork& work);

/// The events of one tile, as the array raises them; no overflows. Cost independent of the shape.
Counters tile_events(const ArrayWork& work, const TileShape& tile);

}  // namespace mixpe
