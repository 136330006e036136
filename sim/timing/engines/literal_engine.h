#pragma once
// The literal engine: the array as registers, the judge of the other two. Up to 32 x 32 PEs.

#include <memory>

#include "sim/timing/array_engine.h"

namespace mixpe {

inline constexpr std::int64_t kLiteralMaxPes = 32;  ///< rows and columns

/// Throws UserError for a larger array.
std::unique_ptr<ArrayEngine> make_literal_engine(const ArrayWork& work);

}  // namespace mixpe
