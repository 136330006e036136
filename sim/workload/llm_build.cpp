// A transformer's phase as GEMMs (shapes per layer: docs of the op names in traces/README.md).

#include "sim/workload/llm.h"

namespace mixpe {
namespace {

/// What the phase and the model's kind decide: how many rows, how long the cache, which mask.
struct Shape {
  std::int64_t sequences = 0;
  std::int64_t new_tokens = 0;     ///< of each sequence
  std::int64_t visible = 0;        ///< tokens in the cache, the new ones included
  std::int64_t causal_offset = 0;  ///< tokens in the cache before the new ones
  bool causal = false;
};

void option_error(const char* option, std::string what, std::string got, std::string allowed,
                  Diagnostics& wrong) {
  Diagnostic d;
  d.path = option;
  d.what = std::move(what);
  d.got = std::move(got);
  d.allowed = std::move(allowed);
  wrong.add(std::move(d));
}

bool check_range(const char* option, std::int64_t value, std::int64_t min, Diagnostics& wrong) {
  if (value >= min && value <= kMaxDimension) return true;
  option_error(option, "out of range", std::to_string(value),
               std::to_string(min) + ".." + std::to_string(kMaxDimension), wrong);
  return false;
}

/// An option that has no default: 0 stands for "left out".
bool check_given(const char* option, const char* what, std::int64_t value, Diagnostics& wrong) {
  if (value != 0) return check_range(option, value, 1, wrong);
  option_error(option, std::string("is missing: ") + what, "",
               "1.." + std::to_string(kMaxDimension), wrong);
  return false;
}

std::optional<Shape> vit_shape(const Llm& llm, const LlmRun& run, Diagnostics& wrong) {
  const std::int64_t tokens = llm.patches() + 1;  // and the class token
  if (run.phase == Phase::kDecode) {
    option_error("--phase", llm.name + " has no decode phase", "decode", "prefill", wrong);
  }
  if (run.tokens != 0 && run.tokens != tokens) {
    option_error("--tokens", "an image of " + llm.name + " has a fixed number of tokens",
                 std::to_string(run.tokens), std::to_string(tokens), wrong);
  }
  if (run.context != 0) {
    option_error("--context", llm.name + " has no cache", std::to_string(run.context), "0", wrong);
  }
  return Shape{run.batch, tokens, tokens, 0, false};
}

std::optional<Shape> decoder_shape(const LlmRun& run, Diagnostics& wrong) {
  if (run.phase == Phase::kDecode) {
    if (run.tokens > 1) {
      option_error("--tokens", "a decode step makes one token of each sequence",
                   std::to_string(run.tokens), "1", wrong);
    }
    if (!check_given("--context", "decode needs the tokens attended to", run.context, wrong)) {
      return std::nullopt;
    }
    // The new token sees the whole cache: a mask would remove nothing.
    return Shape{run.batch, 1, run.context, run.context - 1, false};
  }
  const bool tokens_ok =
      check_given("--tokens", "prefill needs the new tokens of each sequence", run.tokens, wrong);
  if (!check_range("--context", run.context, 0, wrong) || !tokens_ok) return std::nullopt;
  return Shape{run.batch, run.tokens, run.context + run.tokens, run.context, true};
}

class Builder {
 public:
  Builder(const Llm& llm, const Shape& shape, const Scheme& scheme, Diagnostics& wrong)
      : llm_(llm), shape_(shape), scheme_(scheme), wrong_(wrong) {}

  Workload build() {
    if (llm_.kind == LlmKind::kVit) {
      linear("embeddings", "patch_embed", shape_.sequences * llm_.patches(), llm_.hidden,
             llm_.channels * llm_.patch * llm_.patch, 1);
    }
    attention();
    feed_forward();
    // One row per sequence: the last token's, or the class token's.
    const bool vit = llm_.kind == LlmKind::kVit;
    linear(vit ? "head" : "lm_head", vit ? "head" : "lm_head", shape_.sequences,
           vit ? llm_.classes : llm_.vocab, llm_.hidden, 1);
    return std::move(workload_);
  }

 private:
  void attention() {
    const std::int64_t q_width = llm_.heads * llm_.head_dim;
    const std::int64_t kv_width = llm_.kv_heads * llm_.head_dim;
    layer_linear("q_proj", q_width, llm_.hidden);
    layer_linear("k_proj", kv_width, llm_.hidden, GemmRole::kKCache);
    layer_linear("v_proj", kv_width, llm_.hidden, GemmRole::kVCache);
    head_gemm("attn_scores", GemmRole::kScores, shape_.visible, llm_.head_dim, Causal::kScores);
    head_gemm("attn_values", GemmRole::kValues, llm_.head_dim, shape_.visible, Causal::kValues);
    layer_linear("o_proj", llm_.hidden, q_width);
  }

  void feed_forward() {
    if (llm_.gated_ffn) {
      layer_linear("gate_proj", llm_.intermediate, llm_.hidden);
      layer_linear("up_proj", llm_.intermediate, llm_.hidden);
      layer_linear("down_proj", llm_.hidden, llm_.intermediate);
    } else {
      layer_linear("fc1", llm_.intermediate, llm_.hidden);
      layer_linear("fc2", llm_.hidden, llm_.intermediate);
    }
  }

  void layer_linear(const char* op, std::int64_t n, std::int64_t k,
                    GemmRole role = GemmRole::kLinear) {
    // An encoder keeps no cache: its K and V stay in the cache's format all the same, because the
    // attention GEMMs read them as their weights.
    linear("layers", op, shape_.sequences * shape_.new_tokens, n, k, llm_.layers, role);
  }

  void linear(const char* layer, const char* op, std::int64_t m, std::int64_t n, std::int64_t k,
              std::int64_t count, GemmRole role = GemmRole::kLinear) {
    Gemm g = make(layer, op, m, n, k, role);
    g.count = count;
    if (role != GemmRole::kLinear) g.head_dim = llm_.head_dim;
    add(std::move(g));
  }

  void head_gemm(const char* op, GemmRole role, std::int64_t n, std::int64_t k, Causal causal) {
    const std::int64_t queries = llm_.heads / llm_.kv_heads;  // heads that share K and V
    Gemm g = make("layers", op, queries * shape_.new_tokens, n, k, role);
    g.batch = shape_.sequences * llm_.kv_heads;
    g.count = llm_.layers;
    if (shape_.causal) {
      g.causal = causal;
      g.rows_per_token = queries;
      g.causal_offset = shape_.causal_offset;
    }
    add(std::move(g));
  }

  Gemm make(const char* layer, const char* op, std::int64_t m, std::int64_t n, std::int64_t k,
            GemmRole role) const {
    Gemm g;
    g.layer = layer;
    g.op = op;
    g.m = m;
    g.n = n;
    g.k = k;
    g.role = role;
    g.scheme = scheme_.name;
    return g;
  }

  void add(Gemm g) {
    const GemmQuant quant = gemm_quant(scheme_, g.role, g.op, g.n, g.head_dim);
    check_group_tails(g, quant, scheme_, wrong_);
    g.quant = workload_.quant_index(quant);
    workload_.gemms.push_back(std::move(g));
  }

  const Llm& llm_;
  const Shape& shape_;
  const Scheme& scheme_;
  Diagnostics& wrong_;
  Workload workload_;
};

std::string value_fold_note(const Scheme& scheme) {
  switch (scheme.value_fold) {
    case ValueFold::kNone:
      return "V has no scale along the tokens.";
    case ValueFold::kIntoP:
      return "V's scale per token is multiplied into P before P is quantised (V symmetric); its "
             "traffic counts as V's.";
    case ValueFold::kTokensGrouped:
      return "V is quantised in groups of " + std::to_string(scheme.v_cache.group_scale()->k) +
             " tokens per channel, so that its scale is constant within a group of P*V; the "
             "newest, "
             "incomplete group counts as one group, its rewriting is not modelled.";
  }
  throw InvariantError("value fold");
}

std::vector<std::string> notes(const Llm& llm, const LlmRun& run, const Shape& shape,
                               const Scheme& scheme) {
  std::vector<std::string> notes = {
      "Outside the model: embedding look-up, position embeddings, norms, softmax, activation "
      "functions, residual additions, biases and the quantisation of activations.",
      "Attention: one GEMM instance per sequence and KV head, " +
          std::to_string(llm.heads / llm.kv_heads) +
          " query head(s) folded into m; not fused, scores and P cross the memory interface."};
  if (shape.causal) {
    notes.push_back(
        "Causal mask: a token sees itself and what came before; score blocks and P*V terms beyond "
        "are skipped and counted as saved MACs.");
  }
  if (run.phase == Phase::kDecode) {
    notes.push_back(
        "Decode: the context of " + std::to_string(run.context) +
        " tokens counts the new one, whose K and V are written first and read with the rest.");
  }
  notes.push_back(value_fold_note(scheme));
  notes.push_back(scheme.lm_head_note + "; computed for " +
                  (llm.kind == LlmKind::kVit ? "the class token" : "the last token") +
                  " of each sequence only.");
  if (llm.kind == LlmKind::kVit) {
    notes.push_back("Patch embedding: a GEMM over patches, its weights as " +
                    scheme.weight_of(GemmRole::kLinear, "patch_embed").store.name() + ".");
  }
  return notes;
}

}  // namespace

std::optional<Workload> build_llm_workload(const Llm& llm, const LlmRun& run, const Scheme& scheme,
                                           Diagnostics& wrong) {
  Diagnostics here;
  check_range("--batch", run.batch, 1, here);
  const auto shape =
      llm.kind == LlmKind::kVit ? vit_shape(llm, run, here) : decoder_shape(run, here);
  Workload workload;
  if (here.ok()) {
    workload = Builder(llm, *shape, scheme, here).build();
    workload.phase = run.phase == Phase::kPrefill ? "prefill" : "decode";
    workload.name = llm.name + "-" + workload.phase + "-b" + std::to_string(run.batch) + "-t" +
                    std::to_string(shape->new_tokens) + "-c" + std::to_string(shape->visible);
    workload.scheme = scheme.name;
    workload.llm = llm.name;
    workload.tokens = shape->sequences * shape->new_tokens;
    workload.notes = notes(llm, run, *shape, scheme);
    check_sizes(workload, here);
  }
  for (const Diagnostic& d : here.list()) wrong.add(d);
  return here.ok() ? std::optional(std::move(workload)) : std::nullopt;
}

}  // namespace mixpe
