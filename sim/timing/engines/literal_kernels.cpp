#include "sim/timing/engines/literal_kernels.h"

#include "models/kernels/multiversion.h"

namespace mixpe {

MIXPE_MULTIVERSION
void literal_multiply_add(const LiteralPes& pes) {
  const std::uint16_t* __restrict tags = pes.tags;
  const std::int16_t* __restrict act = pes.act;
  const std::int16_t* __restrict weight = pes.weight;
  std::int32_t* __restrict sum = pes.sum;
  const std::int32_t count = pes.count;
  for (std::int32_t i = 0; i < count; ++i) {
    const std::int32_t keep = ((tags[i] & tag::kFirst) >> 1) - 1;
    sum[i] = (sum[i] & keep) + std::int32_t{act[i]} * std::int32_t{weight[i]};
  }
}

namespace {

// Inlined into every version of its caller, so that each is compiled for its instruction set.
#define MIXPE_INLINE [[gnu::always_inline]] inline

/// One lane each way: a tag is 0 or 1 outputs along m, a weight's 0 or 1 along n.
MIXPE_INLINE std::uint64_t count_single(const std::uint16_t* __restrict tags,
                                        const std::int16_t* __restrict weight_tags,
                                        std::int32_t count) {
  std::uint64_t macs = 0;
  constexpr std::int32_t kBlock = 16384;  // whose count fits 16 bits
  for (std::int32_t first = 0; first < count; first += kBlock) {
    std::uint16_t block = 0;
    const std::int32_t last = count - first < kBlock ? count : first + kBlock;
    for (std::int32_t i = first; i < last; ++i) {
      const auto real = static_cast<std::uint16_t>(weight_tags[i] >> 1);
      block = static_cast<std::uint16_t>(
          block + (tags[i] & tag::kStep & (tags[i] >> tag::kRealRows) & real));
    }
    macs += block;
  }
  return macs;
}

}  // namespace

MIXPE_MULTIVERSION
std::uint64_t literal_count_macs(const std::uint16_t* __restrict tags,
                                 const std::int16_t* __restrict weight_tags,
                                 const std::int16_t* __restrict k, std::int32_t count) {
  if (k == nullptr) return count_single(tags, weight_tags, count);
  std::uint32_t macs = 0;
  for (std::int32_t i = 0; i < count; ++i) {
    macs += static_cast<std::uint32_t>(k[i] * (tags[i] >> tag::kRealRows) * (weight_tags[i] >> 1));
  }
  return macs;
}

MIXPE_MULTIVERSION
std::uint64_t literal_count_macs_ws(const std::int32_t* __restrict tags,
                                    const std::int16_t* __restrict weight_tags,
                                    std::int32_t count) {
  std::uint32_t macs = 0;
  for (std::int32_t i = 0; i < count; ++i) {
    macs +=
        static_cast<std::uint32_t>((tags[i] >> tag::kProducts) * ((weight_tags[i] >> 1) & 0x7f));
  }
  return macs;
}

MIXPE_MULTIVERSION
void literal_add_products(const std::int16_t* __restrict act, const std::int16_t* __restrict weight,
                          const std::int32_t* __restrict previous, std::int32_t* __restrict sum,
                          std::int32_t cols, std::int32_t count) {
  for (std::int32_t i = 0; i < cols; ++i) sum[i] = std::int32_t{act[i]} * std::int32_t{weight[i]};
  for (std::int32_t i = cols; i < count; ++i) {
    sum[i] = previous[i - cols] + std::int32_t{act[i]} * std::int32_t{weight[i]};
  }
}

}  // namespace mixpe
