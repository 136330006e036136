#include "sim/timing/value_report.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "models/dequant/dequant.h"
#include "models/formats/floats.h"
#include "sim/workload/counter_random.h"

namespace mixpe {

namespace {

constexpr std::int64_t kSampledOutputs = 4096;
enum Purpose : std::uint8_t { kRows = 64, kColumns };  // apart from those of the operands

std::size_t size(std::int64_t count) { return static_cast<std::size_t>(count); }

/// `count` different numbers below `limit`, ascending: the ones with the smallest draws.
std::vector<std::int64_t> choose(std::int64_t count, std::int64_t limit, const RandomField& field) {
  std::vector<std::int64_t> all(size(limit));
  std::iota(all.begin(), all.end(), 0);
  if (count >= limit) return all;
  std::vector<std::uint32_t> key;
  for (const std::int64_t i : all) key.push_back(field.bits(0, i));
  const auto before = [&key](std::int64_t a, std::int64_t b) {
    return std::pair(key[size(a)], a) < std::pair(key[size(b)], b);
  };
  std::partial_sort(all.begin(), all.begin() + count, all.end(), before);
  all.resize(size(count));
  std::sort(all.begin(), all.end());
  return all;
}

/// The rows and columns whose crossings are compared with FP64.
struct Sample {
  std::vector<std::int64_t> rows, columns;
};

Sample choose_sample(const GemmOperands& gemm, std::uint64_t seed) {
  // As square as the GEMM allows: 64 x 64, or all of the shorter side.
  std::int64_t rows = std::min<std::int64_t>(gemm.m, 64);
  const std::int64_t columns = std::min(gemm.n, kSampledOutputs / rows);
  rows = std::min(gemm.m, kSampledOutputs / columns);
  return {choose(rows, gemm.m, RandomField(seed, 0, kRows)),
          choose(columns, gemm.n, RandomField(seed, 0, kColumns))};
}

/// Ten times the decimal logarithm, the same on every platform.
double decibel(double ratio) { return portable_log(ratio) * (10.0 / 2.302585092994046); }

double snr_of(double signal, double error) {
  if (signal == 0.0) return std::numeric_limits<double>::quiet_NaN();
  if (error == 0.0) return std::numeric_limits<double>::infinity();
  return decibel(signal) - decibel(error);
}

using Rows = std::vector<std::vector<double>>;

/// SNR of the sampled outputs against FP64 sums of these operands.
double snr(const GemmOperands& gemm, const Rows& acts, const Rows& weights,
           const std::vector<Code>& codes, const Format& out, const Sample& sample) {
  double signal = 0.0, error = 0.0;
  for (std::size_t r = 0; r < acts.size(); ++r) {
    for (std::size_t c = 0; c < weights.size(); ++c) {
      const double reference =
          std::inner_product(acts[r].begin(), acts[r].end(), weights[c].begin(), 0.0);
      const double value = decode(out, codes[size(sample.rows[r] * gemm.n + sample.columns[c])]);
      if (!std::isfinite(value) || !std::isfinite(reference)) continue;
      signal += reference * reference;
      error += (value - reference) * (value - reference);
    }
  }
  return snr_of(signal, error);
}

Rows dequantised(const GemmOperands& gemm, const std::vector<std::int64_t>& which,
                 double (GemmOperands::*value)(std::int64_t, std::int64_t) const) {
  Rows rows;
  for (const std::int64_t i : which) {
    std::vector<double>& row = rows.emplace_back();
    for (std::int64_t k = 0; k < gemm.k; ++k) row.push_back((gemm.*value)(i, k));
  }
  return rows;
}

Rows drawn(const UnquantisedOperands& operands, std::int64_t k,
           const std::vector<std::int64_t>& which,
           void (UnquantisedOperands::*draw)(std::int64_t, std::span<float>) const) {
  Rows rows;
  std::vector<float> row(size(k));
  for (const std::int64_t i : which) {
    (operands.*draw)(i, row);
    rows.emplace_back(row.begin(), row.end());
  }
  return rows;
}

double zero_fraction(const std::vector<std::uint16_t>& codes, const Format& format) {
  const auto sign = static_cast<Code>(format.is_integer() ? 0 : 1U << (format.bits - 1));
  const auto zeros = std::count_if(codes.begin(), codes.end(),
                                   [sign](Code code) { return code == 0 || code == sign; });
  return static_cast<double>(zeros) / static_cast<double>(codes.size());
}

}  // namespace

std::vector<Code> output_codes(const GemmOperands& operands, const OutputPsums& psums,
                               const Format& out) {
  std::vector<Code> codes;
  codes.reserve(size(operands.m * operands.n));
  for (std::int64_t m = 0; m < operands.m; ++m) {
    const float act = operands.act_scale.empty() ? 1.0F : operands.act_scale[size(m)];
    for (std::int64_t n = 0; n < operands.n; ++n) {
      const float weight = operands.weight_scale.empty() ? 1.0F : operands.weight_scale[size(n)];
      const std::size_t at = size(m * operands.n + n);
      codes.push_back(psums.integer ? epilogue_integer(psums.integers[at], weight, act, out)
                                    : epilogue_float(scaled(psums.real[at], weight), act, out));
    }
  }
  return codes;
}

std::uint64_t fnv1a(std::span<const Code> codes, int bits, std::uint64_t state) {
  for (const Code code : codes) {
    for (int shift = 0; shift < bits; shift += 8) {
      state = (state ^ (code >> shift & 0xff)) * 0x100000001b3;
    }
  }
  return state;
}

ValueReport value_report(const GemmOperands& operands, const OutputPsums& psums, const Format& out,
                         std::uint64_t overflows, std::uint64_t seed,
                         const UnquantisedOperands* unquantised) {
  const Format format = out.is_integer() ? kFp16 : out;
  const std::vector<Code> codes = output_codes(operands, psums, format);
  const Sample sample = choose_sample(operands, seed);
  ValueReport report;
  report.digest = fnv1a(codes, format.bits);
  report.snr_db = snr(operands, dequantised(operands, sample.rows, &GemmOperands::act_value),
                      dequantised(operands, sample.columns, &GemmOperands::weight_value), codes,
                      format, sample);
  if (unquantised != nullptr) {
    report.model_snr_db =
        snr(operands, drawn(*unquantised, operands.k, sample.rows, &UnquantisedOperands::act_row),
            drawn(*unquantised, operands.k, sample.columns, &UnquantisedOperands::weight_row),
            codes, format, sample);
  }
  report.snr_outputs = static_cast<std::int64_t>(sample.rows.size() * sample.columns.size());
  report.overflows = overflows;
  std::int64_t zeros = 0;
  for (const Code code : codes) {
    const Unpacked value = unpack(format, code);
    report.nonfinite += value.kind != FloatClass::kFinite;
    zeros += value.is_zero();
  }
  report.act_zero_fraction = zero_fraction(operands.act, operands.formats.act);
  report.weight_zero_fraction = zero_fraction(operands.weight, operands.formats.weight);
  report.output_zero_fraction = static_cast<double>(zeros) / static_cast<double>(codes.size());
  return report;
}

}  // namespace mixpe
