#include "sim/workload/operand_statistics.h"

#include <bit>
#include <span>

#include "models/formats/format.h"

namespace mixpe {
namespace {

/// Mean bits in which codes differ from those `stride` before them, in each run of `length`.
double mean_toggles(std::span<const std::uint16_t> codes, std::int64_t length,
                    std::int64_t stride) {
  if (length <= stride) return 0;
  const auto run = static_cast<std::size_t>(length), back = static_cast<std::size_t>(stride);
  std::uint64_t toggles = 0, pairs = 0;
  for (std::size_t begin = 0; begin < codes.size(); begin += run) {
    for (std::size_t i = begin + back; i < begin + run; ++i) {
      toggles += static_cast<std::uint64_t>(
          std::popcount(static_cast<unsigned>(codes[i] ^ codes[i - back])));
    }
    pairs += run - back;
  }
  return static_cast<double>(toggles) / static_cast<double>(pairs);
}

double zero_share(std::span<const std::uint16_t> codes, const Format& format) {
  std::uint64_t zeros = 0;
  for (const std::uint16_t code : codes) zeros += decode(format, code) == 0 ? 1 : 0;
  return static_cast<double>(zeros) / static_cast<double>(codes.size());
}

}  // namespace

void OperandStatistics::blend(const OperandStatistics& other, double share) {
  const auto mix = [share](double& mean, double with) { mean += share * (with - mean); };
  mix(act_toggles, other.act_toggles);
  mix(weight_toggles, other.weight_toggles);
  mix(zero_acts, other.zero_acts);
}

OperandStatistics operand_statistics(const GemmOperands& o, Dataflow dataflow, int lanes_k) {
  OperandStatistics s;
  s.zero_acts = zero_share(o.act, o.formats.act);
  if (dataflow == Dataflow::kOutputStationary) {
    s.act_toggles = mean_toggles(o.act, o.k, lanes_k);
    s.weight_toggles = mean_toggles(o.weight, o.k, lanes_k);
  } else {
    s.act_toggles = mean_toggles(o.act, o.m * o.k, o.k);
  }
  return s;
}

}  // namespace mixpe
