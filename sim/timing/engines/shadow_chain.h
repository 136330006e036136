#pragma once
// The shadow registers of an output-stationary array and the chains that drain them, one for each
// output column.
//  * A register is held, by a segment told apart by its parity, until a lane takes its sum or the
//    register below does. Padding is held, too; only sums that exist count as moves.
//  * One bit a register says so. The registers of one lane along n (a plane) of a row are a word,
//    and a clock of a plane is one loop over its rows.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/core/errors.h"
#include "models/pe/pe_model.h"
#include "sim/timing/engines/tag_bits.h"

namespace mixpe {

class ShadowChain {
 public:
  /// What the registers keep beside their bits.
  enum class Values { kNone, kIntegers, kSums };

  /// `planes` planes of `rows` x `cols` outputs.
  ShadowChain(std::int64_t planes, std::int64_t rows, std::int64_t cols, Values values);

  bool held(std::int64_t plane, std::int64_t row, std::int64_t col) const {
    return (held_[word(plane, row)] >> col & 1) != 0;
  }
  Sum value(std::int64_t plane, std::int64_t row, std::int64_t col) const;

  /// What the PEs of a plane capture in this cycle, [row] each: the columns, and of these the
  /// segment's parity and the outputs whose row and column exist.
  struct Capture {
    const TagWord *columns, *odd, *real_row, *real_col;
  };
  /// Free registers take sums: bits here, values by set_value(). InvariantError if one is not free.
  /// Returns the outputs that exist.
  std::uint64_t capture(std::int64_t plane, const Capture& rows);
  void set_value(std::int64_t plane, std::int64_t row, std::int64_t col, const Sum& sum);
  /// The same for PEs with one lane and integer sums: sums[col].
  void set_integers(std::int64_t plane, std::int64_t row, TagWord columns,
                    const std::int32_t* sums) {
    std::int32_t* values = &integers_[index(plane, row, 0)];
    for (TagWord left = columns; left != 0; left &= left - 1) {
      values[std::countr_zero(left)] = sums[std::countr_zero(left)];
    }
  }
  /// In this cycle the column's lane takes the sum of the segment of this parity in row `tap`; the
  /// registers above move down at the clock. InvariantError if it is not there.
  Sum take(std::int64_t plane, std::int64_t tap, std::int64_t col, bool odd);
  /// End of a clock. Returns the moves of sums that exist.
  std::uint64_t clock();

 private:
  using Words = std::vector<TagWord>;

  /// In front of a plane's row 0 stands a row that holds nothing.
  std::size_t word(std::int64_t plane, std::int64_t row) const {
    return static_cast<std::size_t>(plane * (rows_ + 1) + row + 1);
  }
  std::size_t index(std::int64_t plane, std::int64_t row, std::int64_t col) const {
    return static_cast<std::size_t>((plane * rows_ + row) * cols_ + col);
  }
  std::uint64_t clock_plane(std::int64_t plane);
  void move_values(std::int64_t plane);

  std::int64_t planes_, rows_, cols_;
  Words held_, odd_, real_;                 ///< [plane][row]
  Words next_held_, next_odd_, next_real_;  ///< [plane][row] while a clock is computed
  Words taken_;                             ///< [plane][row] this cycle's taps
  Words odd_taken_;                         ///< [plane] parity of the segment that a column drains
  Words shifting_, moves_, real_moves_;     ///< [row]
  bool any_taken_ = false;
  std::vector<std::int32_t> integers_;  ///< [plane][row][col]
  std::vector<Sum> sums_;
};

}  // namespace mixpe
