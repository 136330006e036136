// The kernels with AVX-512 VNNI: blocks of 8 x 2 registers of 16 sums, which keep both multiplier
// ports busy (16 chains cover 2 ports x 5 cycles) and leave registers for weights and broadcasts.

#include <immintrin.h>

#include "models/kernels/segment_kernels_impl.h"

#pragma GCC diagnostic push
// g++ 12 takes the deliberately undefined operand inside its own intrinsics for a mistake.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC push_options
#pragma GCC target("avx2,fma,avx512f,avx512bw,avx512vl,avx512vnni")

namespace mixpe::kernels {
namespace {

#define MIXPE_INLINE [[gnu::always_inline]] inline

/// sum += the lane's products. Inline assembly because g++ 12 copies the accumulators of
/// _mm512_dpbusd_epi32 through other registers and spills them, at half the speed.
template <Packing P>
MIXPE_INLINE void add_products(__m512i& sum, __m512i act, __m512i weight) {
  if constexpr (P == Packing::kBytes) {
    asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(act), "v"(weight));
  } else if constexpr (P == Packing::kWords) {
    asm("vpdpwssd %2, %1, %0" : "+v"(sum) : "v"(act), "v"(weight));
  } else {
    sum = _mm512_castps_si512(_mm512_fmadd_ps(_mm512_castsi512_ps(act), _mm512_castsi512_ps(weight),
                                              _mm512_castsi512_ps(sum)));
  }
}

/// Sums of rows r.. and panels p.. of the block.
template <Packing P, int kRows, int kPanels>
MIXPE_INLINE void accumulate(const SegmentBlock& b, std::int64_t r, std::int64_t p,
                             __m512i (&sum)[kRows][kPanels]) {
#pragma GCC unroll 2
  for (int j = 0; j < kPanels; ++j) {
    const __m512i first = P != Packing::kFloats && b.start
                              ? _mm512_loadu_si512(b.start + (p + j) * kPanelCols)
                              : _mm512_setzero_si512();
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) sum[i][j] = first;
  }
  const std::uint32_t* act = b.act + r * b.act_stride;
  const std::uint32_t* weight = b.weight + p * b.panel_stride;
  const std::int64_t step = P == Packing::kFloats ? b.step : 1;
  for (std::int64_t s = 0; s < b.lanes; ++s) {
    __m512i w[kPanels];
#pragma GCC unroll 2
    for (int j = 0; j < kPanels; ++j) w[j] = _mm512_loadu_si512(weight + j * b.panel_stride);
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) {
      const __m512i a = _mm512_set1_epi32(static_cast<int>(act[i * b.act_stride]));
#pragma GCC unroll 2
      for (int j = 0; j < kPanels; ++j) add_products<P>(sum[i][j], a, w[j]);
    }
    act += step;
    weight += step * kPanelCols;
  }
}

/// Stores integer sums as they are.
struct StoreSums {
  BlockOut<std::int32_t> out;
  MIXPE_INLINE int column(std::int64_t) const { return 0; }
  MIXPE_INLINE void operator()(std::int64_t r, std::int64_t c, int, __m512i sum) const {
    _mm512_storeu_si512(out.data + r * out.stride + c, sum);
  }
};

enum class Scaling { kColumn, kColumnAndRow, kBiasedColumn };

/// Scales integer sums and adds them to the outputs.
template <Scaling kScaling>
struct ScaleSums {
  struct Column {
    __m512 scale, bias;
  };
  GroupScale scale;
  BlockOut<float> y;

  MIXPE_INLINE Column column(std::int64_t c) const {
    const bool biased = kScaling == Scaling::kBiasedColumn;
    return {_mm512_loadu_ps(scale.column + c),
            biased ? _mm512_loadu_ps(scale.bias + c) : _mm512_setzero_ps()};
  }
  MIXPE_INLINE void operator()(std::int64_t r, std::int64_t c, const Column& column,
                               __m512i sum) const {
    __m512 value;
    if constexpr (kScaling == Scaling::kBiasedColumn) {
      value = _mm512_fmadd_ps(_mm512_castsi512_ps(sum), column.scale, column.bias);
    } else {
      value = _mm512_cvtepi32_ps(sum);
      if (kScaling == Scaling::kColumnAndRow) {
        value = _mm512_mul_ps(value, _mm512_set1_ps(scale.row[r]));
      }
      value = _mm512_mul_ps(value, column.scale);
    }
    float* to = y.data + r * y.stride + c;
    _mm512_storeu_ps(to, _mm512_add_ps(_mm512_loadu_ps(to), value));
  }
};

/// Stores float sums, or adds them to those of an earlier run.
struct MergeSums {
  bool merge;
  BlockOut<float> out;
  MIXPE_INLINE int column(std::int64_t) const { return 0; }
  MIXPE_INLINE void operator()(std::int64_t r, std::int64_t c, int, __m512i sum) const {
    float* to = out.data + r * out.stride + c;
    __m512 value = _mm512_castsi512_ps(sum);
    if (merge) value = _mm512_add_ps(_mm512_loadu_ps(to), value);
    _mm512_storeu_ps(to, value);
  }
};

template <Packing P, int kRows, int kPanels, class Finish>
MIXPE_INLINE void micro_block(const SegmentBlock& b, std::int64_t r, std::int64_t p,
                              const Finish& finish) {
  __m512i sum[kRows][kPanels];
  accumulate<P, kRows, kPanels>(b, r, p, sum);
  // Column by column: what depends on the column alone is loaded once, before any store.
#pragma GCC unroll 2
  for (int j = 0; j < kPanels; ++j) {
    const auto column = finish.column((p + j) * kPanelCols);
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) finish(r + i, (p + j) * kPanelCols, column, sum[i][j]);
  }
}

template <Packing P, int kPanels, class Finish>
MIXPE_INLINE void all_rows(const SegmentBlock& b, std::int64_t p, const Finish& finish) {
  std::int64_t r = 0;
  for (; r + 8 <= b.rows; r += 8) micro_block<P, 8, kPanels>(b, r, p, finish);
  if (r + 4 <= b.rows) micro_block<P, 4, kPanels>(b, r, p, finish), r += 4;
  if (r + 2 <= b.rows) micro_block<P, 2, kPanels>(b, r, p, finish), r += 2;
  if (r < b.rows) micro_block<P, 1, kPanels>(b, r, p, finish);
}

template <Packing P, class Finish>
MIXPE_INLINE void whole_block(const SegmentBlock& b, const Finish& finish) {
  std::int64_t p = 0;
  for (; p + 2 <= b.panels; p += 2) all_rows<P, 2>(b, p, finish);
  if (p < b.panels) all_rows<P, 1>(b, p, finish);
}

template <Packing P>
void integer_sums(const SegmentBlock& b, BlockOut<std::int32_t> out) {
  whole_block<P>(b, StoreSums{out});
}

template <Packing P>
void integer_sums_scaled(const SegmentBlock& b, const GroupScale& scale, BlockOut<float> y) {
  if (scale.bias) {
    whole_block<P>(b, ScaleSums<Scaling::kBiasedColumn>{scale, y});
  } else if (scale.row) {
    whole_block<P>(b, ScaleSums<Scaling::kColumnAndRow>{scale, y});
  } else {
    whole_block<P>(b, ScaleSums<Scaling::kColumn>{scale, y});
  }
}

void float_sums(const SegmentBlock& b, bool merge, BlockOut<float> out) {
  whole_block<Packing::kFloats>(b, MergeSums{merge, out});
}

void float_scaled(BlockOut<const float> sums, std::int64_t rows, std::int64_t panels,
                  const float* row_sum, const float* column_zero, const float* column_scale,
                  BlockOut<float> y) {
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < panels * kPanelCols; c += kPanelCols) {
      __m512 value = _mm512_loadu_ps(sums.data + r * sums.stride + c);
      if (column_zero) {
        const __m512 row = _mm512_set1_ps(row_sum[r]);
        value = _mm512_sub_ps(value, _mm512_mul_ps(_mm512_loadu_ps(column_zero + c), row));
      }
      if (column_scale) value = _mm512_mul_ps(value, _mm512_loadu_ps(column_scale + c));
      float* to = y.data + r * y.stride + c;
      _mm512_storeu_ps(to, _mm512_add_ps(_mm512_loadu_ps(to), value));
    }
  }
}

/// kRows rows and 16 columns, from column c of the block.
template <int kRows>
MIXPE_INLINE void exact_block(const ExactBlock& b, std::int64_t r, std::int64_t c,
                              const float* column, BlockOut<float> y) {
  constexpr std::int64_t kLanes = 8;
  __m512d sum[kRows][2];
#pragma GCC unroll 8
  for (int i = 0; i < kRows; ++i) sum[i][0] = sum[i][1] = _mm512_setzero_pd();
  const double* act = b.act + r * b.act_stride;
  const auto* weight =
      reinterpret_cast<const float*>(b.weight + c / kPanelCols * b.panel_stride + c % kPanelCols);
  for (std::int64_t s = 0; s < b.lanes; ++s, weight += kPanelCols) {
    const __m512d low = _mm512_cvtps_pd(_mm256_loadu_ps(weight));
    const __m512d high = _mm512_cvtps_pd(_mm256_loadu_ps(weight + kLanes));
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) {
      const __m512d a = _mm512_set1_pd(act[i * b.act_stride + s]);
      sum[i][0] = _mm512_fmadd_pd(a, low, sum[i][0]);
      sum[i][1] = _mm512_fmadd_pd(a, high, sum[i][1]);
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < kRows; ++i) {
#pragma GCC unroll 2
    for (int j = 0; j < 2; ++j) {
      float* to = y.data + (r + i) * y.stride + c + j * kLanes;
      const __m256 value =
          _mm256_mul_ps(_mm512_cvtpd_ps(sum[i][j]), _mm256_loadu_ps(column + c + j * kLanes));
      _mm256_storeu_ps(to, _mm256_add_ps(_mm256_loadu_ps(to), value));
    }
  }
}

void exact_sums_scaled(const ExactBlock& b, const float* column, BlockOut<float> y) {
  for (std::int64_t c = 0; c < b.panels * kPanelCols; c += 16) {
    std::int64_t r = 0;
    for (; r + 8 <= b.rows; r += 8) exact_block<8>(b, r, c, column, y);
    for (; r < b.rows; ++r) exact_block<1>(b, r, c, column, y);
  }
}

}  // namespace

const Table kAvx512Table = {
    {integer_sums<Packing::kBytes>, integer_sums<Packing::kWords>},
    {integer_sums_scaled<Packing::kBytes>, integer_sums_scaled<Packing::kWords>},
    float_sums,
    float_scaled,
    exact_sums_scaled};

}  // namespace mixpe::kernels

#pragma GCC pop_options
#pragma GCC diagnostic pop
