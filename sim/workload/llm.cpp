#include "sim/workload/llm.h"

#include "sim/config/yaml_reader.h"
#include "sim/workload/locate.h"

namespace mixpe {
namespace {

/// Larger than any model's, small enough that no product of a few overflows.
constexpr std::int64_t kMaxSize = 1 << 20;

/// Weight, and bias for a layer norm.
std::int64_t norm_parameters(const Llm& llm) { return llm.hidden * (llm.layer_norm ? 2 : 1); }

std::int64_t layer_biases(const Llm& llm) {
  const std::int64_t attention = (llm.heads + 2 * llm.kv_heads) * llm.head_dim + llm.hidden;
  const std::int64_t ffn = llm.intermediate * (llm.gated_ffn ? 2 : 1) + llm.hidden;
  return (llm.attention_bias ? attention : 0) + (llm.ffn_bias ? ffn : 0);
}

std::int64_t embedding_and_head(const Llm& llm) {
  if (llm.kind == LlmKind::kDecoder) return llm.vocab * llm.hidden * (llm.tied_head ? 1 : 2);
  const std::int64_t patch_inputs = llm.channels * llm.patch * llm.patch;
  const std::int64_t class_token = llm.hidden;
  return (patch_inputs + 1) * llm.hidden + class_token + (llm.hidden + 1) * llm.classes;
}

void read_size(const YamlValue& value, std::int64_t& out) {
  out = value.integer(1, kMaxSize).value_or(0);
}

void read_shapes(YamlMap& map, Llm& llm) {
  read_size(map.required("hidden"), llm.hidden);
  read_size(map.required("intermediate"), llm.intermediate);
  llm.layers = map.required("layers").integer(1, 10000).value_or(0);
  read_size(map.required("heads"), llm.heads);
  const YamlValue kv_heads = map.required("kv_heads");
  read_size(kv_heads, llm.kv_heads);
  const YamlValue head_dim = map.required("head_dim");
  read_size(head_dim, llm.head_dim);
  if (llm.heads * llm.head_dim > kMaxSize) {
    head_dim.error("heads times head_dim is too large", std::to_string(llm.heads * llm.head_dim),
                   "1.." + std::to_string(kMaxSize));
  }
  if (llm.heads > 0 && llm.kv_heads > 0 && llm.heads % llm.kv_heads != 0) {
    kv_heads.error("must divide heads", std::to_string(llm.kv_heads),
                   "divisors of " + std::to_string(llm.heads));
  }
}

void read_vit(YamlMap& map, Llm& llm) {
  read_size(map.required("image"), llm.image);
  const YamlValue patch = map.required("patch");
  read_size(patch, llm.patch);
  llm.channels = map.required("channels").integer(1, 1024).value_or(0);
  read_size(map.required("classes"), llm.classes);
  if (llm.image > 0 && llm.patch > 0 && llm.image % llm.patch != 0) {
    patch.error("must divide image", std::to_string(llm.patch),
                "divisors of " + std::to_string(llm.image));
  }
}

void read_positions(YamlMap& map, Llm& llm) {
  const auto position = map.required("position").choice({"rotary", "learned"});
  if (!position || *position == "rotary") return;
  const YamlValue positions = map.required("positions");
  read_size(positions, llm.positions);
  const bool sized = llm.kind == LlmKind::kVit && llm.image > 0 && llm.patch > 0;
  if (sized && llm.positions > 0 && llm.positions != llm.patches() + 1) {
    positions.error("must be the patches and the class token", std::to_string(llm.positions),
                    std::to_string(llm.patches() + 1));
  }
}

Llm read_llm(const YamlNode& root, Diagnostics& wrong) {
  Llm llm;
  YamlMap map = YamlValue(root, wrong).map();
  llm.name = map.required("llm").text().value_or("");
  llm.description = map.required("description").text().value_or("");
  llm.source = map.required("source").text().value_or("");
  llm.kind = map.required("kind")
                 .choice<LlmKind>({{"decoder", LlmKind::kDecoder}, {"vit", LlmKind::kVit}})
                 .value_or(LlmKind::kDecoder);
  read_shapes(map, llm);
  if (llm.kind == LlmKind::kVit) {
    read_vit(map, llm);
  } else {
    read_size(map.required("vocab"), llm.vocab);
  }
  llm.gated_ffn = map.required("ffn").choice({"gated", "plain"}).value_or("plain") == "gated";
  llm.layer_norm = map.required("norm").choice({"rms", "layer"}).value_or("rms") == "layer";
  read_positions(map, llm);
  llm.tied_head = map.required("tied_head").boolean().value_or(false);
  llm.attention_bias = map.required("attention_bias").boolean().value_or(false);
  llm.ffn_bias = map.required("ffn_bias").boolean().value_or(false);
  return llm;
}

}  // namespace

std::int64_t linear_parameter_count(const Llm& llm) {
  const std::int64_t attention = 2 * llm.hidden * (llm.heads + llm.kv_heads) * llm.head_dim;
  const std::int64_t ffn = llm.hidden * llm.intermediate * (llm.gated_ffn ? 3 : 2);
  return llm.layers * (attention + ffn);
}

std::int64_t parameter_count(const Llm& llm) {
  const std::int64_t norms = (2 * llm.layers + 1) * norm_parameters(llm);  // two a layer, one final
  return linear_parameter_count(llm) + llm.layers * layer_biases(llm) + norms +
         llm.positions * llm.hidden + embedding_and_head(llm);
}

std::optional<Llm> load_llm(const std::string& name, Diagnostics& wrong) {
  const auto path = find_config("llms", name, wrong);
  if (!path) return std::nullopt;
  Diagnostics here;
  std::optional<Llm> llm;
  if (const auto root = load_yaml(*path, here)) llm = read_llm(*root, here);
  for (const Diagnostic& d : here.list()) wrong.add(d);
  return here.ok() ? std::move(llm) : std::nullopt;
}

}  // namespace mixpe
