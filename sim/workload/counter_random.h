#pragma once
// Random numbers by index: draw i of a stream is a function of (seed, stream, i) alone, so that the
// order of generation, threads and platforms cannot matter.
//  * Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3",
//    SC'11.
//  * Real-valued draws use +, -, *, / and sqrt only, which IEEE 754 rounds in one way everywhere
//    (the build forbids contraction). libm's log and exp do not: their last bits differ.

#include <array>
#include <cstdint>

namespace mixpe {

std::array<std::uint32_t, 4> philox4x32_10(std::array<std::uint32_t, 4> counter,
                                           std::array<std::uint32_t, 2> key);

/// A uniform number in (0, 1): the middle of one of 2^32 equal intervals.
constexpr double to_unit(std::uint32_t bits) { return (bits + 0.5) * 0x1p-32; }

/// The standard normal quantile of p in (0, 1), relative error about 1e-7 for p >= 1.4e-11 and
/// 1 - p likewise (what to_unit() gives is). Wichura, "Algorithm AS 241", Applied Statistics 37
/// (1988), PPND7.
double normal_quantile(double p);

/// ln(x) for normal x > 0 and exp(x) for |x| < 700, relative error below 1e-12.
double portable_log(double x);
double portable_exp(double x);

/// Draws addressed by row and column.
class RandomField {
 public:
  /// Fields of one seed differ in `stream` (< 2^56) or `purpose`.
  RandomField(std::uint64_t seed, std::uint64_t stream, std::uint8_t purpose);

  std::uint32_t bits(std::int64_t row, std::int64_t column) const;
  double uniform(std::int64_t row, std::int64_t column) const { return to_unit(bits(row, column)); }
  double gaussian(std::int64_t row, std::int64_t column) const {
    return normal_quantile(uniform(row, column));
  }
  /// All four draws of columns 4 * block .. 4 * block + 3.
  std::array<std::uint32_t, 4> block(std::int64_t row, std::int64_t block) const;

 private:
  std::array<std::uint32_t, 2> key_;
  std::uint32_t stream_low_, stream_high_;
};

}  // namespace mixpe
