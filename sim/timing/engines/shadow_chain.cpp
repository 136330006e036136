#include "sim/timing/engines/shadow_chain.h"

#include <algorithm>
#include <bit>

#include "models/core/ceil_div.h"
#include "models/core/errors.h"
#include "sim/timing/engines/literal_kernels.h"

namespace mixpe {

ShadowChain::ShadowChain(std::int64_t rows, std::int64_t cols, Values values)
    : rows_(rows),
      cols_(cols),
      words_(ceil_div(cols, kWord)),
      held_(static_cast<std::size_t>(rows * words_)),
      odd_(held_),
      real_(held_),
      taken_(held_),
      odd_taken_(static_cast<std::size_t>(words_)) {
  const auto outputs = static_cast<std::size_t>(rows * cols);
  if (values == Values::kIntegers) integers_.assign(outputs, 0);
  if (values == Values::kSums) sums_.assign(outputs, {});
}

void ShadowChain::set(Words& words, std::int64_t row, std::int64_t col, bool value) {
  std::uint64_t& w = words[word(row, col)];
  w = value ? w | mask(col) : w & ~mask(col);
}

Sum ShadowChain::value(std::int64_t row, std::int64_t col) const {
  Sum sum;
  if (!integers_.empty()) sum.integer = integers_[index(row, col)];
  if (!sums_.empty()) sum = sums_[index(row, col)];
  return sum;
}

void ShadowChain::capture(std::int64_t row, std::int64_t col, bool odd, bool real, const Sum& sum) {
  check_invariant(!held(row, col), "a shadow register is taken before it is empty");
  set(held_, row, col, true);
  set(odd_, row, col, odd);
  set(real_, row, col, real);
  if (!integers_.empty()) integers_[index(row, col)] = static_cast<std::int32_t>(sum.integer);
  if (!sums_.empty()) sums_[index(row, col)] = sum;
}

Sum ShadowChain::take(std::int64_t tap, std::int64_t col, bool odd) {
  check_invariant(held_by(tap, col, odd), "a lane finds no sum in the last row");
  set(taken_, tap, col, true);
  set(odd_taken_, 0, col, odd);
  last_tap_ = std::max(last_tap_, tap);
  return value(tap, col);
}

void ShadowChain::move_values(std::int64_t row, std::int64_t w, std::uint64_t columns) {
  const std::size_t to = index(row, w * kWord), from = index(row - 1, w * kWord);
  const auto first = static_cast<std::size_t>(std::countr_zero(columns));
  const std::uint64_t run = columns >> first;
  // Columns that shift mostly stand side by side.
  if (!integers_.empty() && (run & (run + 1)) == 0) {
    const auto count = static_cast<std::size_t>(std::countr_one(run));
    std::copy_n(&integers_[from + first], count, &integers_[to + first]);
    return;
  }
  for (; columns != 0; columns &= columns - 1) {
    const auto col = static_cast<std::size_t>(std::countr_zero(columns));
    if (!integers_.empty()) integers_[to + col] = integers_[from + col];
    if (!sums_.empty()) sums_[to + col] = sums_[from + col];
  }
}

/// Register (row, col) of a column that shifts takes the sum above it, if that belongs to the
/// segment that drains; its own has left.
void ShadowChain::shift_row(std::int64_t row, std::int64_t w, std::uint64_t shifting) {
  const auto at = static_cast<std::size_t>(row * words_ + w);
  const std::uint64_t parity = odd_taken_[static_cast<std::size_t>(w)];
  held_[at] &= ~(shifting & ~(odd_[at] ^ parity));
  if (row == 0) return;
  const std::size_t above = at - static_cast<std::size_t>(words_);
  const std::uint64_t moves = shifting & held_[above] & ~(odd_[above] ^ parity);
  held_[at] |= moves;
  odd_[at] = (odd_[at] & ~moves) | (odd_[above] & moves);
  real_[at] = (real_[at] & ~moves) | (real_[above] & moves);
  if (moves == 0) return;
  move_values(row, w, moves);
  moved_.push_back(moves & real_[above]);
}

std::uint64_t ShadowChain::clock() {
  if (last_tap_ < 0) return 0;
  moved_.clear();
  for (std::int64_t w = 0; w < words_; ++w) {
    std::uint64_t shifting = 0;  // columns whose tap is this row or below it
    for (std::int64_t row = last_tap_; row >= 0; --row) {
      std::uint64_t& taken = taken_[static_cast<std::size_t>(row * words_ + w)];
      shifting |= taken;
      taken = 0;
      if (shifting != 0) shift_row(row, w, shifting);
    }
  }
  last_tap_ = -1;
  return literal_count_ones(moved_.data(), moved_.size());
}

}  // namespace mixpe
