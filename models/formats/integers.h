#pragma once
// Integers of a given width, as hardware holds them.
//  * All functions are pure and exact. Widths: 1-16 bits for a Format, 1-63 for an accumulator,
//    so that the sum of two values in range never leaves int64.

#include <cstdint>

#include "models/formats/coded.h"
#include "models/formats/format.h"

namespace mixpe {

constexpr std::int64_t signed_min(int bits) { return -(std::int64_t{1} << (bits - 1)); }
constexpr std::int64_t signed_max(int bits) { return (std::int64_t{1} << (bits - 1)) - 1; }

/// The low `bits` bits of `value`, read as two's complement.
constexpr std::int64_t wrap_signed(std::int64_t value, int bits) {
  const int unused = 64 - bits;
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << unused) >> unused;
}

/// What an accumulator of `bits` bits holds after its adder made `value`; a value out of range
/// wraps and raises `overflows` by one.
constexpr std::int64_t wrap_counted(std::int64_t value, int bits, std::uint64_t& overflows) {
  const std::int64_t kept = wrap_signed(value, bits);
  if (kept != value) ++overflows;
  return kept;
}

/// Smallest and largest value of an integer format.
constexpr std::int32_t int_min(const Format& f) {
  if (f.is_coded()) return f.is_signed() ? -coded_max(f) : 0;
  return f.is_signed() ? static_cast<std::int32_t>(signed_min(f.bits)) : 0;
}
constexpr std::int32_t int_max(const Format& f) {
  if (f.is_coded()) return coded_max(f);
  return static_cast<std::int32_t>(signed_max(f.is_signed() ? f.bits : f.bits + 1));
}

/// The value of an integer code.
constexpr std::int32_t decode_int(const Format& f, Code code) {
  if (f.is_coded()) return decode_coded(f, code).value();
  return static_cast<std::int32_t>(f.is_signed() ? wrap_signed(code, f.bits)
                                                 : code & ((std::int64_t{1} << f.bits) - 1));
}

/// The code of `value` modulo 2^bits; of `value` itself if it is in the format's range. Not for
/// coded formats.
constexpr Code wrap_int(const Format& f, std::int64_t value) {
  return static_cast<Code>(value & ((std::int64_t{1} << f.bits) - 1));
}

/// The code nearest to `value`, ties to even, limited to the format's range; NaN gives 0. Coded
/// formats: encode_coded().
Code encode_int(const Format& f, double value);

}  // namespace mixpe
