// The kernels with AVX-512 VNNI: blocks of 8 x 2 registers of 16 sums, which keep both multiplier
// ports busy (16 chains cover 2 ports x 5 cycles) and leave registers for weights and broadcasts.

#include <immintrin.h>

#include "models/kernels/segment_kernels.h"

#pragma GCC diagnostic push
// g++ 12 takes the deliberately undefined operand inside its own intrinsics for a mistake.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC push_options
#pragma GCC target("avx2,fma,avx512f,avx512bw,avx512vl,avx512vnni")
// Without it g++ 12 moves one of the sums to another register and back in every step.
#pragma GCC optimize("ira-region=all")

#include "models/kernels/segment_kernels_simd.h"

namespace mixpe::kernels {
namespace {

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

template <Packing P, int kRows, int kPanels, class Finish>
MIXPE_INLINE void micro_block(const SegmentBlock& b, std::int64_t r, std::int64_t p,
                              const Finish& finish) {
  __m512i sum[kRows][kPanels];
  accumulate<P, kRows, kPanels>(b, r, p, sum);
#pragma GCC unroll 2
  for (int j = 0; j < kPanels; ++j) put_rows(finish, r, (p + j) * kPanelCols, sum, j);
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

struct Avx512 {
  using Int = __m512i;
  using Real = __m512;
  using Double = __m512d;
  static constexpr std::int64_t kLanes = 16;
  static constexpr int kExactRows = 8;

  MIXPE_INLINE static Real load(const float* p) { return _mm512_loadu_ps(p); }
  MIXPE_INLINE static void store(float* p, Real v) { _mm512_storeu_ps(p, v); }
  MIXPE_INLINE static void store(std::int32_t* p, Int v) { _mm512_storeu_si512(p, v); }
  MIXPE_INLINE static Real zero() { return _mm512_setzero_ps(); }
  MIXPE_INLINE static Real all(float v) { return _mm512_set1_ps(v); }
  MIXPE_INLINE static Real bits(Int v) { return _mm512_castsi512_ps(v); }
  MIXPE_INLINE static Real converted(Int v) { return _mm512_cvtepi32_ps(v); }
  MIXPE_INLINE static Real add(Real a, Real b) { return _mm512_add_ps(a, b); }
  MIXPE_INLINE static Real sub(Real a, Real b) { return _mm512_sub_ps(a, b); }
  MIXPE_INLINE static Real mul(Real a, Real b) { return _mm512_mul_ps(a, b); }
  MIXPE_INLINE static Real fma(Real a, Real b, Real c) { return _mm512_fmadd_ps(a, b, c); }
  MIXPE_INLINE static Double all(double v) { return _mm512_set1_pd(v); }
  MIXPE_INLINE static Double fma(Double a, Double b, Double c) { return _mm512_fmadd_pd(a, b, c); }
  MIXPE_INLINE static Double widened(const std::uint32_t* p) {
    return _mm512_cvtps_pd(
        _mm256_castsi256_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))));
  }
  MIXPE_INLINE static Real narrowed(Double low, Double high) {
    const __m512d both =
        _mm512_insertf64x4(_mm512_castps_pd(_mm512_castps256_ps512(_mm512_cvtpd_ps(low))),
                           _mm256_castps_pd(_mm512_cvtpd_ps(high)), 1);
    return _mm512_castpd_ps(both);
  }

  template <Packing P, class Finish>
  static void whole_block(const SegmentBlock& b, const Finish& finish) {
    kernels::whole_block<P>(b, finish);
  }
};

}  // namespace

const Table kAvx512Table = table_of<Avx512>();

}  // namespace mixpe::kernels

#pragma GCC pop_options
#pragma GCC diagnostic pop
