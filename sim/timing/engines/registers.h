#pragma once
// Operand registers of the literal array: delay lines at the edge and a register in every PE.
// Everything moves by one register per clock. A grid of registers is written from the grid before
// it; what moves unchanged from stage to stage stays where it is, and the stages change their
// names.

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
        depth_((lane_count() - 1) * hop_ + 1),
        grids_(static_cast<std::size_t>(stages + 1)),
        skew_(lane_count() * width_ * depth_, blank),
        regs_(rows_ * cols_ * width_ * grids_, blank) {}

  std::size_t lane_count() const { return moves_ == Moves::kRight ? rows_ : cols_; }
  std::size_t width() const { return width_; }

  /// One clock: `in` is a bundle for every lane.
  void clock(const T* in) {
    newest_line_ = (newest_line_ == 0 ? depth_ : newest_line_) - 1;
    std::copy_n(in, lane_count() * width_, &skew_[newest_line_ * lane_count() * width_]);
    // Each operand register takes its neighbour's; the last stage's grid gives its place.
    const T* before = stage(0);
    newest_grid_ = (newest_grid_ == 0 ? grids_ : newest_grid_) - 1;
    T* now = &regs_[newest_grid_ * grid()];
    const std::size_t hop = moves_ == Moves::kRight ? width_ : cols_ * width_;
    std::copy_backward(before, before + (grid() - hop), now + grid());
    if (width_ == 1) {
      const std::size_t to = next_lane(), lanes = lane_count();
      std::size_t lane = 0, at = newest_line_ * lanes;
      for (; lane < lanes && at < skew_.size(); ++lane, at += hop_ * lanes + 1) {
        now[lane * to] = skew_[at];
      }
      at -= skew_.size();
      for (; lane < lanes; ++lane, at += hop_ * lanes + 1) now[lane * to] = skew_[at];
      return;
    }
    for (std::size_t lane = 0; lane < lane_count(); ++lane) {
      const std::size_t line = (newest_line_ + lane * hop_) % depth_;
      std::copy_n(&skew_[(line * lane_count() + lane) * width_], width_, now + lane * next_lane());
    }
  }

  /// So many bubbles that nothing is left.
  void clear(T blank) {
    std::fill(skew_.begin(), skew_.end(), blank);
    std::fill(regs_.begin(), regs_.end(), blank);
  }

  /// The bundle that a lane's first PE has taken in this cycle.
  const T* entering(std::size_t lane) const { return stage(0) + lane * next_lane(); }
  /// Bundles of all PEs, row-major, `stage` registers behind the operand register.
  const T* stage(std::int64_t stage) const {
    const std::size_t at = newest_grid_ + static_cast<std::size_t>(stage);
    return &regs_[(at < grids_ ? at : at - grids_) * grid()];
  }

 private:
  std::size_t grid() const { return rows_ * cols_ * width_; }
  /// From a lane's first PE to the next lane's.
  std::size_t next_lane() const { return moves_ == Moves::kRight ? cols_ * width_ : width_; }

  Moves moves_;
  std::size_t rows_, cols_, width_, hop_;
  std::size_t depth_;            ///< lines of `skew_`
  std::size_t grids_;            ///< in `regs_`
  std::size_t newest_line_ = 0;  ///< older lines follow it, around the end
  std::size_t newest_grid_ = 0;  ///< likewise
  std::vector<T> skew_;          ///< [line][lane]
  std::vector<T> regs_;          ///< [grid][row][col]
};

}  // namespace mixpe
