#include "sim/timing/engines/literal_kernels.h"

#include "models/kernels/multiversion.h"

namespace mixpe {

MIXPE_MULTIVERSION
void literal_multiply_add(const LiteralPes& pes) {
  const std::int32_t* __restrict tags = pes.tags;
  const std::int16_t* __restrict act = pes.act;
  const std::int16_t* __restrict weight = pes.weight;
  std::int32_t* __restrict sum = pes.sum;
  const std::int32_t count = pes.count;
  for (std::int32_t i = 0; i < count; ++i) {
    const std::int32_t keep = ((tags[i] & tag::kFirst) >> 1) - 1;
    sum[i] = (sum[i] & keep) + std::int32_t{act[i]} * std::int32_t{weight[i]};
  }
}

MIXPE_MULTIVERSION
bool literal_any_capture(const std::int32_t* __restrict tags, std::int32_t count) {
  std::int32_t any = 0;
  for (std::int32_t i = 0; i < count; ++i) any |= tags[i];
  return (any & tag::kCapture) != 0;
}

MIXPE_MULTIVERSION
std::uint64_t literal_count_macs(const std::int32_t* __restrict tags,
                                 const std::int16_t* __restrict weight_tags, std::int32_t count) {
  std::uint32_t macs = 0;
  for (std::int32_t i = 0; i < count; ++i) {
    const std::int32_t rows = (tags[i] >> tag::kRealRows) & 0xff;
    macs += static_cast<std::uint32_t>((tags[i] >> tag::kProducts) * rows * (weight_tags[i] >> 1));
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

MIXPE_MULTIVERSION
std::uint64_t literal_shift_row(const ShadowRow& line) {
  const std::int32_t* __restrict shift = line.shift;
  const std::int32_t* __restrict parity = line.parity;
  const std::int32_t* __restrict tap = line.tap;
  std::int32_t* __restrict state = line.state;
  const std::int32_t row = line.row, columns = line.columns;
  if (line.upper_state == nullptr) {
    for (std::int32_t j = 0; j < columns; ++j) {
      const bool old = (state[j] & (tag::kHeld | tag::kOddSum)) == (tag::kHeld | parity[j]);
      state[j] = (shift[j] != 0) & old & (row <= tap[j]) ? 0 : state[j];
    }
    return 0;
  }
  const std::int32_t* __restrict upper = line.upper_state;
  if (line.value != nullptr) {
    const std::int32_t* __restrict upper_value = line.upper_value;
    std::int32_t* __restrict value = line.value;
    for (std::int32_t j = 0; j < columns; ++j) {
      const bool take = (shift[j] != 0) & (row <= tap[j]) &
                        ((upper[j] & (tag::kHeld | tag::kOddSum)) == (tag::kHeld | parity[j]));
      value[j] = take ? upper_value[j] : value[j];
    }
  }
  std::int32_t moves = 0;
  for (std::int32_t j = 0; j < columns; ++j) {
    const std::int32_t wanted = tag::kHeld | parity[j];
    const bool active = (shift[j] != 0) & (row <= tap[j]);
    const bool take = active & ((upper[j] & (tag::kHeld | tag::kOddSum)) == wanted);
    const bool drop = active & ((state[j] & (tag::kHeld | tag::kOddSum)) == wanted);
    moves += take ? (upper[j] & tag::kReal) >> 1 : 0;
    state[j] = take ? upper[j] : (drop ? 0 : state[j]);
  }
  return static_cast<std::uint64_t>(moves);
}

}  // namespace mixpe
