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

RtlArrayModel make_rtl_model(const RtlArrayDesign& design, const RtlEngineOptions& options) {
  Verilation rtl = design.rtl;
  rtl.waves = waves_of(options.waves);
  rtl.shim = rtl_array_shim(rtl.ports, rtl.waves) + design.registers;
  auto library = std::make_shared<const RtlLibrary>(verilate(rtl, options.cache, options.say));
  RtlArrayModel model(std::move(library), rtl.ports);
  if (!options.waves.empty()) model.open_waves(options.waves);
  return model;
}

std::unique_ptr<ArrayEngine> make_rtl_engine(const ArrayWork& work,
                                             const RtlEngineOptions& options) {
  const RtlArrayDesign design = rtl_array_design(work);
  RtlArrayModel model = make_rtl_model(design, options);
  if (design.weight_stationary) {
    return std::make_unique<ClockedEngine<RtlWs>>(work, RtlWs(work, design, std::move(model)));
  }
  return std::make_unique<ClockedEngine<RtlOs>>(work, RtlOs(work, design, std::move(model)));
}

}  // namespace mixpe
