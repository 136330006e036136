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
  Causal causal = Causal::kNone;
  std::int64_t rows_per_token =
      1;  ///< query heads folded into m, token-major: token(i) = i / rows_per_token
  std::int64_t causal_offset = 0;  ///< tokens in the cache before the first of these
  SourceMark at;                   ///< where the user wrote it

  /// MACs without regard to a mask, for all of batch and count.
  std::int64_t dense_macs() const { return m * n * k * batch * count; }
  /// MACs that the mask leaves, for all of batch and count.
  std::int64_t useful_macs() const;
};

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
};

}  // namespace mixpe
