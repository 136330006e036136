#pragma once
// The units of each dimension and the exact conversion to its base unit (the first of its table).

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sim/config/yaml_reader.h"

namespace mixpe {

/// 1 unit = num / den base units.
struct Unit {
  const char* name;
  std::int64_t num, den;
};
std::span<const Unit> units_of(Dimension dimension);

struct SplitQuantity {
  std::string_view number;  ///< into the text it came from
  const Unit* unit;
  const char* base;  ///< name of the dimension's base unit
};
/// "1.5 KiB" -> "1.5" and KiB. On failure `why` says what is wrong.
std::optional<SplitQuantity> split_quantity(std::string_view text, Dimension dimension,
                                            std::string& why);
/// In base units, or none if that is no whole number or does not fit.
std::optional<std::int64_t> exact_amount(const SplitQuantity& quantity, std::string& why);

}  // namespace mixpe
