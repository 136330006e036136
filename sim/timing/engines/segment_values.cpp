#include "sim/timing/engines/segment_values.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "models/formats/floats.h"
#include "models/formats/integers.h"
#include "sim/timing/engines/cycle_kernels.h"
#include "sim/timing/segment_sum.h"
#include "sim/timing/tile_values.h"

namespace mixpe {
namespace {

std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }

/// Zero-points and scales of a segment's columns; none: zeros and nothing.
struct ColumnScales {
  std::vector<std::int32_t> zero;
  std::vector<float> scale;
  std::int64_t largest_zero = 0;  ///< in magnitude
};

ColumnScales column_scales(const ArrayWork& work, const ArrayJob& job, std::int64_t group) {
  const GemmOperands& o = *work.operands;
  const bool has_zero = work.zero_points && !o.group_zero.empty();
  ColumnScales columns;
  columns.zero.resize(size(job.n));
  columns.scale.resize(size(job.n));
  for (std::int64_t j = 0; j < job.n; ++j) {
    const std::size_t at = size((job.n0 + j) * o.groups() + group);
    if (has_zero) columns.zero[size(j)] = o.group_zero[at];
    columns.largest_zero =
        std::max<std::int64_t>(columns.largest_zero, std::abs(columns.zero[size(j)]));
    columns.scale[size(j)] = fp16_to_float(o.group_scale[at]);
  }
  return columns;
}

std::int64_t largest_sum(const ArrayJob& job, const SegmentValues& values) {
  std::int64_t largest = 0;
  for (std::int64_t i = 0; i < job.m; ++i) {
    const std::int32_t* row = &values.integers[size(i * values.stride)];
    largest = std::max(largest, cycle_largest(row, static_cast<std::int32_t>(job.n)));
  }
  return largest;
}

/// Integer sums to FP32 outputs, a row at a time; false if a step could leave 32 bits.
bool scale_rows(const ArrayWork& work, const ArrayJob& job, const SegmentValues& values,
                std::int64_t group) {
  const GemmOperands& o = *work.operands;
  const PeSpec& pe = work.pe->spec();
  if (values.integers.empty() || work.psums->integer || pe.sum_kind != SumKind::kInteger) {
    return false;
  }
  if (!work.scale_groups || o.group_scale.empty()) return false;
  const ColumnScales columns = column_scales(work, job, group);
  std::int64_t largest_row_sum = 0;
  for (const Sum& sum : values.row_sums) {
    largest_row_sum = std::max(largest_row_sum, std::abs(sum.integer));
  }
  const std::int64_t most = (std::int64_t{1} << 31) - 1;
  if (largest_row_sum > most) return false;
  const std::int64_t room = most - columns.largest_zero * largest_row_sum;
  // Wide accumulators seldom hold as much as they could.
  if (signed_max(pe.acc_bits) >= room && largest_sum(job, values) >= room) return false;
  // 2^exponent times a 32-bit integer stays a normal number.
  const auto [least, greatest] =
      std::minmax_element(values.exponent.begin(), values.exponent.end());
  if (*least < -126 || *greatest > 96) return false;
  for (std::int64_t i = 0; i < job.m; ++i) {
    ScaledRow row;
    row.sum = &values.integers[size(i * values.stride)];
    row.zero = columns.zero.data();
    row.scale = columns.scale.data();
    row.y = &work.psums->real[size((job.m0 + i) * o.n + job.n0)];
    row.columns = static_cast<std::int32_t>(job.n);
    const bool has_row_sum = columns.largest_zero > 0;
    row.row_sum = has_row_sum ? static_cast<std::int32_t>(values.row_sums[size(i)].integer) : 0;
    row.unit = std::ldexp(1.0F, values.exponent[size(i)]);
    cycle_scale_row(row);
  }
  return true;
}

}  // namespace

void receive_row(const ArrayWork& work, const ArrayJob& job, std::int64_t row,
                 std::vector<Code>& codes, int& exponent) {
  const std::int64_t k = work.operands->k;
  const std::uint16_t* act = &work.operands->act[size((job.m0 + row) * k + job.segment_k0)];
  codes.assign(act, act + job.segment_k);
  work.pe->align_segment(codes, work.formats, exponent);
}

Sum row_sum_int16(const ArrayWork& work, std::span<const Code> codes, const std::int16_t* acts,
                  std::uint64_t& overflows) {
  constexpr std::size_t kLongest = 65535;  // magnitudes of so many fit 32 bits
  if (codes.size() <= kLongest) {
    RowSum16 fast;
    cycle_row_sum(acts, static_cast<std::int32_t>(codes.size()), fast);
    Sum sum;
    sum.integer = fast.sum;
    if (fast.magnitude <= signed_max(work.pe->spec().row_sum_bits)) return sum;
  }
  return row_sum(work, codes, overflows);
}

void pass_lanes(const ArrayWork& work, const ArrayJob& job, const SegmentValues& values,
                std::uint64_t& overflows) {
  const bool groups = work.scale_groups && work.operands->group > 0;
  const std::int64_t group = groups ? job.segment_k0 / work.operands->group : 0;
  if (scale_rows(work, job, values, group)) return;
  for (std::int64_t i = 0; i < job.m; ++i) {
    const Sum row_sum = values.row_sums.empty() ? Sum{} : values.row_sums[size(i)];
    for (std::int64_t j = 0; j < job.n; ++j) {
      const std::size_t at = size(i * values.stride + j);
      Sum sum;
      if (values.sums.empty()) {
        sum.integer = values.integers[at];
      } else {
        sum = values.sums[at];
      }
      take_sum(work, job.m0 + i, job.n0 + j, group, sum, row_sum, values.exponent[size(i)],
               overflows);
    }
  }
}

}  // namespace mixpe
