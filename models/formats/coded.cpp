#include "models/formats/coded.h"

#include <algorithm>
#include <cmath>

#include "models/core/errors.h"

namespace mixpe {

namespace {

constexpr Code kNibble = 0xf;
constexpr Code kMagnitude = 0x7;  ///< of a 4-bit code with a sign

Decoded with_sign(Decoded magnitude, Code code) {
  if ((code >> 3 & 1U) != 0) magnitude.integer = -magnitude.integer;
  return magnitude;
}

/// A nibble of two's complement; the victim is worth 0.
Decoded decode_normal(Code nibble) {
  if (nibble == kVictim) return {};
  return {static_cast<std::int32_t>(nibble) - (nibble > kVictim ? 16 : 0), 0};
}

bool is_encoded(const Format& format, Code code) {
  if (format.kind != FormatKind::kOutlierVictim) return true;
  return (code & kOutlierFlag) == 0 || (code & kMagnitude) != 0;
}

std::int32_t outlier_magnitude(Code code) { return decode_abfloat(code & kMagnitude).value(); }

}  // namespace

Decoded decode_coded(const Format& format, Code code) {
  switch (format.kind) {
    case FormatKind::kFlint:
      return with_sign(decode_flint(code & kMagnitude, 3), code);
    case FormatKind::kUnsignedFlint:
      return decode_flint(code & kNibble, 4);
    case FormatKind::kPowerOfTwo:
      return with_sign(decode_power_of_two(code & kMagnitude), code);
    case FormatKind::kOutlierVictim:
      if ((code & kOutlierFlag) == 0) return decode_normal(code & kNibble);
      return with_sign(decode_abfloat(code & kMagnitude), code);
    case FormatKind::kUnsigned:
    case FormatKind::kSigned:
    case FormatKind::kFloat:
      break;
  }
  throw InvariantError(format.name() + " is no coded format");
}

std::int32_t coded_max(const Format& format) {
  std::int32_t largest = 0;
  for (Code code = 0; code < Code{1} << format.code_bits(); ++code) {
    largest = std::max(largest, decode_coded(format, code).value());
  }
  return largest;
}

Code encode_coded(const Format& format, double value) {
  Code best = 0;
  double least = std::fabs(value);  // of code 0, worth 0
  for (Code code = 1; code < Code{1} << format.code_bits(); ++code) {
    if (!is_encoded(format, code)) continue;
    const double candidate = decode_coded(format, code).value();
    const double error = std::fabs(candidate - value);
    const double best_value = decode_coded(format, best).value();
    if (error < least || (error == least && std::fabs(candidate) < std::fabs(best_value))) {
      best = code;
      least = error;
    }
  }
  return best;
}

void make_pairs(std::span<std::uint16_t> codes) {
  for (std::size_t i = 0; i + 1 < codes.size(); i += 2) {
    std::uint16_t &a = codes[i], &b = codes[i + 1];
    const bool outlier_a = (a & kOutlierFlag) != 0, outlier_b = (b & kOutlierFlag) != 0;
    if (outlier_a && (!outlier_b || outlier_magnitude(a) >= outlier_magnitude(b))) {
      b = kVictim;
    } else if (outlier_b) {
      a = kVictim;
    }
  }
}

CodePair decode_pair(Code first_nibble, Code second_nibble) {
  if (second_nibble == kVictim && first_nibble != kVictim) {
    return {first_nibble | kOutlierFlag, kVictim};
  }
  if (first_nibble == kVictim && second_nibble != kVictim) {
    return {kVictim, second_nibble | kOutlierFlag};
  }
  return {first_nibble, second_nibble};
}

}  // namespace mixpe
