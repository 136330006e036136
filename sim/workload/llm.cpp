#include "sim/workload/llm.h"

#include "sim/config/reference.h"
#include "sim/config/schema.h"
#include "sim/workload/load_with.h"
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

Schema<Llm> vit_schema() {
  return Schema<Llm>()
      .integer("image", &Llm::image, 1, kMaxSize, Need::kRequired, "pixels of an image's side")
      .integer("patch", &Llm::patch, 1, kMaxSize, Need::kRequired,
               "pixels of a patch's side; divides `image`")
      .integer("channels", &Llm::channels, 1, 1024, Need::kRequired, "colours of a pixel")
      .integer("classes", &Llm::classes, 1, kMaxSize, Need::kRequired, "outputs of the head");
}

const Schema<Llm>& llm_schema() {
  static const Schema<Llm> schema =
      Schema<Llm>()
          .text("llm", &Llm::name, Need::kRequired, "name of the model")
          .text("description", &Llm::description, Need::kRequired, "one line")
          .text("source", &Llm::source, Need::kRequired, "where shapes and totals are from")
          .choice<LlmKind>("kind", &Llm::kind,
                           {{"decoder", LlmKind::kDecoder}, {"vit", LlmKind::kVit}},
                           Need::kRequired, "text decoder or vision transformer")
          .integer("hidden", &Llm::hidden, 1, kMaxSize, Need::kRequired, "width between layers")
          .integer("intermediate", &Llm::intermediate, 1, kMaxSize, Need::kRequired,
                   "width inside the feed-forward network")
          .integer("layers", &Llm::layers, 1, 10000, Need::kRequired, "transformer layers")
          .integer("heads", &Llm::heads, 1, kMaxSize, Need::kRequired, "query heads")
          .integer("kv_heads", &Llm::kv_heads, 1, kMaxSize, Need::kRequired,
                   "key and value heads; divides `heads`")
          .integer("head_dim", &Llm::head_dim, 1, kMaxSize, Need::kRequired, "width of a head")
          .only_if(
              "`kind: vit`", [](const Llm& m) { return m.kind == LlmKind::kVit; }, vit_schema())
          .only_if(
              "`kind: decoder`", [](const Llm& m) { return m.kind == LlmKind::kDecoder; },
              Schema<Llm>().integer("vocab", &Llm::vocab, 1, kMaxSize, Need::kRequired,
                                    "tokens that the embedding and the head know"))
          .choice<bool>("ffn", &Llm::gated_ffn, {{"gated", true}, {"plain", false}},
                        Need::kRequired, "gate, up and down projection, or two linears")
          .choice<bool>("norm", &Llm::layer_norm, {{"rms", false}, {"layer", true}},
                        Need::kRequired, "a weight per channel, or a weight and a bias")
          .choice<bool>("position", &Llm::learned_positions, {{"rotary", false}, {"learned", true}},
                        Need::kRequired, "computed, or an embedding per position")
          .only_if(
              "`position: learned`", [](const Llm& m) { return m.learned_positions; },
              Schema<Llm>().integer("positions", &Llm::positions, 1, kMaxSize, Need::kRequired,
                                    "rows of the position embedding"))
          .boolean("tied_head", &Llm::tied_head, Need::kRequired, "the head is the token embedding")
          .boolean("attention_bias", &Llm::attention_bias, Need::kRequired,
                   "the attention's linears have biases")
          .boolean("ffn_bias", &Llm::ffn_bias, Need::kRequired,
                   "the feed-forward network's linears have biases");
  return schema;
}

void check_divides(const YamlValue& root, const char* key, std::int64_t part, const char* of,
                   std::int64_t whole) {
  if (part == 0 || whole == 0 || whole % part == 0) return;  // a missing size is reported already
  root.place(key).error(std::string("must divide ") + of, std::to_string(part),
                        "divisors of " + std::to_string(whole));
}

/// What no key can check alone.
void check_shapes(const YamlValue& root, const Llm& llm) {
  check_divides(root, "kv_heads", llm.kv_heads, "heads", llm.heads);
  check_divides(root, "patch", llm.patch, "image", llm.image);
  if (llm.heads * llm.head_dim > kMaxSize) {
    root.place("head_dim")
        .error("heads times head_dim is too large", std::to_string(llm.heads * llm.head_dim),
               "1.." + std::to_string(kMaxSize));
  }
  const bool sized = llm.kind == LlmKind::kVit && llm.image > 0 && llm.patch > 0;
  if (sized && llm.positions > 0 && llm.positions != llm.patches() + 1) {
    root.place("positions")
        .error("must be the patches and the class token", std::to_string(llm.positions),
               std::to_string(llm.patches() + 1));
  }
}

const FileKindRegistration kLlm{
    {"llm",
     {"hidden", "ffn"},
     nullptr,
     [] {
       return "Shapes of a model; shipped ones are in `configs/llms/`.\n\n" +
              reference_table(llm_schema().describe());
     },
     [](const std::string& path, Diagnostics& wrong) { load_llm(path, wrong); }}};

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
  return load_llm_with(name, {}, wrong);
}

std::optional<Llm> load_llm_with(const std::string& name, const std::vector<Override>& overrides,
                                 Diagnostics& wrong) {
  const auto path = find_config("llms", name, wrong);
  if (!path) return std::nullopt;
  Diagnostics here;
  Llm llm;
  if (auto root = load_yaml(*path, here)) {
    for (const Override& o : overrides) override_yaml(*root, o.path, o.value, o.origin, here);
    const YamlValue top(*root, here);
    llm_schema().read(top, llm);
    check_shapes(top, llm);
  }
  for (const Diagnostic& d : here.list()) wrong.add(d);
  return here.ok() ? std::optional(std::move(llm)) : std::nullopt;
}

}  // namespace mixpe
