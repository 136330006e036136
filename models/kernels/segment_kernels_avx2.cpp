// The kernels with AVX2. Sixteen registers: 4 x 2 sums of 8 with words and floats; with bytes
// 8 x 1, since four steps' weights stay in registers while their 16-bit results are added up.

#include <immintrin.h>

#include "models/kernels/segment_kernels_impl.h"

#pragma GCC push_options
#pragma GCC target("avx2,fma")

namespace mixpe::kernels {
namespace {

#define MIXPE_INLINE [[gnu::always_inline]] inline

constexpr std::int64_t kCols = 8;  // sums in a register; two registers make a panel

MIXPE_INLINE __m256i load(const std::uint32_t* p) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}
MIXPE_INLINE __m256i broadcast(const std::uint32_t* p) {
  return _mm256_set1_epi32(static_cast<int>(*p));
}

template <Packing P>
MIXPE_INLINE __m256i add_products(__m256i sum, __m256i act, __m256i weight) {
  if constexpr (P == Packing::kBytes) {
    const __m256i pairs = _mm256_maddubs_epi16(act, weight);
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
  } else if constexpr (P == Packing::kWords) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(act, weight));
  } else {
    return _mm256_castps_si256(_mm256_fmadd_ps(
        _mm256_castsi256_ps(act), _mm256_castsi256_ps(weight), _mm256_castsi256_ps(sum)));
  }
}

/// Four lanes of bytes at once. No 16-bit sum exceeds 4 * 2 * 255 * 16 (integer_packing()).
MIXPE_INLINE __m256i add_four(__m256i sum, const std::uint32_t* act, const __m256i (&w)[4]) {
  const __m256i a = _mm256_add_epi16(_mm256_maddubs_epi16(broadcast(act), w[0]),
                                     _mm256_maddubs_epi16(broadcast(act + 1), w[1]));
  const __m256i b = _mm256_add_epi16(_mm256_maddubs_epi16(broadcast(act + 2), w[2]),
                                     _mm256_maddubs_epi16(broadcast(act + 3), w[3]));
  const __m256i pairs = _mm256_add_epi16(a, b);
  return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

/// Sums of kRows rows and kParts registers of columns, from row r and column c of the block.
template <Packing P, int kRows, int kParts>
MIXPE_INLINE void accumulate(const SegmentBlock& b, std::int64_t r, std::int64_t c,
                             __m256i (&sum)[kRows][kParts]) {
#pragma GCC unroll 2
  for (int j = 0; j < kParts; ++j) {
    __m256i first = _mm256_setzero_si256();
    if (P != Packing::kFloats && b.start) {
      first = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b.start + c + j * kCols));
    }
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) sum[i][j] = first;
  }
  const std::uint32_t* act = b.act + r * b.act_stride;
  const std::uint32_t* weight = b.weight + c / kPanelCols * b.panel_stride + c % kPanelCols;
  const std::int64_t step = P == Packing::kFloats ? b.step : 1;
  const std::int64_t weight_step = step * kPanelCols;
  std::int64_t s = 0;
  if constexpr (P == Packing::kBytes) {
    static_assert(kParts == 1);
    for (; s + 4 <= b.lanes; s += 4) {
      const __m256i w[4] = {load(weight), load(weight + weight_step),
                            load(weight + 2 * weight_step), load(weight + 3 * weight_step)};
#pragma GCC unroll 8
      for (int i = 0; i < kRows; ++i) {
        sum[i][0] = add_four(sum[i][0], act + i * b.act_stride, w);
      }
      act += 4;
      weight += 4 * weight_step;
    }
  }
  for (; s < b.lanes; ++s) {
    __m256i w[kParts];
#pragma GCC unroll 2
    for (int j = 0; j < kParts; ++j) w[j] = load(weight + j * kCols);
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) {
      const __m256i a = broadcast(act + i * b.act_stride);
#pragma GCC unroll 2
      for (int j = 0; j < kParts; ++j) sum[i][j] = add_products<P>(sum[i][j], a, w[j]);
    }
    act += step;
    weight += weight_step;
  }
}

/// Stores integer sums as they are.
struct StoreSums {
  BlockOut<std::int32_t> out;
  MIXPE_INLINE int column(std::int64_t) const { return 0; }
  MIXPE_INLINE void operator()(std::int64_t r, std::int64_t c, int, __m256i sum) const {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out.data + r * out.stride + c), sum);
  }
};

enum class Scaling { kColumn, kColumnAndRow, kBiasedColumn };

/// Scales integer sums and adds them to the outputs.
template <Scaling kScaling>
struct ScaleSums {
  struct Column {
    __m256 scale, bias;
  };
  GroupScale scale;
  BlockOut<float> y;

  MIXPE_INLINE Column column(std::int64_t c) const {
    const bool biased = kScaling == Scaling::kBiasedColumn;
    return {_mm256_loadu_ps(scale.column + c),
            biased ? _mm256_loadu_ps(scale.bias + c) : _mm256_setzero_ps()};
  }
  MIXPE_INLINE void operator()(std::int64_t r, std::int64_t c, const Column& column,
                               __m256i sum) const {
    __m256 value;
    if constexpr (kScaling == Scaling::kBiasedColumn) {
      value = _mm256_fmadd_ps(_mm256_castsi256_ps(sum), column.scale, column.bias);
    } else {
      value = _mm256_cvtepi32_ps(sum);
      if (kScaling == Scaling::kColumnAndRow) {
        value = _mm256_mul_ps(value, _mm256_set1_ps(scale.row[r]));
      }
      value = _mm256_mul_ps(value, column.scale);
    }
    float* to = y.data + r * y.stride + c;
    _mm256_storeu_ps(to, _mm256_add_ps(_mm256_loadu_ps(to), value));
  }
};

/// Stores float sums, or adds them to those of an earlier run.
struct MergeSums {
  bool merge;
  BlockOut<float> out;
  MIXPE_INLINE int column(std::int64_t) const { return 0; }
  MIXPE_INLINE void operator()(std::int64_t r, std::int64_t c, int, __m256i sum) const {
    float* to = out.data + r * out.stride + c;
    __m256 value = _mm256_castsi256_ps(sum);
    if (merge) value = _mm256_add_ps(_mm256_loadu_ps(to), value);
    _mm256_storeu_ps(to, value);
  }
};

template <Packing P, int kRows, class Finish>
MIXPE_INLINE void micro_block(const SegmentBlock& b, std::int64_t r, std::int64_t c,
                              const Finish& finish) {
  constexpr int kParts = P == Packing::kBytes ? 1 : 2;
  __m256i sum[kRows][kParts];
  accumulate<P, kRows, kParts>(b, r, c, sum);
  // Column by column: what depends on the column alone is loaded once, before any store.
#pragma GCC unroll 2
  for (int j = 0; j < kParts; ++j) {
    const auto column = finish.column(c + j * kCols);
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) finish(r + i, c + j * kCols, column, sum[i][j]);
  }
}

template <Packing P, class Finish>
MIXPE_INLINE void whole_block(const SegmentBlock& b, const Finish& finish) {
  constexpr int kRows = P == Packing::kBytes ? 8 : 4;
  constexpr std::int64_t kStep = P == Packing::kBytes ? kCols : 2 * kCols;
  for (std::int64_t c = 0; c < b.panels * kPanelCols; c += kStep) {
    std::int64_t r = 0;
    for (; r + kRows <= b.rows; r += kRows) micro_block<P, kRows>(b, r, c, finish);
    for (; r + 2 <= b.rows; r += 2) micro_block<P, 2>(b, r, c, finish);
    if (r < b.rows) micro_block<P, 1>(b, r, c, finish);
  }
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
    for (std::int64_t c = 0; c < panels * kPanelCols; c += kCols) {
      __m256 value = _mm256_loadu_ps(sums.data + r * sums.stride + c);
      if (column_zero) {
        const __m256 row = _mm256_set1_ps(row_sum[r]);
        value = _mm256_sub_ps(value, _mm256_mul_ps(_mm256_loadu_ps(column_zero + c), row));
      }
      if (column_scale) value = _mm256_mul_ps(value, _mm256_loadu_ps(column_scale + c));
      float* to = y.data + r * y.stride + c;
      _mm256_storeu_ps(to, _mm256_add_ps(_mm256_loadu_ps(to), value));
    }
  }
}

/// kRows rows and 8 columns, from column c of the block.
template <int kRows>
MIXPE_INLINE void exact_block(const ExactBlock& b, std::int64_t r, std::int64_t c,
                              const float* column, BlockOut<float> y) {
  constexpr std::int64_t kLanes = 4;
  __m256d sum[kRows][2];
#pragma GCC unroll 8
  for (int i = 0; i < kRows; ++i) sum[i][0] = sum[i][1] = _mm256_setzero_pd();
  const double* act = b.act + r * b.act_stride;
  const auto* weight =
      reinterpret_cast<const float*>(b.weight + c / kPanelCols * b.panel_stride + c % kPanelCols);
  for (std::int64_t s = 0; s < b.lanes; ++s, weight += kPanelCols) {
    const __m256d low = _mm256_cvtps_pd(_mm_loadu_ps(weight));
    const __m256d high = _mm256_cvtps_pd(_mm_loadu_ps(weight + kLanes));
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) {
      const __m256d a = _mm256_set1_pd(act[i * b.act_stride + s]);
      sum[i][0] = _mm256_fmadd_pd(a, low, sum[i][0]);
      sum[i][1] = _mm256_fmadd_pd(a, high, sum[i][1]);
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < kRows; ++i) {
#pragma GCC unroll 2
    for (int j = 0; j < 2; ++j) {
      float* to = y.data + (r + i) * y.stride + c + j * kLanes;
      const __m128 value =
          _mm_mul_ps(_mm256_cvtpd_ps(sum[i][j]), _mm_loadu_ps(column + c + j * kLanes));
      _mm_storeu_ps(to, _mm_add_ps(_mm_loadu_ps(to), value));
    }
  }
}

void exact_sums_scaled(const ExactBlock& b, const float* column, BlockOut<float> y) {
  for (std::int64_t c = 0; c < b.panels * kPanelCols; c += 8) {
    std::int64_t r = 0;
    for (; r + 4 <= b.rows; r += 4) exact_block<4>(b, r, c, column, y);
    for (; r < b.rows; ++r) exact_block<1>(b, r, c, column, y);
  }
}

}  // namespace

const Table kAvx2Table = {
    {integer_sums<Packing::kBytes>, integer_sums<Packing::kWords>},
    {integer_sums_scaled<Packing::kBytes>, integer_sums_scaled<Packing::kWords>},
    float_sums,
    float_scaled,
    exact_sums_scaled};

}  // namespace mixpe::kernels

#pragma GCC pop_options
