#include "models/kernels/segment_kernels.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

namespace mixpe {
namespace {

std::vector<Isa> usable() {
  std::vector<Isa> isas;
  for (const Isa isa : {Isa::kPortable, Isa::kAvx2, Isa::kAvx512}) {
    if (supported(isa)) isas.push_back(isa);
  }
  return isas;
}

/// Random operands of one block, unpacked, and packed as segment_kernels.h says.
struct Problem {
  Problem(std::int64_t rows_, std::int64_t panels_, std::int64_t lanes_, Packing packing_)
      : rows(rows_), panels(panels_), lanes(lanes_), packing(packing_) {}

  std::int64_t rows, panels, lanes;
  Packing packing;
  std::vector<std::int32_t> act, weight;  ///< [rows][k], [columns][k]
  std::vector<float> real_act, real_weight;
  std::vector<std::uint32_t> packed_act, packed_weight;
  std::vector<std::int32_t> start;

  std::int64_t k() const { return lanes * lane_products(packing); }
  std::int64_t columns() const { return panels * kPanelCols; }
  SegmentBlock block() const {
    return {packed_act.data(),  lanes, packed_weight.data(),
            lanes * kPanelCols, lanes, 1,
            start.data(),       rows,  panels};
  }
};

std::uint32_t pack_lane(Packing packing, const std::int32_t* values, std::int32_t offset) {
  const int bits = 32 / static_cast<int>(lane_products(packing));
  const std::uint32_t mask = static_cast<std::uint32_t>((std::uint64_t{1} << bits) - 1);
  std::uint32_t lane = 0;
  for (int i = 0; i < lane_products(packing); ++i) {
    lane |= (static_cast<std::uint32_t>(values[i] + offset) & mask) << (i * bits);
  }
  return lane;
}

Problem integer_problem(std::int64_t rows, std::int64_t panels, std::int64_t lanes, Packing packing,
                        OperandRange act, OperandRange weight, std::uint32_t seed) {
  Problem p(rows, panels, lanes, packing);
  std::mt19937 random(seed);
  // Every third value is an extreme: saturation, if any, must show.
  const auto draw = [&random](OperandRange range) {
    std::uniform_int_distribution<std::int64_t> any(range.min, range.max);
    if (random() % 3 != 0) return static_cast<std::int32_t>(any(random));
    return static_cast<std::int32_t>(random() % 2 ? range.min : range.max);
  };
  for (std::int64_t i = 0; i < rows * p.k(); ++i) p.act.push_back(draw(act));
  for (std::int64_t i = 0; i < p.columns() * p.k(); ++i) p.weight.push_back(draw(weight));
  const std::int32_t offset = packing == Packing::kBytes ? 128 : 0;
  const std::int64_t lane = lane_products(packing);
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t s = 0; s < lanes; ++s) {
      p.packed_act.push_back(pack_lane(packing, &p.act[r * p.k() + s * lane], offset));
    }
  }
  for (std::int64_t panel = 0; panel < panels; ++panel) {
    for (std::int64_t s = 0; s < lanes; ++s) {
      for (std::int64_t c = 0; c < kPanelCols; ++c) {
        const std::int64_t column = panel * kPanelCols + c;
        p.packed_weight.push_back(pack_lane(packing, &p.weight[column * p.k() + s * lane], 0));
      }
    }
  }
  for (std::int64_t c = 0; c < p.columns(); ++c) {
    std::int32_t sum = 0;
    for (std::int64_t i = 0; i < p.k(); ++i) sum += p.weight[c * p.k() + i];
    p.start.push_back(-offset * sum);
  }
  return p;
}

std::int64_t true_sum(const Problem& p, std::int64_t r, std::int64_t c) {
  std::int64_t sum = 0;
  for (std::int64_t i = 0; i < p.k(); ++i) {
    sum += std::int64_t{p.act[r * p.k() + i]} * p.weight[c * p.k() + i];
  }
  return sum;
}

Problem float_problem(std::int64_t rows, std::int64_t panels, std::int64_t lanes,
                      std::uint32_t seed) {
  Problem p(rows, panels, lanes, Packing::kFloats);
  std::mt19937 random(seed);
  // 11-bit significands and small exponents: products are exact in FP32, sums round.
  const auto draw = [&random] {
    const auto significand = static_cast<float>(static_cast<int>(random() % 4095) - 2047);
    return std::ldexp(significand, static_cast<int>(random() % 12) - 10);
  };
  for (std::int64_t i = 0; i < rows * lanes; ++i) p.real_act.push_back(draw());
  for (std::int64_t i = 0; i < p.columns() * lanes; ++i) p.real_weight.push_back(draw());
  for (const float a : p.real_act) p.packed_act.push_back(std::bit_cast<std::uint32_t>(a));
  for (std::int64_t panel = 0; panel < panels; ++panel) {
    for (std::int64_t s = 0; s < lanes; ++s) {
      for (std::int64_t c = 0; c < kPanelCols; ++c) {
        const float w = p.real_weight[(panel * kPanelCols + c) * lanes + s];
        p.packed_weight.push_back(std::bit_cast<std::uint32_t>(w));
      }
    }
  }
  return p;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

OperandRange act_range(Packing packing) {
  return packing == Packing::kBytes ? OperandRange{-128, 127} : OperandRange{-32768, 32767};
}

RC_GTEST_PROP(SegmentKernels, IntegerSumsAreExactOnEveryInstructionSet, ()) {
  const auto rows = *rc::gen::inRange<std::int64_t>(1, 20);
  const auto panels = *rc::gen::inRange<std::int64_t>(1, 6);
  const auto lanes = *rc::gen::inRange<std::int64_t>(0, 40);
  const auto magnitude = *rc::gen::element<std::int64_t>(1, 15, 16, 17, 127);
  const OperandRange act = *rc::gen::element(OperandRange{-128, 127}, OperandRange{-32768, 32767});
  const OperandRange weight{-magnitude, magnitude};
  const auto seed = *rc::gen::arbitrary<std::uint32_t>();
  for (const Isa isa : usable()) {
    const std::optional<Packing> packing = integer_packing(isa, act, weight);
    RC_ASSERT(packing.has_value());
    const Problem p = integer_problem(rows, panels, lanes, *packing, act, weight, seed);
    std::vector<std::int32_t> sums(static_cast<std::size_t>(rows * p.columns()), -1);
    integer_sums(isa, *packing, p.block(), {sums.data(), p.columns()});
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t c = 0; c < p.columns(); ++c) {
        RC_ASSERT(sums[r * p.columns() + c] == true_sum(p, r, c));
      }
    }
  }
}

RC_GTEST_PROP(SegmentKernels, ScaledSumsRoundAsThePortableOnes, ()) {
  const auto rows = *rc::gen::inRange<std::int64_t>(1, 20);
  const auto panels = *rc::gen::inRange<std::int64_t>(1, 6);
  const auto lanes = *rc::gen::inRange<std::int64_t>(1, 40);
  const auto packing = *rc::gen::element(Packing::kBytes, Packing::kWords);
  const auto biased = *rc::gen::arbitrary<bool>();
  const auto with_row_scale = !biased && *rc::gen::arbitrary<bool>();
  const auto seed = *rc::gen::arbitrary<std::uint32_t>();
  // Biased sums must fit 22 bits and a sign: 160 * 128 * 15 does, 16-bit activations do not.
  const OperandRange act = biased ? OperandRange{-128, 127} : act_range(packing);
  Problem p = integer_problem(rows, panels, lanes, packing, act, {-15, 15}, seed);
  std::vector<float> row_scale(rows), column_scale(p.columns()), first(rows * p.columns());
  std::mt19937 random(seed);
  for (float& s : row_scale) s = std::ldexp(1.0F, static_cast<int>(random() % 8) - 20);
  for (float& s : column_scale) s = static_cast<float>(random() % 2047 + 1) / 65536.0F;
  for (float& y : first) y = static_cast<float>(random() % 100000) / 7.0F;
  std::vector<float> bias;
  for (const float s : column_scale) bias.push_back(-kBias * s);
  GroupScale scale;
  scale.column = column_scale.data();
  if (with_row_scale) scale.row = row_scale.data();
  if (biased) {
    scale.bias = bias.data();
    for (std::int32_t& start : p.start) start += kBiasBits;
  }

  std::vector<float> expected = first;
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < p.columns(); ++c) {
      float value = static_cast<float>(static_cast<std::int32_t>(true_sum(p, r, c)));
      if (with_row_scale) value *= row_scale[r];
      const float scaled = value * column_scale[c];
      expected[r * p.columns() + c] += scaled;
    }
  }
  for (const Isa isa : usable()) {
    std::vector<float> y = first;
    integer_sums_scaled(isa, packing, p.block(), scale, {y.data(), p.columns()});
    RC_ASSERT(same_bits(y, expected));
  }
}

RC_GTEST_PROP(SegmentKernels, FloatSumsKeepTheOrderOfK, ()) {
  const auto rows = *rc::gen::inRange<std::int64_t>(1, 20);
  const auto panels = *rc::gen::inRange<std::int64_t>(1, 6);
  const auto lanes = *rc::gen::inRange<std::int64_t>(1, 70);
  const auto interleave = *rc::gen::inRange<std::int64_t>(1, 5);
  const auto seed = *rc::gen::arbitrary<std::uint32_t>();
  const Problem p = float_problem(rows, panels, lanes, seed);

  std::vector<float> expected;
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < p.columns(); ++c) {
      float total = 0.0F;
      for (std::int64_t i = 0; i < interleave; ++i) {
        float sum = 0.0F;
        for (std::int64_t k = i; k < lanes; k += interleave) {
          sum += p.real_act[r * lanes + k] * p.real_weight[c * lanes + k];
        }
        total = i == 0 ? sum : total + sum;
      }
      expected.push_back(total);
    }
  }
  for (const Isa isa : usable()) {
    std::vector<float> sums(expected.size(), -1.0F);
    for (std::int64_t i = 0; i < interleave; ++i) {
      SegmentBlock block = p.block();
      block.act += i;
      block.weight += i * kPanelCols;
      block.step = interleave;
      block.lanes = i < lanes ? (lanes - i + interleave - 1) / interleave : 0;
      float_sums(isa, block, i != 0, {sums.data(), p.columns()});
    }
    RC_ASSERT(same_bits(sums, expected));
  }
}

RC_GTEST_PROP(SegmentKernels, FloatScalingRoundsEachStepOnce, ()) {
  const auto rows = *rc::gen::inRange<std::int64_t>(1, 6);
  const auto panels = *rc::gen::inRange<std::int64_t>(1, 4);
  const auto with_zero = *rc::gen::arbitrary<bool>();
  const auto with_scale = *rc::gen::arbitrary<bool>();
  const auto seed = *rc::gen::arbitrary<std::uint32_t>();
  const std::int64_t columns = panels * kPanelCols;
  std::mt19937 random(seed);
  const auto draw = [&random](std::int64_t count) {
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& v : values) v = static_cast<float>(static_cast<int>(random() % 2000001)) / 977.0F;
    return values;
  };
  const auto sums = draw(rows * columns), row_sum = draw(rows), zero = draw(columns),
             scale = draw(columns), first = draw(rows * columns);
  std::vector<float> expected = first;
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < columns; ++c) {
      float value = sums[r * columns + c];
      if (with_zero) {
        const float offset = zero[c] * row_sum[r];
        value -= offset;
      }
      if (with_scale) value *= scale[c];
      expected[r * columns + c] += value;
    }
  }
  for (const Isa isa : usable()) {
    std::vector<float> y = first;
    float_scaled(isa, {sums.data(), columns}, rows, panels, row_sum.data(),
                 with_zero ? zero.data() : nullptr, with_scale ? scale.data() : nullptr,
                 {y.data(), columns});
    RC_ASSERT(same_bits(y, expected));
  }
}

RC_GTEST_PROP(SegmentKernels, ExactSumsAreRoundedOnceHoweverManyBitsTheyHave, ()) {
  const auto rows = *rc::gen::inRange<std::int64_t>(1, 12);
  const auto panels = *rc::gen::inRange<std::int64_t>(1, 4);
  const auto lanes = *rc::gen::inRange<std::int64_t>(0, 40);
  const auto seed = *rc::gen::arbitrary<std::uint32_t>();
  const std::int64_t columns = panels * kPanelCols;
  std::mt19937_64 random(seed);
  // Units of 2^-24: 40-bit activations, 5-bit weights, sums of up to 51 bits.
  std::vector<std::int64_t> act(static_cast<std::size_t>(rows * lanes));
  std::vector<std::int32_t> weight(static_cast<std::size_t>(columns * lanes));
  for (auto& a : act) a = static_cast<std::int64_t>(random() >> 24) * (random() % 2 == 0 ? 1 : -1);
  for (auto& w : weight) w = static_cast<std::int32_t>(random() % 61) - 30;
  std::vector<double> packed_act;
  for (const std::int64_t a : act) packed_act.push_back(std::ldexp(static_cast<double>(a), -24));
  std::vector<std::uint32_t> packed_weight;
  for (std::int64_t i = 0; i < columns * lanes; ++i) {
    const std::int64_t panel = i / (lanes * kPanelCols), lane = i / kPanelCols % lanes;
    const std::int64_t c = panel * kPanelCols + i % kPanelCols;
    packed_weight.push_back(
        std::bit_cast<std::uint32_t>(static_cast<float>(weight[c * lanes + lane])));
  }
  std::vector<float> scale, y, expected;
  for (std::int64_t c = 0; c < columns; ++c)
    scale.push_back(static_cast<float>(random() % 999) / 7.0F);
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < columns; ++c) {
      std::int64_t sum = 0;
      for (std::int64_t k = 0; k < lanes; ++k) sum += act[r * lanes + k] * weight[c * lanes + k];
      y.push_back(static_cast<float>(random() % 999) / 3.0F);
      const float rounded = std::ldexp(static_cast<float>(sum), -24);
      const float scaled = rounded * scale[c];
      expected.push_back(y.back() + scaled);
    }
  }
  const ExactBlock block{
      packed_act.data(), lanes, packed_weight.data(), lanes * kPanelCols, lanes, rows, panels};
  for (const Isa isa : usable()) {
    std::vector<float> total = y;
    exact_sums_scaled(isa, block, scale.data(), {total.data(), columns});
    RC_ASSERT(same_bits(total, expected));
  }
}

TEST(SegmentKernels, OutputsLeaveWithTheCanonicalNan) {
  const std::vector<float> from = {1.5F, std::bit_cast<float>(0xffc12345U), -0.0F,
                                   std::bit_cast<float>(0x7f800001U), INFINITY};
  std::vector<float> to(from.size());
  copy_canonical(from.data(), std::ssize(from), to.data());
  const auto nan = std::bit_cast<float>(0x7fc00000U);
  EXPECT_TRUE(same_bits(to, {1.5F, nan, -0.0F, nan, INFINITY}));
}

TEST(IntegerPacking, TakesBytesOnlyWhereNothingSaturates) {
  const OperandRange i8{-128, 127}, i16{-32768, 32767}, wide{-32769, 0};
  EXPECT_EQ(integer_packing(Isa::kAvx2, i8, {-16, 16}), Packing::kBytes);
  EXPECT_EQ(integer_packing(Isa::kAvx2, i8, {-17, 16}), Packing::kWords);
  EXPECT_EQ(integer_packing(Isa::kAvx512, i8, i8), Packing::kBytes);
  EXPECT_EQ(integer_packing(Isa::kAvx512, i16, {-8, 7}), Packing::kWords);
  EXPECT_EQ(integer_packing(Isa::kPortable, wide, {-8, 7}), std::nullopt);
}

}  // namespace
}  // namespace mixpe
