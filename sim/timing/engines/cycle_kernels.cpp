#include "sim/timing/engines/cycle_kernels.h"

#include <cstring>
#include <limits>

#include "sim/timing/engines/multiversion.h"

namespace mixpe {

namespace {

// Inlined into every version of its caller, so that each is compiled for its instruction set.
#define MIXPE_INLINE inline __attribute__((always_inline))

/// 256 bits of sums: a vector of AVX2 and of AVX-512VL, two of the baseline CPU.
constexpr int kLanes = 8;
using Int32s = std::int32_t __attribute__((vector_size(4 * kLanes)));
static_assert(kCycleColumns % kLanes == 0);

MIXPE_INLINE void load(const std::int32_t* from, Int32s& to) { std::memcpy(&to, from, sizeof to); }

/// kVectors * kLanes neighbouring PEs through all cycles; their sums stay in registers.
template <int kVectors, bool kBoundary>
MIXPE_INLINE void run_pes(const IntegerRun& run, std::int32_t col) {
  Int32s sum[kVectors], captured[kVectors];
  for (int v = 0; v < kVectors; ++v) {
    load(run.sum + col + v * kLanes, sum[v]);
    if (kBoundary) load(run.captured + col + v * kLanes, captured[v]);
  }
  for (std::int32_t t = 0; t < run.cycles; ++t) {
    const std::int32_t* act = run.act + col - t;
    const std::int32_t* weight = run.weight + col + t * run.stride;
    for (int v = 0; v < kVectors; ++v) {
      Int32s a, w;
      load(act + v * kLanes, a);
      load(weight + v * kLanes, w);
      if (kBoundary) {
        Int32s keep, capture;
        load(run.keep + col - t + v * kLanes, keep);
        load(run.capture + col - t + v * kLanes, capture);
        sum[v] = (sum[v] & keep) + a * w;
        captured[v] = (captured[v] & ~capture) | (sum[v] & capture);
      } else {
        sum[v] += a * w;
      }
    }
  }
  for (int v = 0; v < kVectors; ++v) {
    std::memcpy(run.sum + col + v * kLanes, &sum[v], sizeof sum[v]);
    if (kBoundary) std::memcpy(run.captured + col + v * kLanes, &captured[v], sizeof captured[v]);
  }
}

template <bool kBoundary>
MIXPE_INLINE void run_row(const IntegerRun& run) {
  constexpr int kMost = kBoundary ? 2 : 4;
  std::int32_t col = 0;
  for (; col + kMost * kLanes <= run.stride; col += kMost * kLanes) {
    run_pes<kMost, kBoundary>(run, col);
  }
  for (; col < run.stride; col += kLanes) run_pes<1, kBoundary>(run, col);
}

}  // namespace

MIXPE_MULTIVERSION
void cycle_run(const IntegerRun& run) { run_row<false>(run); }

MIXPE_MULTIVERSION
void cycle_run_boundary(const IntegerRun& run) { run_row<true>(run); }

MIXPE_MULTIVERSION
void cycle_reverse_rows(const ReversedRows& rows) {
  const std::int32_t count = rows.count;
  for (std::int32_t r = 0; r < rows.rows; ++r) {
    const std::int16_t* __restrict from = rows.from + r * rows.from_stride;
    std::int32_t* __restrict to = rows.to + r * rows.to_stride;
    for (std::int32_t i = 0; i < count; ++i) to[i] = from[-i];
  }
}

MIXPE_MULTIVERSION
void cycle_row_sum(const std::int16_t* __restrict act, std::int32_t count,
                   RowSum16& __restrict out) {
  std::int32_t sum = 0, magnitude = 0;
  for (std::int32_t k = 0; k < count; ++k) {
    const std::int32_t a = act[k];
    sum += a;
    magnitude += a < 0 ? -a : a;
  }
  out = {sum, magnitude};
}

MIXPE_MULTIVERSION
void cycle_drain_columns(const DrainColumns& columns, std::int32_t since, std::int32_t phase,
                         DrainEvents& events) {
  const std::int32_t* __restrict skew = columns.skew;
  const std::int32_t* __restrict turn = columns.turn;
  std::int32_t* __restrict left = columns.left;
  const std::int32_t count = columns.columns, m = columns.m, n = columns.n;
  std::int32_t taken = 0, moved = 0, real = 0;
  for (std::int32_t j = 0; j < count; ++j) {
    const std::int32_t take = (since >= skew[j]) & (left[j] > 0) & (turn[j] == phase);
    const std::int32_t row = left[j] - take;
    left[j] = row;
    const std::int32_t exists = take & (j < n);
    taken += take;
    moved += exists != 0 ? (row < m ? row : m) : 0;
    real += exists & (row < m);
  }
  events = {taken, moved, real};
}

MIXPE_MULTIVERSION
void cycle_scale_row(const ScaledRow& row) {
  const std::int32_t* __restrict sum = row.sum;
  const std::int32_t* __restrict zero = row.zero;
  const float* __restrict scale = row.scale;
  float* __restrict y = row.y;
  const std::int32_t row_sum = row.row_sum;
  const float unit = row.unit;
  const std::int32_t columns = row.columns;
  for (std::int32_t j = 0; j < columns; ++j) {
    const float x = static_cast<float>(sum[j] - zero[j] * row_sum) * unit;
    const float p = x * scale[j];
    const float total = y[j] + p;
    y[j] = total == total ? total : std::numeric_limits<float>::quiet_NaN();
  }
}

MIXPE_MULTIVERSION
void cycle_row_float(const float* __restrict act, const float* __restrict weight,
                     const std::int32_t* __restrict operation, std::int32_t number, float* sum,
                     float* sum0, std::int32_t cols) {
  const std::int32_t add = kFpAdd | number, merge = kFpMerge | number;
  for (std::int32_t c = 0; c < cols; ++c) {
    const std::int32_t op = operation[c] & ~kFpFresh;
    const bool fresh = (operation[c] & kFpFresh) != 0;
    const float from = fresh ? 0.0F : sum[c];
    const float added = from + act[c] * weight[c];
    sum[c] = op == add ? added : sum[c];
    if (number == 0) continue;
    const float merged = sum0[c] + from;
    sum0[c] = op == merge ? merged : sum0[c];
  }
}

}  // namespace mixpe
