#pragma once
// The shadow registers of an output-stationary array and the chains that drain them, one for each
// output column.
//  * A register is held, by a segment told apart by its parity, until a lane takes its sum or the
//    register below does. Padding is held, too; only sums that exist count as moves.
//  * One bit a register says so: a row of the array is a few words, which move together.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/pe/pe_model.h"

namespace mixpe {

class ShadowChain {
 public:
  /// What the registers keep beside their bits.
  enum class Values { kNone, kIntegers, kSums };

  /// `rows` x `cols` outputs.
  ShadowChain(std::int64_t rows, std::int64_t cols, Values values);

  bool held(std::int64_t row, std::int64_t col) const { return bit(held_, row, col); }
  /// Held by a segment of this parity.
  bool held_by(std::int64_t row, std::int64_t col, bool odd) const {
    return held(row, col) && bit(odd_, row, col) == odd;
  }
  Sum value(std::int64_t row, std::int64_t col) const;

  /// A free register takes a PE's sum. InvariantError if it is not free.
  void capture(std::int64_t row, std::int64_t col, bool odd, bool real, const Sum& sum);
  /// In this cycle the column's lane takes the sum of the segment of this parity in row `tap`; the
  /// registers above move down at the clock. InvariantError if it is not there.
  Sum take(std::int64_t tap, std::int64_t col, bool odd);
  /// End of a clock. Returns the moves of sums that exist.
  std::uint64_t clock();

 private:
  using Words = std::vector<std::uint64_t>;  ///< [row][word] or [word]
  static constexpr std::int64_t kWord = 64;

  std::size_t index(std::int64_t row, std::int64_t col) const {
    return static_cast<std::size_t>(row * cols_ + col);
  }
  std::size_t word(std::int64_t row, std::int64_t col) const {
    return static_cast<std::size_t>(row * words_ + col / kWord);
  }
  static std::uint64_t mask(std::int64_t col) { return std::uint64_t{1} << (col % kWord); }
  bool bit(const Words& words, std::int64_t row, std::int64_t col) const {
    return (words[word(row, col)] & mask(col)) != 0;
  }
  void set(Words& words, std::int64_t row, std::int64_t col, bool value);
  void shift_row(std::int64_t row, std::int64_t w, std::uint64_t shifting);
  void move_values(std::int64_t row, std::int64_t w, std::uint64_t columns);

  std::int64_t rows_, cols_, words_;
  Words held_, odd_, real_;
  Words taken_;                 ///< [row][word] this cycle's taps
  Words odd_taken_;             ///< [word] parity of the segment that a column drains
  std::int64_t last_tap_ = -1;  ///< of this cycle, -1 without any
  Words moved_;                 ///< this clock's moves of sums that exist, a word each
  std::vector<std::int32_t> integers_;
  std::vector<Sum> sums_;
};

}  // namespace mixpe
