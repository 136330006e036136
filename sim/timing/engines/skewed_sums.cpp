#include "sim/timing/engines/skewed_sums.h"

#include <algorithm>

namespace mixpe {

void add_skewed(Isa isa, const SkewedSums& sums) {
  switch (isa) {
    case Isa::kAvx512:
      return skewed::add_avx512(sums);
    case Isa::kAvx2:
      return skewed::add_avx2(sums);
    case Isa::kPortable:
      return skewed::add_portable(sums);
  }
}

void skewed::add_portable(const SkewedSums& s) {
  for (std::int32_t r = 0; r < s.rows; ++r) {
    const std::int16_t* act = s.act + r * s.act_stride;
    std::int32_t* sum = s.sum + r * s.columns;
    const std::int32_t to = std::clamp(s.to - r, 0, s.cycles);
    for (std::int32_t t = std::clamp(s.from - r, 0, s.cycles); t < to; ++t) {
      const std::int32_t* weight = s.weight + t / 2 * s.columns;
      const int high = t % 2 * 16;
      for (std::int32_t c = 0; c < s.columns; ++c) {
        const std::int32_t product = act[c - t] * static_cast<std::int16_t>(weight[c] >> high);
        sum[c] = static_cast<std::int32_t>(static_cast<std::uint32_t>(sum[c]) +
                                           static_cast<std::uint32_t>(product));
      }
    }
  }
}

}  // namespace mixpe
