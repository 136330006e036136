// The kernels in plain C++: the reference the others must equal bit by bit.

#include <bit>

#include "models/kernels/segment_kernels_impl.h"

namespace mixpe::kernels {
namespace {

/// Sum of the products in one lane, modulo 2^32.
template <Packing P>
std::uint32_t lane_sum(std::uint32_t act, std::uint32_t weight) {
  std::uint32_t sum = 0;
  constexpr int kBits = 32 / static_cast<int>(lane_products(P));
  for (int shift = 0; shift < 32; shift += kBits) {
    std::int32_t a = 0, w = 0;
    if constexpr (P == Packing::kBytes) {
      a = static_cast<std::uint8_t>(act >> shift);
      w = static_cast<std::int8_t>(weight >> shift);
    } else {
      a = static_cast<std::int16_t>(act >> shift);
      w = static_cast<std::int16_t>(weight >> shift);
    }
    sum += static_cast<std::uint32_t>(a * w);
  }
  return sum;
}

/// The sums of one row and one panel.
template <Packing P>
void accumulate(const SegmentBlock& b, std::int64_t r, std::int64_t p,
                std::uint32_t (&sum)[kPanelCols]) {
  for (std::int64_t c = 0; c < kPanelCols; ++c) {
    sum[c] = b.start ? static_cast<std::uint32_t>(b.start[p * kPanelCols + c]) : 0U;
  }
  const std::uint32_t* act = b.act + r * b.act_stride;
  const std::uint32_t* weight = b.weight + p * b.panel_stride;
  for (std::int64_t s = 0; s < b.lanes; ++s) {
    for (std::int64_t c = 0; c < kPanelCols; ++c) {
      sum[c] += lane_sum<P>(act[s], weight[s * kPanelCols + c]);
    }
  }
}

template <Packing P>
void integer_sums(const SegmentBlock& b, BlockOut<std::int32_t> out) {
  for (std::int64_t r = 0; r < b.rows; ++r) {
    for (std::int64_t p = 0; p < b.panels; ++p) {
      std::uint32_t sum[kPanelCols];
      accumulate<P>(b, r, p, sum);
      for (std::int64_t c = 0; c < kPanelCols; ++c) {
        out.data[r * out.stride + p * kPanelCols + c] = static_cast<std::int32_t>(sum[c]);
      }
    }
  }
}

template <Packing P>
void integer_sums_scaled(const SegmentBlock& b, const GroupScale& scale, BlockOut<float> y) {
  for (std::int64_t r = 0; r < b.rows; ++r) {
    const float row = scale.row ? scale.row[r] : 1.0F;
    for (std::int64_t p = 0; p < b.panels; ++p) {
      std::uint32_t sum[kPanelCols];
      accumulate<P>(b, r, p, sum);
      for (std::int64_t c = 0; c < kPanelCols; ++c) {
        const auto integer = static_cast<std::int32_t>(sum[c]);
        const float value = static_cast<float>(scale.bias ? integer - kBiasBits : integer) * row;
        y.data[r * y.stride + p * kPanelCols + c] += value * scale.column[p * kPanelCols + c];
      }
    }
  }
}

void float_sums(const SegmentBlock& b, bool merge, BlockOut<float> out) {
  for (std::int64_t r = 0; r < b.rows; ++r) {
    for (std::int64_t p = 0; p < b.panels; ++p) {
      float sum[kPanelCols] = {};
      for (std::int64_t s = 0; s < b.lanes; ++s) {
        const float a = std::bit_cast<float>(b.act[r * b.act_stride + s * b.step]);
        const std::uint32_t* w = b.weight + p * b.panel_stride + s * b.step * kPanelCols;
        for (std::int64_t c = 0; c < kPanelCols; ++c) sum[c] += a * std::bit_cast<float>(w[c]);
      }
      float* to = out.data + r * out.stride + p * kPanelCols;
      for (std::int64_t c = 0; c < kPanelCols; ++c) to[c] = merge ? to[c] + sum[c] : sum[c];
    }
  }
}

void float_scaled(BlockOut<const float> sums, std::int64_t rows, std::int64_t panels,
                  const float* row_sum, const float* column_zero, const float* column_scale,
                  BlockOut<float> y) {
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < panels * kPanelCols; ++c) {
      float value = sums.data[r * sums.stride + c];
      if (column_zero) value -= column_zero[c] * row_sum[r];
      if (column_scale) value *= column_scale[c];
      y.data[r * y.stride + c] += value;
    }
  }
}

void exact_sums_scaled(const ExactBlock& b, const float* column, BlockOut<float> y) {
  for (std::int64_t r = 0; r < b.rows; ++r) {
    for (std::int64_t p = 0; p < b.panels; ++p) {
      double sum[kPanelCols] = {};
      for (std::int64_t s = 0; s < b.lanes; ++s) {
        const std::uint32_t* w = b.weight + p * b.panel_stride + s * kPanelCols;
        for (std::int64_t c = 0; c < kPanelCols; ++c) {
          sum[c] += b.act[r * b.act_stride + s] * double{std::bit_cast<float>(w[c])};
        }
      }
      for (std::int64_t c = 0; c < kPanelCols; ++c) {
        const std::int64_t at = p * kPanelCols + c;
        y.data[r * y.stride + at] += static_cast<float>(sum[c]) * column[at];
      }
    }
  }
}

}  // namespace

const Table kPortableTable = {
    {integer_sums<Packing::kBytes>, integer_sums<Packing::kWords>},
    {integer_sums_scaled<Packing::kBytes>, integer_sums_scaled<Packing::kWords>},
    float_sums,
    float_scaled,
    exact_sums_scaled};

}  // namespace mixpe::kernels
