#include "sim/cosim/pe_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/core/errors.h"
#include "models/formats/integers.h"
#include "models/pe/registry.h"
#include "sim/config/pe_yaml.h"
#include "sim/cosim/pe_bench.h"

namespace mixpe {
namespace {

/// Operands are enumerated up to this many pairs, and drawn above.
constexpr int kMostEnumeratedBits = 20;
constexpr std::uint64_t kRandomPairs = 10'000'000;
constexpr std::uint64_t kGroup = 128;  // pairs of a group when all pairs come in groups

/// What every check of one variant, dataflow and pair of formats shares.
struct Subject {
  std::shared_ptr<const PeModel> pe;
  PeRtl rtl;
  Operands formats;
  std::shared_ptr<FlatModule> module;
  std::string name;     ///< of the checks, up to the last part
  bool usual;           ///< no parameter but choices differs from its default
  std::uint64_t lanes;  ///< along k

  int pair_bits() const { return formats.act.code_bits() + formats.weight.code_bits(); }
  bool enumerated() const { return pair_bits() <= kMostEnumeratedBits; }
  /// Pair `index` of all: the weight in the low bits.
  std::pair<Code, Code> pair(std::uint64_t index) const {
    const std::uint64_t weights = std::uint64_t{1} << formats.weight.code_bits();
    return {static_cast<Code>(index / weights), static_cast<Code>(index % weights)};
  }
};

using MakeSegment = std::function<void(std::uint64_t index, CaseRandom&, SegmentCase&)>;
using MakeTile = std::function<void(std::uint64_t index, CaseRandom&, TileCase&)>;

// --- What a mismatch says ---

std::string operand_text(const Format& format, Code code) {
  return fmt::format("0x{:0{}x} ({:g})", code, (format.code_bits() + 3) / 4, decode(format, code));
}

std::string pairs_text(const Subject& s, const std::vector<Code>& acts,
                       const std::vector<Code>& weights) {
  constexpr std::size_t kShown = 8;
  std::string text;
  for (std::size_t k = 0; k < acts.size(); ++k) {
    if (k == kShown && acts.size() > kShown + 1) {
      return text + fmt::format("\n              … {} steps in all", acts.size());
    }
    text += fmt::format("{}{} act {}, weight {}", k == 0 ? "" : "\n             ", k,
                        operand_text(s.formats.act, acts[k]),
                        operand_text(s.formats.weight, weights[k]));
  }
  return text;
}

std::string codes_text(const std::vector<Code>& codes) {
  constexpr std::size_t kShown = 16;
  std::string text;
  for (std::size_t i = 0; i < std::min(codes.size(), kShown); ++i) {
    text += fmt::format(" 0x{:x}", codes[i]);
  }
  return codes.size() > kShown ? text + " …" : text;
}

std::string difference_text(const Subject& s, const PortStream::Difference& d) {
  if (d.port.empty()) {
    return fmt::format("the RTL stopped in cycle {}:\n{}", d.cycle, d.error);
  }
  int bits = 1;
  for (const RtlPort& port : s.rtl.ports()) {
    if (port.name == d.port) bits = port.bits;
  }
  return fmt::format("{} in cycle {}\n  expected  0x{:0{}x}\n  got       0x{:0{}x}", d.port,
                     d.cycle, d.expected, (bits + 3) / 4, d.got, (bits + 3) / 4);
}

// --- Running cases ---

/// `build` makes case i in `one`; `text` says what is in it.
template <class Bench, class Case, class Build, class Text>
CheckResult run_cases(const Subject& s, const std::string& name, std::uint64_t count,
                      const CheckOptions& options, const Build& build, const Text& text) {
  Bench bench(*s.pe, s.rtl, s.formats, *s.module);
  Case one;
  const std::uint64_t base = CaseRandom::base(options.seed, name);
  CheckResult result;
  for (std::uint64_t i = options.first_case; i < std::min(count, options.end_case); ++i) {
    CaseRandom random(base, i);
    build(i, random, one);
    bench.run(one, i, random);
    result.operations += one.acts.size();
    ++result.cases;
    if (!bench.stream().ok()) break;
  }
  bench.finish();
  result.comparisons = bench.stream().comparisons();
  result.overflows = bench.overflows();
  if (const auto& d = bench.stream().difference()) {
    CaseRandom random(base, d->tag);
    build(d->tag, random, one);
    result.mismatch = {difference_text(s, *d) + text(one), d->tag};
  }
  return result;
}

CheckResult run_segments(const Subject& s, const std::string& name, std::uint64_t count,
                         const MakeSegment& make, const CheckOptions& options) {
  const auto build = [&](std::uint64_t i, CaseRandom& random, SegmentCase& segment) {
    segment.clear();
    make(i, random, segment);
  };
  const auto text = [&](const SegmentCase& segment) {
    return "\n  segment   " + pairs_text(s, segment.acts, segment.weights);
  };
  return run_cases<OsPeBench, SegmentCase>(s, name, count, options, build, text);
}

CheckResult run_tiles(const Subject& s, const std::string& name, std::uint64_t count,
                      const MakeTile& make, const CheckOptions& options) {
  const auto build = [&](std::uint64_t i, CaseRandom& random, TileCase& tile) {
    tile.weights.clear();
    tile.acts.clear();
    tile.psums.clear();
    tile.idle_percent = 0;
    make(i, random, tile);
    int exponent = 0;
    s.pe->align_segment(tile.acts, s.formats, exponent);
    for (std::size_t step = 0; step < tile.steps(); ++step) {
      Sum product;
      std::uint64_t ignored = 0;
      s.pe->step(product, tile.acts_of(step), tile.weights, s.formats, ignored);
      tile.psums.push_back(random_psum(s.pe->spec(), s.rtl.flag_bits, product, random));
    }
  };
  const auto text = [](const TileCase& tile) {
    return fmt::format("\n  tile      weights{}\n            {} steps, activations{}",
                       codes_text(tile.weights), tile.steps(), codes_text(tile.acts));
  };
  return run_cases<WsPeBench, TileCase>(s, name, count, options, build, text);
}

// --- The checks ---

class CheckList {
 public:
  explicit CheckList(Subject subject) : s_(std::make_shared<const Subject>(std::move(subject))) {}
  std::vector<Check> take() { return std::move(checks_); }
  const Subject& subject() const { return *s_; }

  /// `count(options)` segments.
  void segments(const std::string& name, const std::string& space, CountCases count,
                MakeSegment make) {
    const std::string full = s_->name + "/" + name;
    checks_.push_back({full, space, [s = s_, full, count, make](const CheckOptions& o) {
                         return run_segments(*s, full, count(o), make, o);
                       }});
  }
  void tiles(const std::string& name, const std::string& space, CountCases count, MakeTile make) {
    const std::string full = s_->name + "/" + name;
    checks_.push_back({full, space, [s = s_, full, count, make](const CheckOptions& o) {
                         return run_tiles(*s, full, count(o), make, o);
                       }});
  }
  std::shared_ptr<const Subject> shared() const { return s_; }

 private:
  std::shared_ptr<const Subject> s_;
  std::vector<Check> checks_;
};

/// So many products before the pair under test, as the accumulator's history.
void add_history(const Subject& s, std::uint64_t length, CaseRandom& random, SegmentCase& segment) {
  if (length > 0) random_segment(s.formats, length, random, segment);
}

void all_pairs(CheckList& list) {
  const auto s = list.shared();
  const std::uint64_t pairs = std::uint64_t{1} << s->pair_bits();
  list.segments("pairs",
                s->rtl.most_lanes == 1 ? "all pairs of operands, each a segment"
                                       : "all pairs of operands in each lane, each a segment",
                always(pairs * s->lanes),
                [s, pairs](std::uint64_t i, CaseRandom&, SegmentCase& segment) {
                  for (std::uint64_t lane = 0; lane < i / pairs; ++lane) segment.add(0, 0);
                  segment.add(s->pair(i % pairs).first, s->pair(i % pairs).second);
                });
  // With several lanes the pair comes to lie in any of them, beside others.
  list.segments("after", "all pairs, each after 1-3 other steps", always(pairs),
                [s](std::uint64_t i, CaseRandom& random, SegmentCase& segment) {
                  add_history(*s, 1 + random.below(3 * s->lanes), random, segment);
                  segment.add(s->pair(i).first, s->pair(i).second);
                });
  list.segments("groups", "all pairs shuffled, in groups of 128, stalls and drains",
                always((pairs + kGroup - 1) / kGroup),
                [s, pairs](std::uint64_t i, CaseRandom& random, SegmentCase& segment) {
                  for (std::uint64_t k = i * kGroup; k < std::min(pairs, (i + 1) * kGroup); ++k) {
                    const auto [act, weight] = s->pair(shuffled(k, s->pair_bits()));
                    segment.add(act, weight);
                  }
                  segment.idle_percent = random.below(2) == 0 ? 0 : 30;
                  segment.shift_percent = 40;
                  segment.late_last = random.below(2) == 0;
                });
}

/// Operands too wide to enumerate: all pairs of directed codes with several histories, and drawn
/// ones.
void some_pairs(CheckList& list) {
  const auto s = list.shared();
  const auto acts = directed_codes(s->formats.act), weights = directed_codes(s->formats.weight);
  const std::uint64_t pairs = acts.size() * weights.size();
  constexpr std::uint64_t kHistories = 8;
  list.segments(
      "directed", "all pairs of special values, after 0-7 other steps", always(pairs * kHistories),
      [s, acts, weights, pairs](std::uint64_t i, CaseRandom& random, SegmentCase& segment) {
        add_history(*s, i / pairs, random, segment);
        segment.add(acts[i % pairs / weights.size()], weights[i % weights.size()]);
      });
  // Other latencies use the same multiplier: a tenth of the pairs is for them.
  const std::uint64_t usual = s->usual ? kRandomPairs : kRandomPairs / 10;
  const auto draws = [usual](const CheckOptions& o) {
    return o.random_pairs > 0 ? o.random_pairs : o.full ? 10 * usual : usual;
  };
  list.segments("random", "random pairs, each a segment", draws,
                [s](std::uint64_t, CaseRandom& random, SegmentCase& segment) {
                  const Code act = random_code(s->formats.act, random);
                  segment.add(act, random_code(s->formats.weight, random));
                });
}

void histories(CheckList& list) {
  const auto s = list.shared();
  list.segments("histories", "segments of 1-300 steps, stalls and drains", drawn(2000),
                [s](std::uint64_t i, CaseRandom& random, SegmentCase& segment) {
                  const std::uint64_t longest = i % 8 == 0 ? 300 : 40;
                  random_segment(s->formats, 1 + random.below(longest), random, segment);
                  segment.idle_percent = random.below(2) == 0 ? 0 : 30;
                  segment.shift_percent = 40;
                  segment.late_last = random.below(2) == 0;
                });
}

void ties(CheckList& list) {
  const auto s = list.shared();
  list.segments("ties", "sums whose rounding hangs on a single bit", drawn(100'000),
                [s](std::uint64_t, CaseRandom& random, SegmentCase& segment) {
                  tie_segment(s->formats, random, segment);
                });
}

/// The sum of one step with the same pair in every lane.
std::int64_t step_sum(const Subject& s, Code act, Code weight) {
  std::vector<Code> acts(s.lanes, act), weights(s.lanes, weight);
  int exponent = 0;
  s.pe->align_segment(acts, s.formats, exponent);
  Sum sum;
  std::uint64_t wraps = 0;
  s.pe->step(sum, acts, weights, s.formats, wraps);
  check_invariant(wraps == 0, "a sum narrower than a step's products");
  return sum.integer;
}

/// Segments of one pair of extremes, until the sum has left its range twice if that is not too
/// long. Sums too wide to leave it at all are a matter of narrower variants and of the psums from
/// above.
void overflows(CheckList& list) {
  const auto s = list.shared();
  std::vector<std::pair<Code, Code>> pairs;
  std::vector<std::uint64_t> lengths;
  constexpr std::int64_t kLongest = 300'000;  // steps; 32-bit sums of INT8 wrap after 2^17
  const std::int64_t range = std::int64_t{1} << s->pe->spec().acc_bits;
  for (const Code act : extreme_codes(s->formats.act)) {
    for (const Code weight : extreme_codes(s->formats.weight)) {
      const std::int64_t step = step_sum(*s, act, weight);
      if (step == 0) continue;
      const std::int64_t last_in_range = step > 0 ? range / 2 - 1 : range / 2;
      const std::int64_t once = last_in_range / std::abs(step) + 1;
      const std::int64_t twice = (last_in_range + range) / std::abs(step) + 1;
      if (once > kLongest) continue;
      pairs.emplace_back(act, weight);
      lengths.push_back(static_cast<std::uint64_t>(std::min(twice, kLongest)) * s->lanes);
    }
  }
  if (pairs.empty()) return;
  list.segments("overflow", "extremes until the sum wraps, twice", always(pairs.size()),
                [pairs, lengths](std::uint64_t i, CaseRandom&, SegmentCase& segment) {
                  for (std::uint64_t k = 0; k < lengths[i]; ++k) {
                    segment.add(pairs[i].first, pairs[i].second);
                  }
                });
}

void weight_stationary(CheckList& list) {
  const auto s = list.shared();
  constexpr std::uint64_t kTile = 64;
  if (s->enumerated()) {
    const std::uint64_t weights = std::uint64_t{1} << s->formats.weight.code_bits();
    const std::uint64_t acts = std::uint64_t{1} << s->formats.act.code_bits();
    // Tiles of fewer steps if there are fewer activations. Every lane sees all pairs, in its own
    // order.
    const std::uint64_t steps = std::min(kTile, acts);
    list.tiles(
        "pairs", fmt::format("all pairs in tiles of {}, sums from above, stalls", steps),
        always(weights * acts / steps), [=](std::uint64_t i, CaseRandom& random, TileCase& tile) {
          for (std::uint64_t lane = 0; lane < s->lanes; ++lane) {
            tile.weights.push_back(static_cast<Code>((i * steps / acts + lane) % weights));
          }
          for (std::uint64_t k = 0; k < steps; ++k) {
            for (std::uint64_t lane = 0; lane < s->lanes; ++lane) {
              const std::uint64_t act = (i * steps + k * (2 * lane + 1) + 3 * lane) % acts;
              tile.acts.push_back(static_cast<Code>(shuffled(act, s->formats.act.code_bits())));
            }
          }
          tile.idle_percent = random.below(2) == 0 ? 0 : 20;
        });
  }
  list.tiles("tiles", "tiles of 1-60 steps, sums from above, stalls", drawn(4000),
             [s](std::uint64_t, CaseRandom& random, TileCase& tile) {
               std::uint64_t lanes = s->lanes;  // the array's last row may use fewer
               if (lanes > 1 && random.below(4) == 0) lanes = 1 + random.below(lanes);
               SegmentCase operands;
               random_segment(s->formats, (1 + random.below(60)) * lanes, random, operands);
               tile.weights.assign(operands.weights.begin(),
                                   operands.weights.begin() + static_cast<std::ptrdiff_t>(lanes));
               tile.acts = operands.acts;
               tile.idle_percent = random.below(2) == 0 ? 0 : 20;
             });
}

std::vector<Check> checks_of(Subject subject, Dataflow dataflow) {
  CheckList list(std::move(subject));
  if (dataflow == Dataflow::kWeightStationary) {
    weight_stationary(list);
    return list.take();
  }
  if (list.subject().enumerated()) {
    all_pairs(list);
  } else {
    some_pairs(list);
  }
  histories(list);
  if (list.subject().pe->spec().sum_kind == SumKind::kInteger) {
    overflows(list);
  } else {
    ties(list);
  }
  return list.take();
}

bool all_integers_are_defaults(const PeSpec& pe) {
  for (const PeParam& param : pe_declarations().find(pe.name)->second.params) {
    const auto value = pe.params.find(param.name);
    if (!param.is_choice && value != pe.params.end() && value->second != param.fallback)
      return false;
  }
  return true;
}

std::shared_ptr<FlatModule> compile(const PeRtl& rtl, Dataflow dataflow, const BuildCache& cache,
                                    const std::optional<UserRtl>& user) {
  Verilation v;
  v.ports = rtl.ports();
  v.clocked = true;
  std::vector<std::string> plusargs;
  if (user) {
    v.top = user->top;
    v.files = user->files;
    v.parameters = user->parameters;
    v.folders = {"common"};
    plusargs = user->plusargs;
  } else {
    v.top = rtl.module;
    v.folders = {"common", rtl.folder};
    v.parameters = rtl.parameters;
    for (const auto& [name, bits] : {std::pair{"ActBits", rtl.act_bits},
                                     {"WgtBits", rtl.wgt_bits},
                                     {"SumBits", rtl.sum_bits}}) {
      v.parameters.push_back(fmt::format("{}={}", name, bits));
    }
    if (dataflow == Dataflow::kWeightStationary) v.parameters.push_back("WeightStationary=1'b1");
  }
  return std::make_shared<FlatModule>(std::move(v), cache, plusargs);
}

}  // namespace

std::string variant_name(const PeSpec& pe) {
  std::string name = pe.name;
  for (const PeParam& param : pe_declarations().find(pe.name)->second.params) {
    const auto value = pe.params.find(param.name);
    if (value == pe.params.end() || (!param.is_choice && value->second == param.fallback)) continue;
    name += "/" + param.name + "=" + value->second;
  }
  return name;
}

CheckGroup pe_check_group(const PeSpec& spec, Dataflow dataflow, const BuildCache& cache) {
  const bool os = dataflow == Dataflow::kOutputStationary;
  const std::string group = variant_name(spec) + (os ? "/os" : "/ws");
  return {group, spec.name, true, [=](const std::optional<UserRtl>& user) {
            const std::optional<PeRtl> rtl = find_pe_rtl(spec, dataflow);
            check_invariant(rtl.has_value(), "a PE without RTL has no checks");
            const auto module = compile(*rtl, dataflow, cache, user);
            const std::shared_ptr<const PeModel> pe = make_pe(spec);
            const bool usual = all_integers_are_defaults(spec);
            std::vector<Check> checks;
            for (const PeMode& mode : spec.modes) {
              for (const Format& weight : mode.weights) {
                for (const Format& act : mode.acts) {
                  const std::string name = group + "/" + weight.name() + "x" + act.name();
                  const auto lanes = static_cast<std::uint64_t>(mode.lanes_k);
                  auto more =
                      checks_of({pe, *rtl, {weight, act}, module, name, usual, lanes}, dataflow);
                  std::move(more.begin(), more.end(), std::back_inserter(checks));
                }
              }
            }
            return checks;
          }};
}

}  // namespace mixpe
