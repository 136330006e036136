#include "sim/characterize/operand_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/core/errors.h"
#include "models/formats/floats.h"
#include "models/formats/integers.h"

namespace mixpe {
namespace {

constexpr double kOutlierShare = 0.01, kOutlierFactor = 6;
constexpr double kInt8ActSigma = 12.7, kNarrowActShare = 2.6;
constexpr double kInt8WeightShare = 4, kNarrowWeightSigma = 2.9, kFloatWeightSigma = 0.02;
constexpr int kNarrowBits = 4;

std::uint64_t low_bits(std::int64_t value, int bits) {
  return static_cast<std::uint64_t>(value) & (~std::uint64_t{0} >> (64 - bits));
}

}  // namespace

const StreamTraits& traits_of(StreamKind kind) {
  static const StreamTraits all[] = {{.name = "llm"},
                                     {.name = "uniform"},
                                     {.name = "sparse", .zero_share = 0.5},
                                     {.name = "few_zeros", .zero_share = 0.25},
                                     {.name = "many_zeros", .zero_share = 0.85},
                                     {.name = "rectified", .rectified = true},
                                     {.name = "small", .act_scale = 0.25},
                                     {.name = "large", .act_scale = 3},
                                     {.name = "held", .act_steps = 4},
                                     {.name = "small_weights", .weight_scale = 0.25},
                                     {.name = "held_weights", .weight_steps = 4},
                                     {.name = "slow", .act_steps = 2, .weight_steps = 2}};
  return all[static_cast<std::size_t>(kind)];
}

const char* stream_name(StreamKind kind) { return traits_of(kind).name; }

std::string streams_text(std::uint64_t seed) {
  return fmt::format(
      "seed {}; llm: activations N(0,1) with 1 % x 6, INT8 sigma 12.7, weights N(0,1), uint4 sigma "
      "2.9, INT8 sigma 32; uniform: all codes; sparse: llm with half of the activations 0; nine "
      "more "
      "for the fit",
      seed);
}

OperandSource::OperandSource(StreamKind kind, std::uint64_t seed)
    : kind_(kind),
      acts_(seed, 1, 0),
      weights_(seed, 2, 0),
      zeros_(seed, 3, 0),
      outliers_(seed, 5, 0),
      others_(seed, 4, 0) {}

Code OperandSource::act(const Format& format, std::int64_t row, std::int64_t column) const {
  if (kind_ == StreamKind::kUniform) {
    if (format.is_integer()) {
      return static_cast<Code>(low_bits(acts_.bits(row, column), format.bits));
    }
    return encode(format, 2 * acts_.uniform(row, column) - 1);
  }
  const StreamTraits& t = traits_of(kind_);
  if (t.zero_share > 0 && zeros_.uniform(row, column) < t.zero_share) return encode(format, 0);
  double x = t.act_scale * acts_.gaussian(row, column);
  if (t.rectified && x < 0) return encode(format, 0);
  if (outliers_.uniform(row, column) < kOutlierShare) x *= kOutlierFactor;
  if (!format.is_integer()) return encode(format, x);
  const double sigma =
      format.bits <= kNarrowBits ? int_max(format) / kNarrowActShare : kInt8ActSigma;
  return encode(format, format.is_signed() ? sigma * x : std::abs(sigma * x));
}

Code OperandSource::weight(const Format& format, std::int64_t row, std::int64_t column) const {
  if (kind_ == StreamKind::kUniform) {
    if (format.is_integer()) {
      return static_cast<Code>(low_bits(weights_.bits(row, column), format.bits));
    }
    return encode(format, 2 * weights_.uniform(row, column) - 1);
  }
  const double x = traits_of(kind_).weight_scale * weights_.gaussian(row, column);
  if (!format.is_integer()) return encode(format, kFloatWeightSigma * x);
  const double largest = int_max(format);
  const double middle = format.is_signed() ? 0 : largest / 2;
  const bool plain_narrow = format.bits <= kNarrowBits && !format.is_coded();
  const double sigma = plain_narrow
                           ? kNarrowWeightSigma * (largest - int_min(format)) / 15
                           : (format.is_signed() ? largest : largest / 2) / kInt8WeightShare;
  return encode(format, middle + sigma * x);
}

double OperandSource::normal(std::int64_t row, std::int64_t column) const {
  return others_.gaussian(row, column);
}

std::uint64_t OperandSource::integer(int bits, double sigma, std::int64_t row,
                                     std::int64_t column) const {
  const double most = std::ldexp(1.0, bits - 1) - 1;
  return low_bits(std::llround(std::clamp(sigma * normal(row, column), -most, most)), bits);
}

std::uint64_t OperandSource::fp16(double sigma, std::int64_t row, std::int64_t column) const {
  return encode(kFp16, sigma * normal(row, column));
}

std::uint64_t OperandSource::fp32(double sigma, std::int64_t row, std::int64_t column) const {
  return encode(kFp32, sigma * normal(row, column));
}

std::uint64_t OperandSource::bits(int bits, std::int64_t row, std::int64_t column) const {
  return low_bits(others_.bits(row, column), bits);
}

}  // namespace mixpe
