#include "models/memory/sram.h"

#include <algorithm>

namespace mixpe {

std::optional<SramMacro> find_macro(const SramTable& table, std::int64_t bytes,
                                    std::int64_t width_bits, std::string& why) {
  const auto width = std::find(table.widths_bits.begin(), table.widths_bits.end(), width_bits);
  if (width == table.widths_bits.end()) {
    why = "no macro with a port of " + std::to_string(width_bits) + " bit; there are ports of";
    for (const std::int64_t w : table.widths_bits) why += " " + std::to_string(w);
    return std::nullopt;
  }
  const auto row = std::find_if(table.rows.begin(), table.rows.end(),
                                [&](const SramRow& r) { return r.kib * 1024 >= bytes; });
  if (row == table.rows.end()) {
    why = "a macro of " + std::to_string(bytes) + " B is larger than any in the table" +
          (table.rows.empty() ? std::string()
                              : " (" + std::to_string(table.rows.back().kib) + " KiB)") +
          "; use more banks";
    return std::nullopt;
  }
  const bool smallest = row == table.rows.begin();
  const double share =
      smallest ? 1.0 : static_cast<double>(bytes) / static_cast<double>(row->kib * 1024);
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
