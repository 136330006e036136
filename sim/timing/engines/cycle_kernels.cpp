#include "sim/timing/engines/cycle_kernels.h"

#include "sim/timing/engines/multiversion.h"

namespace mixpe {

MIXPE_MULTIVERSION
void cycle_rows_int16(const Int16View* views, std::int32_t rows, std::int32_t cols) {
  for (std::int32_t r = 0; r < rows; ++r) {
    const std::int16_t* __restrict act = views[r].act;
    const std::int16_t* __restrict weight = views[r].weight;
    const std::int32_t* __restrict keep = views[r].keep;
    std::int32_t* __restrict sum = views[r].sum;
    for (std::int32_t c = 0; c < cols; ++c) {
      sum[c] = (sum[c] & keep[c]) + std::int32_t{act[c]} * std::int32_t{weight[c]};
    }
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
