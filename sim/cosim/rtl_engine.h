#pragma once
// engine: rtl. The Verilated array and its lanes behind ArrayEngine.

#include <memory>
#include <string>

#include "sim/cosim/rtl_array_design.h"
#include "sim/cosim/rtl_array_model.h"
#include "sim/cosim/verilate.h"
#include "sim/timing/array_engine.h"

namespace mixpe {

struct RtlEngineOptions {
  BuildCache cache = BuildCache::of_user();
  Say say = say_on_stderr;
  std::string waves;  ///< file for the array's signals, .vcd or .fst; empty: none
};

/// Throws UserError with every reason why the RTL cannot run it.
void check_rtl_can_run(const ArrayWork& work);

/// The compiled array of a design, from the cache if it is there.
RtlArrayModel make_rtl_model(const RtlArrayDesign& design, const RtlEngineOptions& options);

/// Compiles the array unless it is in the cache. Throws UserError for what the RTL cannot run.
std::unique_ptr<ArrayEngine> make_rtl_engine(const ArrayWork& work,
                                             const RtlEngineOptions& options);

}  // namespace mixpe
