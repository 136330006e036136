#include "sim/cosim/rtl_engine.h"

#include "sim/cosim/rtl_array_design.h"
#include "sim/cosim/rtl_array_os.h"
#include "sim/cosim/rtl_array_ws.h"
#include "sim/timing/engines/clocked_engine.h"

namespace mixpe {
namespace {

Waves waves_of(const std::string& file) {
  if (file.empty()) return Waves::kNone;
  return file.ends_with(".fst") ? Waves::kFst : Waves::kVcd;
}

}  // namespace

void check_rtl_can_run(const ArrayWork& work) { rtl_array_design(work); }

std::unique_ptr<ArrayEngine> make_rtl_engine(const ArrayWork& work,
                                             const RtlEngineOptions& options) {
  RtlArrayDesign design = rtl_array_design(work);
  design.rtl.waves = waves_of(options.waves);
  design.rtl.shim = rtl_array_shim(design.rtl.ports, design.rtl.waves);
  auto library =
      std::make_shared<const RtlLibrary>(verilate(design.rtl, options.cache, options.say));
  RtlArrayModel model(std::move(library), design.rtl.ports);
  if (!options.waves.empty()) model.open_waves(options.waves);
  if (design.weight_stationary) {
    return std::make_unique<ClockedEngine<RtlWs>>(work, RtlWs(work, design, std::move(model)));
  }
  return std::make_unique<ClockedEngine<RtlOs>>(work, RtlOs(work, design, std::move(model)));
}

}  // namespace mixpe
