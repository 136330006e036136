#include "sim/workload/counter_random.h"

#include <bit>
#include <cmath>

namespace mixpe {

std::array<std::uint32_t, 4> philox4x32_10(std::array<std::uint32_t, 4> counter,
                                           std::array<std::uint32_t, 2> key) {
  // Multipliers and Weyl increments of the paper's table 2 and section 4.
  constexpr std::uint64_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
  constexpr std::uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = kMultiplier0 * counter[0];
    const std::uint64_t b = kMultiplier1 * counter[2];
    counter = {
        static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
        static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key = {key[0] + kWeyl0, key[1] + kWeyl1};
  }
  return counter;
}

double portable_log(double x) {
  // x = m * 2^e with m in [sqrt(1/2), sqrt(2)), found in the exponent field.
  const auto bits = std::bit_cast<std::uint64_t>(x);
  auto e = static_cast<double>(static_cast<std::int64_t>(bits >> 52) - 1023);
  double m = std::bit_cast<double>((bits & 0x000F'FFFF'FFFF'FFFF) | 0x3FF0'0000'0000'0000);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    e += 1.0;
  }
  // ln m = 2 atanh(f) = 2 (f + f^3/3 + ...), |f| < 0.172: the first term left out is below 1e-14.
  const double f = (m - 1.0) / (m + 1.0), square = f * f;
  double series = 1.0 / 17;
  for (int odd = 15; odd >= 1; odd -= 2) series = series * square + 1.0 / odd;
  return e * 0.6931471805599453 + 2.0 * f * series;
}

double portable_exp(double x) {
  // x = n ln 2 + r, |r| <= ln(2)/2; Taylor: the first term left out is below 1e-15.
  const double n = std::floor(x * 1.4426950408889634 + 0.5);
  const double r = x - n * 0.6931471805599453;
  double series = 1.0;
  for (int i = 13; i >= 1; --i) series = series * r / i + 1.0;
  return series * std::bit_cast<double>(static_cast<std::uint64_t>(n + 1023.0) << 52);
}

double normal_quantile(double p) {
  const double q = p - 0.5;
  if (std::fabs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * (((5.9109374720e1 * r + 1.5929113202e2) * r + 5.0434271938e1) * r + 3.3871327179) /
           (((6.7187563600e1 * r + 7.8757757664e1) * r + 1.7895169469e1) * r + 1.0);
  }
  // The outermost region of AS 241, r > 5, begins at p = 1.4e-11, below what 32 bits give.
  const double r = std::sqrt(-portable_log(q < 0 ? p : 1.0 - p)) - 1.6;
  const double x = (((1.7023821103e-1 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777) /
                   ((1.2021132975e-1 * r + 7.3700164250e-1) * r + 1.0);
  return q < 0 ? -x : x;
}

RandomField::RandomField(std::uint64_t seed, std::uint64_t stream, std::uint8_t purpose)
    : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
      stream_low_(static_cast<std::uint32_t>(stream)),
      stream_high_(static_cast<std::uint32_t>(stream >> 32) << 8 | purpose) {}

std::array<std::uint32_t, 4> RandomField::block(std::int64_t row, std::int64_t block) const {
  return philox4x32_10({static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(row),
                        stream_low_, stream_high_},
                       key_);
}

std::uint32_t RandomField::bits(std::int64_t row, std::int64_t column) const {
  return block(row, column / 4)[static_cast<std::size_t>(column % 4)];
}

}  // namespace mixpe
