#include "models/memory/sram.h"

#include <fmt/format.h>

#include <algorithm>

namespace mixpe {
namespace {

/// Of the smallest row: what is left of a tiny macro is its periphery. A judgement.
constexpr double kLeastShare = 0.25;

}  // namespace

std::optional<SramMacro> find_macro(const SramTable& table, std::int64_t bytes,
                                    std::int64_t width_bits, std::string& why) {
  const auto width = std::find(table.widths_bits.begin(), table.widths_bits.end(), width_bits);
  if (width == table.widths_bits.end()) {
    why = fmt::format("no macro with a port of {} bit; there are ports of {}", width_bits,
                      fmt::join(table.widths_bits, " "));
    return std::nullopt;
  }
  const auto row = std::find_if(table.rows.begin(), table.rows.end(),
                                [&](const SramRow& r) { return r.kib * 1024 >= bytes; });
  if (row == table.rows.end()) {
    why = fmt::format("a macro of {} B is larger than the largest in the table ({} KiB)", bytes,
                      table.rows.empty() ? 0 : table.rows.back().kib);
    return std::nullopt;
  }
  double share = static_cast<double>(bytes) / static_cast<double>(row->kib * 1024);
  if (row == table.rows.begin()) share = std::max(share, kLeastShare);
  const auto column = static_cast<std::size_t>(width - table.widths_bits.begin());
  return SramMacro{.row_kib = row->kib,
                   .read_pj = row->read_pj[column],
                   .write_pj = row->write_pj[column],
                   .leakage_mw = row->leakage_mw * share,
                   .area_um2 = row->area_mm2 * 1e6 * share,
                   .access_ns = row->access_ns,
                   .cycle_ns = row->cycle_ns};
}

}  // namespace mixpe
