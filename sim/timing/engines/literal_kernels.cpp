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
std::uint32_t literal_captures(const std::int32_t* __restrict tags, std::int32_t count) {
  std::uint32_t captures = 0;
  for (std::int32_t i = 0; i < count; ++i) {
    captures |= static_cast<std::uint32_t>((tags[i] & tag::kCapture) != 0) << i;
  }
  return captures;
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

namespace {

// Inlined into every version of its caller, so that each is compiled for its instruction set.
#define MIXPE_INLINE [[gnu::always_inline]] inline

/// Nothing stands above the first row: what leaves it is gone.
MIXPE_INLINE void shift_first_row(const ShadowRows& rows) {
  const std::int32_t* __restrict shift = rows.shift;
  const std::int32_t* __restrict parity = rows.parity;
  std::int32_t* __restrict state = rows.state;
  const std::int32_t columns = rows.columns;
  for (std::int32_t j = 0; j < columns; ++j) {
    const bool old = (state[j] & (tag::kHeld | tag::kOddSum)) == (tag::kHeld | parity[j]);
    state[j] = (shift[j] != 0) & old ? 0 : state[j];
  }
}

template <bool kValues>
MIXPE_INLINE std::int32_t shift_row(const ShadowRows& rows, std::int32_t row) {
  const std::int32_t* __restrict shift = rows.shift;
  const std::int32_t* __restrict parity = rows.parity;
  const std::int32_t* __restrict tap = rows.tap;
  const std::int32_t columns = rows.columns;
  std::int32_t* __restrict state = rows.state + row * columns;
  const std::int32_t* __restrict upper = rows.state + (row - 1) * columns;
  std::int32_t* __restrict value = kValues ? rows.value + row * columns : nullptr;
  const std::int32_t* __restrict upper_value = kValues ? rows.value + (row - 1) * columns : nullptr;
  std::int32_t moves = 0;
#pragma GCC ivdep  // the rows are disjoint
  for (std::int32_t j = 0; j < columns; ++j) {
    const std::int32_t wanted = tag::kHeld | parity[j];
    const bool active = (shift[j] != 0) & (row <= tap[j]);
    const bool take = active & ((upper[j] & (tag::kHeld | tag::kOddSum)) == wanted);
    const bool drop = active & ((state[j] & (tag::kHeld | tag::kOddSum)) == wanted);
    moves += take ? (upper[j] & tag::kReal) >> 1 : 0;
    if constexpr (kValues) value[j] = take ? upper_value[j] : value[j];
    const std::int32_t kept = drop ? 0 : state[j];
    state[j] = take ? upper[j] : kept;
  }
  return moves;
}

}  // namespace

MIXPE_MULTIVERSION
std::uint64_t literal_shift_rows(const ShadowRows& rows, std::int32_t first, std::int32_t last) {
  std::int32_t moves = 0;
  for (std::int32_t row = last; row >= first; --row) {
    if (row == 0) {
      shift_first_row(rows);
    } else if (rows.value != nullptr) {
      moves += shift_row<true>(rows, row);
    } else {
      moves += shift_row<false>(rows, row);
    }
  }
  return static_cast<std::uint64_t>(moves);
}

}  // namespace mixpe
