#include "sim/timing/engines/literal_kernels.h"

#include "models/kernels/multiversion.h"

namespace mixpe {

MIXPE_MULTIVERSION
void literal_multiply_add(const std::int16_t* __restrict act, const std::int16_t* __restrict weight,
                          std::int32_t* __restrict sum, std::int32_t count) {
  for (std::int32_t i = 0; i < count; ++i) {
    sum[i] += std::int32_t{act[i]} * std::int32_t{weight[i]};
  }
}

MIXPE_MULTIVERSION
void literal_shift_rows(const std::uint32_t* __restrict in, const std::uint32_t* __restrict delay,
                        std::uint32_t* __restrict edge, const std::uint32_t* before,
                        std::uint32_t* now, std::uint32_t columns, std::int32_t lines) {
#pragma GCC ivdep  // `now` may be `before`
  for (std::int32_t i = 0; i < lines; ++i) {
    edge[i] = edge[i] << 1 | in[i];
    now[i] = (before[i] << 1 | (edge[i] >> delay[i] & 1)) & columns;
  }
}

MIXPE_MULTIVERSION
std::uint32_t literal_rows_with(const std::uint32_t* words, std::uint32_t bits,
                                std::int32_t count) {
  std::uint32_t rows = 0;
  for (std::int32_t i = 0; i < count; ++i) rows |= ((words[i] & bits) != 0 ? 1U : 0U) << i;
  return rows;
}

MIXPE_MULTIVERSION
std::uint64_t literal_count_macs(const LiteralMacs& macs) {
  std::int32_t count = 0;
  for (std::int32_t a = 0; a < macs.lanes_m; ++a) {
    for (std::int32_t b = 0; b < macs.lanes_n; ++b) {
      const std::uint32_t* row = macs.real_row + a * macs.rows;
      const std::uint32_t* col = macs.real_col + b * macs.rows;
      for (std::int32_t r = 0; r < macs.rows; ++r) {
        count += __builtin_popcount(macs.step[r] & row[r] & col[r]);
      }
    }
  }
  return static_cast<std::uint64_t>(count);
}

MIXPE_MULTIVERSION
std::uint64_t literal_count_ones(const std::uint32_t* words, std::int32_t count) {
  std::int32_t ones = 0;
  for (std::int32_t i = 0; i < count; ++i) ones += __builtin_popcount(words[i]);
  return static_cast<std::uint64_t>(ones);
}

MIXPE_MULTIVERSION
void literal_shift_shadows(const ShadowRows& s) {
  const std::uint32_t* __restrict shifting = s.shifting;
  const std::uint32_t* __restrict held = s.before.held;
  const std::uint32_t* __restrict odd = s.before.odd;
  const std::uint32_t* __restrict real = s.before.real;
  std::uint32_t* __restrict next_held = s.after.held;
  std::uint32_t* __restrict next_odd = s.after.odd;
  std::uint32_t* __restrict next_real = s.after.real;
  std::uint32_t* __restrict moves = s.moves;
  std::uint32_t* __restrict real_moves = s.real_moves;
  const std::uint32_t parity = s.parity;
  for (std::int32_t r = 0; r < s.rows; ++r) {
    const std::uint32_t leaves = shifting[r] & ~(odd[r] ^ parity);
    const std::uint32_t takes = shifting[r] & held[r - 1] & ~(odd[r - 1] ^ parity);
    next_held[r] = (held[r] & ~leaves) | takes;
    next_odd[r] = (odd[r] & ~takes) | (odd[r - 1] & takes);
    next_real[r] = (real[r] & ~takes) | (real[r - 1] & takes);
    moves[r] = takes;
    real_moves[r] = takes & real[r - 1];
  }
}

MIXPE_MULTIVERSION
bool literal_capture(const ShadowCapture& s) {
  const std::uint32_t* __restrict columns = s.columns;
  const std::uint32_t* __restrict from_odd = s.from_odd;
  const std::uint32_t* __restrict real_row = s.real_row;
  const std::uint32_t* __restrict real_col = s.real_col;
  std::uint32_t* __restrict held = s.held;
  std::uint32_t* __restrict odd = s.odd;
  std::uint32_t* __restrict real = s.real;
  std::uint32_t* __restrict captured = s.captured;
  std::uint32_t taken = 0;
  for (std::int32_t r = 0; r < s.rows; ++r) {
    const std::uint32_t at = columns[r];
    taken |= held[r] & at;
    held[r] |= at;
    odd[r] = (odd[r] & ~at) | (from_odd[r] & at);
    captured[r] = real_row[r] & real_col[r] & at;
    real[r] = (real[r] & ~at) | captured[r];
  }
  return taken == 0;
}

MIXPE_MULTIVERSION
void literal_move_down(const std::uint32_t* moves, std::int32_t* values, std::int32_t rows,
                       std::int32_t cols) {
  for (std::int32_t r = rows - 1; r > 0; --r) {
    const std::uint32_t move = moves[r];
    if (move == 0) continue;
    std::int32_t* __restrict to = values + r * cols;
    const std::int32_t* __restrict from = to - cols;
    for (std::int32_t c = 0; c < cols; ++c) to[c] = (move >> c & 1) != 0 ? from[c] : to[c];
  }
}

MIXPE_MULTIVERSION
std::uint64_t literal_add_edge(const std::int16_t* __restrict act, std::int64_t* __restrict sum,
                               std::int32_t stride, std::int32_t count) {
  std::uint64_t magnitudes = 0;
  for (std::int32_t i = 0; i < count; ++i) {
    sum[i] += act[i * stride];
    magnitudes |= static_cast<std::uint64_t>(sum[i] ^ (sum[i] >> 63));
  }
  return magnitudes;
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
