#include <immintrin.h>

#include "sim/timing/engines/skewed_sums.h"

#pragma GCC diagnostic push
// g++ 12 takes the deliberately undefined operand inside its own intrinsics for a mistake.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC push_options
#pragma GCC target("avx2,fma,avx512f,avx512bw,avx512vl,avx512vnni")

#include "sim/timing/engines/skewed_sums_simd.h"

namespace mixpe::skewed {
namespace {

struct Avx512 {
  using Vector = __m512i;
  static constexpr std::int32_t kLanes = 16;

  static Vector load(const std::int32_t* p) { return _mm512_loadu_si512(p); }
  static void store(std::int32_t* p, Vector v) { _mm512_storeu_si512(p, v); }
  static Vector zero() { return _mm512_setzero_si512(); }
  static Vector plus(Vector a, Vector b) { return _mm512_add_epi32(a, b); }
  static Vector pairs(const std::int16_t* p) {
    const __m512i places =
        _mm512_set_epi16(15, 16, 14, 15, 13, 14, 12, 13, 11, 12, 10, 11, 9, 10,  //
                         8, 9, 7, 8, 6, 7, 5, 6, 4, 5, 3, 4, 2, 3, 1, 2, 0, 1);
    return _mm512_permutexvar_epi16(places, _mm512_loadu_si512(p));
  }
  static Vector only(Vector v, std::uint32_t mask) {
    return _mm512_and_si512(v, _mm512_set1_epi32(static_cast<int>(mask)));
  }
  /// Inline assembly: g++ 12 spills the sums of the intrinsic.
  static void add(Vector& sum, Vector act, Vector weight) {
    asm("vpdpwssd %2, %1, %0" : "+v"(sum) : "v"(act), "v"(weight));
  }
};

}  // namespace

void add_avx512(const SkewedSums& sums) { add_all<Avx512>(sums); }

}  // namespace mixpe::skewed

#pragma GCC pop_options
#pragma GCC diagnostic pop
