// configs/schemes/*.yaml -> Scheme.

#include <algorithm>

#include "sim/config/reference.h"
#include "sim/config/schema.h"
#include "sim/workload/load_with.h"
#include "sim/workload/locate.h"
#include "sim/workload/scheme.h"

namespace mixpe {
namespace {

using Json = nlohmann::ordered_json;

/// Longest group along K; more is no group.
constexpr std::int64_t kMaxGroup = 65536;
constexpr std::size_t kMaxOverrides = 64;

template <class T>
Schema<T>& format(Schema<T>& schema, const char* key, Format T::*member, const char* doc) {
  return schema.custom(
      {key, "format", kFormatNames, {}, doc}, Need::kRequired,
      [=](const YamlValue& at, T& into) {
        const auto text = at.text();
        const auto parsed = text ? Format::parse(*text) : std::nullopt;
        if (text && !parsed) at.error("unknown number format", at.written(), kFormatNames);
        into.*member = parsed.value_or(into.*member);
      },
      [=](const T& from) { return Json((from.*member).name()); });
}

/// A block size: a positive number, or -1 for the whole dimension.
template <class T>
Schema<T>& block(Schema<T>& schema, const char* key, std::int64_t T::*member, Need need,
                 const char* doc) {
  const std::string allowed = "-1, 1.." + std::to_string(kMaxGroup);
  return schema.custom(
      {key, "integer", allowed, {}, doc}, need,
      [=](const YamlValue& at, T& into) {
        const auto elements = at.integer(-1, kMaxGroup);
        if (elements == 0) at.error("a block has at least one element", "0", allowed);
        into.*member = elements.value_or(into.*member);
      },
      [=](const T& from) { return Json(from.*member); });
}

template <class T>
Schema<T>& apply(Schema<T>& schema, Apply T::*member, const char* doc) {
  return schema.template choice<Apply>("apply", member,
                                       {{"pro", Apply::kBeforeMac},
                                        {"acc", Apply::kAfterGroup},
                                        {"epi", Apply::kEpilogue},
                                        {"into_p", Apply::kIntoP}},
                                       Need::kRequired, doc);
}

Schema<ScaleSpec> scale_schema() {
  Schema<ScaleSpec> s;
  block(s, "k", &ScaleSpec::k, Need::kRequired, "elements along K that share it; -1: all of K");
  format(s, "type", &ScaleSpec::type, "of the scale");
  apply(s, &ScaleSpec::apply,
        "before the MAC (pro), on a group's sum (acc), once per output (epi), or, V only, "
        "multiplied into P (into_p)");
  block(s, "n", &ScaleSpec::n, Need::kOptional, "outputs that share it; -1: all of the GEMM");
  return s;
}

/// A zero-point as written; what `type` belongs to depends on `form`.
struct ZeroFile {
  ZeroSpec zero;
  bool product = false;
};

Schema<ZeroFile> zero_schema() {
  Schema<ZeroSpec> s;
  block(s, "k", &ZeroSpec::k, Need::kRequired, "elements along K that share it; its scale's");
  format(s, "type", &ZeroSpec::type, "of what memory holds");
  apply(s, &ZeroSpec::apply, "as its scale's; pro or acc");
  return Schema<ZeroFile>()
      .include(&ZeroFile::zero, s)
      .choice<bool>("form", &ZeroFile::product, {{"int", false}, {"neg_z_times_s", true}},
                    Need::kRequired,
                    "memory holds z, or -z*s, with z in the weight's format (convert: int only)");
}

const Schema<WeightQuant>& weight_schema() {
  static const Schema<WeightQuant> schema = [] {
    Schema<WeightQuant> s;
    format(s, "store", &WeightQuant::store, "in DRAM and in the weight buffer");
    format(s, "mac", &WeightQuant::mac, "fed to the multiplier");
    s.choice<Convert>(
        "convert", &WeightQuant::convert,
        {{"none", Convert::kNone}, {"int", Convert::kInt}, {"fp16", Convert::kFp16}},
        Need::kRequired,
        "before the array: none; int: i8 = q*s - z*s, wrapping; fp16: (q - z)*s, rounded once");
    s.list("scales", &WeightQuant::scales, scale_schema(), 0, 3, Need::kRequired, "finest first");
    const Schema<ZeroFile> zero = zero_schema();
    s.custom(
        {"zero", "map", {}, {}, "zero-point of an unsigned format; without it, there is none"},
        Need::kOptional,
        [=](const YamlValue& at, WeightQuant& into) {
          ZeroFile file;
          zero.read(at, file);
          into.zero = file.zero;
          if (file.product) {
            into.zero->stored = file.zero.type;
            into.zero->type = into.store;
          }
        },
        [](const WeightQuant&) { return Json(); }, rows_below("zero", zero.describe()));
    return s;
  }();
  return schema;
}

const Schema<ActQuant>& act_schema() {
  static const Schema<ActQuant> schema = [] {
    Schema<ActQuant> s;
    format(s, "store", &ActQuant::store, "in DRAM, in the activation buffer and multiplied");
    s.choice<bool>("scale", &ActQuant::token_scale, {{"token", true}, {"none", false}},
                   Need::kRequired, "token: an FP16 scale per row, applied once per output");
    return s;
  }();
  return schema;
}

Schema<Scheme> attention_schema() {
  return Schema<Scheme>()
      .object("q", &Scheme::q, act_schema(), Need::kRequired, "Q", "act")
      .object("k", &Scheme::k_cache, weight_schema(), Need::kRequired,
              "K cache: the weights of the scores, whose K is head_dim", "weight")
      .object("v", &Scheme::v_cache, weight_schema(), Need::kRequired,
              "V cache: the weights of P x V, whose K is the tokens", "weight")
      .object("p", &Scheme::p, act_schema(), Need::kRequired, "P, the softmax's output", "act")
      .choice<ValueFold>("value_fold", &Scheme::value_fold,
                         {{"none", ValueFold::kNone},
                          {"into_p", ValueFold::kIntoP},
                          {"tokens_grouped", ValueFold::kTokensGrouped}},
                         Need::kRequired,
                         "how V's scale along the tokens meets the array: V has none; it is "
                         "multiplied into P before P is quantised; V is grouped along the tokens");
}

struct HeadFile {
  std::string note;
  bool own = false;
  LayerOverride quant;
};

Schema<HeadFile> head_schema() {
  const auto own =
      Schema<LayerOverride>()
          .object("weight", &LayerOverride::weight, weight_schema(), Need::kRequired, "of this op",
                  "weight")
          .object("act", &LayerOverride::act, act_schema(), Need::kRequired, "of this op", "act");
  return Schema<HeadFile>()
      .text("note", &HeadFile::note, Need::kRequired, "how the head is treated, for the reports")
      .choice<bool>("quant", &HeadFile::own, {{"as_layers", false}, {"own", true}}, Need::kRequired,
                    "as every linear, or as stated here")
      .only_if(
          "`quant: own`", [](const HeadFile& h) { return h.own; },
          Schema<HeadFile>().include(&HeadFile::quant, own));
}

Schema<LayerOverride> override_schema() {
  return Schema<LayerOverride>()
      .text("match", &LayerOverride::match, Need::kRequired, "name of the op; each only once")
      .object("weight", &LayerOverride::weight, weight_schema(), Need::kRequired, "of this op",
              "weight")
      .object("act", &LayerOverride::act, act_schema(), Need::kRequired, "of this op", "act");
}

void add_override(const YamlValue& at, LayerOverride added, Scheme& scheme) {
  const auto same = [&](const LayerOverride& other) { return other.match == added.match; };
  if (std::any_of(scheme.overrides.begin(), scheme.overrides.end(), same)) {
    at.place("match").error("this op has an override already", added.match);
  }
  scheme.overrides.push_back(std::move(added));
}

Schema<Scheme> layers_schema() {
  const Schema<HeadFile> head = head_schema();
  const Schema<LayerOverride> item = override_schema();
  const auto no_dump = [](const Scheme&) { return Json(); };
  return Schema<Scheme>()
      .custom(
          {"lm_head", "map", {}, {}, "the head, or a classifier's: never assumed"}, Need::kRequired,
          [=](const YamlValue& at, Scheme& into) {
            HeadFile file;
            head.read(at, file);
            into.lm_head_note = file.note;
            for (const char* op : {"lm_head", "head"}) {
              file.quant.match = op;
              if (file.own) add_override(at, file.quant, into);
            }
          },
          no_dump, rows_below("lm_head", head.describe()))
      .custom(
          {"overrides",
           "list",
           "0.." + std::to_string(kMaxOverrides) + " items",
           {},
           "ops quantised otherwise"},
          Need::kOptional,
          [=](const YamlValue& at, Scheme& into) {
            for (const YamlValue& value : at.list(0, kMaxOverrides)) {
              LayerOverride file;
              item.read(value, file);
              add_override(value, std::move(file), into);
            }
          },
          no_dump, rows_below("overrides[]", item.describe()));
}

const Schema<Scheme>& scheme_schema() {
  static const Schema<Scheme> schema = [] {
    Schema<Scheme> s;
    s.text("scheme", &Scheme::name, Need::kRequired, "name of the scheme");
    s.text("description", &Scheme::description, Need::kRequired, "one line");
    s.text("source", &Scheme::source, Need::kRequired, "where it is from");
    s.object("weight", &Scheme::weight, weight_schema(), Need::kRequired, "weights of the linears");
    s.object("act", &Scheme::act, act_schema(), Need::kRequired, "activations of the linears");
    s.group("attention", attention_schema(), Need::kRequired,
            "Q and P take the activations' place, K and V the weights'");
    format(s, "out", &Scheme::out, "written by linears and attention; K and V in their caches'");
    s.choice<bool>("k_tail", &Scheme::allow_tail_group, {{"allow", true}, {"forbid", false}},
                   Need::kRequired,
                   "a K that the group does not divide: a shorter last group, or "
                   "refused");
    s.group("layers", layers_schema(), Need::kRequired, "single layers");
    return s;
  }();
  return schema;
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

const FileKindRegistration kScheme{
    {"scheme",
     {"weight", "attention"},
     nullptr,
     [] {
       return "How a model is quantised; shipped ones, and the rules between keys, are in "
              "`configs/schemes/`.\n\n" +
              reference_table(scheme_schema().describe());
     },
     [](const std::string& path, Diagnostics& wrong) { load_scheme(path, wrong); }}};

}  // namespace

std::optional<Scheme> load_scheme(const std::string& name, Diagnostics& wrong) {
  return load_scheme_with(name, {}, wrong);
}

std::optional<Scheme> load_scheme_with(const std::string& name,
                                       const std::vector<Override>& overrides, Diagnostics& wrong) {
  const auto path = find_config("schemes", name, wrong);
  if (!path) return std::nullopt;
  Diagnostics here;
  auto root = load_yaml(*path, here);
  for (const Override& o : overrides) {
    if (root) override_yaml(*root, o.path, o.value, o.origin, here);
  }
  Scheme scheme;
  if (root) scheme_schema().read(YamlValue(*root, here), scheme);
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
