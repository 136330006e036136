#include "sim/cosim/rtl_array_pe.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/core/errors.h"
#include "sim/cosim/embedded_rtl.h"

namespace mixpe {

RtlPe rtl_pe(const PeSpec& pe, const Operands& formats, bool weight_stationary, bool shadow) {
  RtlPe rtl;
  rtl.folder = "pe/" + pe.name;
  rtl.module = pe.name;
  if (!embedded_rtl().contains(rtl.folder + "/" + pe.name + ".sv")) {
    throw UserError("array.engine: there is no RTL of this PE; got " + pe.name +
                    " (engine: tile, cycle or literal)");
  }
  const bool integer = pe.sum_kind == SumKind::kInteger;
  int widest = 0;
  for (const PeMode& mode : pe.modes) {
    for (const Format& weight : mode.weights) widest = std::max(widest, weight.bits);
    rtl.wide = rtl.wide || (integer && mode.ii == 2);
  }
  const int nibble = 4, flags = 3, aligned = 16;
  rtl.act_bits = pe.prescan ? aligned + flags : formats.act.bits;
  rtl.wgt_bits = rtl.wide ? (weight_stationary ? 8 : nibble + 1) : std::max(widest, nibble);
  if (!shadow) rtl.parameters += ", .Shadow(1'b0)";
  if (rtl.wide) rtl.parameters += ", .Wide(1'b1)";
  if (pe.params.contains("sum")) {
    rtl.parameters += fmt::format(", .Sum({})", !integer ? 0 : pe.prescan ? 2 : 1);
  }
  if (!integer) {
    rtl.parameters +=
        fmt::format(", .AddLatency({}), .Interleave({})", pe.add_latency, pe.interleave);
  }
  return rtl;
}

}  // namespace mixpe
