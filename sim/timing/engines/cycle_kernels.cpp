#include "sim/timing/engines/cycle_kernels.h"

#include <algorithm>
#include <limits>

#include "models/kernels/multiversion.h"

namespace mixpe {

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
std::int64_t cycle_largest(const std::int32_t* values, std::int32_t count) {
  std::int32_t least = 0, most = 0;
  for (std::int32_t i = 0; i < count; ++i) {
    least = values[i] < least ? values[i] : least;
    most = values[i] > most ? values[i] : most;
  }
  return std::max(-std::int64_t{least}, std::int64_t{most});
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
