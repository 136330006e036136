// What the machine has hardware for: the rules a scheme must keep (configs/schemes/README.md).

#include <algorithm>
#include <utility>

#include "sim/workload/scheme.h"

namespace mixpe {
namespace {

/// Smallest and largest value of an integer format.
std::pair<int, int> range(const Format& f) {
  if (f.kind == FormatKind::kUnsigned) return {0, (1 << f.bits) - 1};
  return {-(1 << (f.bits - 1)), (1 << (f.bits - 1)) - 1};
}

bool holds(const Format& wide, const Format& narrow) {
  const auto plain = [](const Format& f) { return f.is_integer() && !f.is_coded(); };
  if (!plain(wide) || !plain(narrow)) return wide == narrow;
  const auto [lo, hi] = range(narrow);
  return lo >= range(wide).first && hi <= range(wide).second;
}

/// Checks one WeightQuant with the activations it meets.
class WeightRules {
 public:
  WeightRules(const WeightQuant& w, const ActQuant& act, bool is_v, std::string path,
              const SourceMark& at, Diagnostics& wrong)
      : w_(w), act_(act), is_v_(is_v), path_(std::move(path)), at_(at), wrong_(wrong) {}

  void check() const {
    check_formats();
    check_conversion();
    int in_array = 0, at_end = 0;
    for (std::size_t i = 0; i < w_.scales.size(); ++i) {
      const Apply apply = w_.scales[i].apply;
      (apply == Apply::kEpilogue ? at_end : in_array) += 1;
      check_scale(w_.scales[i], "scales[" + std::to_string(i) + "]");
    }
    if (in_array > 1) report("scales", "at most one scale along K", std::to_string(in_array), "1");
    if (at_end > 1) report("scales", "at most one epilogue scale", std::to_string(at_end), "1");
    if (at_end > 0 && w_.after_group() > 0) {
      report("scales", "after a group scale sums are FP32 and meet no further weight scale",
             "acc and epi", "acc alone, or pro and epi");
    }
    if (at_end > 0 && !w_.mac.is_integer()) {
      report("scales", "an epilogue scale needs integer sums", w_.mac.name() + " multiplied",
             "an integer mac format");
    }
    if (w_.zero) check_zero(*w_.zero);
  }

 private:
  void report(const std::string& key, std::string what, std::string got,
              std::string allowed) const {
    wrong_.add({at_, path_ + "." + key, std::move(what), std::move(got), std::move(allowed)});
  }

  void check_formats() const {
    if (w_.mac.bits < w_.store.bits) {
      report("mac", "the multiplied format is narrower than the stored one",
             w_.mac.name() + " for " + w_.store.name(), "at least as many bits");
    } else if (w_.convert == Convert::kNone && !holds(w_.mac, w_.store)) {
      report("mac", "cannot hold the stored format without a conversion",
             w_.mac.name() + " for " + w_.store.name(), w_.store.name());
    }
    if (!w_.mac.is_integer() && act_.store.is_integer()) {
      report("mac", "a floating-point weight needs floating-point activations",
             w_.mac.name() + " x " + act_.store.name(), "");
    }
  }

  void check_conversion() const {
    if (w_.convert == Convert::kNone) return;
    if (!w_.store.is_integer() || w_.store.is_coded()) {
      report("convert", "only integers are converted before the array", w_.store.name(), "none");
    }
    const Format to = w_.convert == Convert::kInt ? signed_int(8) : kFp16;
    if (w_.mac != to) report("mac", "is not what the conversion gives", w_.mac.name(), to.name());
    const ScaleSpec* scale = w_.group_scale();
    if (!scale || scale->apply != Apply::kBeforeMac) {
      report("convert", "a conversion applies a scale before the MAC", "no scale with apply: pro",
             "a scale with apply: pro");
    }
  }

  void check_scale(const ScaleSpec& s, const std::string& key) const {
    if (s.apply == Apply::kBeforeMac) {
      if (w_.convert == Convert::kNone) {
        report(key + ".apply", "a scale before the MAC needs a conversion",
               "pro with convert: none", "convert: int, convert: fp16");
      }
      const Format type = w_.convert == Convert::kInt ? unsigned_int(8) : kFp16;
      expect_type(s, type, key);
    } else {
      expect_type(s, kFp16, key);
    }
    if (s.apply == Apply::kAfterGroup && s.k < 0) {
      report(key + ".k", "a scale of the whole K is applied once per output", "-1 with apply: acc",
             "apply: epi");
    }
    if (s.apply == Apply::kAfterGroup && !w_.mac.is_integer()) {
      report(key + ".apply", "a group's sum is rescaled only if it is a sum of integer weights",
             w_.mac.name() + " multiplied", "an integer mac format");
    }
    if (s.apply == Apply::kEpilogue && s.k >= 0) {
      report(key + ".k", "an epilogue scale covers the whole K", std::to_string(s.k), "-1");
    }
    if (s.apply == Apply::kIntoP && (!is_v_ || s.k != 1)) {
      report(key + ".apply", "only V's scale of each token can be folded into P", "into_p",
             is_v_ ? "k: 1" : "pro, acc, epi");
    }
    if (s.apply == Apply::kIntoP && w_.store.is_coded()) {
      report(key + ".apply", "only plain integers have a scale of each token", w_.store.name(),
             "i1-i16");
    }
    if (s.apply != Apply::kIntoP && s.n != 1) {
      report(key + ".n", "outputs share a scale only if it is folded into P", std::to_string(s.n),
             "1");
    }
  }

  void expect_type(const ScaleSpec& s, const Format& type, const std::string& key) const {
    if (s.type != type) report(key + ".type", "wrong scale type", s.type.name(), type.name());
  }

  void check_zero(const ZeroSpec& z) const {
    if (w_.store.is_signed() || w_.store.is_coded()) {
      report("zero", "a zero-point belongs to an unsigned format", w_.store.name(), "u1-u8");
    }
    const ScaleSpec* scale = w_.group_scale();
    if (z.apply == Apply::kEpilogue || z.apply == Apply::kIntoP) {
      report("zero.apply", "the dequantisation unit has no zero-point in its epilogue", "epi",
             "pro, acc");
    } else if (!scale || scale->apply != z.apply || scale->k != z.k) {
      report("zero", "a zero-point needs a scale of the same block, applied at the same place",
             scale ? "blocks " + std::to_string(z.k) + " and " + std::to_string(scale->k)
                   : "no such scale",
             "the same k and apply");
    }
    if (!z.type.is_integer() || z.type.is_coded() || z.type.bits > w_.store.bits) {
      report("zero.type", "must be an integer no wider than the weight", z.type.name(),
             w_.store.name());
    }
    if (z.stored && w_.convert != Convert::kInt) {
      report("zero.form", "-z*s is stored for an integer conversion only", "neg_z_times_s", "int");
    }
  }

  const WeightQuant& w_;
  const ActQuant& act_;
  bool is_v_;
  std::string path_;
  const SourceMark& at_;
  Diagnostics& wrong_;
};

void check_act(const ActQuant& act, const std::string& path, const SourceMark& at,
               Diagnostics& wrong) {
  if (!act.store.is_integer() && act.token_scale) {
    wrong.add({at, path + ".scale", "floating-point activations have no scale", "token", "none"});
  }
}

void check_value_fold(const Scheme& scheme, const SourceMark& at, Diagnostics& wrong) {
  const WeightQuant& v = scheme.v_cache;
  bool along_tokens = false, into_p = false;
  for (const ScaleSpec& s : v.scales) {
    along_tokens |= s.k > 0;
    into_p |= s.apply == Apply::kIntoP;
  }
  const auto report = [&](const char* what, const char* got, const char* allowed) {
    wrong.add({at, "attention.value_fold", what, got, allowed});
  };
  switch (scheme.value_fold) {
    case ValueFold::kNone:
      if (along_tokens) {
        report("V has a scale along the tokens: say how it meets the array", "none",
               "into_p, tokens_grouped");
      }
      break;
    case ValueFold::kIntoP:
      if (!into_p) report("V has no scale with apply: into_p", "into_p", "tokens_grouped, none");
      if (v.zero)
        report("V folded into P must be symmetric", "a zero-point", "no zero in attention.v");
      if (v.scales.size() != 1)
        report("V folded into P has one scale", "other scales", "one scale");
      break;
    case ValueFold::kTokensGrouped:
      if (into_p) report("V's scale is folded into P", "tokens_grouped", "into_p");
      if (!along_tokens) report("V has no group along the tokens", "tokens_grouped", "none");
      break;
  }
}

}  // namespace

void check_scheme(const Scheme& scheme, const SourceMark& at, Diagnostics& wrong) {
  WeightRules(scheme.weight, scheme.act, false, "weight", at, wrong).check();
  WeightRules(scheme.k_cache, scheme.q, false, "attention.k", at, wrong).check();
  WeightRules(scheme.v_cache, scheme.p, true, "attention.v", at, wrong).check();
  for (const LayerOverride& o : scheme.overrides) {
    const std::string path = "layers." + o.match;
    WeightRules(o.weight, o.act, false, path + ".weight", at, wrong).check();
    check_act(o.act, path + ".act", at, wrong);
  }
  check_act(scheme.act, "act", at, wrong);
  check_act(scheme.q, "attention.q", at, wrong);
  check_act(scheme.p, "attention.p", at, wrong);
  check_value_fold(scheme, at, wrong);
}

}  // namespace mixpe
