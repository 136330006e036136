#include "sim/report/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "models/core/errors.h"

namespace mixpe {
namespace {

/// A number, perhaps with a short unit behind it: "1,234", "-0.5", "3.1 %", "6.056 mJ".
bool looks_numeric(const std::string& cell) {
  const std::size_t end = std::min(cell.find(' '), cell.size());
  const std::size_t first = !cell.empty() && cell[0] == '-' ? 1 : 0;
  return first < end && cell.size() - end <= 4 &&
         cell.find_first_not_of("0123456789.,", first) >= end;
}

/// Columns a UTF-8 text occupies (no wide or combining characters are used here).
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

}  // namespace

void Table::row(std::vector<std::string> cells) {
  check_invariant(cells.size() == rows_.front().size(), "a table row has another number of cells");
  rows_.push_back(std::move(cells));
}

void Table::rule() { rows_.emplace_back(); }

std::string Table::text() const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  std::size_t total = 2 * (widths.size() - 1);
  for (const std::size_t w : widths) total += w;

  std::string out;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    if (rows_[r].empty()) {
      out += std::string(total, '-') + "\n";
      continue;
    }
    std::string line;
    for (std::size_t i = 0; i < rows_[r].size(); ++i) {
      const std::string& cell = rows_[r][i];
      const std::string pad(widths[i] - width(cell), ' ');
      if (i > 0) line += "  ";
      // A header stands over its column's numbers.
      const bool right =
          looks_numeric(r == 0 && rows_.size() > 1 && !rows_[1].empty() ? rows_[1][i] : cell);
      line += right ? pad + cell : cell + pad;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
    if (r == 0) out += std::string(total, '-') + "\n";
  }
  return out;
}

std::string si(double value, const std::string& unit, int digits) {
  static constexpr std::array<const char*, 11> kPrefixes = {"f", "p", "n", "µ", "m", "",
                                                            "k", "M", "G", "T", "P"};
  int index = 5;
  double scaled = value;
  if (value != 0 && std::isfinite(value)) {
    // The prefix is chosen after rounding to the digits shown, so 999.96 becomes 1.000 k.
    const int exponent = static_cast<int>(
        std::floor(std::log10(std::abs(value) * (1 + 0.5 * std::pow(10.0, -digits)))));
    index = std::clamp(5 + static_cast<int>(std::floor(exponent / 3.0)), 0, 10);
    scaled = value / std::pow(10.0, 3 * (index - 5));
  }
  const int before_point =
      scaled == 0 ? 1 : std::max(1, static_cast<int>(std::floor(std::log10(std::abs(scaled)))) + 1);
  return fmt::format("{:.{}f} {}{}", scaled, std::max(0, digits - before_point),
                     kPrefixes[static_cast<std::size_t>(index)], unit);
}

std::string grouped(std::int64_t value) {
  std::string text = fmt::format("{}", value);
  const std::size_t first = value < 0 ? 1 : 0;
  for (std::size_t i = text.size(); i > first + 3;) {
    i -= 3;
    text.insert(i, ",");
  }
  return text;
}

std::string fixed(double value, int decimals) { return fmt::format("{:.{}f}", value, decimals); }

std::string shortest(double value) { return fmt::format("{}", value); }

}  // namespace mixpe
