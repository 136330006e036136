#pragma once
// Real operands of one dense GEMM instance: what the PEs receive, and the scales that give them
// meaning.
//  * Drawn by index (counter_random.h), rounded to nearest: the same bits on every platform.
//  * Weights: N(0, 1/K) (llm: 1 in 100 from Student's t with 5 degrees of freedom, scaled alike);
//    uniform: U(-1, 1) / sqrt(K).
//  * Activations: N(0, 1); uniform: U(-1, 1); llm: N(0, 1) * c[k] * t[m] with c lognormal (sigma
//    0.3), a few channels (0.1 %, at least 6) times U(20, 100), t lognormal (sigma 0.2). Outlier
//    channels that are few, fixed and large: SmoothQuant, arXiv 2211.10438; LLM.int8(), 2208.07339.
//  * Unsigned formats without zero-point take absolute values (probabilities, say).

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "models/pe/pe_model.h"
#include "sim/workload/scheme.h"

namespace mixpe {

enum class Distribution { kUniform, kGaussian, kLlm };

/// Shapes: act [m*k] and weight [n*k], row-major, k fastest. All codes are the formats fed to the
/// MAC.
struct GemmOperands {
  std::int64_t m = 0, n = 0, k = 0;
  Operands formats;  ///< of the MAC (weights after any conversion)
  std::vector<std::uint16_t> act;
  std::vector<std::uint16_t> weight;
  std::int64_t group = 0;                  ///< K elements per after-group scale; 0 = none
  std::vector<std::uint16_t> group_scale;  ///< FP16 codes [n * groups], groups = ceil(k / group)
  std::vector<std::int16_t> group_zero;    ///< [n * groups]; empty: no zero-point after the MAC
  std::vector<float> weight_scale;         ///< [n], epilogue; empty: 1
  std::vector<float> act_scale;            ///< [m], epilogue; empty: 1
  /// [n*k] exact value of the dequantised stored weight; only where the conversion before the MAC
  /// may round it. Otherwise the codes above say all.
  std::vector<float> weight_real;

  std::int64_t groups() const { return group == 0 ? 1 : (k + group - 1) / group; }
  /// Exact dequantised operands, epilogue scales included.
  double act_value(std::int64_t row, std::int64_t column) const;
  double weight_value(std::int64_t output, std::int64_t column) const;
};

/// Quantises to nearest with the scheme's scales: integer activations per row (symmetric), weights
/// per group, or per output in two levels, with zero-points if the scheme has them. `stream`
/// separates the GEMMs of one run. Memory: 2 bytes per operand element, 6 with weight_real.
GemmOperands make_operands(const GemmQuant& quant, std::int64_t m, std::int64_t n, std::int64_t k,
                           Distribution distribution, std::uint64_t seed, std::uint64_t stream);

/// The numbers that make_operands() with the same arguments quantises.
class UnquantisedOperands {
 public:
  UnquantisedOperands(const GemmQuant& quant, std::int64_t k, Distribution distribution,
                      std::uint64_t seed, std::uint64_t stream);
  ~UnquantisedOperands();
  /// Row m of the activations, row n of the weights (k elements).
  void act_row(std::int64_t m, std::span<float> out) const;
  void weight_row(std::int64_t n, std::span<float> out) const;

 private:
  struct Sources;
  std::unique_ptr<const Sources> sources_;
};

}  // namespace mixpe
