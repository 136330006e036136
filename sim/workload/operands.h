#pragma once
// Real operands of one dense GEMM instance: what the PEs receive, and the scales that give them
// meaning.

#include <cstdint>
#include <optional>
#include <string>
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
  std::vector<float> act_real;  ///< [m*k] dequantised activations as FP64 needs them; may be empty
  std::vector<float>
      weight_real;  ///< [n*k] exact value of the dequantised stored weight; may be empty

  std::int64_t groups() const { return group == 0 ? 1 : (k + group - 1) / group; }
};

/// Seeded and independent of order and platform. `stream` separates the GEMMs of one run.
/// Memory: about 12 bytes per operand element.
GemmOperands make_operands(const GemmQuant& quant, std::int64_t m, std::int64_t n, std::int64_t k,
                           Distribution distribution, std::uint64_t seed, std::uint64_t stream);

}  // namespace mixpe
