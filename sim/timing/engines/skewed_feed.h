#pragma once
// A segment's 16-bit operands as the PEs of an output-stationary array see them go by
// (skewed_sums.h). Entry e of a row or column is what enters its edge in cycle e of the segment;
// steps are step_cycles() apart, and zeros, which add nothing, enter between them.

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/timing/array_engine.h"
#include "sim/timing/engines/array_job.h"
#include "sim/timing/engines/int16_decoder.h"
#include "sim/timing/engines/skewed_sums.h"

namespace mixpe {

class SkewedFeed {
 public:
  SkewedFeed(std::int64_t rows, std::int64_t cols, std::int64_t entries);

  std::int16_t act(std::int64_t row, std::int64_t entry) const { return act_[act_at(row, entry)]; }
  std::int16_t weight(std::int64_t col, std::int64_t entry) const;
  /// Of a row of sums: those of the array and padding.
  std::int64_t columns() const { return columns_; }
  /// Sums of all PEs, [rows][columns()], in cycles [from, to) of the segment.
  SkewedSums sums(std::int64_t from, std::int64_t to, std::int32_t* sum) const;

  std::vector<Sum> row_sums;  ///< [m], if there are zero-points
  std::vector<int> exponent;  ///< [m]
  std::uint64_t row_sum_overflows = 0;

 private:
  friend class SkewedFeeder;
  std::size_t act_at(std::int64_t row, std::int64_t entry) const {
    return static_cast<std::size_t>(row * act_stride_ + newest_ - entry);
  }

  std::int64_t rows_, cols_, columns_, entries_;
  std::int64_t newest_;  ///< where a row keeps its entry 0; later ones stand before it
  std::int64_t act_stride_;
  CacheAligned<std::int16_t> act_;
  CacheAligned<std::int32_t> weight_;
};

/// Makes the feeds of a run.
class SkewedFeeder {
 public:
  explicit SkewedFeeder(const ArrayWork& work);
  std::shared_ptr<const SkewedFeed> feed(const ArrayWork& work, const ArrayJob& job) const;

 private:
  void fill_acts(const ArrayWork& work, const ArrayJob& job, SkewedFeed& feed) const;
  void fill_weights(const ArrayWork& work, const ArrayJob& job, SkewedFeed& feed) const;

  Int16Decoder act_, weight_;
};

}  // namespace mixpe
