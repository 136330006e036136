#pragma once
// A transformer's shapes, and the GEMMs of one of its phases.
//  * Decoders (LLaMA, OPT) and vision transformers. The files are configs/llms/*.yaml.
//  * Every number is stated in the file; none has a default.

#include <cstdint>
#include <optional>
#include <string>

#include "models/core/errors.h"
#include "sim/workload/scheme.h"
#include "sim/workload/workload.h"

namespace mixpe {

enum class LlmKind { kDecoder, kVit };

struct Llm {
  std::string name, description, source;
  LlmKind kind = LlmKind::kDecoder;
  std::int64_t hidden = 0, intermediate = 0, layers = 0;
  std::int64_t heads = 0, kv_heads = 0, head_dim = 0;
  std::int64_t vocab = 0;          ///< decoders
  bool gated_ffn = false;          ///< gate, up, down; else fc1, fc2
  bool layer_norm = false;         ///< weight and bias; else RMS norm, weight only
  bool learned_positions = false;  ///< else rotary
  std::int64_t positions = 0;      ///< rows of learned position embeddings; 0: rotary
  bool tied_head = false;
  bool attention_bias = false, ffn_bias = false;
  std::int64_t image = 0, patch = 0, channels = 0, classes = 0;  ///< ViT

  std::int64_t patches() const { return (image / patch) * (image / patch); }
};

/// Weights of the linears of all layers: q, k, v, o and the feed-forward network.
std::int64_t linear_parameter_count(const Llm& llm);
/// All parameters, embeddings, norms, biases and head included; a tied head counts once.
std::int64_t parameter_count(const Llm& llm);

/// Reads configs/llms/<name>.yaml or a path (locate.h). Mistakes go to `wrong`; none then.
std::optional<Llm> load_llm(const std::string& name, Diagnostics& wrong);

enum class Phase { kPrefill, kDecode };

struct LlmRun {
  Phase phase = Phase::kPrefill;
  std::int64_t batch = 1;    ///< sequences (ViT: images)
  std::int64_t tokens = 0;   ///< prefill: new tokens of each sequence; ViT: 0 (all of an image's)
  std::int64_t context = 0;  ///< prefill: tokens in the cache before; decode: with the new one
};

/// Every GEMM of one run, in the order of execution within a layer.
///  * prefill: `tokens` new tokens of each sequence, causal; the head for the last token only.
///  * decode: one new token of each sequence against `context` tokens.
/// Attention: one GEMM instance per sequence and KV head, heads / kv_heads query heads folded into
/// m, token-major. Mistakes in `run` (named as the command's options) and shapes that the scheme
/// forbids go to `wrong`; none then.
std::optional<Workload> build_llm_workload(const Llm& llm, const LlmRun& run, const Scheme& scheme,
                                           Diagnostics& wrong);

}  // namespace mixpe
