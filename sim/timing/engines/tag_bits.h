#pragma once
// Control bits of the literal output-stationary array: flops beside the operand registers. A row of
// PEs is one word per bit, PE c's is bit c.
//  * What enters the array's edge with lane r (or column c) reaches its first PE r (c) cycles
//  later.
//  * `stages`: registers in each PE behind the operand register, as for operands (registers.h).

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mixpe {

/// A row of PEs.
using TagWord = std::uint32_t;
inline constexpr std::int64_t kTagBits = 32;

/// Bits that travel with the activations, to the right.
class RowTags {
 public:
  RowTags(std::int64_t kinds, std::int64_t rows, std::int64_t cols, std::int64_t stages);

  /// One clock: in[kind][row], 0 or 1.
  void clock(const TagWord* in);
  void clear();
  /// [kind][row], `stage` registers behind the operand register.
  const TagWord* stage(std::int64_t stage) const {
    const std::size_t at = newest_ + static_cast<std::size_t>(stage);
    return &grid_[(at < grids_ ? at : at - grids_) * delay_.size()];
  }

 private:
  std::vector<TagWord> delay_, edge_;  ///< [kind][row] cycles at the edge; the flops there
  TagWord columns_;
  std::size_t grids_;
  std::size_t newest_ = 0;     ///< older grids follow it, around the end
  std::vector<TagWord> grid_;  ///< [grid][kind][row]
};

/// Bits that travel with the weights, downwards.
class ColumnTags {
 public:
  ColumnTags(std::int64_t kinds, std::int64_t rows, std::int64_t cols, std::int64_t stages);

  /// One clock: in[kind], bit c is column c's.
  void clock(const TagWord* in);
  void clear();
  /// [kind][row], `stage` registers behind the operand register.
  const TagWord* stage(std::int64_t stage) const {
    const std::size_t at = newest_ + static_cast<std::size_t>(stage);
    return &grid_[(at < grids_ ? at : at - grids_) * kinds_ * rows_];
  }

 private:
  std::size_t kinds_, rows_, cols_, grids_;
  std::size_t newest_ = 0;
  std::vector<TagWord> bit_;    ///< [column]
  std::vector<TagWord> delay_;  ///< [kind][cycles ago]
  std::vector<TagWord> grid_;   ///< [grid][kind][row]
};

}  // namespace mixpe
