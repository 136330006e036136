// Numbers and quantities: strict, exact, independent of the locale.

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <system_error>

#include "models/core/errors.h"
#include "sim/config/unit_table.h"
#include "sim/config/yaml_reader.h"

namespace mixpe {
namespace {

constexpr std::int64_t kKilo = 1000, kMega = kKilo * 1000, kGiga = kMega * 1000,
                       kTera = kGiga * 1000;
constexpr std::int64_t kKibi = 1024, kMebi = kKibi * 1024, kGibi = kMebi * 1024;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Integer digits without a leading zero, an optional fraction, an optional exponent.
bool looks_like_number(std::string_view s, bool fraction_allowed, std::string& why) {
  std::size_t i = !s.empty() && s[0] == '-' ? 1 : 0;
  const std::size_t first = i;
  while (i < s.size() && is_digit(s[i])) ++i;
  if (i == first) {
    why = "not a number";
    return false;
  }
  if (i - first > 1 && s[first] == '0') {
    why = "a leading zero (octal in some readers)";
    return false;
  }
  if (fraction_allowed && i < s.size() && s[i] == '.') {
    const std::size_t dot = i++;
    while (i < s.size() && is_digit(s[i])) ++i;
    if (i == dot + 1) why = "no digits after the point";
  }
  if (fraction_allowed && i < s.size() && (s[i] == 'e' || s[i] == 'E')) {
    if (++i < s.size() && (s[i] == '-' || s[i] == '+')) ++i;
    const std::size_t exponent = i;
    while (i < s.size() && is_digit(s[i])) ++i;
    if (i == exponent) why = "no digits in the exponent";
  }
  if (why.empty() && i != s.size()) why = fraction_allowed ? "not a number" : "more than digits";
  return why.empty();
}

}  // namespace

std::span<const Unit> units_of(Dimension dimension) {
  static constexpr std::array kBytes = {Unit{"B", 1, 1}, Unit{"KiB", kKibi, 1},
                                        Unit{"MiB", kMebi, 1}, Unit{"GiB", kGibi, 1}};
  static constexpr std::array kBits = {Unit{"bit", 1, 1}};
  static constexpr std::array kHertz = {Unit{"Hz", 1, 1}, Unit{"kHz", kKilo, 1},
                                        Unit{"MHz", kMega, 1}, Unit{"GHz", kGiga, 1}};
  static constexpr std::array kRate = {Unit{"B/s", 1, 1}, Unit{"kB/s", kKilo, 1},
                                       Unit{"MB/s", kMega, 1}, Unit{"GB/s", kGiga, 1},
                                       Unit{"TB/s", kTera, 1}};
  static constexpr std::array kCycles = {Unit{"cycles", 1, 1}};
  static constexpr std::array kTime = {Unit{"ps", 1, 1}, Unit{"ns", kKilo, 1}, Unit{"us", kMega, 1},
                                       Unit{"ms", kGiga, 1}, Unit{"s", kTera, 1}};
  static constexpr std::array kEnergy = {Unit{"pJ", 1, 1}, Unit{"fJ", 1, kKilo},
                                         Unit{"nJ", kKilo, 1}};
  static constexpr std::array kPerBit = {Unit{"pJ/bit", 1, 1}, Unit{"fJ/bit", 1, kKilo},
                                         Unit{"pJ/B", 1, 8}};
  static constexpr std::array kArea = {Unit{"um2", 1, 1}, Unit{"mm2", kMega, 1}};
  static constexpr std::array kPower = {Unit{"uW", 1, 1}, Unit{"nW", 1, kKilo},
                                        Unit{"mW", kKilo, 1}, Unit{"W", kMega, 1}};
  static constexpr std::array kVolts = {Unit{"V", 1, 1}, Unit{"mV", 1, kKilo}};
  switch (dimension) {
    case Dimension::kBytes:
      return kBytes;
    case Dimension::kBits:
      return kBits;
    case Dimension::kHertz:
      return kHertz;
    case Dimension::kBytesPerSecond:
      return kRate;
    case Dimension::kCycles:
      return kCycles;
    case Dimension::kPicoseconds:
      return kTime;
    case Dimension::kPicojoules:
      return kEnergy;
    case Dimension::kPicojoulesPerBit:
      return kPerBit;
    case Dimension::kSquareMicrometres:
      return kArea;
    case Dimension::kMicrowatts:
      return kPower;
    case Dimension::kVolts:
      return kVolts;
  }
  throw InvariantError("a dimension without units");
}

std::string allowed_units(Dimension dimension) {
  std::vector<std::string> names;
  for (const Unit& unit : units_of(dimension)) names.emplace_back(unit.name);
  return joined(names);
}

std::string quantity_text(std::int64_t amount, Dimension dimension) {
  const Unit* best = &units_of(dimension).front();
  for (const Unit& unit : units_of(dimension)) {
    const bool whole = unit.den == 1 && amount != 0 && amount % unit.num == 0;
    if (whole && unit.num > best->num) best = &unit;
  }
  return std::to_string(amount / best->num) + " " + best->name;
}

std::string quantity_text(double amount, Dimension dimension) {
  return number_text(amount) + " " + units_of(dimension).front().name;
}

std::optional<std::int64_t> strict_integer(std::string_view text, std::string& why) {
  why.clear();
  if (!looks_like_number(text, false, why)) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) {
    why = "beyond 64 bits";
    return std::nullopt;
  }
  return value;
}

std::optional<double> strict_real(std::string_view text, std::string& why) {
  why.clear();
  if (!looks_like_number(text, true, why)) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) {
    why = "beyond the range of a double";
    return std::nullopt;
  }
  return value == 0 ? 0.0 : value;  // no negative zero
}

std::string number_text(double value) {
  char digits[32];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  check_invariant(error == std::errc(), "number_text: no room");
  return {digits, end};
}

std::optional<SplitQuantity> split_quantity(std::string_view text, Dimension dimension,
                                            std::string& why) {
  why.clear();
  std::size_t i = 0;
  while (i < text.size() && (is_digit(text[i]) || text[i] == '.' || text[i] == '-')) ++i;
  const std::string_view number = text.substr(0, i);
  while (i < text.size() && text[i] == ' ') ++i;
  const std::string_view name = text.substr(i);
  if (!looks_like_number(number, true, why)) return std::nullopt;
  for (const Unit& unit : units_of(dimension)) {
    if (name == unit.name || (dimension == Dimension::kCycles && name == "cycle")) {
      return SplitQuantity{number, &unit, units_of(dimension).front().name};
    }
  }
  why = name.empty() ? "the unit is missing" : "unknown unit '" + std::string(name) + "'";
  return std::nullopt;
}

std::optional<std::int64_t> exact_amount(const SplitQuantity& quantity, std::string& why) {
  why.clear();
  // number * num / den = digits * num / (10^decimals * den), all exact in integers.
  std::string digits(quantity.number);
  std::int64_t divisor = quantity.unit->den;
  if (const std::size_t dot = digits.find('.'); dot != std::string::npos) {
    while (digits.back() == '0') digits.pop_back();
    std::size_t decimals = digits.size() - dot - 1;
    digits.erase(dot, 1);
    for (; decimals > 0; --decimals) {
      if (__builtin_mul_overflow(divisor, std::int64_t{10}, &divisor)) {
        why = "too many digits after the point";
        return std::nullopt;
      }
    }
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const std::int64_t common = std::gcd(quantity.unit->num, divisor);
  divisor /= common;
  if (error == std::errc() && value % divisor != 0) {
    why = std::string("not a whole number of ") + quantity.base;
    return std::nullopt;
  }
  if (error != std::errc() ||
      __builtin_mul_overflow(value / divisor, quantity.unit->num / common, &value)) {
    why = "beyond 64 bits";
    return std::nullopt;
  }
  return value;
}

}  // namespace mixpe
