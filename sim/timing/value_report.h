#pragma once
// What a run with values tells of one GEMM instance: did the bits change, and how good are they?
//  * Outputs pass the epilogue (models/dequant). A scheme that writes a quantised KV cache is
//    judged by the FP16 values before that quantisation, which is outside the GEMM.
//  * Digest: FNV-1a, 64 bits, over the output codes in order of m, then n, each as ceil(bits / 8)
//    bytes, low byte first. (Fowler, Noll, Vo; draft-eastlake-fnv, offset cbf29ce484222325, prime
//    100000001b3.) It detects changes, not forgery.
//  * SNR against FP64 sums of the dequantised operands: what the arithmetic, the conversion before
//    the array and the output format lose, not what quantisation lost. A second SNR is against the
//    operands before they were quantised: all losses together.

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "sim/timing/array_engine.h"

namespace mixpe {

struct ValueReport {
  std::uint64_t digest = 0;
  /// 10 log10(sum of reference^2 / sum of error^2) over the finite ones of the sampled outputs;
  /// infinite if they are exact, NaN if the reference is all zero or nothing is finite.
  double snr_db = 0.0;
  /// The same against the unquantised operands; NaN if they were not given.
  double model_snr_db = std::numeric_limits<double>::quiet_NaN();
  std::int64_t snr_outputs = 0;       ///< sampled: all up to 4096, else rows x columns of the seed
  std::uint64_t overflows = 0;        ///< of accumulators, row sums and psums
  std::int64_t nonfinite = 0;         ///< outputs that are infinite or NaN
  double act_zero_fraction = 0.0;     ///< of the activations, how many are zero
  double weight_zero_fraction = 0.0;  ///< of the weight codes multiplied, how many are zero
  double output_zero_fraction = 0.0;
};

/// Output codes [m*n] of the whole GEMM in `out`.
std::vector<Code> output_codes(const GemmOperands& operands, const OutputPsums& psums,
                               const Format& out);

/// FNV-1a of codes of `bits` bits, continuing `state`.
inline constexpr std::uint64_t kFnvOffset = 0xcbf29ce484222325;
std::uint64_t fnv1a(std::span<const Code> codes, int bits, std::uint64_t state = kFnvOffset);

/// `seed` chooses the sampled outputs; `unquantised`, if given, are what `operands` were made from.
ValueReport value_report(const GemmOperands& operands, const OutputPsums& psums, const Format& out,
                         std::uint64_t overflows, std::uint64_t seed,
                         const UnquantisedOperands* unquantised = nullptr);

}  // namespace mixpe
