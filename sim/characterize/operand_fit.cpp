#include "sim/characterize/operand_fit.h"

#include <cmath>
#include <utility>
#include <vector>

namespace mixpe {
namespace {

constexpr std::size_t kCount = OperandStatistics::kCount;
using Slopes = std::array<double, kCount>;

Slopes difference(const OperandSample& a, const OperandSample& b) {
  Slopes d = a.operands.values();
  for (std::size_t i = 0; i < kCount; ++i) d[i] -= b.operands.values()[i];
  return d;
}

double dot(const Slopes& a, const Slopes& b) {
  double sum = 0;
  for (std::size_t i = 0; i < kCount; ++i) sum += a[i] * b[i];
  return sum;
}

/// Normal equations by Gauss-Jordan elimination, the largest pivot first. What the samples do not
/// tell apart stays 0.
Slopes least_squares(const OperandSample& priced, std::span<const OperandSample> others) {
  std::array<std::array<double, kCount + 1>, kCount> rows{};
  for (const OperandSample& sample : others) {
    const Slopes x = difference(sample, priced);
    const double y = sample.energy_pj - priced.energy_pj;
    for (std::size_t i = 0; i < kCount; ++i) {
      for (std::size_t j = 0; j < kCount; ++j) rows[i][j] += x[i] * x[j];
      rows[i][kCount] += x[i] * y;
    }
  }
  constexpr double kNothing = 1e-9;
  std::array<bool, kCount> done{};
  for (std::size_t step = 0; step < kCount; ++step) {
    std::size_t pivot = kCount;
    for (std::size_t i = 0; i < kCount; ++i) {
      if (!done[i] && (pivot == kCount || rows[i][i] > rows[pivot][pivot])) pivot = i;
    }
    if (rows[pivot][pivot] < kNothing) break;
    done[pivot] = true;
    for (std::size_t i = 0; i < kCount; ++i) {
      if (i == pivot) continue;
      const double factor = rows[i][pivot] / rows[pivot][pivot];
      for (std::size_t j = 0; j <= kCount; ++j) rows[i][j] -= factor * rows[pivot][j];
    }
  }
  Slopes slopes{};
  for (std::size_t i = 0; i < kCount; ++i) {
    if (done[i]) slopes[i] = rows[i][kCount] / rows[i][i];
  }
  return slopes;
}

double relative_error(const OperandSample& priced, const OperandSample& sample,
                      const Slopes& slopes) {
  const double predicted = priced.energy_pj + dot(slopes, difference(sample, priced));
  return predicted / sample.energy_pj - 1;
}

}  // namespace

OperandFit fit_operands(const OperandSample& priced, std::span<const OperandSample> others) {
  OperandFit fit;
  fit.slope_pj = least_squares(priced, others);
  double squares = 0, held_out_squares = 0;
  for (std::size_t i = 0; i < others.size(); ++i) {
    std::vector<OperandSample> rest(others.begin(), others.end());
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    const double error = relative_error(priced, others[i], fit.slope_pj);
    const double held_out = relative_error(priced, others[i], least_squares(priced, rest));
    squares += error * error;
    held_out_squares += held_out * held_out;
  }
  const auto count = static_cast<double>(others.size());
  fit.error_pct = 100 * std::sqrt(squares / count);
  fit.held_out_pct = 100 * std::sqrt(held_out_squares / count);
  return fit;
}

}  // namespace mixpe
