#pragma once
// Operand registers of the literal array: delay lines at the edge and a register in every PE.
// Everything moves by one register per clock; contents are moved in memory, as in the hardware.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace mixpe {

/// One kind of operand or tag of an R x C array. A lane is a row (moving right) or a column (moving
/// down); a bundle of `width` items moves together.
template <typename T>
class OperandRegisters {
 public:
  enum class Moves { kRight, kDown };

  /// Lane i is delayed i * `hop` cycles at the edge. `stages`: registers in each PE behind the
  /// operand register (the product's pipeline and the adder's).
  OperandRegisters(Moves moves, std::int64_t rows, std::int64_t cols, std::int64_t width,
                   std::int64_t hop, std::int64_t stages, T blank)
      : moves_(moves),
        rows_(static_cast<std::size_t>(rows)),
        cols_(static_cast<std::size_t>(cols)),
        width_(static_cast<std::size_t>(width)),
        hop_(static_cast<std::size_t>(hop)),
        skew_(lane_count() * width_ * ((lane_count() - 1) * hop_ + 1), blank),
        regs_(rows_ * cols_ * width_ * static_cast<std::size_t>(stages + 1), blank) {}

  std::size_t lane_count() const { return moves_ == Moves::kRight ? rows_ : cols_; }
  std::size_t width() const { return width_; }

  /// One clock: `in` is a bundle for every lane.
  void clock(const T* in) {
    const std::size_t line = lane_count() * width_;
    std::copy_backward(skew_.begin(), skew_.end() - static_cast<std::ptrdiff_t>(line), skew_.end());
    std::copy(in, in + line, skew_.begin());
    // All PEs' registers, stage by stage; then the operand register takes its neighbour's.
    const std::size_t grid = rows_ * cols_ * width_;
    std::copy_backward(regs_.begin(), regs_.end() - static_cast<std::ptrdiff_t>(grid), regs_.end());
    const std::size_t hop = moves_ == Moves::kRight ? width_ : cols_ * width_;
    std::copy_backward(regs_.begin(), regs_.begin() + static_cast<std::ptrdiff_t>(grid - hop),
                       regs_.begin() + static_cast<std::ptrdiff_t>(grid));
    const std::size_t lanes = lane_count(), width = width_;
    const std::size_t to = moves_ == Moves::kRight ? cols_ * width : width;
    const std::size_t from = (hop_ * lanes + 1) * width;
    if (width == 1) {
      for (std::size_t lane = 0; lane < lanes; ++lane) regs_[lane * to] = skew_[lane * from];
      return;
    }
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      std::copy_n(&skew_[lane * from], width, &regs_[lane * to]);
    }
  }

  /// So many bubbles that nothing is left.
  void clear(T blank) {
    std::fill(skew_.begin(), skew_.end(), blank);
    std::fill(regs_.begin(), regs_.end(), blank);
  }

  /// The bundle that enters a lane's first PE in this cycle.
  const T* entering(std::size_t lane) const {
    return &skew_[lane * hop_ * lane_count() * width_ + lane * width_];
  }
  /// Bundles of all PEs, row-major, `stage` registers behind the operand register.
  const T* stage(std::int64_t stage) const {
    return &regs_[rows_ * cols_ * width_ * static_cast<std::size_t>(stage)];
  }

 private:
  Moves moves_;
  std::size_t rows_, cols_, width_, hop_;
  std::vector<T> skew_;  ///< [stage][lane]
  std::vector<T> regs_;  ///< [stage][row][col]
};

}  // namespace mixpe
