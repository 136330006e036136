#include "sim/timing/tile_values.h"

#include <algorithm>
#include <array>

#include "models/core/errors.h"
#include "models/dequant/dequant.h"
#include "models/formats/floats.h"
#include "models/formats/integers.h"
#include "sim/timing/packed_operands.h"
#include "sim/timing/segment_sum.h"

namespace mixpe {

namespace {

/// Outputs computed together, at most: sums, FP32 outputs and one group of 128 of their operands
/// then stay in a 48 KiB L1 cache, 32 KiB in 64 x 64 with byte operands, 40 KiB in 32 x 32 with
/// floats.
constexpr std::int64_t kBlockRows = 64;
constexpr std::int64_t kBlockPanels = 4;
constexpr std::int64_t kBlockCols = kBlockPanels * kPanelCols;

std::int64_t block_rows(const KTile& tile) {
  return tile.packing == Packing::kBytes ? kBlockRows : kBlockRows / 2;
}
std::int64_t block_panels(const KTile& tile) {
  return tile.packing == Packing::kBytes ? kBlockPanels : kBlockPanels / 2;
}

std::size_t size(std::int64_t count) { return static_cast<std::size_t>(count); }

/// A block of a tile: rows [m, m + rows) of the GEMM and whole panels from `panel` on, of which
/// columns [n, n_end) belong to the tile.
struct Block {
  std::int64_t m = 0, rows = 0;
  std::int64_t panel = 0, panels = 0;
  std::int64_t n = 0, n_end = 0;

  std::int64_t first_column() const { return panel * kPanelCols; }
};

template <class Function>
void for_each_block(const KTile& tile, const TileStep& step, Function&& function) {
  const std::int64_t rows = block_rows(tile);
  const std::int64_t m_end = step.m0 + step.shape.m, n_end = step.n0 + step.shape.n;
  for (std::int64_t n = step.n0; n < n_end;) {
    const std::int64_t panel = n / kPanelCols;
    const std::int64_t stop = std::min((panel + block_panels(tile)) * kPanelCols, n_end);
    const std::int64_t panels = (stop + kPanelCols - 1) / kPanelCols - panel;
    for (std::int64_t m = step.m0; m < m_end; m += rows) {
      function(Block{m, std::min(rows, m_end - m), panel, panels, n, stop});
    }
    n = stop;
  }
}

SegmentBlock segment_block(const ArrayWork& work, const KTile& tile, const Block& block,
                           std::size_t s, std::int64_t columns) {
  const Segment& segment = tile.segments[s];
  SegmentBlock b;
  b.act = &tile.packed_act[size(segment.lane * work.operands->m + block.m * segment.lanes)];
  b.act_stride = segment.lanes;
  b.weight = &tile.packed_weight[size((block.panel * tile.lanes + segment.lane) * kPanelCols)];
  b.panel_stride = tile.lanes * kPanelCols;
  b.lanes = segment.lanes;
  if (!tile.start.empty()) {
    b.start = &tile.start[s * size(columns) + size(block.first_column())];
  }
  b.rows = block.rows;
  b.panels = block.panels;
  return b;
}

/// Where `block`'s entry of an array per segment and column begins; null for an empty array.
template <typename T>
const T* column_entry(const AlignedVector<T>& values, const Block& block, std::size_t s,
                      std::int64_t columns) {
  return values.empty() ? nullptr : &values[s * size(columns) + size(block.first_column())];
}

template <typename T>
const T* row_entry(const std::vector<T>& values, const ArrayWork& work, const Block& block,
                   std::size_t s) {
  return values.empty() ? nullptr : &values[s * size(work.operands->m) + size(block.m)];
}

/// The FP32 outputs of a block, padded to whole panels, while its segments are added.
class BlockOutputs {
 public:
  BlockOutputs(const ArrayWork& work, const Block& block, bool from_zero)
      : work_(work), block_(block) {
    for (std::int64_t r = 0; r < block.rows; ++r) {
      float* row = &y_[size(r * kBlockCols)];
      std::fill_n(row, block.panels * kPanelCols, 0.0F);
      if (!from_zero) std::copy_n(home(r), width(), row + offset());
    }
  }
  BlockOut<float> y() { return {y_.data(), kBlockCols}; }
  void store() {
    for (std::int64_t r = 0; r < block_.rows; ++r) {
      copy_canonical(&y_[size(r * kBlockCols)] + offset(), width(), home(r));
    }
  }

 private:
  float* home(std::int64_t r) {
    return &work_.psums->real[size((block_.m + r) * work_.operands->n + block_.n)];
  }
  std::int64_t offset() const { return block_.n - block_.first_column(); }
  std::int64_t width() const { return block_.n_end - block_.n; }

  const ArrayWork& work_;
  const Block& block_;
  alignas(64) std::array<float, kBlockRows * kBlockCols> y_;
};

void add_integer_block(const ArrayWork& work, const PackedOperands& packed, const KTile& tile,
                       const Block& block, bool first) {
  BlockOutputs outputs(work, block, first);
  for (std::size_t s = 0; s < tile.segments.size(); ++s) {
    const GroupScale scale{column_entry(tile.column_scale, block, s, packed.columns()),
                           row_entry(tile.row_scale, work, block, s),
                           column_entry(tile.column_bias, block, s, packed.columns())};
    integer_sums_scaled(packed.isa(), tile.packing,
                        segment_block(work, tile, block, s, packed.columns()), scale, outputs.y());
  }
  outputs.store();
}

void add_exact_block(const ArrayWork& work, const PackedOperands& packed, const KTile& tile,
                     const Block& block, bool first) {
  BlockOutputs outputs(work, block, first);
  for (std::size_t s = 0; s < tile.segments.size(); ++s) {
    const Segment& segment = tile.segments[s];
    ExactBlock b;
    b.act = &tile.exact_act[size(segment.lane * work.operands->m + block.m * segment.lanes)];
    b.act_stride = b.lanes = segment.lanes;
    b.weight = &tile.packed_weight[size((block.panel * tile.lanes + segment.lane) * kPanelCols)];
    b.panel_stride = tile.lanes * kPanelCols;
    b.rows = block.rows;
    b.panels = block.panels;
    exact_sums_scaled(packed.isa(), b, column_entry(tile.column_scale, block, s, packed.columns()),
                      outputs.y());
  }
  outputs.store();
}

/// Integer psums: the 32-bit adder of the output buffer wraps and counts.
std::uint64_t add_psum_block(const ArrayWork& work, const PackedOperands& packed, const KTile& tile,
                             const Block& block) {
  alignas(64) std::array<std::int32_t, kBlockRows * kBlockCols> sums;
  std::uint64_t overflows = 0;
  for (std::size_t s = 0; s < tile.segments.size(); ++s) {
    integer_sums(packed.isa(), tile.packing, segment_block(work, tile, block, s, packed.columns()),
                 {sums.data(), kBlockCols});
    for (std::int64_t r = 0; r < block.rows; ++r) {
      for (std::int64_t n = block.n; n < block.n_end; ++n) {
        std::int32_t& psum = work.psums->integers[size((block.m + r) * work.operands->n + n)];
        const std::int64_t sum = sums[size(r * kBlockCols + n - block.first_column())];
        psum = static_cast<std::int32_t>(wrap_counted(psum + sum, 32, overflows));
      }
    }
  }
  return overflows;
}

void add_float_block(const ArrayWork& work, const PackedOperands& packed, const KTile& tile,
                     const Block& block, bool first) {
  BlockOutputs outputs(work, block, first);
  alignas(64) std::array<float, kBlockRows * kBlockCols> sums;
  for (std::size_t s = 0; s < tile.segments.size(); ++s) {
    const SegmentBlock whole = segment_block(work, tile, block, s, packed.columns());
    bool merge = false;
    for_each_part(work, whole.lanes, [&](std::int64_t k, std::int64_t step, std::int64_t count) {
      SegmentBlock part = whole;
      part.act += k;
      part.weight += k * kPanelCols;
      part.step = step;
      part.lanes = count;
      float_sums(packed.isa(), part, merge, {sums.data(), kBlockCols});
      merge = true;
    });
    float_scaled(packed.isa(), {sums.data(), kBlockCols}, block.rows, block.panels,
                 row_entry(tile.row_sum, work, block, s),
                 column_entry(tile.column_zero, block, s, packed.columns()),
                 column_entry(tile.column_scale, block, s, packed.columns()), outputs.y());
  }
  outputs.store();
}

std::uint64_t add_ordered(const ArrayWork& work, const KTile& tile, const TileStep& step) {
  const GemmOperands& gemm = *work.operands;
  std::uint64_t overflows = 0;
  for (std::int64_t m = step.m0; m < step.m0 + step.shape.m; ++m) {
    for (std::int64_t n = step.n0; n < step.n0 + step.shape.n; ++n) {
      for (std::size_t s = 0; s < tile.segments.size(); ++s) {
        const Segment& segment = tile.segments[s];
        const Sum sum =
            ordered_sum(work, &tile.acts[size(m * tile.length + segment.k - tile.k)],
                        &gemm.weight[size(n * gemm.k + segment.k)], segment.length, overflows);
        const std::size_t row = s * size(gemm.m) + size(m);
        take_sum(work, m, n, segment.group, sum, tile.row_sums[row], tile.exponents[row],
                 overflows);
      }
    }
    const std::int64_t columns = work.timing.cols * work.timing.lanes_n;
    const std::int64_t passes = (step.shape.n + columns - 1) / columns;
    overflows += tile.row_overflows[size(m)] * static_cast<std::uint64_t>(passes);
  }
  return overflows;
}

void clear_outputs(const ArrayWork& work, const TileStep& step) {
  for (std::int64_t m = step.m0; m < step.m0 + step.shape.m; ++m) {
    const std::size_t first = size(m * work.operands->n + step.n0);
    if (work.psums->integer) {
      std::fill_n(&work.psums->integers[first], step.shape.n, 0);
    } else {
      std::fill_n(&work.psums->real[first], step.shape.n, 0.0F);
    }
  }
}

}  // namespace

void take_sum(const ArrayWork& work, std::int64_t m, std::int64_t n, std::int64_t group,
              const Sum& sum, const Sum& row_sum, int exponent, std::uint64_t& overflows) {
  const GemmOperands& gemm = *work.operands;
  const std::size_t output = size(m * gemm.n + n), scale = size(n * gemm.groups() + group);
  const bool has_zero = work.zero_points && !gemm.group_zero.empty();
  const std::int32_t zero = has_zero ? gemm.group_zero[scale] : 0;
  if (work.psums->integer) {
    std::int32_t& psum = work.psums->integers[output];
    const std::int64_t corrected = sum.integer - zero * row_sum.integer;
    psum = static_cast<std::int32_t>(wrap_counted(psum + corrected, 32, overflows));
    return;
  }
  const SumKind kind = work.pe->spec().sum_kind;
  float value = sum.real;
  if (kind == SumKind::kInteger || has_zero) {
    value = zero_corrected(kind, sum, row_sum, zero, exponent);
  }
  if (work.scale_groups && !gemm.group_scale.empty()) {
    value = scaled(value, fp16_to_float(gemm.group_scale[scale]));
  }
  float& y = work.psums->real[output];
  y = accumulated(y, value);
}

Sum ordered_sum(const ArrayWork& work, const Code* acts, const std::uint16_t* weights,
                std::int64_t length, std::uint64_t& overflows) {
  Sum total;
  bool first = true;
  const std::int64_t together = products_together(work);
  for_each_part(work, length, [&](std::int64_t k, std::int64_t step, std::int64_t count) {
    Sum sum;
    for (std::int64_t i = 0; i < count; i += together, k += step * together) {
      join_products(work, sum, acts + k, weights + k, std::min(together, count - i), overflows);
    }
    if (first) {
      total = sum;
    } else {
      work.pe->merge(total, sum, overflows);
    }
    first = false;
  });
  return total;
}

TileValues::TileValues(const ArrayWork& work, Isa isa) : work_(work) {
  check_invariant(work.pe != nullptr && work.operands != nullptr && work.psums != nullptr,
                  "values need a PE, operands and room for the outputs");
  packed_ = std::make_unique<PackedOperands>(work, isa);
}

TileValues::~TileValues() = default;

void TileValues::compute(const TileStep& step, Counters& counters) {
  const KTile& tile = packed_->tile(step);
  const bool psums = work_.psums->integer;
  const bool packed_floats = tile.path == PackedPath::kFloats;
  const bool exact = tile.path == PackedPath::kExact;
  const bool packed_integers = tile.path == PackedPath::kIntegers;
  const bool blocks_clear = packed_floats || exact || (packed_integers && !psums);
  if (step.first_visit && !blocks_clear) clear_outputs(work_, step);
  if (tile.path == PackedPath::kOrdered) {
    counters[Event::kOverflow] += add_ordered(work_, tile, step);
    return;
  }
  for_each_block(tile, step, [&](const Block& block) {
    if (packed_floats) {
      add_float_block(work_, *packed_, tile, block, step.first_visit);
    } else if (exact) {
      add_exact_block(work_, *packed_, tile, block, step.first_visit);
    } else if (psums) {
      counters[Event::kOverflow] += add_psum_block(work_, *packed_, tile, block);
    } else {
      add_integer_block(work_, *packed_, tile, block, step.first_visit);
    }
  });
}

}  // namespace mixpe
