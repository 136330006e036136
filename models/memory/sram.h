#pragma once
// SRAM macros as a table of characterised sizes and port widths.
//  * Looked up, never interpolated: the organisation a memory compiler picks jumps between sizes,
//  so
//    energy and timing are those of the next larger row at exactly the asked width.
//  * Area and leakage, which go with the number of cells, are scaled down to the asked capacity,
//  but
//    not below a quarter of the smallest row.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mixpe {

/// One size. Energies per access by port width (SramTable::widths_bits), the rest at 256 bits.
struct SramRow {
  std::int64_t kib = 0;
  std::vector<double> read_pj, write_pj;
  double leakage_mw = 0, area_mm2 = 0, access_ns = 0, cycle_ns = 0;
};

struct SramTable {
  std::vector<std::int64_t> widths_bits;  ///< ascending
  std::vector<SramRow> rows;              ///< ascending in kib
};

/// A single-port macro.
struct SramMacro {
  std::int64_t row_kib = 0;  ///< the row it was priced from
  double read_pj = 0, write_pj = 0;
  double leakage_mw = 0, area_um2 = 0;
  double access_ns = 0, cycle_ns = 0;
};

/// The macro of `bytes` (> 0) with a port of `width_bits`. None, with `why`, if the table has no
/// such width or no size that large.
std::optional<SramMacro> find_macro(const SramTable& table, std::int64_t bytes,
                                    std::int64_t width_bits, std::string& why);

}  // namespace mixpe
