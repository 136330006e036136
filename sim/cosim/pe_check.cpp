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
  std::string name;  ///< of the checks, up to the last part
  bool usual;        ///< no parameter but choices differs from its default

  int pair_bits() const { return formats.act.bits + formats.weight.bits; }
  bool enumerated() const { return pair_bits() <= kMostEnumeratedBits; }
  /// Pair `index` of all: the weight in the low bits.
  std::pair<Code, Code> pair(std::uint64_t index) const {
    const std::uint64_t weights = std::uint64_t{1} << formats.weight.bits;
    return {static_cast<Code>(index / weights), static_cast<Code>(index % weights)};
  }
};

using MakeSegment = std::function<void(std::uint64_t index, CaseRandom&, SegmentCase&)>;
using MakeTile = std::function<void(std::uint64_t index, CaseRandom&, TileCase&)>;

// --- What a mismatch says ---

std::string operand_text(const Format& format, Code code) {
  return fmt::format("0x{:0{}x} ({:g})", code, (format.bits + 3) / 4, decode(format, code));
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

template <class Bench>
CheckResult result_of(const Bench& bench, std::uint64_t cases, std::uint64_t operations) {
  CheckResult result;
  result.cases = cases;
  result.operations = operations;
  result.comparisons = bench.stream().comparisons();
  result.overflows = bench.overflows();
  return result;
}

CheckResult run_segments(const Subject& s, const std::string& name, std::uint64_t count,
                         const MakeSegment& make, const CheckOptions& options) {
  OsPeBench bench(*s.pe, s.rtl, s.formats, *s.module);
  SegmentCase segment;
  std::uint64_t cases = 0, operations = 0;
  const auto build = [&](std::uint64_t i, CaseRandom& random) {
    segment.clear();
    make(i, random, segment);
  };
  for (std::uint64_t i = options.first_case; i < std::min(count, options.end_case); ++i) {
    CaseRandom random(options.seed, name, i);
    build(i, random);
    bench.run(segment, i, random);
    operations += segment.acts.size();
    ++cases;
    if (!bench.stream().ok()) break;
  }
  bench.finish();
  CheckResult result = result_of(bench, cases, operations);
  if (const auto& d = bench.stream().difference()) {
    CaseRandom random(options.seed, name, d->tag);
    build(d->tag, random);
    result.mismatch = {
        difference_text(s, *d) + "\n  segment   " + pairs_text(s, segment.acts, segment.weights),
        d->tag};
  }
  return result;
}

CheckResult run_tiles(const Subject& s, const std::string& name, std::uint64_t count,
                      const MakeTile& make, const CheckOptions& options) {
  WsPeBench bench(*s.pe, s.rtl, s.formats, *s.module);
  TileCase tile;
  std::uint64_t cases = 0, operations = 0;
  const auto build = [&](std::uint64_t i, CaseRandom& random) {
    tile.acts.clear();
    tile.psums.clear();
    tile.idle_percent = 0;
    make(i, random, tile);
    int exponent = 0;
    s.pe->align_segment(tile.acts, s.formats, exponent);
    for (const Code act : tile.acts) {
      Sum product;
      std::uint64_t ignored = 0;
      s.pe->mac(product, act, tile.weight, s.formats, ignored);
      tile.psums.push_back(random_psum(s.pe->spec(), s.rtl.flag_bits, product, random));
    }
  };
  for (std::uint64_t i = options.first_case; i < std::min(count, options.end_case); ++i) {
    CaseRandom random(options.seed, name, i);
    build(i, random);
    bench.run(tile, i, random);
    operations += tile.acts.size();
    ++cases;
    if (!bench.stream().ok()) break;
  }
  bench.finish();
  CheckResult result = result_of(bench, cases, operations);
  if (const auto& d = bench.stream().difference()) {
    CaseRandom random(options.seed, name, d->tag);
    build(d->tag, random);
    result.mismatch = {
        difference_text(s, *d) +
            fmt::format("\n  tile      weight {}, {} activations: ",
                        operand_text(s.formats.weight, tile.weight), tile.acts.size()) +
            [&] {
              std::string acts;
              for (std::size_t k = 0; k < std::min<std::size_t>(tile.acts.size(), 8); ++k) {
                acts += fmt::format(" 0x{:x}", tile.acts[k]);
              }
              return acts;
            }(),
        d->tag};
  }
  return result;
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

/// Steps before the pair under test, as the accumulator's history; kinds 0-3.
void add_history(const Subject& s, std::uint64_t kind, CaseRandom& random, SegmentCase& segment) {
  if (kind > 0) random_segment(s.formats, kind, random, segment);
}

void all_pairs(CheckList& list) {
  const auto s = list.shared();
  const std::uint64_t pairs = std::uint64_t{1} << s->pair_bits();
  list.segments("pairs", "all pairs of operands, each a segment", always(pairs),
                [s](std::uint64_t i, CaseRandom&, SegmentCase& segment) {
                  segment.add(s->pair(i).first, s->pair(i).second);
                });
  list.segments("after", "all pairs, each after 1-3 other steps", always(pairs),
                [s](std::uint64_t i, CaseRandom& random, SegmentCase& segment) {
                  add_history(*s, 1 + random.below(3), random, segment);
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

/// Segments of one pair of extremes, long enough to leave the accumulator's range.
void overflows(CheckList& list) {
  const auto s = list.shared();
  std::vector<std::pair<Code, Code>> pairs;
  std::vector<std::uint64_t> lengths;
  const auto extremes = [](const Format& f) {
    if (f.is_integer()) return std::vector<Code>{wrap_int(f, int_min(f)), wrap_int(f, int_max(f))};
    const Code largest = ((Code{1} << f.exponent_bits) - 1) * (Code{1} << f.fraction_bits) - 1;
    return std::vector<Code>{largest, largest | Code{1} << (f.bits - 1)};
  };
  constexpr std::uint64_t kLongest = 300'000;  // 32-bit sums of INT8 wrap after 2^17 steps
  for (const Code act : extremes(s->formats.act)) {
    for (const Code weight : extremes(s->formats.weight)) {
      std::vector<Code> aligned{act};
      int exponent = 0;
      s->pe->align_segment(aligned, s->formats, exponent);
      Sum sum;
      std::uint64_t wraps = 0, steps = 0;
      while (wraps < 2 && steps < kLongest) {
        s->pe->mac(sum, aligned[0], weight, s->formats, wraps);
        ++steps;
      }
      if (wraps == 0) continue;
      pairs.emplace_back(act, weight);
      lengths.push_back(steps);
    }
  }
  check_invariant(!pairs.empty(), "no pair of extremes leaves the accumulator's range");
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
    const std::uint64_t weights = std::uint64_t{1} << s->formats.weight.bits;
    const std::uint64_t acts = std::uint64_t{1} << s->formats.act.bits;
    list.tiles("pairs", "all pairs in tiles of 64, sums from above, stalls",
               always(weights * acts / kTile),
               [s, acts](std::uint64_t i, CaseRandom& random, TileCase& tile) {
                 tile.weight = static_cast<Code>(i * kTile / acts);
                 for (std::uint64_t k = 0; k < kTile; ++k) {
                   tile.acts.push_back(
                       static_cast<Code>(shuffled((i * kTile + k) % acts, s->formats.act.bits)));
                 }
                 tile.idle_percent = random.below(2) == 0 ? 0 : 20;
               });
  }
  list.tiles("tiles", "tiles of 1-60 steps, sums from above, stalls", drawn(4000),
             [s](std::uint64_t, CaseRandom& random, TileCase& tile) {
               SegmentCase operands;
               random_segment(s->formats, 1 + random.below(60), random, operands);
               tile.weight = operands.weights[0];
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
  if (list.subject().pe->spec().sum_kind == SumKind::kInteger) overflows(list);
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
    v.parameters.push_back(fmt::format("SumBits={}", rtl.sum_bits));
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
                  auto more = checks_of({pe, *rtl, {weight, act}, module, name, usual}, dataflow);
                  std::move(more.begin(), more.end(), std::back_inserter(checks));
                }
              }
            }
            return checks;
          }};
}

}  // namespace mixpe
