// The kernels with AVX2. Sixteen registers: 4 x 2 sums of 8 with words and floats; with bytes
// 8 x 1, since four steps' weights stay in registers while their 16-bit results are added up.

#include <immintrin.h>

#include "models/kernels/segment_kernels.h"

#pragma GCC push_options
#pragma GCC target("avx2,fma")

#include "models/kernels/segment_kernels_simd.h"

namespace mixpe::kernels {
namespace {

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

template <Packing P, int kRows, class Finish>
MIXPE_INLINE void micro_block(const SegmentBlock& b, std::int64_t r, std::int64_t c,
                              const Finish& finish) {
  constexpr int kParts = P == Packing::kBytes ? 1 : 2;
  __m256i sum[kRows][kParts];
  accumulate<P, kRows, kParts>(b, r, c, sum);
#pragma GCC unroll 2
  for (int j = 0; j < kParts; ++j) put_rows(finish, r, c + j * kCols, sum, j);
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

struct Avx2 {
  using Int = __m256i;
  using Real = __m256;
  using Double = __m256d;
  static constexpr std::int64_t kLanes = 8;
  static constexpr int kExactRows = 4;

  MIXPE_INLINE static Real load(const float* p) { return _mm256_loadu_ps(p); }
  MIXPE_INLINE static void store(float* p, Real v) { _mm256_storeu_ps(p, v); }
  MIXPE_INLINE static void store(std::int32_t* p, Int v) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v);
  }
  MIXPE_INLINE static Real zero() { return _mm256_setzero_ps(); }
  MIXPE_INLINE static Real all(float v) { return _mm256_set1_ps(v); }
  MIXPE_INLINE static Real bits(Int v) { return _mm256_castsi256_ps(v); }
  MIXPE_INLINE static Real converted(Int v) { return _mm256_cvtepi32_ps(v); }
  MIXPE_INLINE static Real add(Real a, Real b) { return _mm256_add_ps(a, b); }
  MIXPE_INLINE static Real sub(Real a, Real b) { return _mm256_sub_ps(a, b); }
  MIXPE_INLINE static Real mul(Real a, Real b) { return _mm256_mul_ps(a, b); }
  MIXPE_INLINE static Real fma(Real a, Real b, Real c) { return _mm256_fmadd_ps(a, b, c); }
  MIXPE_INLINE static Double all(double v) { return _mm256_set1_pd(v); }
  MIXPE_INLINE static Double fma(Double a, Double b, Double c) { return _mm256_fmadd_pd(a, b, c); }
  MIXPE_INLINE static Double widened(const std::uint32_t* p) {
    return _mm256_cvtps_pd(_mm_castsi128_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
  }
  MIXPE_INLINE static Real narrowed(Double low, Double high) {
    return _mm256_set_m128(_mm256_cvtpd_ps(high), _mm256_cvtpd_ps(low));
  }

  template <Packing P, class Finish>
  static void whole_block(const SegmentBlock& b, const Finish& finish) {
    kernels::whole_block<P>(b, finish);
  }
};

}  // namespace

const Table kAvx2Table = table_of<Avx2>();

}  // namespace mixpe::kernels

#pragma GCC pop_options
