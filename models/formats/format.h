#pragma once
// Number formats.
//  * A value travels as a Code: its bit pattern, zero-extended to 32 bits. Readers ignore bits
//    above the format's width.
//  * Integers of 1-16 bits, signed (two's complement) and unsigned; FP16, BF16, FP32 as IEEE
//    754-2019 says (BF16: the same rules with 8 exponent and 7 fraction bits); codes that stand for
//    integers (coded.h).
//  * Rounding is to nearest, ties to even. Every NaN result is the one canonical quiet NaN.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mixpe {

using Code = std::uint32_t;

enum class FormatKind {
  kUnsigned,
  kSigned,
  kFloat,
  // Coded integers: coded.h.
  kFlint,
  kUnsignedFlint,
  kPowerOfTwo,
  kOutlierVictim,
};

struct Format {
  FormatKind kind = FormatKind::kSigned;
  int bits = 8;           ///< storage width
  int exponent_bits = 0;  ///< floats only
  int fraction_bits = 0;  ///< floats only, without the hidden bit

  bool operator==(const Format&) const = default;
  /// Every value is an integer.
  constexpr bool is_integer() const { return kind != FormatKind::kFloat; }
  /// … but the code is not that integer.
  constexpr bool is_coded() const { return kind > FormatKind::kFloat; }
  constexpr bool is_signed() const {
    return kind != FormatKind::kUnsigned && kind != FormatKind::kUnsignedFlint;
  }
  /// Bits of a Code: one more than in storage where the neighbour in memory says what a code means.
  constexpr int code_bits() const { return kind == FormatKind::kOutlierVictim ? bits + 1 : bits; }
  /// u4, i8, fp16, flint4, …
  std::string name() const;
  /// Accepts kFormatNames.
  static std::optional<Format> parse(std::string_view name);
};

inline constexpr Format kFp16{FormatKind::kFloat, 16, 5, 10};
inline constexpr Format kBf16{FormatKind::kFloat, 16, 8, 7};
inline constexpr Format kFp32{FormatKind::kFloat, 32, 8, 23};
inline constexpr Format kFlint4{FormatKind::kFlint, 4, 0, 0};
inline constexpr Format kUnsignedFlint4{FormatKind::kUnsignedFlint, 4, 0, 0};
inline constexpr Format kPowerOfTwo4{FormatKind::kPowerOfTwo, 4, 0, 0};
inline constexpr Format kOutlierVictim4{FormatKind::kOutlierVictim, 4, 0, 0};
/// What Format::parse() accepts, for messages.
inline constexpr const char* kFormatNames =
    "u1-u16, i1-i16, fp16, bf16, fp32, flint4, uflint4, pot4, ovp4";
constexpr Format unsigned_int(int bits) { return {FormatKind::kUnsigned, bits, 0, 0}; }
constexpr Format signed_int(int bits) { return {FormatKind::kSigned, bits, 0, 0}; }

/// The exact value of a code; every supported format fits in a double. NaN codes give a quiet NaN.
double decode(const Format& format, Code code);
/// The code nearest to `value`, ties to even, in one rounding (a float widens exactly).
/// Integers saturate, and NaN gives 0 (they have no other code for it); floats go to infinity.
Code encode(const Format& format, double value);

}  // namespace mixpe
