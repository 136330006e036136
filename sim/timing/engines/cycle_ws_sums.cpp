// The values of a segment that has left CycleWs: what its K-tiles' columns added up.

#include <algorithm>

#include "models/formats/floats.h"
#include "models/kernels/segment_kernels.h"
#include "sim/timing/engines/cycle_ws.h"
#include "sim/timing/engines/int16_decoder.h"
#include "sim/timing/segment_sum.h"
#include "sim/timing/tile_values.h"

namespace mixpe {
namespace {

std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }

/// A segment's operands for the kernels.
struct Packed {
  Packed(std::int64_t m, std::int64_t n, std::int64_t lane_count)
      : lanes(lane_count),
        panels((n + kPanelCols - 1) / kPanelCols),
        act(size(m * lanes)),
        weight(size(panels * lanes * kPanelCols)),
        rows(m) {}

  std::uint32_t& weight_lane(std::int64_t n, std::int64_t lane) {
    return weight[size((n / kPanelCols * lanes + lane) * kPanelCols + n % kPanelCols)];
  }
  SegmentBlock block() const {
    return {.act = act.data(),
            .act_stride = lanes,
            .weight = weight.data(),
            .panel_stride = lanes * kPanelCols,
            .lanes = lanes,
            .rows = rows,
            .panels = panels};
  }
  std::int64_t lanes, panels;
  CacheAligned<std::uint32_t> act, weight;
  std::int64_t rows;
};

std::uint32_t pair(const std::int16_t* values) {
  return static_cast<std::uint16_t>(values[0]) |
         std::uint32_t{static_cast<std::uint16_t>(values[1])} << 16;
}

}  // namespace

void CycleWs::sum_integers(const Resident& resident, SegmentValues& values) const {
  const ArrayJob& job = resident.job;
  const Int16Decoder act(*work_.pe, work_.formats, Int16Decoder::Operand::kAct);
  const Int16Decoder weight(*work_.pe, work_.formats, Int16Decoder::Operand::kWeight);
  Packed packed(job.m, job.n, (job.segment_k + 1) / 2);
  std::vector<std::int16_t> line(size(2 * packed.lanes));
  for (std::int64_t i = 0; i < job.m; ++i) {
    act.decode(&resident.acts->codes[size(i * job.segment_k)], job.segment_k, line.data(), 1);
    for (std::int64_t lane = 0; lane < packed.lanes; ++lane) {
      packed.act[size(i * packed.lanes + lane)] = pair(&line[size(2 * lane)]);
    }
  }
  for (std::int64_t j = 0; j < job.n; ++j) {
    const std::size_t first = size((job.n0 + j) * work_.operands->k + job.segment_k0);
    weight.decode(&work_.operands->weight[first], job.segment_k, line.data(), 1);
    for (std::int64_t lane = 0; lane < packed.lanes; ++lane) {
      packed.weight_lane(j, lane) = pair(&line[size(2 * lane)]);
    }
  }
  values.stride = packed.panels * kPanelCols;
  values.integers.resize(size(job.m * values.stride));
  integer_sums(best_isa(), Packing::kWords, packed.block(),
               {values.integers.data(), values.stride});
}

void CycleWs::sum_floats(const Resident& resident, SegmentValues& values) const {
  const ArrayJob& job = resident.job;
  const std::uint16_t* weights = work_.operands->weight.data();
  Packed packed(job.m, job.n, job.segment_k);
  for (std::size_t i = 0; i < packed.act.size(); ++i) {
    packed.act[i] = float_to_bits(work_.pe->act_float(resident.acts->codes[i], work_.formats.act));
  }
  for (std::int64_t j = 0; j < job.n; ++j) {
    const std::uint16_t* codes = weights + (job.n0 + j) * work_.operands->k + job.segment_k0;
    for (std::int64_t k = 0; k < job.segment_k; ++k) {
      packed.weight_lane(j, k) =
          float_to_bits(work_.pe->weight_float(codes[k], work_.formats.weight));
    }
  }
  values.stride = packed.panels * kPanelCols;
  CacheAligned<float> sums(size(job.m * values.stride));
  bool merge = false;
  for_each_part(work_, job.segment_k, [&](std::int64_t k, std::int64_t, std::int64_t length) {
    SegmentBlock part = packed.block();
    part.act += k;
    part.weight += k * kPanelCols;
    part.lanes = length;
    float_sums(best_isa(), part, merge, {sums.data(), values.stride});
    merge = true;
  });
  values.sums.resize(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) values.sums[i].real = canonical_nan(sums[i]);
}

void CycleWs::sum_in_order(const Resident& resident, SegmentValues& values) {
  const ArrayJob& job = resident.job;
  const std::uint16_t* weights = work_.operands->weight.data();
  values.stride = job.n;
  for (std::int64_t i = 0; i < job.m; ++i) {
    const Code* acts = &resident.acts->codes[size(i * job.segment_k)];
    for (std::int64_t j = 0; j < job.n; ++j) {
      const std::uint16_t* codes = weights + (job.n0 + j) * work_.operands->k + job.segment_k0;
      values.sums.push_back(
          ordered_sum(work_, acts, codes, job.segment_k, counters_[Event::kOverflow]));
    }
  }
}

std::vector<Sum> CycleWs::row_sums(const Resident& resident) {
  const ArrayJob& job = resident.job;
  const Int16Decoder decoder(*work_.pe, work_.formats, Int16Decoder::Operand::kAct);
  std::vector<std::int16_t> acts(size(job.segment_k));
  std::vector<Sum> sums;
  for (std::int64_t i = 0; i < job.m; ++i) {
    const std::span<const Code> codes(&resident.acts->codes[size(i * job.segment_k)],
                                      size(job.segment_k));
    std::uint64_t& overflows = counters_[Event::kOverflow];
    if (path_ == ValuePath::kInt16) {
      decoder.decode(codes.data(), job.segment_k, acts.data(), 1);
      sums.push_back(row_sum_int16(work_, codes, acts.data(), overflows));
    } else {
      sums.push_back(row_sum(work_, codes, overflows));
    }
  }
  return sums;
}

void CycleWs::finish_values(const Resident& resident) {
  SegmentValues values;
  values.exponent = resident.acts->exponent;
  if (work_.zero_points) values.row_sums = row_sums(resident);
  if (path_ == ValuePath::kInt16) {
    sum_integers(resident, values);
  } else if (path_ == ValuePath::kFloat) {
    sum_floats(resident, values);
  } else {
    sum_in_order(resident, values);
  }
  pass_lanes(work_, resident.job, values, counters_[Event::kOverflow]);
}

}  // namespace mixpe
