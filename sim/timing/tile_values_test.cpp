#include "sim/timing/tile_values.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <random>

#include "models/dequant/dequant.h"
#include "models/formats/floats.h"
#include "models/pe/registry.h"
#include "sim/config/pe_yaml.h"
#include "sim/timing/packed_operands.h"

namespace mixpe {
namespace {

using Random = std::mt19937;

/// A GEMM on an array: everything TileValues needs, drawn from a seed.
struct Problem {
  std::unique_ptr<PeModel> pe;
  GemmOperands gemm;
  OutputPsums psums;
  ArrayWork work;
  std::int64_t tile_m = 1, tile_n = 1, tile_k = 1;
};

std::int64_t draw(Random& random, std::int64_t low, std::int64_t high) {
  return std::uniform_int_distribution<std::int64_t>(low, high)(random);
}

/// FP16: finite, of moderate size; once in `special_every` any code, infinities and NaN included.
std::uint16_t draw_code(Random& random, const Format& format, std::int64_t special_every) {
  const auto code = static_cast<std::uint16_t>(draw(random, 0, (1 << format.bits) - 1));
  if (format.is_integer() || draw(random, 1, special_every) == 1) return code;
  const auto exponent = static_cast<std::uint16_t>(draw(random, 8, 20) << 10);
  return static_cast<std::uint16_t>((code & 0x83ff) | exponent);
}

void draw_operands(Problem& p, Random& random, std::int64_t special_every) {
  GemmOperands& g = p.gemm;
  for (std::int64_t i = 0; i < g.m * g.k; ++i) {
    g.act.push_back(draw_code(random, g.formats.act, special_every));
  }
  for (std::int64_t i = 0; i < g.n * g.k; ++i) {
    g.weight.push_back(draw_code(random, g.formats.weight, special_every));
  }
  for (std::int64_t i = 0; i < g.n * g.groups(); ++i) {
    g.group_scale.push_back(draw_code(random, kFp16, 1 << 30));
    g.group_zero.push_back(static_cast<std::int16_t>(draw(random, 0, 15)));
  }
}

Problem draw_problem(PeSpec spec, std::uint32_t seed) {
  Random random(seed);
  Problem p;
  if (spec.sum_kind == SumKind::kInteger && draw(random, 0, 3) == 0) {
    spec.acc_bits = static_cast<int>(draw(random, 12, 20));  // overflows happen
    spec.row_sum_bits = static_cast<int>(draw(random, 10, 20));
  }
  const bool integer = spec.sum_kind == SumKind::kInteger;
  const PeMode mode = spec.modes[static_cast<std::size_t>(
      draw(random, 0, static_cast<std::int64_t>(spec.modes.size()) - 1))];
  p.pe = make_pe(std::move(spec));
  GemmOperands& g = p.gemm;
  const bool large = draw(random, 0, 7) == 0;  // several blocks of the kernels
  g.m = draw(random, 1, large ? 80 : 12);
  g.n = draw(random, 1, large ? 80 : 40);
  g.k = draw(random, 1, 60);
  g.group = draw(random, 0, 1) == 0 ? 0 : draw(random, 1, 24);
  g.formats = {mode.weights[static_cast<std::size_t>(
                   draw(random, 0, static_cast<std::int64_t>(mode.weights.size()) - 1))],
               mode.acts.front()};
  draw_operands(p, random, draw(random, 0, 1) == 0 ? 1 << 30 : 100);

  const std::int64_t groups = draw(random, 1, 4);
  p.tile_m = draw(random, 1, g.m);
  p.tile_n = draw(random, 1, g.n);
  p.tile_k = g.group == 0 ? draw(random, 1, g.k) : groups * g.group;
  ArrayWork& w = p.work;
  w.timing.dataflow =
      draw(random, 0, 1) == 0 ? Dataflow::kOutputStationary : Dataflow::kWeightStationary;
  w.timing.rows = draw(random, 1, 9);
  w.timing.cols = draw(random, 1, 9);
  w.timing.lanes_k = draw(random, 1, 2);
  w.formats = g.formats;
  w.scale_groups = g.group != 0;
  w.zero_points = draw(random, 0, 1) == 1;
  p.psums.integer = integer && g.group == 0 && draw(random, 0, 3) != 0;
  return p;
}

std::vector<TileStep> steps_of(const Problem& p) {
  std::vector<TileStep> steps;
  const GemmOperands& g = p.gemm;
  for (std::int64_t k = 0; k < g.k; k += p.tile_k) {
    for (std::int64_t m = 0; m < g.m; m += p.tile_m) {
      for (std::int64_t n = 0; n < g.n; n += p.tile_n) {
        TileStep step;
        step.m0 = m;
        step.n0 = n;
        step.k0 = k;
        step.shape = {std::min(p.tile_m, g.m - m), std::min(p.tile_n, g.n - n),
                      std::min(p.tile_k, g.k - k), g.group};
        step.first_visit = k == 0;
        steps.push_back(step);
      }
    }
  }
  return steps;
}

/// A segment's sums before they are merged: OS, product k is in sum k mod their number; WS, K-tile
/// after K-tile of `depth`.
struct Parts {
  Parts(const Problem& p, std::int64_t length)
      : os(p.work.timing.dataflow == Dataflow::kOutputStationary),
        depth(p.work.timing.rows * p.work.timing.lanes_k),
        sums(static_cast<std::size_t>(os ? p.pe->spec().interleave
                                         : (length + depth - 1) / depth)) {}
  Sum& of(std::int64_t k) {
    const auto at = static_cast<std::size_t>(os ? k : k / depth);
    return sums[os ? at % sums.size() : at];
  }
  bool os;
  std::int64_t depth;
  std::vector<Sum> sums;
};

/// The reference: one output's segment, straight from the definitions in pe_model.h.
Sum sum_of_segment(const Problem& p, const std::vector<Code>& acts, std::int64_t n, std::int64_t k0,
                   std::uint64_t& overflows) {
  const auto length = static_cast<std::int64_t>(acts.size());
  Parts parts(p, length);
  // Products of a step join their sum together, unless each has its own.
  const bool together = !parts.os || parts.sums.size() == 1;
  const std::int64_t lanes = together ? p.work.timing.lanes_k : 1;
  for (std::int64_t k = 0; k < length; k += lanes) {
    std::vector<Code> act, weight;
    for (std::int64_t i = k; i < std::min(k + lanes, length); ++i) {
      act.push_back(acts[static_cast<std::size_t>(i)]);
      weight.push_back(p.gemm.weight[static_cast<std::size_t>(n * p.gemm.k + k0 + i)]);
    }
    p.pe->step(parts.of(k), act, weight, p.gemm.formats, overflows);
  }
  for (std::size_t i = 1; i < parts.sums.size(); ++i) {
    p.pe->merge(parts.sums[0], parts.sums[i], overflows);
  }
  return parts.sums[0];
}

/// The same for the activations alone.
Sum row_sum_of_segment(const Problem& p, const std::vector<Code>& acts, std::uint64_t& overflows) {
  Parts parts(p, static_cast<std::int64_t>(acts.size()));
  for (std::size_t k = 0; k < acts.size(); ++k) {
    p.pe->add_activation(parts.of(static_cast<std::int64_t>(k)), acts[k], p.gemm.formats,
                         overflows);
  }
  for (std::size_t i = 1; i < parts.sums.size(); ++i) {
    p.pe->merge_row_sum(parts.sums[0], parts.sums[i], overflows);
  }
  return parts.sums[0];
}

struct Expected {
  OutputPsums psums;
  std::uint64_t overflows = 0;
};

Expected reference(const Problem& p) {
  const GemmOperands& g = p.gemm;
  Expected e;
  e.psums.integer = p.psums.integer;
  e.psums.real.resize(static_cast<std::size_t>(g.m * g.n));
  e.psums.integers.resize(static_cast<std::size_t>(g.m * g.n));
  ArrayWork work = p.work;
  work.pe = p.pe.get();
  work.operands = &p.gemm;
  work.psums = &e.psums;
  for (const TileStep& step : steps_of(p)) {
    const std::int64_t most = g.group == 0 ? step.shape.k : g.group;
    for (std::int64_t m = step.m0; m < step.m0 + step.shape.m; ++m) {
      for (std::int64_t k = step.k0; k < step.k0 + step.shape.k; k += most) {
        const std::int64_t end = std::min(k + most, step.k0 + step.shape.k);
        std::vector<Code> acts(g.act.begin() + m * g.k + k, g.act.begin() + m * g.k + end);
        int exponent = 0;
        p.pe->align_segment(acts, g.formats, exponent);
        Sum row_sum;
        std::uint64_t row_overflows = 0;
        if (work.zero_points) row_sum = row_sum_of_segment(p, acts, row_overflows);
        for (std::int64_t n = step.n0; n < step.n0 + step.shape.n; ++n) {
          if ((n - step.n0) % (work.timing.cols * work.timing.lanes_n) == 0) {
            e.overflows += row_overflows;  // a pass of the array begins
          }
          const Sum sum = sum_of_segment(p, acts, n, k, e.overflows);
          take_sum(work, m, n, g.group == 0 ? 0 : k / g.group, sum, row_sum, exponent, e.overflows);
        }
      }
    }
  }
  return e;
}

std::vector<std::uint32_t> bits_of(const std::vector<float>& values) {
  std::vector<std::uint32_t> bits;
  for (const float v : values) bits.push_back(float_to_bits(v));
  return bits;
}

std::vector<Isa> usable() {
  std::vector<Isa> isas;
  for (const Isa isa : {Isa::kPortable, Isa::kAvx2, Isa::kAvx512}) {
    if (supported(isa)) isas.push_back(isa);
  }
  return isas;
}

RC_GTEST_PROP(TileValues, HaveTheBitsOfThePesInOrder, ()) {
  const auto seed = *rc::gen::resize(1000, rc::gen::arbitrary<std::uint32_t>());
  for (const PeSpec& spec : all_pe_variants()) {
    Problem p = draw_problem(spec, seed);
    const Expected expected = reference(p);
    for (const Isa isa : usable()) {
      // What was there before the first visit must not matter.
      p.psums.real.assign(expected.psums.real.size(), 1e30F);
      p.psums.integers.assign(expected.psums.integers.size(), -77);
      p.work.pe = p.pe.get();
      p.work.operands = &p.gemm;
      p.work.psums = &p.psums;
      TileValues values(p.work, isa);
      Counters counters;
      for (const TileStep& step : steps_of(p)) values.compute(step, counters);
      if (p.psums.integer) {
        RC_ASSERT(p.psums.integers == expected.psums.integers);
      } else {
        RC_ASSERT(bits_of(p.psums.real) == bits_of(expected.psums.real));
      }
      RC_ASSERT(counters[Event::kOverflow] == expected.overflows);
    }
  }
}

/// 1 x 1 x k on an integer PE, in one tile.
Problem one_output(std::vector<std::uint16_t> act, std::vector<std::uint16_t> weight) {
  for (const PeSpec& spec : all_pe_variants()) {
    if (const PeMode* mode = spec.find_mode(signed_int(8), signed_int(8))) {
      if (spec.sum_kind != SumKind::kInteger || mode->weights.size() != 1) continue;
      Problem p;
      p.pe = make_pe(spec);
      p.gemm.m = p.gemm.n = 1;
      p.gemm.k = static_cast<std::int64_t>(act.size());
      p.gemm.formats = p.work.formats = {signed_int(8), signed_int(8)};
      p.gemm.act = std::move(act);
      p.gemm.weight = std::move(weight);
      p.psums.integer = true;
      p.psums.integers = {0};
      p.psums.real = {0.0F};
      return p;
    }
  }
  throw InvariantError("no registered PE multiplies 8-bit integers");
}

std::uint64_t run_one(Problem& p, std::int64_t visits) {
  p.work.pe = p.pe.get();
  p.work.operands = &p.gemm;
  p.work.psums = &p.psums;
  TileValues values(p.work);
  Counters counters;
  TileStep step;
  step.shape = {1, 1, p.gemm.k, 0};
  for (std::int64_t i = 0; i < visits; ++i) {
    step.first_visit = i == 0;
    values.compute(step, counters);
  }
  return counters[Event::kOverflow];
}

TEST(TileValues, AddUpAndStartFromZeroAtTheFirstVisit) {
  Problem p = one_output({1, 2, 0xff}, {4, 5, 6});  // 4 + 10 - 6
  p.psums.integers = {1000};
  EXPECT_EQ(run_one(p, 1), 0U);
  EXPECT_EQ(p.psums.integers[0], 8);
  run_one(p, 3);
  EXPECT_EQ(p.psums.integers[0], 24);
}

TEST(TileValues, PsumsWrapAt32BitsAndAreCounted) {
  Problem p = one_output({0x80}, {0x80});                       // 16384
  const std::int64_t visits = (std::int64_t{1} << 31) / 16384;  // reach 2^31 exactly
  EXPECT_EQ(run_one(p, visits), 1U);
  EXPECT_EQ(p.psums.integers[0], INT32_MIN);
}

TEST(TileValues, RefuseATileThatCutsAGroup) {
  Problem p = one_output({1, 2, 3, 4}, {1, 1, 1, 1});
  p.psums.integer = false;
  p.gemm.group = 2;
  p.gemm.group_scale = {0x3c00, 0x3c00};
  p.work.scale_groups = true;
  p.work.pe = p.pe.get();
  p.work.operands = &p.gemm;
  p.work.psums = &p.psums;
  TileValues values(p.work);
  Counters counters;
  TileStep step;
  step.shape = {1, 1, 3, 2};
  step.k0 = 1;
  EXPECT_THROW(values.compute(step, counters), InvariantError);
}

TEST(TileValues, ExactKernelIsTakenWhereNoSumCanLeaveItsRange) {
  int tried = 0;
  for (const PeSpec& spec : all_pe_variants()) {
    if (!spec.has_values) continue;
    Problem p;
    p.pe = make_pe(spec);
    p.gemm.formats = {spec.modes.front().weights.front(), spec.modes.front().acts.front()};
    if (p.pe->fast_path(p.gemm.formats) != FastPath::kExact) continue;
    p.gemm.m = p.gemm.n = 1;
    p.work.pe = p.pe.get();
    p.work.formats = p.gemm.formats;
    p.work.operands = &p.gemm;
    p.work.psums = &p.psums;
    std::int64_t longest = 1;
    while (p.pe->cannot_overflow(p.gemm.formats, longest + 1)) ++longest;
    for (const std::int64_t k : {longest, longest + 1}) {
      p.gemm.k = k;
      p.gemm.act.assign(static_cast<std::size_t>(k), 0x7bff);  // the largest FP16
      p.gemm.weight.assign(static_cast<std::size_t>(k), 1);
      TileStep step;
      step.shape = {1, 1, k, 0};
      PackedOperands packed(p.work, best_isa());
      EXPECT_EQ(packed.tile(step).path, k == longest ? PackedPath::kExact : PackedPath::kOrdered);
    }
    ++tried;
  }
  EXPECT_GT(tried, 0);
}

}  // namespace
}  // namespace mixpe
