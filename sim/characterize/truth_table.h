#pragma once
// Boolean functions of a cell's pins as truth tables.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mixpe {

/// A function of up to kMostInputs pins: bit i is its value where input k is bit k of i.
class TruthTable {
 public:
  static constexpr std::size_t kMostInputs = 6;

  TruthTable() = default;
  TruthTable(std::uint64_t bits, std::size_t inputs);

  bool at(std::uint64_t inputs) const { return (bits_ >> inputs & 1U) != 0; }
  std::uint64_t bits() const { return bits_; }
  std::size_t inputs() const { return inputs_; }
  /// Whether input `k` ever matters.
  bool depends_on(std::size_t k) const;
  TruthTable complement() const;
  bool operator==(const TruthTable&) const = default;

 private:
  std::uint64_t bits_ = 0;
  std::size_t inputs_ = 0;
};

/// A Liberty expression (! ' & * juxtaposition ^ + |, 0, 1) over `inputs`. None, with `why`, if it
/// is no expression, names another pin, or has too many inputs.
std::optional<TruthTable> parse_function(std::string_view text,
                                         const std::vector<std::string>& inputs, std::string& why);

}  // namespace mixpe
