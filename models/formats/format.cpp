#include "models/formats/format.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "models/formats/floats.h"
#include "models/formats/integers.h"

namespace mixpe {

namespace {

constexpr int kMaxIntegerBits = 16;

struct NamedFormat {
  std::string_view name;
  Format format;
};
constexpr NamedFormat kNamed[] = {{"fp16", kFp16},
                                  {"bf16", kBf16},
                                  {"fp32", kFp32},
                                  {"flint4", kFlint4},
                                  {"uflint4", kUnsignedFlint4},
                                  {"pot4", kPowerOfTwo4},
                                  {"ovp4", kOutlierVictim4}};

}  // namespace

std::string Format::name() const {
  for (const NamedFormat& f : kNamed) {
    if (f.format == *this) return std::string(f.name);
  }
  return fmt::format("{}{}", is_signed() ? 'i' : 'u', bits);
}

std::optional<Format> Format::parse(std::string_view name) {
  for (const NamedFormat& f : kNamed) {
    if (f.name == name) return f.format;
  }
  // u4, i8: no sign, no leading zero, nothing after the number.
  if (name.size() < 2 || (name[0] != 'u' && name[0] != 'i') || name[1] == '0') return std::nullopt;
  int bits = 0;
  const char* const end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data() + 1, end, bits);
  if (error != std::errc{} || rest != end || bits < 1 || bits > kMaxIntegerBits) {
    return std::nullopt;
  }
  return name[0] == 'u' ? unsigned_int(bits) : signed_int(bits);
}

double decode(const Format& format, Code code) {
  if (format.is_integer()) return decode_int(format, code);
  const Unpacked u = unpack(format, code);
  double magnitude = 0;
  switch (u.kind) {
    case FloatClass::kNan:
      return std::bit_cast<double>(0x7ff8000000000000ULL);
    case FloatClass::kInfinity:
      magnitude = HUGE_VAL;
      break;
    case FloatClass::kFinite:
      magnitude = std::ldexp(u.significand, u.exponent);
      break;
  }
  return u.negative ? -magnitude : magnitude;
}

Code encode(const Format& format, double value) {
  if (format.is_integer()) return encode_int(format, value);
  constexpr int kFractionBits = 52, kInfinityField = 0x7ff;
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const bool negative = (bits >> 63) != 0;
  const auto field = static_cast<int>((bits >> kFractionBits) & kInfinityField);
  const std::uint64_t fraction = bits & ((std::uint64_t{1} << kFractionBits) - 1);
  if (field == kInfinityField) {
    return fraction != 0 ? nan_code(format) : infinity_code(format, negative);
  }
  // The last place of a double with exponent field e weighs 2^(max(e, 1) - 1023 - 52).
  const std::uint64_t hidden = field == 0 ? 0 : std::uint64_t{1} << kFractionBits;
  return encode_float(format, negative, hidden | fraction, (field == 0 ? 1 : field) - 1075);
}

}  // namespace mixpe
