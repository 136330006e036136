#pragma once
// Plain-text tables and number formatting, independent of the locale.

#include <cstdint>
#include <string>
#include <vector>

namespace mixpe {

/// Columns are as wide as their widest cell; cells that look like numbers are right-aligned.
class Table {
 public:
  explicit Table(std::vector<std::string> header) : rows_{std::move(header)} {}
  /// Must have as many cells as the header.
  void row(std::vector<std::string> cells);
  /// A line across before the next row.
  void rule();
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;  ///< an empty one is a rule
};

/// `digits` significant digits with an SI prefix: si(1234567.0, "J") is "1.235 MJ".
std::string si(double value, const std::string& unit, int digits = 4);
/// Digits grouped by commas: 1,234,567.
std::string grouped(std::int64_t value);
/// Fixed number of decimals.
std::string fixed(double value, int decimals);
/// Shortest text that reads back as the same double.
std::string shortest(double value);

}  // namespace mixpe
