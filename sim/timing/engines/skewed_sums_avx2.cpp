#include <immintrin.h>

#include "sim/timing/engines/skewed_sums.h"

#pragma GCC push_options
#pragma GCC target("avx2")

#include "sim/timing/engines/skewed_sums_simd.h"

namespace mixpe::skewed {
namespace {

struct Avx2 {
  using Vector = __m256i;
  static constexpr std::int32_t kLanes = 8;

  static Vector load(const std::int32_t* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
  static void store(std::int32_t* p, Vector v) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v);
  }
  static Vector zero() { return _mm256_setzero_si256(); }
  static Vector plus(Vector a, Vector b) { return _mm256_add_epi32(a, b); }
  static Vector pairs(const std::int16_t* p) {
    // Lanes 0-3 want the values 0-4, lanes 4-7 the values 4-8.
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 4));
    const __m128i order = _mm_setr_epi8(2, 3, 0, 1, 4, 5, 2, 3, 6, 7, 4, 5, 8, 9, 6, 7);
    return _mm256_shuffle_epi8(_mm256_set_m128i(high, low), _mm256_broadcastsi128_si256(order));
  }
  static Vector only(Vector v, std::uint32_t mask) {
    return _mm256_and_si256(v, _mm256_set1_epi32(static_cast<int>(mask)));
  }
  static void add(Vector& sum, Vector act, Vector weight) {
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(act, weight));
  }
};

}  // namespace

void add_avx2(const SkewedSums& sums) { add_all<Avx2>(sums); }

}  // namespace mixpe::skewed

#pragma GCC pop_options
