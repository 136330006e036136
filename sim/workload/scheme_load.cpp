// configs/schemes/*.yaml -> Scheme.

#include <algorithm>

#include "sim/config/yaml_reader.h"
#include "sim/workload/locate.h"
#include "sim/workload/scheme.h"

namespace mixpe {
namespace {

/// Longest group along K; more is no group.
constexpr std::int64_t kMaxGroup = 65536;
constexpr std::size_t kMaxOverrides = 64;

void read_format(const YamlValue& value, Format& out) {
  const auto text = value.text();
  if (!text) return;
  const auto format = Format::parse(*text);
  if (format) {
    out = *format;
  } else {
    value.error("unknown number format", value.written(), "u1-u16, i1-i16, fp16, bf16, fp32");
  }
}

/// A block size: a positive number, or -1 for the whole dimension.
void read_block(const YamlValue& value, std::int64_t& out) {
  const auto block = value.integer(-1, kMaxGroup);
  if (!block) return;
  if (*block == 0) {
    value.error("a block has at least one element", "0", "-1, 1.." + std::to_string(kMaxGroup));
  } else {
    out = *block;
  }
}

void read_apply(const YamlValue& value, Apply& out) {
  out = value
            .choice<Apply>({{"pro", Apply::kBeforeMac},
                            {"acc", Apply::kAfterGroup},
                            {"epi", Apply::kEpilogue},
                            {"into_p", Apply::kIntoP}})
            .value_or(out);
}

WeightQuant read_weight(const YamlValue& value) {
  WeightQuant w;
  YamlMap map = value.map();
  read_format(map.required("store"), w.store);
  read_format(map.required("mac"), w.mac);
  w.convert = map.required("convert")
                  .choice<Convert>(
                      {{"none", Convert::kNone}, {"int", Convert::kInt}, {"fp16", Convert::kFp16}})
                  .value_or(w.convert);
  for (const YamlValue& item : map.required("scales").list(0, 3)) {
    YamlMap fields = item.map();
    ScaleSpec scale;
    read_block(fields.required("k"), scale.k);
    read_format(fields.required("type"), scale.type);
    read_apply(fields.required("apply"), scale.apply);
    if (const YamlValue n = fields.optional("n"); n.present()) read_block(n, scale.n);
    w.scales.push_back(scale);
  }
  if (const YamlValue zero = map.optional("zero"); zero.present()) {
    YamlMap fields = zero.map();
    ZeroSpec z;
    Format type = unsigned_int(4);
    read_block(fields.required("k"), z.k);
    read_format(fields.required("type"), type);
    read_apply(fields.required("apply"), z.apply);
    const bool product =
        fields.required("form").choice({"int", "neg_z_times_s"}).value_or("int") != "int";
    z.type = product ? w.store : type;
    if (product) z.stored = type;
    w.zero = z;
  }
  return w;
}

ActQuant read_act(const YamlValue& value) {
  ActQuant act;
  YamlMap map = value.map();
  read_format(map.required("store"), act.store);
  act.token_scale = map.required("scale").choice({"token", "none"}).value_or("token") == "token";
  return act;
}

void read_attention(const YamlValue& value, Scheme& scheme) {
  YamlMap map = value.map();
  scheme.q = read_act(map.required("q"));
  scheme.k_cache = read_weight(map.required("k"));
  scheme.v_cache = read_weight(map.required("v"));
  scheme.p = read_act(map.required("p"));
  scheme.value_fold = map.required("value_fold")
                          .choice<ValueFold>({{"none", ValueFold::kNone},
                                              {"into_p", ValueFold::kIntoP},
                                              {"tokens_grouped", ValueFold::kTokensGrouped}})
                          .value_or(scheme.value_fold);
}

/// The head is never assumed: the scheme says in words and in data how it is treated.
void read_head(const YamlValue& value, Scheme& scheme) {
  YamlMap map = value.map();
  scheme.lm_head_note = map.required("note").text().value_or("");
  const auto quant = map.required("quant").choice({"as_layers", "own"});
  if (!quant || *quant == "as_layers") return;
  LayerOverride own{"lm_head", read_weight(map.required("weight")), read_act(map.required("act"))};
  scheme.overrides.push_back(own);
  own.match = "head";  // of a classifier
  scheme.overrides.push_back(own);
}

void read_layers(const YamlValue& value, Scheme& scheme) {
  YamlMap map = value.map();
  read_head(map.required("lm_head"), scheme);
  const YamlValue overrides = map.optional("overrides");
  for (const YamlValue& item : overrides.list(0, kMaxOverrides)) {
    YamlMap fields = item.map();
    const YamlValue match = fields.required("match");
    LayerOverride o{match.text().value_or(""), read_weight(fields.required("weight")),
                    read_act(fields.required("act"))};
    const auto same = [&o](const LayerOverride& other) { return other.match == o.match; };
    if (std::any_of(scheme.overrides.begin(), scheme.overrides.end(), same)) {
      match.error("this op has an override already", o.match);
    }
    scheme.overrides.push_back(std::move(o));
  }
}

/// The deepest node on a dotted path, so that a rule broken by a whole part is shown at that part.
const YamlNode& node_at(const YamlNode& root, const std::string& path) {
  const YamlNode* node = &root;
  std::size_t begin = 0;
  while (begin < path.size()) {
    const std::size_t end = std::min(path.find_first_of(".[", begin), path.size());
    const std::string key = path.substr(begin, end - begin);
    const YamlNode* next = nullptr;
    if (!key.empty() && key.back() == ']') {
      const std::size_t index = std::stoul(key);
      if (index < node->items.size()) next = &node->items[index];
    } else {
      next = node->find(key);
    }
    if (!key.empty() && !next) break;
    if (next) node = next;
    begin = end + 1;
  }
  return *node;
}

}  // namespace

std::optional<Scheme> load_scheme(const std::string& name, Diagnostics& wrong) {
  const auto path = find_config("schemes", name, wrong);
  if (!path) return std::nullopt;
  Diagnostics here;
  const auto root = load_yaml(*path, here);
  Scheme scheme;
  if (root) {
    YamlMap map = YamlValue(*root, here).map();
    scheme.name = map.required("scheme").text().value_or("");
    scheme.description = map.required("description").text().value_or("");
    scheme.source = map.required("source").text().value_or("");
    scheme.weight = read_weight(map.required("weight"));
    scheme.act = read_act(map.required("act"));
    read_attention(map.required("attention"), scheme);
    read_format(map.required("out"), scheme.out);
    scheme.allow_tail_group =
        map.required("k_tail").choice({"allow", "forbid"}).value_or("allow") == "allow";
    read_layers(map.required("layers"), scheme);
  }
  if (here.ok()) {  // rules between keys make sense once every key does
    Diagnostics rules;
    check_scheme(scheme, root->mark(), rules);
    for (Diagnostic d : rules.list()) {
      d.at = node_at(*root, d.path).mark();
      here.add(std::move(d));
    }
  }
  for (const Diagnostic& d : here.list()) wrong.add(d);
  return here.ok() ? std::optional(std::move(scheme)) : std::nullopt;
}

}  // namespace mixpe
