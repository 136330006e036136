#include "sim/timing/engines/segment_values.h"

#include <gtest/gtest.h>

#include <limits>

#include "models/pe/registry.h"
#include "sim/config/pe_yaml.h"
#include "sim/timing/tile_values.h"

namespace mixpe {
namespace {

constexpr std::int64_t kRows = 2, kCols = 3;

/// Integer sums of 32-bit accumulators with zero-points and scales.
struct WideSums {
  WideSums() {
    for (const PeSpec& spec : all_pe_variants()) {
      if (spec.sum_kind != SumKind::kInteger || spec.acc_bits != 32) continue;
      if (pe == nullptr) pe = make_pe(spec);
    }
    operands.m = kRows;
    operands.n = kCols;
    operands.k = operands.group = 8;
    operands.group_scale = {0x3c00, 0x3555, 0xb266};
    operands.group_zero = {0, 7, 15};
    work.pe = pe.get();
    work.operands = &operands;
    work.scale_groups = work.zero_points = true;
    job.rows = job.m = kRows;
    job.cols = job.n = kCols;
    job.segment_k = 8;
    values.stride = kCols;
    values.exponent.assign(kRows, 0);
    values.row_sums.resize(kRows);
  }
  /// Outputs that start from 0.5, through pass_lanes() or sum by sum.
  std::vector<float> outputs(bool sum_by_sum) {
    OutputPsums psums;
    psums.real.assign(kRows * kCols, 0.5F);
    work.psums = &psums;
    std::uint64_t overflows = 0;
    for (std::int64_t i = 0; sum_by_sum && i < kRows * kCols; ++i) {
      const auto row = static_cast<std::size_t>(i / kCols);
      Sum sum;
      sum.integer = values.integers[static_cast<std::size_t>(i)];
      take_sum(work, i / kCols, i % kCols, 0, sum, values.row_sums[row], 0, overflows);
    }
    if (!sum_by_sum) pass_lanes(work, job, values, overflows);
    return psums.real;
  }

  std::unique_ptr<PeModel> pe;
  GemmOperands operands;
  ArrayWork work;
  ArrayJob job;
  SegmentValues values;
};

TEST(PassLanes, SumsThatLeave32BitsWithTheirZeroPointAreNotWrapped) {
  constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();
  constexpr std::int32_t kLeast = std::numeric_limits<std::int32_t>::min();
  for (const std::int32_t largest : {1000, kMost - 15 * 1000, kMost, kLeast}) {
    for (const std::int64_t row_sum : {-1000, 1000}) {
      WideSums wide;
      wide.values.integers = {3, -4, largest, largest, largest / 2, -5};
      for (Sum& sum : wide.values.row_sums) sum.integer = row_sum;
      EXPECT_EQ(wide.outputs(false), wide.outputs(true)) << largest << " " << row_sum;
    }
  }
}

}  // namespace
}  // namespace mixpe
