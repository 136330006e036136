#pragma once
// A workload: the GEMMs C[m x n] = A[m x k] * W[k x n] of a phase of a model, each with its
// quantisation.

#include <cstdint>
#include <string>
#include <vector>

#include "models/core/errors.h"
#include "sim/workload/scheme.h"

namespace mixpe {

/// What a causal mask makes superfluous.
enum class Causal {
  kNone,
  kScores,  ///< Q*K^T: output (i, j) is needed for j <= token(i) + offset
  kValues,  ///< P*V: P(i, k) is zero for k > token(i) + offset
};

struct Gemm {
  std::string layer;  ///< e.g. "layers"
  std::string op;     ///< e.g. "q_proj"
  std::int64_t m = 0, n = 0, k = 0;
  std::int64_t batch = 1;  ///< independent instances run back to back as one GEMM run
  std::int64_t count = 1;  ///< repetitions; each starts with empty buffers
  int quant = 0;           ///< index into Workload::quants
  GemmRole role = GemmRole::kLinear;
  std::int64_t head_dim = 0;  ///< of the cache it writes; 0 unless role is kKCache or kVCache
  std::string scheme;         ///< name of the scheme that gave `quant`
  Causal causal = Causal::kNone;
  std::int64_t rows_per_token =
      1;  ///< query heads folded into m, token-major: token(i) = i / rows_per_token
  std::int64_t causal_offset = 0;  ///< tokens in the cache before the first of these
  /// K elements that a row of A, and a column of W, takes in DRAM; 0: k, no padding.
  std::int64_t act_k_pitch = 0, wgt_k_pitch = 0;
  SourceMark at;  ///< where the user wrote it

  /// MACs without regard to a mask, for all of batch and count.
  std::int64_t dense_macs() const { return m * n * k * batch * count; }
  /// MACs that the mask leaves, for all of batch and count.
  std::int64_t useful_macs() const;
};

/// Dense MACs of a workload are at most this, so that bytes and cycles of any part fit in 64 bits.
inline constexpr std::int64_t kMaxMacs = std::int64_t{1} << 56;
/// Each of m, n, k, batch, count is at most this.
inline constexpr std::int64_t kMaxDimension = std::int64_t{1} << 31;

struct Workload {
  std::string name;
  std::string scheme;
  std::string llm;
  std::string phase;        ///< "prefill", "decode" or "" for a plain trace
  std::int64_t tokens = 0;  ///< tokens processed or produced by one run of the workload; 0 unknown
  std::vector<std::string>
      notes;  ///< what the report must say (outside the model, LM head, folds …)
  std::vector<GemmQuant> quants;
  std::vector<Gemm> gemms;

  /// The index of `quant`, added if it is new.
  int quant_index(const GemmQuant& quant);
};

/// What each GEMM moves if every operand crosses the memory interface once: bytes for all of batch
/// and count; scales, zero-points and padding included.
struct GemmTraffic {
  std::int64_t weight_bytes = 0, act_bytes = 0, out_bytes = 0;
  std::int64_t total() const { return weight_bytes + act_bytes + out_bytes; }
};
GemmTraffic compulsory_traffic(const Gemm& gemm, const GemmQuant& quant);

/// Reports sizes outside their range and products beyond kMaxMacs. Everything else may then
/// multiply without checks.
void check_sizes(const Workload& workload, Diagnostics& wrong);
/// Reports a K that the group size does not divide, where the scheme forbids a shorter last group.
void check_group_tails(const Gemm& gemm, const GemmQuant& quant, const Scheme& scheme,
                       Diagnostics& wrong);

}  // namespace mixpe
