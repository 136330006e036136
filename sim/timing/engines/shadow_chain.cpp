#include "sim/timing/engines/shadow_chain.h"

#include <algorithm>

#include "sim/timing/engines/literal_kernels.h"

namespace mixpe {

ShadowChain::ShadowChain(std::int64_t planes, std::int64_t rows, std::int64_t cols, Values values)
    : planes_(planes),
      rows_(rows),
      cols_(cols),
      held_(static_cast<std::size_t>(planes * (rows + 1))),
      odd_(held_),
      real_(held_),
      next_held_(held_),
      next_odd_(held_),
      next_real_(held_),
      taken_(held_),
      odd_taken_(static_cast<std::size_t>(planes)),
      shifting_(static_cast<std::size_t>(rows)),
      moves_(shifting_),
      real_moves_(shifting_) {
  const auto outputs = static_cast<std::size_t>(planes * rows * cols);
  if (values == Values::kIntegers) integers_.assign(outputs, 0);
  if (values == Values::kSums) sums_.assign(outputs, {});
}

Sum ShadowChain::value(std::int64_t plane, std::int64_t row, std::int64_t col) const {
  Sum sum;
  if (!integers_.empty()) sum.integer = integers_[index(plane, row, col)];
  if (!sums_.empty()) sum = sums_[index(plane, row, col)];
  return sum;
}

std::uint64_t ShadowChain::capture(std::int64_t plane, const Capture& rows) {
  const std::size_t first = word(plane, 0);
  const bool free = literal_capture({rows.columns, rows.odd, rows.real_row, rows.real_col,
                                     &held_[first], &odd_[first], &real_[first], real_moves_.data(),
                                     static_cast<std::int32_t>(rows_)});
  check_invariant(free, "a shadow register is taken before it is empty");
  return literal_count_ones(real_moves_.data(), static_cast<std::int32_t>(rows_));
}

void ShadowChain::set_value(std::int64_t plane, std::int64_t row, std::int64_t col,
                            const Sum& sum) {
  const std::size_t at = index(plane, row, col);
  if (!integers_.empty()) integers_[at] = static_cast<std::int32_t>(sum.integer);
  if (!sums_.empty()) sums_[at] = sum;
}

Sum ShadowChain::take(std::int64_t plane, std::int64_t tap, std::int64_t col, bool odd) {
  const std::size_t at = word(plane, tap);
  const TagWord bit = TagWord{1} << col;
  check_invariant((held_[at] & bit) != 0 && ((odd_[at] & bit) != 0) == odd,
                  "a lane finds no sum in the last row");
  taken_[at] |= bit;
  TagWord& parity = odd_taken_[static_cast<std::size_t>(plane)];
  parity = odd ? parity | bit : parity & ~bit;
  any_taken_ = true;
  return value(plane, tap, col);
}

void ShadowChain::move_values(std::int64_t plane) {
  const auto rows = static_cast<std::int32_t>(rows_), cols = static_cast<std::int32_t>(cols_);
  if (!integers_.empty()) {
    literal_move_down(moves_.data(), &integers_[index(plane, 0, 0)], rows, cols);
  }
  if (sums_.empty()) return;
  for (std::int64_t row = rows_ - 1; row > 0; --row) {
    for (TagWord left = moves_[static_cast<std::size_t>(row)]; left != 0; left &= left - 1) {
      const std::int64_t col = std::countr_zero(left);
      sums_[index(plane, row, col)] = sums_[index(plane, row - 1, col)];
    }
  }
}

std::uint64_t ShadowChain::clock_plane(std::int64_t plane) {
  const std::size_t first = word(plane, 0);
  TagWord shifting = 0;  // columns whose tap is this row or below it
  for (auto row = static_cast<std::size_t>(rows_); row-- > 0;) {
    shifting |= taken_[first + row];
    taken_[first + row] = 0;
    shifting_[row] = shifting;
  }
  if (shifting == 0) return 0;
  literal_shift_shadows({shifting_.data(),
                         odd_taken_[static_cast<std::size_t>(plane)],
                         {&held_[first], &odd_[first], &real_[first]},
                         {&next_held_[first], &next_odd_[first], &next_real_[first]},
                         moves_.data(),
                         real_moves_.data(),
                         static_cast<std::int32_t>(rows_)});
  const auto rows = static_cast<std::size_t>(rows_);
  std::copy_n(&next_held_[first], rows, &held_[first]);
  std::copy_n(&next_odd_[first], rows, &odd_[first]);
  std::copy_n(&next_real_[first], rows, &real_[first]);
  move_values(plane);
  return literal_count_ones(real_moves_.data(), static_cast<std::int32_t>(rows_));
}

std::uint64_t ShadowChain::clock() {
  if (!any_taken_) return 0;
  any_taken_ = false;
  std::uint64_t moves = 0;
  for (std::int64_t plane = 0; plane < planes_; ++plane) moves += clock_plane(plane);
  return moves;
}

}  // namespace mixpe
