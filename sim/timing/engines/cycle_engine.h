#pragma once
// The cycle engine: the state of every PE at every clock, at millions of cycles a second.

#include <memory>

#include "sim/timing/array_engine.h"

namespace mixpe {

std::unique_ptr<ArrayEngine> make_cycle_engine(const ArrayWork& work);

}  // namespace mixpe
