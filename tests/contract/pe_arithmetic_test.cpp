// The arithmetic part of the PE contract, over every variant of every registered PE that computes
// values. Nothing here names a PE.
//  * Reference: wide_reference.h, which shares no code with models/.
//  * Exhaustive where a pair of operands has at most 2^20 codes, seeded random above.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <ostream>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "models/pe/registry.h"
#include "sim/config/pe_yaml.h"
#include "tests/contract/wide_reference.h"

namespace mixpe {

/// How GoogleTest shows a parameter: by name, not as bytes.
void PrintTo(const PeSpec& spec, std::ostream* out) { *out << spec.name; }

namespace testing {
namespace {

using Random = std::mt19937_64;

constexpr int kExhaustiveBits = 20;
constexpr int kRandomPairs = 1 << 20;

std::string variant_name(const PeSpec& spec) {
  std::string name = spec.name;
  for (const auto& [param, value] : spec.params) name += "_" + param + "_" + value;
  return name;
}

/// Every pair of operand formats that some mode of the PE takes.
std::vector<Operands> operand_pairs(const PeSpec& spec) {
  std::vector<Operands> pairs;
  for (const PeMode& mode : spec.modes) {
    for (const Format& weight : mode.weights) {
      for (const Format& act : mode.acts) pairs.push_back({weight, act});
    }
  }
  return pairs;
}

std::string text(const Operands& f) { return f.weight.name() + " x " + f.act.name(); }

/// A code of the format; one in four is an extreme: zero, smallest, largest, infinities, NaN.
Code random_code(const Format& f, Random& random) {
  const int bits = f.code_bits();
  const Code mask = bits == 32 ? ~Code{0} : (Code{1} << bits) - 1;
  if (random() % 4 != 0) return static_cast<Code>(random()) & mask;
  const Code sign = Code{1} << (bits - 1);
  std::vector<Code> extremes = {0, 1, sign, sign - 1, sign | 1, mask};
  if (!f.is_integer()) {
    const Code inf = ((Code{1} << f.exponent_bits) - 1) << f.fraction_bits;
    extremes.insert(extremes.end(), {inf, sign | inf, inf - 1, sign | (inf - 1), inf + 1});
  }
  if (f.is_coded()) {
    extremes = {0};
    for (Code code = 1; code <= mask; ++code) {
      const int larger = std::abs(coded_value(f, code)) - std::abs(coded_value(f, extremes[0]));
      if (larger > 0) extremes = {code};
      if (larger == 0) extremes.push_back(code);
    }
  }
  return extremes[random() % extremes.size()];
}

struct Segment {
  std::vector<Code> acts, weights;
  Operands formats;
};

/// `finite`: no infinities and NaN, which end what a sum can tell about numbers.
Segment random_segment(const Operands& formats, std::size_t length, bool finite, Random& random) {
  const auto draw = [&](const Format& f) {
    Code code = random_code(f, random);
    while (finite && exact_value(f, code).special != Sum::kNone) code = random_code(f, random);
    return code;
  };
  Segment s;
  s.formats = formats;
  for (std::size_t k = 0; k < length; ++k) {
    s.acts.push_back(draw(formats.act));
    s.weights.push_back(draw(formats.weight));
  }
  return s;
}

/// One running sum as the contract defines it.
class ReferenceSum {
 public:
  ReferenceSum(const PeSpec& spec, int bits, int exponent)
      : is_float_(spec.sum_kind == SumKind::kFloat32), exponent_(exponent) {
    register_.bits = bits;
  }
  ReferenceSum(const PeSpec& spec, int bits, int exponent, const Sum& start)
      : ReferenceSum(spec, bits, exponent) {
    real_ = std::bit_cast<Code>(start.real);
    register_.value = start.integer;
    special_ = start.special;
  }

  void mac(const Exact& act, const Exact& weight) {
    if (is_float_) return add_real(act * weight);
    // The activation as the array's edge hands it over, times a whole weight.
    const Wide units = rounded_units(act, exponent_);
    register_.add(units * rounded_units(weight, 0));
    special_ = special_sum(special_, (act * weight).special);
  }
  /// Products that join the sum together.
  void step(const std::vector<std::pair<Exact, Exact>>& products) {
    Wide units = 0;
    for (const auto& [act, weight] : products) {
      if (is_float_) add_real(act * weight);
      units += rounded_units(act, exponent_) * rounded_units(weight, 0);
      special_ = special_sum(special_, (act * weight).special);
    }
    if (!is_float_) register_.add(units);
  }
  void add_activation(const Exact& act) {
    if (is_float_) return add_real(act);
    register_.add(rounded_units(act, exponent_));
    special_ = special_sum(special_, act.special);
  }
  void merge(const ReferenceSum& from) {
    if (is_float_) return add_real(exact_value(kFp32, from.real_));
    register_.add(from.register_.value);
    special_ = special_sum(special_, from.special_);
  }

  std::uint64_t overflows() const { return register_.overflows; }

  /// The same sum as a PE holds it.
  Sum sum() const {
    return {static_cast<std::int64_t>(register_.value), std::bit_cast<float>(real_), special_};
  }

 private:
  void add_real(const Exact& x) { real_ = nearest_fp32(exact_value(kFp32, real_) + x); }

  bool is_float_;
  int exponent_;
  WideRegister register_;
  Code real_ = 0;
  std::uint32_t special_ = Sum::kNone;
};

/// Bit for bit, and only what the kind of sum uses.
::testing::AssertionResult same(SumKind kind, const Sum& got, const Sum& want) {
  const bool equal = kind == SumKind::kFloat32
                         ? std::bit_cast<Code>(got.real) == std::bit_cast<Code>(want.real)
                         : got.special == want.special && got.integer == want.integer;
  if (equal) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << "got " << got.integer << "/" << got.real << "/" << got.special << ", want "
         << want.integer << "/" << want.real << "/" << want.special;
}

class PeArithmetic : public ::testing::TestWithParam<PeSpec> {
 protected:
  const PeSpec& spec() const { return GetParam(); }
  bool is_float() const { return spec().sum_kind == SumKind::kFloat32; }

  /// The variant as declared, with other interleavings, and (integers) with accumulators so narrow
  /// that four products, or 16, just fit.
  std::vector<PeSpec> widths() const {
    std::vector<PeSpec> specs = {spec()};
    for (const int interleave : {1, 3, 4}) {
      specs.push_back(spec());
      specs.back().interleave = interleave;
    }
    for (const int products : {4, 16}) {
      if (!is_float()) specs.push_back(narrowed(products));
    }
    return specs;
  }

  PeSpec narrowed(int products) const {
    const std::vector<Operands> pairs = operand_pairs(spec());
    const auto holds = [&](const PeSpec& narrow) {
      const auto pe = make_pe(narrow);
      return std::all_of(pairs.begin(), pairs.end(),
                         [&](const Operands& f) { return pe->cannot_overflow(f, products); });
    };
    PeSpec narrow = spec();
    for (narrow.acc_bits = 2; !holds(narrow); ++narrow.acc_bits) {
    }
    // A row sum lacks the weights' bits.
    const auto widest = std::max_element(
        pairs.begin(), pairs.end(), [](auto& a, auto& b) { return a.weight.bits < b.weight.bits; });
    narrow.row_sum_bits = narrow.acc_bits - widest->weight.bits;
    return narrow;
  }

  /// Sums from which one MAC is tried: empty, at the ends of the range, special.
  std::vector<Sum> histories() const {
    std::vector<Sum> all = {Sum{}};
    if (is_float()) {
      for (const float x : {1.0F, -16777216.0F, 1e-40F, -3.4e38F, 0x1p-24F, -0x1.fffffep+5F}) {
        all.push_back({.real = x});
      }
      all.push_back({.real = std::bit_cast<float>(Code{0xff800000})});
      all.push_back({.real = std::bit_cast<float>(Code{0x7fc00000})});
      return all;
    }
    const std::int64_t half = std::int64_t{1} << (spec().acc_bits - 1);
    for (const std::int64_t x : {half - 1, -half, half / 2, std::int64_t{-1}}) {
      all.push_back({.integer = x});
    }
    for (const std::uint32_t special : {Sum::kPlusInf, Sum::kMinusInf, Sum::kNan}) {
      all.push_back({.integer = 3, .special = special});
    }
    return all;
  }
};

/// Calls `visit` with every pair of codes, or with seeded random ones if there are too many.
void for_codes(const Operands& f, const std::function<void(Code act, Code weight)>& visit) {
  if (f.act.code_bits() + f.weight.code_bits() <= kExhaustiveBits) {
    for (Code act = 0; act < Code{1} << f.act.code_bits(); ++act) {
      for (Code weight = 0; weight < Code{1} << f.weight.code_bits(); ++weight) visit(act, weight);
    }
    return;
  }
  Random random(20);
  for (int i = 0; i < kRandomPairs; ++i) {
    const Code act = random_code(f.act, random);
    visit(act, random_code(f.weight, random));
  }
}

TEST_P(PeArithmetic, MacMatchesTheWideReference) {
  const auto pe = make_pe(spec());
  const std::vector<Sum> starts = histories();
  for (const Operands& f : operand_pairs(spec())) {
    SCOPED_TRACE(text(f));
    std::vector<Exact> weights(f.weight.bits <= 16 ? std::size_t{1} << f.weight.code_bits() : 0);
    for (Code w = 0; w < weights.size(); ++w) weights[w] = exact_value(f.weight, w);
    std::size_t turn = 0;
    std::uint64_t compared = 0;
    for_codes(f, [&](Code act, Code weight) {
      const Exact a = exact_value(f.act, act), w = weights.at(weight);
      Code fed = act;
      int exponent = 0;
      pe->align_segment({&fed, 1}, f, exponent);
      // Always from the empty sum, and from the others in turn.
      for (const Sum& start : {starts[0], starts[1 + turn % (starts.size() - 1)]}) {
        ReferenceSum want(spec(), spec().acc_bits, exponent, start);
        want.mac(a, w);
        Sum got = start;
        std::uint64_t overflows = 0;
        pe->mac(got, fed, weight, f, overflows);
        const bool equal = same(spec().sum_kind, got, want.sum()) && overflows == want.overflows();
        if (!equal && !::testing::Test::HasFailure()) {
          ADD_FAILURE() << "act " << act << " weight " << weight << " start " << start.integer
                        << "/" << start.real << ": " << same(spec().sum_kind, got, want.sum())
                        << " overflows " << overflows << " want " << want.overflows();
        }
        ++compared;
      }
      ++turn;
    });
    EXPECT_GE(compared, std::uint64_t{1} << std::min(f.act.bits + f.weight.bits, 20));
  }
}

TEST_P(PeArithmetic, SegmentsMatchTheWideReferenceInOrderAndMerge) {
  std::uint64_t overflows_seen = 0;
  for (const PeSpec& variant : widths()) {
    const auto pe = make_pe(variant);
    for (const Operands& f : operand_pairs(variant)) {
      for (std::uint64_t seed = 0; seed < 60; ++seed) {
        SCOPED_TRACE(text(f) + ", seed " + std::to_string(seed) + ", acc_bits " +
                     std::to_string(variant.acc_bits));
        Random random(seed);
        const Segment s = random_segment(f, 1 + random() % 300, seed % 3 != 0, random);
        std::vector<Code> fed = s.acts;
        int exponent = 0;
        pe->align_segment(fed, f, exponent);
        const auto p = static_cast<std::size_t>(variant.interleave);
        std::vector<Sum> got(p);
        std::vector<ReferenceSum> want(p, ReferenceSum(variant, variant.acc_bits, exponent));
        std::uint64_t overflows = 0, want_overflows = 0;
        for (std::size_t k = 0; k < s.acts.size(); ++k) {
          pe->mac(got[k % p], fed[k], s.weights[k], f, overflows);
          want[k % p].mac(exact_value(f.act, s.acts[k]), exact_value(f.weight, s.weights[k]));
          ASSERT_TRUE(same(variant.sum_kind, got[k % p], want[k % p].sum())) << "after k = " << k;
        }
        for (std::size_t i = 1; i < p; ++i) {
          pe->merge(got[0], got[i], overflows);
          want[0].merge(want[i]);
        }
        ASSERT_TRUE(same(variant.sum_kind, got[0], want[0].sum())) << "after merging";
        for (const ReferenceSum& sum : want) want_overflows += sum.overflows();
        ASSERT_EQ(overflows, want_overflows);
        overflows_seen += overflows;
      }
    }
  }
  EXPECT_EQ(overflows_seen > 0, !is_float())
      << "only integer sums leave their range, and some must";
}

// A step of a PE with lanes along k is its products one after another, except that an integer sum
// may be judged once, after the step: then its overflows are those of the sum of the products.
TEST_P(PeArithmetic, StepsOfSeveralLanesMatchTheWideReference) {
  std::uint64_t overflows_seen = 0, steps = 0;
  for (const PeSpec& variant : widths()) {
    if (variant.interleave != 1) continue;  // each lane has a sum of its own
    const auto pe = make_pe(variant);
    for (const Operands& f : operand_pairs(variant)) {
      const auto lanes = static_cast<std::size_t>(variant.find_mode(f.weight, f.act)->lanes_k);
      for (std::uint64_t seed = 0; seed < 20; ++seed) {
        SCOPED_TRACE(text(f) + ", seed " + std::to_string(seed));
        Random random(seed);
        const Segment s = random_segment(f, 1 + random() % 200, seed % 3 != 0, random);
        std::vector<Code> fed = s.acts;
        int exponent = 0;
        pe->align_segment(fed, f, exponent);
        Sum got;
        ReferenceSum want(variant, variant.acc_bits, exponent);
        std::uint64_t overflows = 0;
        for (std::size_t k = 0; k < fed.size(); k += lanes, ++steps) {
          const std::size_t n = std::min(lanes, fed.size() - k);
          pe->step(got, {&fed[k], n}, {&s.weights[k], n}, f, overflows);
          std::vector<std::pair<Exact, Exact>> products;
          for (std::size_t i = k; i < k + n; ++i) {
            products.emplace_back(exact_value(f.act, s.acts[i]),
                                  exact_value(f.weight, s.weights[i]));
          }
          want.step(products);
          ASSERT_TRUE(same(variant.sum_kind, got, want.sum())) << "after k = " << k;
        }
        ASSERT_EQ(overflows, want.overflows());
        overflows_seen += overflows;
      }
    }
  }
  EXPECT_GT(steps, 0U);
  EXPECT_EQ(overflows_seen > 0, !is_float());
}

TEST_P(PeArithmetic, RowSumsMatchTheWideReference) {
  std::uint64_t overflows_seen = 0;
  for (const PeSpec& variant : widths()) {
    const auto pe = make_pe(variant);
    for (const Operands& f : operand_pairs(variant)) {
      for (std::uint64_t seed = 0; seed < 20; ++seed) {
        SCOPED_TRACE(text(f) + ", seed " + std::to_string(seed));
        Random random(seed);
        const Segment s = random_segment(f, 1 + random() % 300, seed % 3 != 0, random);
        std::vector<Code> fed = s.acts;
        int exponent = 0;
        pe->align_segment(fed, f, exponent);
        Sum got;
        ReferenceSum want(variant, variant.row_sum_bits, exponent);
        std::uint64_t overflows = 0;
        for (std::size_t k = 0; k < fed.size(); ++k) {
          pe->add_activation(got, fed[k], f, overflows);
          want.add_activation(exact_value(f.act, s.acts[k]));
          ASSERT_TRUE(same(variant.sum_kind, got, want.sum())) << "after k = " << k;
        }
        ASSERT_EQ(overflows, want.overflows());
        overflows_seen += overflows;
      }
    }
  }
  EXPECT_EQ(overflows_seen > 0, !is_float());
}

// What the edge hands over is rounded relative to the segment's largest finite activation, which
// keeps all its bits, whatever infinities and NaN are beside it. Without a pre-scan the edge
// changes nothing.
TEST_P(PeArithmetic, AligningKeepsTheLargestFiniteActivationExact) {
  const auto pe = make_pe(spec());
  for (const Operands& f : operand_pairs(spec())) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
      SCOPED_TRACE(text(f) + ", seed " + std::to_string(seed));
      Random random(seed);
      const Segment s =
          random_segment(f, 1 + random() % (seed % 2 == 0 ? 3 : 40), seed % 3 != 0, random);
      std::vector<Code> fed = s.acts;
      int exponent = 0;
      pe->align_segment(fed, f, exponent);
      if (!spec().prescan) {
        EXPECT_EQ(fed, s.acts);
        EXPECT_EQ(exponent, pe->sum_exponent());
      }
      if (is_float()) continue;  // FP32 sums have no common exponent
      std::vector<Exact> values;
      for (const Code act : s.acts) values.push_back(exact_value(f.act, act));  // specials: 0
      const Exact largest = *std::max_element(
          values.begin(), values.end(),
          [](const Exact& a, const Exact& b) { return abs(a.units) < abs(b.units); });
      const Wide back = rounded_units(largest, exponent) << (exponent - kUnitExponent);
      EXPECT_EQ(back, largest.units);
    }
  }
}

/// A segment's sum by the fast path, as the contract of FastPath states it.
std::optional<Sum> fast_sum(const PeModel& pe, const std::vector<Code>& fed, const Segment& s) {
  for (const Code act : fed) {
    if (!pe.fast_path_allows(act)) return std::nullopt;
  }
  const auto length = static_cast<std::int64_t>(fed.size());
  if (!pe.cannot_overflow(s.formats, length)) return std::nullopt;
  Sum sum;
  switch (pe.fast_path(s.formats)) {
    case FastPath::kNone:
      return std::nullopt;
    case FastPath::kInt16:
      for (std::size_t k = fed.size(); k-- > 0;) {  // any order: backwards
        sum.integer += std::int64_t{pe.act_int16(fed[k], s.formats.act)} *
                       pe.weight_int16(s.weights[k], s.formats.weight);
      }
      return sum;
    case FastPath::kFloat: {
      const auto p = static_cast<std::size_t>(pe.spec().interleave);
      std::vector<float> sums(p, 0.0F);
      for (std::size_t k = 0; k < fed.size(); ++k) {
        sums[k % p] +=
            pe.act_float(fed[k], s.formats.act) * pe.weight_float(s.weights[k], s.formats.weight);
      }
      for (std::size_t i = 1; i < p; ++i) sums[0] += sums[i];
      sum.real = sums[0] != sums[0] ? std::bit_cast<float>(Code{0x7fc00000}) : sums[0];
      return sum;
    }
    case FastPath::kExact: {
      double total = 0.0;
      for (std::size_t k = fed.size(); k-- > 0;) {  // any order: backwards
        total += double{pe.act_float(fed[k], s.formats.act)} *
                 pe.weight_float(s.weights[k], s.formats.weight);
      }
      sum.integer = static_cast<std::int64_t>(std::ldexp(total, -pe.sum_exponent()));
      return sum;
    }
  }
  return std::nullopt;
}

TEST_P(PeArithmetic, FastPathGivesTheBitsOfMac) {
  std::uint64_t compared = 0, offered = 0;
  for (const PeSpec& variant : widths()) {
    const auto pe = make_pe(variant);
    for (const Operands& f : operand_pairs(variant)) {
      offered += pe->fast_path(f) != FastPath::kNone;
      for (std::uint64_t seed = 0; seed < 100; ++seed) {
        SCOPED_TRACE(text(f) + ", seed " + std::to_string(seed));
        Random random(seed);
        const Segment s = random_segment(f, 1 + random() % 200, seed % 3 != 0, random);
        std::vector<Code> fed = s.acts;
        int exponent = 0;
        pe->align_segment(fed, f, exponent);
        const auto fast = fast_sum(*pe, fed, s);
        if (!fast) continue;
        const auto p = static_cast<std::size_t>(variant.interleave);
        std::vector<Sum> sums(p);
        std::uint64_t overflows = 0;
        for (std::size_t k = 0; k < fed.size(); ++k) {
          pe->mac(sums[k % p], fed[k], s.weights[k], f, overflows);
        }
        for (std::size_t i = 1; i < p; ++i) pe->merge(sums[0], sums[i], overflows);
        ASSERT_TRUE(same(variant.sum_kind, *fast, sums[0]));
        ASSERT_EQ(overflows, 0U);
        ++compared;
      }
    }
  }
  EXPECT_GE(compared, 20 * offered) << "a fast path that is hardly ever allowed";
}

// A code whose infinity or NaN a kernel of integer sums cannot see must not reach it.
TEST_P(PeArithmetic, IntegerFastPathRefusesSpecials) {
  const auto pe = make_pe(spec());
  for (const Operands& f : operand_pairs(spec())) {
    const FastPath fast = pe->fast_path(f);
    if (fast != FastPath::kInt16 && fast != FastPath::kExact) continue;
    for (Code act = 0; act < Code{1} << f.act.code_bits(); ++act) {
      Code fed = act;
      int exponent = 0;
      pe->align_segment({&fed, 1}, f, exponent);
      ASSERT_EQ(pe->fast_path_allows(fed), exact_value(f.act, act).special == Sum::kNone) << act;
    }
  }
}

/// The operands of the smallest and the largest product.
struct Extremes {
  Code min_act = 0, min_weight = 0, max_act = 0, max_weight = 0;
};
Extremes find_extremes(const PeModel& pe, const Operands& f) {
  Extremes e;
  std::int64_t min = 0, max = 0;
  for_codes(f, [&](Code act, Code weight) {
    Code fed = act;
    int exponent = 0;
    std::uint64_t overflows = 0;
    Sum sum;
    pe.align_segment({&fed, 1}, f, exponent);
    pe.mac(sum, fed, weight, f, overflows);
    if (sum.integer < min) min = sum.integer, e.min_act = act, e.min_weight = weight;
    if (sum.integer > max) max = sum.integer, e.max_act = act, e.max_weight = weight;
  });
  return e;
}

std::uint64_t overflows_of(const PeModel& pe, const Operands& f, Code act, Code weight,
                           std::int64_t count) {
  int exponent = 0;
  std::uint64_t overflows = 0;
  Sum sum;
  pe.align_segment({&act, 1}, f, exponent);
  // Of many products the first ones are known to fit: they are a multiple of one.
  constexpr std::int64_t kTried = 1 << 16;
  pe.mac(sum, act, weight, f, overflows);
  const std::int64_t known = std::max<std::int64_t>(0, count - kTried);
  sum.integer *= known;
  for (std::int64_t k = known; k < count; ++k) pe.mac(sum, act, weight, f, overflows);
  return overflows;
}

/// The largest k for which cannot_overflow() holds, below 2^40.
std::int64_t safe_length(const PeModel& pe, const Operands& f) {
  std::int64_t safe = 0, unsafe = std::int64_t{1} << 40;
  if (pe.cannot_overflow(f, unsafe)) return unsafe;
  while (unsafe - safe > 1) {
    const std::int64_t k = safe + (unsafe - safe) / 2;
    (pe.cannot_overflow(f, k) ? safe : unsafe) = k;
  }
  return safe;
}

// n passes, n + 1 is refused, and with reason: the worst operands overflow at n + 1, not at n.
TEST_P(PeArithmetic, OverflowBoundIsExact) {
  for (const Operands& f : operand_pairs(spec())) {
    if (is_float()) {  // FP32 does not wrap, whatever the length
      EXPECT_TRUE(make_pe(spec())->cannot_overflow(f, std::numeric_limits<std::int64_t>::max()));
      continue;
    }
    const Extremes e = find_extremes(*make_pe(spec()), f);
    for (const PeSpec& variant : widths()) {
      SCOPED_TRACE(text(f) + ", acc_bits " + std::to_string(variant.acc_bits));
      const auto pe = make_pe(variant);
      const std::int64_t k = safe_length(*pe, f);
      ASSERT_LT(k, std::int64_t{1} << 40) << "never overflows";
      EXPECT_EQ(overflows_of(*pe, f, e.min_act, e.min_weight, k), 0U);
      EXPECT_EQ(overflows_of(*pe, f, e.max_act, e.max_weight, k), 0U);
      EXPECT_GT(overflows_of(*pe, f, e.min_act, e.min_weight, k + 1) +
                    overflows_of(*pe, f, e.max_act, e.max_weight, k + 1),
                0U);
    }
  }
}

// Mixtures of extreme and random operands look for a counterexample that constants do not show.
TEST_P(PeArithmetic, NoSegmentWithinTheBoundOverflows) {
  for (const PeSpec& variant : widths()) {
    const auto pe = make_pe(variant);
    for (const Operands& f : operand_pairs(variant)) {
      const std::int64_t k = std::min<std::int64_t>(safe_length(*pe, f), 2000);
      for (std::uint64_t seed = 0; k > 0 && seed < 20; ++seed) {
        SCOPED_TRACE(text(f) + ", seed " + std::to_string(seed));
        Random random(seed);
        const Segment s = random_segment(f, static_cast<std::size_t>(k), false, random);
        std::vector<Code> fed = s.acts;
        int exponent = 0;
        pe->align_segment(fed, f, exponent);
        Sum sum;
        std::uint64_t overflows = 0;
        for (std::size_t i = 0; i < fed.size(); ++i) {
          // A positive-only and a negative-only run in between drive the sum to its ends.
          Sum alone;
          std::uint64_t unused = 0;
          pe->mac(alone, fed[i], s.weights[i], f, unused);
          const bool wanted = seed % 3 == 0 || (alone.integer < 0) == (seed % 3 == 1);
          if (wanted) pe->mac(sum, fed[i], s.weights[i], f, overflows);
        }
        ASSERT_EQ(overflows, 0U);
      }
    }
  }
}

TEST_P(PeArithmetic, TakesItsOwnFormatsAndNoOthers) {
  std::vector<Format> formats = {kFp16,           kBf16,        kFp32,          kFlint4,
                                 kUnsignedFlint4, kPowerOfTwo4, kOutlierVictim4};
  for (int bits = 1; bits <= 16; ++bits) {
    formats.push_back(unsigned_int(bits));
    formats.push_back(signed_int(bits));
  }
  std::set<std::pair<std::string, std::string>> declared;
  for (const Operands& f : operand_pairs(spec())) {
    declared.insert({f.weight.name(), f.act.name()});
  }
  std::size_t taken = 0;
  for (const Format& weight : formats) {
    for (const Format& act : formats) {
      const PeMode* mode = spec().find_mode(weight, act);
      EXPECT_EQ(mode != nullptr, declared.count({weight.name(), act.name()}) == 1)
          << text({weight, act});
      taken += mode != nullptr;
    }
  }
  EXPECT_EQ(taken, declared.size());
  EXPECT_GT(taken, 0U);
}

INSTANTIATE_TEST_SUITE_P(EveryVariant, PeArithmetic, ::testing::ValuesIn(all_pe_variants()),
                         [](const auto& info) { return variant_name(info.param); });

TEST(PeDeclarations, CoverEveryRegisteredPe) {
  std::set<std::string> with_variants, with_values;
  for (const PeSpec& spec : all_pe_variants()) with_variants.insert(spec.name);
  for (const std::string& name : registered_pes()) {
    const auto found = pe_declarations().find(name);
    ASSERT_NE(found, pe_declarations().end()) << name << " has no pe.yaml";
    if (found->second.values) with_values.insert(name);
  }
  EXPECT_EQ(with_variants, with_values) << "a PE that computes values escapes this suite";
  EXPECT_FALSE(with_values.empty());
}

TEST(PeDeclarations, NameOneEventForEachModeAndNoOther) {
  for (const auto& [name, pe] : pe_declarations()) {
    std::set<std::string> modes, events;
    for (const PeVariant& variant : pe.variants) {
      for (const PeMode& mode : variant.modes) modes.insert("mac." + mode.name);
    }
    for (const PeEvent& event : pe.events) {
      EXPECT_TRUE(events.insert(event.name).second) << name << ": twice " << event.name;
      EXPECT_EQ(event.unit, "MAC") << name;
    }
    EXPECT_EQ(events, modes) << name;
  }
}

}  // namespace
}  // namespace testing
}  // namespace mixpe
