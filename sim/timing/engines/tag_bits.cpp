#include "sim/timing/engines/tag_bits.h"

#include <algorithm>

#include "models/core/errors.h"
#include "sim/timing/engines/literal_kernels.h"

namespace mixpe {

RowTags::RowTags(std::int64_t kinds, std::int64_t rows, std::int64_t cols, std::int64_t stages)
    : columns_(~TagWord{0} >> (kTagBits - cols)), grids_(static_cast<std::size_t>(stages + 1)) {
  check_invariant(rows <= kTagBits && cols <= kTagBits, "too many PEs for a row's word");
  for (std::int64_t line = 0; line < kinds * rows; ++line) {
    delay_.push_back(static_cast<TagWord>(line % rows));
  }
  edge_.resize(delay_.size());
  grid_.resize(delay_.size() * grids_);
}

void RowTags::clock(const TagWord* in) {
  const TagWord* before = stage(0);
  newest_ = (newest_ == 0 ? grids_ : newest_) - 1;
  literal_shift_rows(in, delay_.data(), edge_.data(), before, &grid_[newest_ * edge_.size()],
                     columns_, static_cast<std::int32_t>(edge_.size()));
}

void RowTags::clear() {
  std::fill(edge_.begin(), edge_.end(), 0);
  std::fill(grid_.begin(), grid_.end(), 0);
}

ColumnTags::ColumnTags(std::int64_t kinds, std::int64_t rows, std::int64_t cols,
                       std::int64_t stages)
    : kinds_(static_cast<std::size_t>(kinds)),
      rows_(static_cast<std::size_t>(rows)),
      cols_(static_cast<std::size_t>(cols)),
      grids_(static_cast<std::size_t>(stages + 1)),
      delay_(kinds_ * cols_),
      grid_(kinds_ * rows_ * grids_) {
  check_invariant(cols <= kTagBits, "too many PEs for a row's word");
  for (std::int64_t c = 0; c < cols; ++c) bit_.push_back(TagWord{1} << c);
}

void ColumnTags::clock(const TagWord* in) {
  const TagWord* before = stage(0);
  newest_ = (newest_ == 0 ? grids_ : newest_) - 1;
  TagWord* now = &grid_[newest_ * kinds_ * rows_];
  for (std::size_t kind = 0; kind < kinds_; ++kind, before += rows_, now += rows_) {
    TagWord* delay = &delay_[kind * cols_];
    std::copy_backward(delay, delay + cols_ - 1, delay + cols_);
    delay[0] = in[kind];
    TagWord enters = 0;
    for (std::size_t c = 0; c < cols_; ++c) enters |= delay[c] & bit_[c];
    std::copy_backward(before, before + rows_ - 1, now + rows_);
    now[0] = enters;
  }
}

void ColumnTags::clear() {
  std::fill(delay_.begin(), delay_.end(), 0);
  std::fill(grid_.begin(), grid_.end(), 0);
}

}  // namespace mixpe
