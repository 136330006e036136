#include "sim/timing/packed_operands.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>

#include "models/core/errors.h"
#include "models/formats/floats.h"
#include "models/formats/integers.h"
#include "sim/timing/segment_sum.h"

namespace mixpe {

namespace {

std::size_t size(std::int64_t count) { return static_cast<std::size_t>(count); }

std::int64_t largest(OperandRange r) { return std::max(std::abs(r.min), std::abs(r.max)); }

/// 2^exponent, exactly.
float power_of_two(int exponent) { return std::ldexp(1.0F, exponent); }

/// Places `value` as part `part` of a lane.
void put(std::uint32_t& lane, Packing packing, std::int64_t part, std::int32_t value) {
  const int bits = 32 / static_cast<int>(lane_products(packing));
  const auto mask = static_cast<std::uint32_t>((std::uint64_t{1} << bits) - 1);
  lane |= (static_cast<std::uint32_t>(value) & mask) << (part * bits);
}

}  // namespace

PackedOperands::PackedOperands(const ArrayWork& work, Isa isa)
    : work_(work), isa_(isa), panels_((work.operands->n + kPanelCols - 1) / kPanelCols) {
  const PeModel& pe = *work_.pe;
  const Format& format = work_.formats.weight;
  if (format.bits > 16) return;
  fast_ = pe.fast_path(work_.formats);
  for (Code code = 0; code < Code{1} << format.code_bits() && fast_ != FastPath::kNone; ++code) {
    if (fast_ == FastPath::kInt16) {
      weight_integer_.push_back(pe.weight_int16(code, format));
    } else {
      weight_float_.push_back(pe.weight_float(code, format));
    }
  }
}

const KTile& PackedOperands::tile(const TileStep& step) {
  auto found = tiles_.find(step.k0);
  if (found == tiles_.end()) found = tiles_.emplace(step.k0, make_tile(step)).first;
  check_invariant(found->second.length == step.shape.k, "two K-tiles begin at the same k");
  return found->second;
}

KTile PackedOperands::make_tile(const TileStep& step) const {
  KTile tile;
  tile.k = step.k0;
  tile.length = step.shape.k;
  tile.segments = cut(step);
  receive_activations(tile);
  choose_path(tile);
  if (tile.path == PackedPath::kOrdered) return tile;
  lay_out(tile);
  if (tile.path == PackedPath::kIntegers) {
    pack_integers(tile);
  } else if (tile.path == PackedPath::kExact) {
    pack_exact(tile);
  } else {
    pack_floats(tile);
  }
  set_columns(tile);
  set_bias(tile);
  tile.acts = {};
  tile.exponents = {};
  tile.row_sums = {};
  return tile;
}

std::vector<Segment> PackedOperands::cut(const TileStep& step) const {
  const std::int64_t group = step.shape.group, scale_group = work_.operands->group;
  check_invariant(!work_.scale_groups || group == scale_group,
                  "segments are not the scales' groups");
  check_invariant(group == 0 || step.k0 % group == 0, "a K-tile begins inside a group");
  std::vector<Segment> segments;
  const std::int64_t end = step.k0 + step.shape.k;
  const std::int64_t most = group == 0 ? step.shape.k : group;
  for (std::int64_t k = step.k0; k < end; k += most) {
    const std::int64_t index = scale_group == 0 ? 0 : k / scale_group;
    segments.push_back({.k = k, .length = std::min(most, end - k), .group = index});
  }
  return segments;
}

std::int32_t PackedOperands::zero(std::int64_t n, std::int64_t group) const {
  return work_.operands->group_zero[size(n * work_.operands->groups() + group)];
}

/// Aligns every segment of every row and forms its row sum, as the array's edge does.
void PackedOperands::receive_activations(KTile& tile) const {
  const GemmOperands& gemm = *work_.operands;
  tile.acts.resize(size(gemm.m * tile.length));
  tile.row_overflows.resize(size(gemm.m));
  for (const Segment& segment : tile.segments) {
    for (std::int64_t m = 0; m < gemm.m; ++m) {
      Code* acts = &tile.acts[size(m * tile.length + segment.k - tile.k)];
      std::copy_n(&gemm.act[size(m * gemm.k + segment.k)], segment.length, acts);
      const std::span<Code> row(acts, size(segment.length));
      int exponent = 0;
      work_.pe->align_segment(row, work_.formats, exponent);
      Sum sum;
      if (has_zero()) sum = row_sum(work_, row, tile.row_overflows[size(m)]);
      tile.exponents.push_back(exponent);
      tile.row_sums.push_back(sum);
    }
  }
}

OperandRange PackedOperands::act_range(const KTile& tile) const {
  OperandRange range;
  for (const Code act : tile.acts) {
    const std::int64_t value = work_.pe->act_int16(act, work_.formats.act);
    range = {std::min(range.min, value), std::max(range.max, value)};
  }
  return range;
}

OperandRange PackedOperands::weight_range() const {
  const auto [low, high] = std::minmax_element(weight_integer_.begin(), weight_integer_.end());
  return folded({*low, *high});
}

/// The range of weights with any zero-point taken away.
OperandRange PackedOperands::folded(OperandRange weight) const {
  if (!has_zero()) return weight;
  const auto& zeros = work_.operands->group_zero;
  const auto [least, most] = std::minmax_element(zeros.begin(), zeros.end());
  return {weight.min - *most, weight.max - *least};
}

/// The fast path is taken where these bounds prove that no sum leaves its range.
void PackedOperands::choose_path(KTile& tile) const {
  const PeModel& pe = *work_.pe;
  std::int64_t longest = 0;
  for (const Segment& segment : tile.segments) longest = std::max(longest, segment.length);
  const bool allowed = pe.cannot_overflow(work_.formats, longest) &&
                       std::all_of(tile.row_overflows.begin(), tile.row_overflows.end(),
                                   [](std::uint64_t overflows) { return overflows == 0; }) &&
                       std::all_of(tile.acts.begin(), tile.acts.end(),
                                   [&pe](Code act) { return pe.fast_path_allows(act); });
  if (!allowed) return;
  if (fast_ == FastPath::kInt16) choose_integers(tile, longest);
  if (work_.psums->integer) return;
  if (fast_ == FastPath::kExact) choose_exact(tile, longest);
  if (fast_ == FastPath::kFloat) tile.path = PackedPath::kFloats;
}

void PackedOperands::choose_integers(KTile& tile, std::int64_t longest) const {
  const OperandRange act = act_range(tile), weight = weight_range();
  const std::optional<Packing> packing = integer_packing(isa_, act, weight);
  // Zero-corrected sums must fit the kernels' 32 bits (16 x 17-bit operands: no overflow here).
  const std::int64_t worst = largest(act) * largest(weight);
  const bool fits = worst == 0 || longest <= INT32_MAX / worst;
  // A 31-bit sum times 2^exponent must stay a normal float, so that scaling it is exact.
  const auto [least, most] = std::minmax_element(tile.exponents.begin(), tile.exponents.end());
  if (!packing || !fits || *least < -126 || *most > 96) return;
  tile.path = PackedPath::kIntegers;
  tile.packing = *packing;
  tile.largest_sum = longest * worst;
}

/// Zero-corrected sums must stay below 2^53 units; that many units must be a normal float.
void PackedOperands::choose_exact(KTile& tile, std::int64_t longest) const {
  double act = 0.0;
  for (const Code code : tile.acts) {
    act = std::max(act, std::fabs(double{work_.pe->act_float(code, work_.formats.act)}));
  }
  const auto [low, high] = std::minmax_element(weight_float_.begin(), weight_float_.end());
  const OperandRange weight =
      folded({static_cast<std::int64_t>(*low), static_cast<std::int64_t>(*high)});
  const int exponent = work_.pe->sum_exponent();
  const double most = act * static_cast<double>(largest(weight)) * static_cast<double>(longest);
  if (exponent < -126 || exponent > 64 || most >= std::ldexp(1.0, 53 + exponent)) return;
  tile.path = PackedPath::kExact;
}

/// Every segment begins with a lane of its own.
void PackedOperands::lay_out(KTile& tile) const {
  for (Segment& segment : tile.segments) {
    const std::int64_t products = lane_products(tile.packing);
    segment.lane = tile.lanes;
    segment.lanes = (segment.length + products - 1) / products;
    tile.lanes += segment.lanes;
  }
  const std::size_t acts = size(work_.operands->m * tile.lanes);
  if (tile.path == PackedPath::kExact) {
    tile.exact_act.resize(acts);
  } else {
    tile.packed_act.resize(acts);
  }
  tile.packed_weight.resize(size(columns() * tile.lanes));
}

void PackedOperands::pack_integers(KTile& tile) const {
  const GemmOperands& gemm = *work_.operands;
  const Packing packing = tile.packing;
  const std::int64_t products = lane_products(packing);
  const std::int32_t offset = packing == Packing::kBytes ? 128 : 0;
  const auto segments = static_cast<std::int64_t>(tile.segments.size());
  tile.start.resize(size(segments * columns()));
  for (std::int64_t s = 0; s < segments; ++s) {
    const Segment& segment = tile.segments[size(s)];
    for (std::int64_t m = 0; m < gemm.m; ++m) {
      const Code* acts = &tile.acts[size(m * tile.length + segment.k - tile.k)];
      std::uint32_t* row = &tile.packed_act[size(segment.lane * gemm.m + m * segment.lanes)];
      for (std::int64_t k = 0; k < segment.length; ++k) {
        const std::int32_t act = work_.pe->act_int16(acts[k], work_.formats.act);
        put(row[k / products], packing, k % products, act + offset);
      }
    }
    for (std::int64_t n = 0; n < gemm.n; ++n) {
      const std::uint16_t* weights = &gemm.weight[size(n * gemm.k + segment.k)];
      const std::int32_t z = has_zero() ? zero(n, segment.group) : 0;
      std::uint32_t* column = &tile.packed_weight[size(
          (n / kPanelCols * tile.lanes + segment.lane) * kPanelCols + n % kPanelCols)];
      std::int32_t sum = 0;
      for (std::int64_t k = 0; k < segment.length; ++k) {
        const std::int32_t weight = weight_integer_[weights[k]] - z;
        put(column[k / products * kPanelCols], packing, k % products, weight);
        sum += weight;
      }
      tile.start[size(s * columns() + n)] = -offset * sum;
    }
  }
  const bool unit = std::all_of(tile.exponents.begin(), tile.exponents.end(),
                                [](int exponent) { return exponent == 0; });
  if (unit) return;
  for (const int exponent : tile.exponents) tile.row_scale.push_back(power_of_two(exponent));
}

void PackedOperands::pack_floats(KTile& tile) const {
  const GemmOperands& gemm = *work_.operands;
  for (const Segment& segment : tile.segments) {
    for (std::int64_t m = 0; m < gemm.m; ++m) {
      const Code* acts = &tile.acts[size(m * tile.length + segment.k - tile.k)];
      std::uint32_t* row = &tile.packed_act[size(segment.lane * gemm.m + m * segment.lanes)];
      for (std::int64_t k = 0; k < segment.length; ++k) {
        row[k] = float_to_bits(work_.pe->act_float(acts[k], work_.formats.act));
      }
    }
    for (std::int64_t n = 0; n < gemm.n; ++n) {
      const std::uint16_t* weights = &gemm.weight[size(n * gemm.k + segment.k)];
      std::uint32_t* column = &tile.packed_weight[size(
          (n / kPanelCols * tile.lanes + segment.lane) * kPanelCols + n % kPanelCols)];
      for (std::int64_t k = 0; k < segment.length; ++k) {
        column[k * kPanelCols] = float_to_bits(weight_float_[weights[k]]);
      }
    }
  }
  if (!has_zero()) return;
  for (const Sum& sum : tile.row_sums) tile.row_sum.push_back(sum.real);
}

/// Zero-points are folded into the weights, as with integers.
void PackedOperands::pack_exact(KTile& tile) const {
  const GemmOperands& gemm = *work_.operands;
  for (const Segment& segment : tile.segments) {
    for (std::int64_t m = 0; m < gemm.m; ++m) {
      const Code* acts = &tile.acts[size(m * tile.length + segment.k - tile.k)];
      double* row = &tile.exact_act[size(segment.lane * gemm.m + m * segment.lanes)];
      for (std::int64_t k = 0; k < segment.length; ++k) {
        row[k] = work_.pe->act_float(acts[k], work_.formats.act);
      }
    }
    for (std::int64_t n = 0; n < gemm.n; ++n) {
      const std::uint16_t* weights = &gemm.weight[size(n * gemm.k + segment.k)];
      const auto z = static_cast<float>(has_zero() ? zero(n, segment.group) : 0);
      std::uint32_t* column = &tile.packed_weight[size(
          (n / kPanelCols * tile.lanes + segment.lane) * kPanelCols + n % kPanelCols)];
      for (std::int64_t k = 0; k < segment.length; ++k) {
        column[k * kPanelCols] = float_to_bits(weight_float_[weights[k]] - z);
      }
    }
  }
}

/// Scales and, for float sums, zero-points of every segment's columns.
void PackedOperands::set_columns(KTile& tile) const {
  const GemmOperands& gemm = *work_.operands;
  const bool scales = work_.scale_groups && !gemm.group_scale.empty();
  const bool zeros = tile.path == PackedPath::kFloats && has_zero();
  const auto segments = static_cast<std::int64_t>(tile.segments.size());
  // Integer sums always pass the scaling step; without a scale it multiplies by one.
  tile.column_scale.assign(size(segments * columns()), 1.0F);
  if (zeros) tile.column_zero.resize(size(segments * columns()));
  for (std::int64_t s = 0; s < segments; ++s) {
    const std::int64_t group = tile.segments[size(s)].group;
    for (std::int64_t n = 0; n < gemm.n; ++n) {
      const std::size_t at = size(s * columns() + n);
      if (scales) {
        tile.column_scale[at] = fp16_to_float(gemm.group_scale[size(n * gemm.groups() + group)]);
      }
      if (zeros) tile.column_zero[at] = static_cast<float>(zero(n, group));
    }
  }
  if (tile.path == PackedPath::kFloats && !scales) tile.column_scale = {};
}

/// Takes the kernels' shorter way from a sum to FP32 where it is exact: -kBias * scale has 12
/// significant bits for any finite FP16 scale.
void PackedOperands::set_bias(KTile& tile) const {
  const bool exact = tile.path == PackedPath::kIntegers && !work_.psums->integer &&
                     tile.row_scale.empty() && tile.largest_sum <= kBiasedSumMax &&
                     std::all_of(tile.column_scale.begin(), tile.column_scale.end(),
                                 [](float scale) { return std::isfinite(scale); });
  if (!exact) return;
  for (const float scale : tile.column_scale) tile.column_bias.push_back(-kBias * scale);
  for (std::int32_t& start : tile.start) start += kBiasBits;
}

}  // namespace mixpe
