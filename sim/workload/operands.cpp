#include "sim/workload/operands.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "models/core/errors.h"
#include "models/dequant/dequant.h"
#include "models/formats/floats.h"
#include "models/formats/format.h"
#include "models/formats/integers.h"
#include "sim/workload/counter_random.h"

namespace mixpe {

namespace {

enum Purpose : std::uint8_t { kWeight, kWeightTail, kAct, kChannel, kOutlier, kToken };

/// Level 1 of a two-level scheme stays within +-119, so that q*s2 - z*s2 cannot leave 8 bits after
/// the rounding of level 2 (QServe, arXiv 2405.04532, "protective quantisation range").
constexpr int kProtectiveRange = 119;

std::size_t size(std::int64_t count) { return static_cast<std::size_t>(count); }

/// The integer nearest to x, ties to even, for |x| < 2^51: 1.5 * 2^52 leaves no fraction bits.
double nearest(double x) { return (x + 0x1.8p52) - 0x1.8p52; }

std::int32_t quantised(double x, double scale, std::int32_t zero, std::int32_t low,
                       std::int32_t high) {
  return static_cast<std::int32_t>(
      std::clamp(nearest(x / scale) + zero, double(low), double(high)));
}

/// An FP16 scale: never zero, never infinite.
Code scale_code(double scale) {
  const Code code = double_to_fp16(scale);
  return std::clamp<Code>(code, 1, infinity_code(kFp16) - 1);
}

/// How one block of numbers maps to integers.
struct Grid {
  double scale = 1.0;
  std::int32_t zero = 0;
};

struct Extent {
  double min = 0.0, max = 0.0;  ///< zero is always inside
  double absolute() const { return std::max(-min, max); }
};

Extent extent(std::span<const float> values) {
  Extent e;
  for (const float v : values) e = {std::min<double>(e.min, v), std::max<double>(e.max, v)};
  return e;
}

/// The scale of a block in a coded format. The largest element becomes the largest value; with
/// outliers, three standard deviations become the largest normal value, 7 (OliVe's 3 sigma rule).
double coded_scale(const Format& f, std::span<const float> values) {
  double covered = extent(values).absolute() / int_max(f);
  if (f.kind == FormatKind::kOutlierVictim) {
    double squares = 0.0;
    for (const float v : values) squares += double{v} * v;
    covered = 3.0 * std::sqrt(squares / static_cast<double>(values.size())) / 7.0;
  }
  return fp16_to_float(scale_code(covered > 0.0 ? covered : 1.0));
}

/// `values` / scale in a coded format, outliers and victims in pairs.
void encode_block(const Format& f, std::span<const float> values, double scale,
                  std::span<std::uint16_t> codes) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    codes[i] = static_cast<std::uint16_t>(encode_coded(f, values[i] / scale));
  }
  if (f.kind == FormatKind::kOutlierVictim) make_pairs(codes);
}

/// Steps that cover `e`; `round_scale` says what scales there are.
template <class RoundScale>
Grid fit(const Extent& e, const Format& store, const std::optional<ZeroSpec>& zero,
         RoundScale&& round_scale) {
  Grid grid;
  const double span = zero ? e.max - e.min : e.absolute();
  grid.scale = round_scale(span > 0.0 ? span / int_max(store) : 1.0);
  if (zero) grid.zero = quantised(-e.min, grid.scale, 0, int_min(zero->type), int_max(zero->type));
  return grid;
}

double fp16_scale(double scale) { return fp16_to_float(scale_code(scale)); }
double integer_scale(double scale) { return std::clamp(nearest(scale), 1.0, 255.0); }

/// Unquantised weights, row n.
class WeightSource {
 public:
  WeightSource(Distribution distribution, std::uint64_t seed, std::uint64_t stream, std::int64_t k)
      : distribution_(distribution),
        field_(seed, stream, kWeight),
        tail_(seed, stream, kWeightTail),
        scale_(1.0 / std::sqrt(static_cast<double>(k))) {}

  void row(std::int64_t n, std::span<float> out) const {
    for (std::size_t k = 0; k < out.size(); k += 4) {
      const auto draws = field_.block(n, static_cast<std::int64_t>(k / 4));
      for (std::size_t i = 0; i < 4 && k + i < out.size(); ++i) {
        out[k + i] = static_cast<float>(scale_ * value(n, k + i, draws[i]));
      }
    }
  }

 private:
  double value(std::int64_t n, std::size_t k, std::uint32_t draw) const {
    const double u = to_unit(draw);
    if (distribution_ == Distribution::kUniform) return 2.0 * u - 1.0;
    const double x = normal_quantile(u);
    // The low bits hardly move x: they choose 1 in 100 for the tail.
    if (distribution_ == Distribution::kLlm && draw % 100 == 0) return student_t5(n, k, x);
    return x;
  }

  /// x / sqrt(chi^2_5 / 5)
  double student_t5(std::int64_t n, std::size_t k, double x) const {
    double chi_square = 0.0;
    for (std::int64_t i = 0; i < 5; ++i) {
      const double z = tail_.gaussian(n, static_cast<std::int64_t>(k) * 8 + i);
      chi_square += z * z;
    }
    return x / std::sqrt(chi_square / 5.0);
  }

  Distribution distribution_;
  RandomField field_, tail_;
  double scale_;
};

/// Unquantised activations, row m.
class ActSource {
 public:
  ActSource(Distribution distribution, std::uint64_t seed, std::uint64_t stream, std::int64_t k)
      : distribution_(distribution), field_(seed, stream, kAct), token_(seed, stream, kToken) {
    if (distribution != Distribution::kLlm) return;
    const RandomField channel(seed, stream, kChannel), outlier(seed, stream, kOutlier);
    for (std::int64_t c = 0; c < k; ++c) {
      channel_.push_back(portable_exp(0.3 * channel.gaussian(0, c)));
    }
    const std::int64_t outliers = std::min(k, std::max<std::int64_t>(6, k / 1000));
    std::vector<bool> taken(size(k));
    for (std::int64_t i = 0; i < outliers; ++i) {
      std::int64_t c = outlier.bits(0, i) % k;
      while (taken[size(c)]) c = (c + 1) % k;
      taken[size(c)] = true;
      channel_[size(c)] *= 20.0 + 80.0 * outlier.uniform(1, i);
    }
  }

  void row(std::int64_t m, std::span<float> out) const {
    const bool llm = distribution_ == Distribution::kLlm;
    const double token = llm ? portable_exp(0.2 * token_.gaussian(0, m)) : 1.0;
    for (std::size_t k = 0; k < out.size(); k += 4) {
      const auto draws = field_.block(m, static_cast<std::int64_t>(k / 4));
      for (std::size_t i = 0; i < 4 && k + i < out.size(); ++i) {
        const double u = to_unit(draws[i]);
        double x = distribution_ == Distribution::kUniform ? 2.0 * u - 1.0 : normal_quantile(u);
        if (llm) x *= channel_[k + i] * token;
        out[k + i] = static_cast<float>(x);
      }
    }
  }

 private:
  Distribution distribution_;
  RandomField field_, token_;
  std::vector<double> channel_;  ///< llm: factor of each channel
};

/// Formats without negative numbers and zero-points take absolute values.
bool takes_absolute(const WeightQuant& quant) {
  return quant.store.is_integer() && !quant.store.is_signed() && !quant.zero;
}
bool takes_absolute(const ActQuant& quant) {
  return quant.store.is_integer() && !quant.store.is_signed();
}
void make_absolute(std::span<float> values) {
  for (float& x : values) x = std::fabs(x);
}

/// Quantises the weights of one GEMM row by row.
class WeightQuantiser {
 public:
  WeightQuantiser(const WeightQuant& quant, GemmOperands& out) : quant_(quant), out_(out) {
    const ScaleSpec* scale = quant.group_scale();
    group_ = scale != nullptr && scale->k > 0 ? scale->k : out.k;
    out.group = quant.after_group();
    out.weight.resize(size(out.n * out.k));
    if (quant.convert != Convert::kNone) out.weight_real.resize(size(out.n * out.k));
  }

  void row(std::int64_t n, std::span<float> w) {
    if (!quant_.store.is_integer()) {
      for (std::int64_t k = 0; k < out_.k; ++k) code(n, k) = encode16(quant_.store, w[size(k)]);
      return;
    }
    if (takes_absolute(quant_)) make_absolute(w);
    double unit = 1.0;  // of level 2's input
    if (quant_.convert == Convert::kInt) {
      unit = fp16_scale(extent(w).absolute() / kProtectiveRange);
      for (float& x : w) {
        x = static_cast<float>(quantised(x, unit, 0, -kProtectiveRange, kProtectiveRange));
      }
      if (quant_.epilogue_scale() != nullptr) out_.weight_scale.push_back(static_cast<float>(unit));
    }
    for (std::int64_t k = 0; k < out_.k; k += group_) {
      group(n, k, w.subspan(size(k), size(std::min(group_, out_.k - k))));
    }
  }

  /// One scale per k, shared by all outputs and folded into the activations.
  void row_folded(std::int64_t n, std::span<const float> w, std::span<const double> scale) {
    check_invariant(!quant_.store.is_coded(), "a coded format has no scale for each k");
    for (std::int64_t k = 0; k < out_.k; ++k) {
      const std::int32_t q =
          quantised(w[size(k)], scale[size(k)], 0, int_min(quant_.store), int_max(quant_.store));
      code(n, k) = static_cast<std::uint16_t>(wrap_int(quant_.store, q));
    }
  }

 private:
  std::uint16_t& code(std::int64_t n, std::int64_t k) { return out_.weight[size(n * out_.k + k)]; }
  static std::uint16_t encode16(const Format& f, double x) {
    return static_cast<std::uint16_t>(encode(f, x));
  }

  void group(std::int64_t n, std::int64_t first, std::span<const float> w) {
    if (quant_.store.is_coded()) {
      const double scale = coded_scale(quant_.store, w);
      encode_block(quant_.store, w, scale, {&code(n, first), w.size()});
      return keep({.scale = scale, .zero = 0});
    }
    const bool two_level = quant_.convert == Convert::kInt;
    const Grid grid = two_level ? fit(extent(w), quant_.store, quant_.zero, integer_scale)
                                : fit(extent(w), quant_.store, quant_.zero, fp16_scale);
    for (std::size_t i = 0; i < w.size(); ++i) {
      const std::int32_t q =
          quantised(w[i], grid.scale, grid.zero, int_min(quant_.store), int_max(quant_.store));
      put(n, first + static_cast<std::int64_t>(i), q, grid);
    }
    keep(grid);
  }

  /// Stores what the MAC receives for q, after the conversion before the array.
  void put(std::int64_t n, std::int64_t k, std::int32_t q, const Grid& grid) {
    Code mac = 0;
    double unit = grid.scale;
    switch (quant_.convert) {
      case Convert::kNone:
        code(n, k) = static_cast<std::uint16_t>(wrap_int(quant_.mac, q));
        return;
      case Convert::kInt:
        mac = int4_to_int8(q, grid.zero, static_cast<std::int32_t>(grid.scale));
        if (!out_.weight_scale.empty()) unit *= out_.weight_scale.back();
        break;
      case Convert::kFp16:
        mac = int_to_fp16(q, grid.zero, scale_code(grid.scale));
        break;
    }
    code(n, k) = static_cast<std::uint16_t>(mac);
    out_.weight_real[size(n * out_.k + k)] = static_cast<float>((q - grid.zero) * unit);
  }

  /// Keeps the grid where it is applied after the MAC.
  void keep(const Grid& grid) {
    const ScaleSpec* scale = quant_.group_scale();
    if (scale != nullptr && scale->apply == Apply::kAfterGroup) {
      out_.group_scale.push_back(static_cast<std::uint16_t>(scale_code(grid.scale)));
    }
    if (quant_.zero && quant_.zero->apply == Apply::kAfterGroup) {
      out_.group_zero.push_back(static_cast<std::int16_t>(grid.zero));
    }
    if (scale == nullptr && quant_.epilogue_scale() != nullptr) {
      out_.weight_scale.push_back(static_cast<float>(grid.scale));
    }
  }

  const WeightQuant& quant_;
  GemmOperands& out_;
  std::int64_t group_;
};

bool folded_into_p(const WeightQuant& quant) {
  return std::any_of(quant.scales.begin(), quant.scales.end(),
                     [](const ScaleSpec& s) { return s.apply == Apply::kIntoP; });
}

/// One FP16 scale per k that covers all outputs.
std::vector<double> scales_along_k(const WeightSource& source, const WeightQuant& quant,
                                   std::int64_t n, std::int64_t k) {
  std::vector<double> largest(size(k));
  std::vector<float> row(size(k));
  for (std::int64_t i = 0; i < n; ++i) {
    source.row(i, row);
    for (std::size_t j = 0; j < row.size(); ++j) {
      largest[j] = std::max<double>(largest[j], std::fabs(row[j]));
    }
  }
  for (double& x : largest) x = fp16_scale(x / int_max(quant.store));
  return largest;
}

void quantise_act_row(const ActQuant& quant, std::span<float> x, std::span<std::uint16_t> codes,
                      GemmOperands& out) {
  if (!quant.store.is_integer()) {
    for (std::size_t k = 0; k < x.size(); ++k) {
      codes[k] = static_cast<std::uint16_t>(encode(quant.store, x[k]));
    }
    return;
  }
  if (takes_absolute(quant)) make_absolute(x);
  if (quant.store.is_coded()) {
    const double scale = coded_scale(quant.store, x);
    encode_block(quant.store, x, scale, codes);
    if (quant.token_scale) out.act_scale.push_back(static_cast<float>(scale));
    return;
  }
  const Grid grid = fit(extent(x), quant.store, std::nullopt, fp16_scale);
  for (std::size_t k = 0; k < x.size(); ++k) {
    const std::int32_t q =
        quantised(x[k], grid.scale, 0, int_min(quant.store), int_max(quant.store));
    codes[k] = static_cast<std::uint16_t>(wrap_int(quant.store, q));
  }
  if (quant.token_scale) out.act_scale.push_back(static_cast<float>(grid.scale));
}

}  // namespace

struct UnquantisedOperands::Sources {
  GemmQuant quant;
  ActSource act;
  WeightSource weight;
};

UnquantisedOperands::UnquantisedOperands(const GemmQuant& quant, std::int64_t k,
                                         Distribution distribution, std::uint64_t seed,
                                         std::uint64_t stream)
    : sources_(
          std::make_unique<const Sources>(Sources{quant, ActSource(distribution, seed, stream, k),
                                                  WeightSource(distribution, seed, stream, k)})) {}
UnquantisedOperands::~UnquantisedOperands() = default;

void UnquantisedOperands::act_row(std::int64_t m, std::span<float> out) const {
  sources_->act.row(m, out);
  if (takes_absolute(sources_->quant.act)) make_absolute(out);
}

void UnquantisedOperands::weight_row(std::int64_t n, std::span<float> out) const {
  sources_->weight.row(n, out);
  if (takes_absolute(sources_->quant.weight)) make_absolute(out);
}

double GemmOperands::act_value(std::int64_t row, std::int64_t column) const {
  const double value = decode(formats.act, act[size(row * k + column)]);
  return act_scale.empty() ? value : value * act_scale[size(row)];
}

double GemmOperands::weight_value(std::int64_t output, std::int64_t column) const {
  if (!weight_real.empty()) return weight_real[size(output * k + column)];
  double value = decode(formats.weight, weight[size(output * k + column)]);
  const std::size_t g = size(output * groups() + (group == 0 ? 0 : column / group));
  if (!group_zero.empty()) value -= group_zero[g];
  if (!group_scale.empty()) value *= fp16_to_float(group_scale[g]);
  return weight_scale.empty() ? value : value * weight_scale[size(output)];
}

GemmOperands make_operands(const GemmQuant& quant, std::int64_t m, std::int64_t n, std::int64_t k,
                           Distribution distribution, std::uint64_t seed, std::uint64_t stream) {
  check_invariant(m > 0 && n > 0 && k > 0, "operands of an empty GEMM");
  check_invariant(quant.weight.mac.bits <= 16 && quant.act.store.bits <= 16,
                  "operand codes have at most 16 bits");
  GemmOperands out;
  out.m = m;
  out.n = n;
  out.k = k;
  out.formats = {quant.weight.mac, quant.act.store};

  const WeightSource weights(distribution, seed, stream, k);
  WeightQuantiser quantiser(quant.weight, out);
  std::vector<double> folded;
  if (folded_into_p(quant.weight)) folded = scales_along_k(weights, quant.weight, n, k);
  std::vector<float> row(size(k));
  for (std::int64_t i = 0; i < n; ++i) {
    weights.row(i, row);
    if (folded.empty()) {
      quantiser.row(i, row);
    } else {
      quantiser.row_folded(i, row, folded);
    }
  }

  const ActSource acts(distribution, seed, stream, k);
  out.act.resize(size(m * k));
  for (std::int64_t i = 0; i < m; ++i) {
    acts.row(i, row);
    for (std::size_t j = 0; j < folded.size(); ++j) row[j] *= static_cast<float>(folded[j]);
    quantise_act_row(quant.act, row, std::span(out.act).subspan(size(i * k), size(k)), out);
  }
  return out;
}

}  // namespace mixpe
