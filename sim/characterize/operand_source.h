#pragma once
// Seeded operands as arrays see them, drawn by place (sim/workload/counter_random.h).
//  * llm: activations N(0,1), one in a hundred times 6; INT8 at sigma 12.7, 4-bit codes at a 2.6th
//  of
//    their largest value. Weights N(0,1): 8-bit codes at a quarter of the largest value, 4-bit ones
//    at 2.9 around the middle of their range; floats N(0, 0.02).
//  * uniform: every code alike; floats U(-1,1).
//  * sparse: as llm, every other activation zero at random.
//  * The others vary llm one thing at a time, for a fit of energy to operands (operand_fit.h).

#include <cstdint>
#include <string>
#include <vector>

#include "models/formats/format.h"
#include "sim/workload/counter_random.h"

namespace mixpe {

enum class StreamKind {
  kLlm,
  kUniform,
  kSparse,
  kFewZeros,
  kManyZeros,
  kRectified,
  kSmall,
  kLarge,
  kHeld,
  kSmallWeights,
  kHeldWeights,
  kSlow
};
inline constexpr StreamKind kStreamKinds[] = {
    StreamKind::kLlm,          StreamKind::kUniform,     StreamKind::kSparse,
    StreamKind::kFewZeros,     StreamKind::kManyZeros,   StreamKind::kRectified,
    StreamKind::kSmall,        StreamKind::kLarge,       StreamKind::kHeld,
    StreamKind::kSmallWeights, StreamKind::kHeldWeights, StreamKind::kSlow};

/// What a stream has that llm has not.
struct StreamTraits {
  const char* name = "";
  double zero_share = 0;   ///< of the activations, at random
  bool rectified = false;  ///< negative activations are zero, too
  double act_scale = 1, weight_scale = 1;
  int act_steps = 1, weight_steps = 1;  ///< that an operand stays
};
const StreamTraits& traits_of(StreamKind kind);
const char* stream_name(StreamKind kind);
/// For the tables' provenance.
std::string streams_text(std::uint64_t seed);

class OperandSource {
 public:
  OperandSource(StreamKind kind, std::uint64_t seed);

  Code act(const Format& format, std::int64_t row, std::int64_t column) const;
  Code weight(const Format& format, std::int64_t row, std::int64_t column) const;
  /// N(0, sigma) as an integer of so many bits.
  std::uint64_t integer(int bits, double sigma, std::int64_t row, std::int64_t column) const;
  std::uint64_t fp16(double sigma, std::int64_t row, std::int64_t column) const;
  std::uint64_t fp32(double sigma, std::int64_t row, std::int64_t column) const;
  /// Uniform, of so many bits.
  std::uint64_t bits(int bits, std::int64_t row, std::int64_t column) const;

 private:
  double normal(std::int64_t row, std::int64_t column) const;
  StreamKind kind_;
  RandomField acts_, weights_, zeros_, outliers_, others_;
};

}  // namespace mixpe
