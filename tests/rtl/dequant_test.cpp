// The dequantisation unit's RTL, the edge's row sums and aligner, and the converters, against the
// functional models.

#include "models/dequant/dequant.h"

#include <array>
#include <bit>

#include "Vdequant_fixed.h"
#include "Vdequant_fp32.h"
#include "Vdequant_fp32_deep.h"
#include "Vdequant_int.h"
#include "Vexponent_scan.h"
#include "Vfp16_align.h"
#include "Vfp16_to_fixed.h"
#include "Vfp32_add.h"
#include "Vfp32_scale.h"
#include "Vfp32_scale_bf16.h"
#include "Vint4_to_int8.h"
#include "Vint_to_fp16.h"
#include "Vrow_sum_fixed.h"
#include "Vrow_sum_fp32.h"
#include "Vrow_sum_fp32_a3p2.h"
#include "Vrow_sum_fp32_ws.h"
#include "Vrow_sum_int.h"
#include "Vrow_sum_int_ws.h"
#include "tests/rtl/pe_bench.h"

namespace mixpe::rtl_test {
namespace {

constexpr int kDraws = 1'000'000;

template <typename V>
struct Dut {
  VerilatedContext context;
  V v{&context};
  ~Dut() { v.final(); }
};

template <typename V>
void edge(V& v) {
  v.eval();
  v.clk_i = 1;
  v.eval();
  v.clk_i = 0;
  v.eval();
}

template <typename V>
void reset(V& v) {
  v.clk_i = 0;
  v.rst_ni = 0;
  edge(v);
  v.rst_ni = 1;
}

/// FP32 codes: any, of near exponents, small integers, specials.
Code fp32_code(Random& random) {
  constexpr std::array<Code, 12> kSpecial{0,           1,           0x007fffffU, 0x00800000U,
                                          0x00800001U, 0x3f800000U, 0x7f7fffffU, 0x7f800000U,
                                          0x7fc00000U, 0x7f800001U, 0x4b800000U, 0x33800000U};
  const Code bits = static_cast<Code>(random());
  switch (random() % 8) {
    case 0:
      return kSpecial[bits % kSpecial.size()] | (bits & 0x80000000U);
    case 1:
    case 2:
      return bits;
    case 3:
      return bits & 0x80ffffffU;  // subnormals and the smallest normals
    case 4:
      return bits | 0x7e000000U;  // the largest, infinities, NaN
    default:
      return (bits & 0x807fffffU) | static_cast<Code>(115 + random() % 30) << 23;
  }
}

Code fp16_code(Random& random) {
  constexpr std::array<Code, 8> kSpecial{0,       1,       0x03ffU, 0x0400U,
                                         0x7bffU, 0x7c00U, 0x7e00U, 0x7c01U};
  const Code bits = static_cast<Code>(random() & 0xffff);
  if (random() % 8 == 0) return kSpecial[bits % kSpecial.size()] | (bits & 0x8000U);
  if ((bits & 0x7c00U) == 0x7c00U && random() % 8 != 0) return bits ^ 0x4000U;
  return bits;
}

template <typename Check>
void draws(const char* what, Check check) {
  Random random(41);
  std::uint64_t comparisons = 0;
  for (int i = 0; i < kDraws && !::testing::Test::HasFatalFailure(); ++i) {
    check(random);
    ++comparisons;
  }
  report(comparisons, what);
}

TEST(RtlFp32Add, IsTheHostsIeeeAddition) {
  Dut<Vfp32_add> dut;
  reset(dut.v);
  draws("fp32_add", [&dut](Random& random) {
    const Code a = fp32_code(random);
    Code b = fp32_code(random);
    if (random() % 4 == 0) b = (a ^ 0x80000000U) + static_cast<Code>(random() % 5) - 2;  // cancels
    if (random() % 4 == 0)
      b = (b & 0x807fffffU) | ((a & 0x7f800000U) - static_cast<Code>(random() % 3 << 23));
    dut.v.a_i = a;
    dut.v.b_i = b;
    dut.v.eval();
    const Code expected = float_to_bits(accumulated(bits_to_float(a), bits_to_float(b)));
    ASSERT_EQ(dut.v.sum_o, expected) << std::hex << a << " + " << b;
  });
}

TEST(RtlFp32Scale, IsTheHostsIeeeMultiplication) {
  Dut<Vfp32_scale> dut;
  draws("fp32_scale, FP16 scales", [&dut](Random& random) {
    const Code a = fp32_code(random), b = fp16_code(random);
    dut.v.a_i = a;
    dut.v.b_i = static_cast<SData>(b);
    dut.v.eval();
    const Code expected = float_to_bits(scaled(bits_to_float(a), fp16_to_float(b)));
    ASSERT_EQ(dut.v.product_o, expected) << std::hex << a << " * " << b;
  });
  Dut<Vfp32_scale_bf16> bf16;
  draws("fp32_scale, BF16 scales", [&bf16](Random& random) {
    const Code a = fp32_code(random), b = fp32_code(random) >> 16;
    bf16.v.a_i = a;
    bf16.v.b_i = static_cast<SData>(b);
    bf16.v.eval();
    const Code expected = float_to_bits(scaled(bits_to_float(a), bf16_to_float(b)));
    ASSERT_EQ(bf16.v.product_o, expected) << std::hex << a << " * " << b;
  });
}

/// One operation a cycle: y follows `y_delay` cycles behind the other inputs, the result is there
/// `latency` edges after they were taken, marked valid then and only then.
template <typename V, typename Set>
void check_lane(const char* what, int y_delay, int latency, Set set) {
  Dut<V> dut;
  dut.v.valid_i = 0;
  reset(dut.v);
  Random random(42);
  struct Item {
    std::uint64_t edge;
    bool valid;
    float scaled;
    Code y, expected;
  };
  std::deque<Item> to_add, to_check;
  std::uint64_t comparisons = 0, now = 0;
  while (comparisons < kDraws && !::testing::Test::HasFatalFailure()) {
    Item item{now, random() % 8 != 0, 0.0F, fp32_code(random), 0};
    dut.v.valid_i = item.valid;
    item.scaled = set(dut.v, random);
    if (random() % 8 == 0) item.y = float_to_bits(-item.scaled);
    item.expected = float_to_bits(accumulated(bits_to_float(item.y), item.scaled));
    to_add.push_back(item);
    to_check.push_back(item);
    if (to_add.front().edge + static_cast<unsigned>(y_delay) == now) {
      dut.v.y_i = to_add.front().y;
      to_add.pop_front();
    }
    edge(dut.v);
    ++now;
    if (to_check.front().edge + static_cast<unsigned>(latency) == now) {
      const Item& due = to_check.front();
      ASSERT_EQ(dut.v.valid_o, due.valid);
      if (due.valid) {
        ASSERT_EQ(dut.v.y_o, due.expected) << "operation " << due.edge;
      }
      ++comparisons;
      to_check.pop_front();
    } else {
      ASSERT_EQ(dut.v.valid_o, 0) << "too early";
    }
  }
  report(comparisons, what);
}

TEST(RtlDequantInt, LaneIsTheModelAtOneOutputACycle) {
  check_lane<Vdequant_int>("dequant_int, 20-bit sums", 3, 5, [](Vdequant_int& v, Random& random) {
    const Sum sum{wrap_signed(static_cast<std::int64_t>(random()), 20), 0.0F, Sum::kNone};
    const Sum row{wrap_signed(static_cast<std::int64_t>(random()), 15), 0.0F, Sum::kNone};
    const auto zero = static_cast<std::int32_t>(random() % 16);
    const Code scale = fp16_code(random);
    v.sum_i = static_cast<IData>(low_bits(sum.integer, 20));
    v.row_sum_i = static_cast<SData>(low_bits(row.integer, 15));
    v.zero_i = static_cast<CData>(zero);
    v.exponent_i = 0;
    v.scale_i = static_cast<SData>(scale);
    return scaled(zero_corrected(SumKind::kInteger, sum, row, zero, 0), fp16_to_float(scale));
  });
}

TEST(RtlDequantFixed, LaneIsTheModelWithFlagsAndExponents) {
  check_lane<Vdequant_fixed>(
      "dequant_int, 52-bit sums with flags, deep", 6, 9, [](Vdequant_fixed& v, Random& random) {
        constexpr std::array<std::uint8_t, 16> kFlags{0, 0, 0, 0, 0, 0, 0, 0,
                                                      0, 0, 0, 0, 1, 2, 3, 4};
        const auto number = [&random](int bits) {
          return wrap_signed(static_cast<std::int64_t>(random()), bits) >> random() % 50;
        };
        const Sum sum{number(52), 0.0F, kFlags[random() % kFlags.size()]};
        const Sum row{number(48), 0.0F, kFlags[random() % kFlags.size()]};
        const auto zero = static_cast<std::int32_t>(random() % 16);
        const int exponent = -static_cast<int>(random() % 29);
        const Code scale = fp16_code(random);
        v.sum_i = low_bits(sum.integer, 52) | std::uint64_t{sum.special} << 52;
        v.row_sum_i = low_bits(row.integer, 48) | std::uint64_t{row.special} << 48;
        v.zero_i = static_cast<CData>(zero);
        v.exponent_i = static_cast<CData>(exponent);
        v.scale_i = static_cast<SData>(scale);
        return scaled(zero_corrected(SumKind::kInteger, sum, row, zero, exponent),
                      fp16_to_float(scale));
      });
}

template <typename V>
void check_fp32_lane(const char* what, int y_delay, int latency) {
  check_lane<V>(what, y_delay, latency, [](V& v, Random& random) {
    const Code row = fp32_code(random), scale = fp16_code(random);
    const auto zero = static_cast<std::int32_t>(random() % 32) - 16;
    Code sum = fp32_code(random);
    if (random() % 4 == 0) {
      sum = float_to_bits(canonical_nan(static_cast<float>(zero) * bits_to_float(row)));
    }
    v.sum_i = sum;
    v.row_sum_i = row;
    v.zero_i = static_cast<CData>(zero & 31);
    v.scale_i = static_cast<SData>(scale);
    const Sum s{0, bits_to_float(sum), Sum::kNone}, r{0, bits_to_float(row), Sum::kNone};
    return scaled(zero_corrected(SumKind::kFloat32, s, r, zero, 0), fp16_to_float(scale));
  });
}

TEST(RtlDequantFp32, LaneIsTheModelSubnormalsAndSpecialsIncluded) {
  check_fp32_lane<Vdequant_fp32>("dequant_fp32", 4, 6);
  check_fp32_lane<Vdequant_fp32_deep>("dequant_fp32, deep", 10, 14);
}

TEST(RtlConverters, Int4ToInt8ForEveryInput) {
  Dut<Vint4_to_int8> dut;
  std::uint64_t comparisons = 0;
  for (std::int32_t q = -8; q < 16; ++q) {
    for (std::int32_t zero = -8; zero < 16; ++zero) {
      for (std::int32_t scale = 0; scale < 256; ++scale) {
        dut.v.q_i = static_cast<CData>(q & 31);
        dut.v.zero_i = static_cast<CData>(zero & 31);
        dut.v.scale_i = static_cast<CData>(scale);
        dut.v.eval();
        ASSERT_EQ(dut.v.weight_o, int4_to_int8(q, zero, scale)) << q << ' ' << zero << ' ' << scale;
        ++comparisons;
      }
    }
  }
  report(comparisons, "int4_to_int8, all inputs");
}

TEST(RtlConverters, IntToFp16ForEveryDifferenceAndScale) {
  Dut<Vint_to_fp16> dut;
  std::uint64_t comparisons = 0;
  for (Code scale = 0; scale < 0x10000; ++scale) {
    for (std::int32_t q = -16; q < 16; ++q) {
      const std::int32_t zero = q < 0 ? 15 : -16 + q / 2;  // differences -31 to 24
      dut.v.q_i = static_cast<CData>(q & 31);
      dut.v.zero_i = static_cast<CData>(zero & 31);
      dut.v.scale_i = static_cast<SData>(scale);
      dut.v.eval();
      ASSERT_EQ(dut.v.weight_o, int_to_fp16(q, zero, scale)) << q << ' ' << zero << ' ' << scale;
      ++comparisons;
    }
    for (std::int32_t q = 0; q < 16; ++q) {  // what u4 weights around a zero-point of 8 give
      dut.v.q_i = static_cast<CData>(q);
      dut.v.zero_i = 8;
      dut.v.eval();
      ASSERT_EQ(dut.v.weight_o, int_to_fp16(q, 8, scale)) << q << ' ' << scale;
      ++comparisons;
    }
  }
  report(comparisons, "int_to_fp16, every scale");
}

// Every activation under every largest exponent that a segment with it can have.
TEST(RtlAligner, EveryActivationUnderEveryExponent) {
  Dut<Vfp16_align> dut;
  Dut<Vexponent_scan> scan;
  reset(scan.v);
  const auto pe = testing::make_test_pe(
      "mixpe_w4a16", {.acc_bits = 27, .row_sum_bits = 23, .params = {{"sum", "aligned"}}});
  const Operands formats{signed_int(4), kFp16};
  std::uint64_t comparisons = 0;
  for (Code act = 0; act < 0x10000; ++act) {
    for (Code field = 0; field < 31; ++field) {
      std::vector<Code> segment{act, field << 10};
      scan.v.valid_i = 1;
      scan.v.first_i = 1;
      scan.v.act_i = static_cast<SData>(act);
      edge(scan.v);
      scan.v.first_i = 0;
      scan.v.act_i = static_cast<SData>(field << 10);
      edge(scan.v);
      dut.v.act_i = static_cast<SData>(act);
      dut.v.largest_i = scan.v.exponent_o;
      dut.v.eval();
      int exponent = 0;
      pe->align_segment(segment, formats, exponent);
      ASSERT_EQ(int{scan.v.exponent_o} - 29, exponent) << act << ' ' << field;
      ASSERT_EQ(dut.v.aligned_o, segment[0]) << act << ' ' << field;
      comparisons += 2;
    }
  }
  report(comparisons, "aligner, all activations and exponents");
}

/// Segments of activations, one a cycle with idle ones between, compared after every one.
template <typename V, typename Wire>
void check_row_sums(const PeModel& pe, const Format& format, int sum_bits, Wire wire,
                    const char* what) {
  Dut<V> dut;
  reset(dut.v);
  Random random(43);
  const Operands formats{signed_int(4), format};
  std::uint64_t comparisons = 0;
  for (int i = 0; i < 4000; ++i) {
    Sum sum;
    const std::size_t length = 1 + random() % 300;
    const bool specials = random() % 8 == 0;
    for (std::size_t k = 0; k < length; ++k) {
      Code act = static_cast<Code>(low_bits(static_cast<std::int64_t>(random()), format.bits));
      if (i % 16 == 0) act = format.bits == 8 ? 0x80U : 0x7bffU;  // leaves the range
      if (!format.is_integer() && (act & 0x7c00U) == 0x7c00U && !specials) act ^= 0x4000U;
      std::uint64_t overflows = 0;
      pe.add_activation(sum, act, formats, overflows);
      dut.v.valid_i = 1;
      dut.v.first_i = k == 0;
      drive(dut.v.act_i, wire(act));
      if constexpr (requires { dut.v.overflow_o; }) {
        dut.v.eval();
        ASSERT_EQ(dut.v.overflow_o, overflows);
      }
      edge(dut.v);
      if (random() % 4 == 0) {
        dut.v.valid_i = 0;
        edge(dut.v);
      }
      ASSERT_EQ(std::uint64_t{dut.v.sum_o}, sum_wire(pe.spec().sum_kind, sum, sum_bits));
      ++comparisons;
    }
  }
  report(comparisons, what);
}

TEST(RtlRowSums, IntegersWrapAndPulse) {
  const auto pe = testing::make_test_pe("mixpe_w4a8", {.acc_bits = 20, .row_sum_bits = 15});
  check_row_sums<Vrow_sum_int>(
      *pe, signed_int(8), 15, [](Code act) { return act; }, "row_sum_int");
}

TEST(RtlRowSums, FixedPointCarriesFlags) {
  const auto pe = testing::make_test_pe(
      "mixpe_w4a16", {.acc_bits = 52, .row_sum_bits = 48, .params = {{"sum", "fixed"}}});
  Dut<Vfp16_to_fixed> widen;
  check_row_sums<Vrow_sum_fixed>(
      *pe, kFp16, 48,
      [&widen](Code act) {
        widen.v.act_i = static_cast<SData>(act);
        widen.v.eval();
        return widen.v.fixed_o;
      },
      "row_sum_int, fixed point");
}

/// A link of the weight-stationary chain: what comes from above, plus the activation, `latency`
/// edges later.
template <typename V, typename Draw>
void check_chain(const PeModel& pe, const Format& format, int sum_bits, int latency, Draw draw,
                 const char* what) {
  Dut<V> dut;
  reset(dut.v);
  Random random(44);
  const Operands formats{signed_int(4), format};
  std::deque<std::uint64_t> expected;
  std::uint64_t comparisons = 0;
  for (int i = 0; i < 100'000; ++i) {
    Sum sum = draw(random);
    Code act = static_cast<Code>(low_bits(static_cast<std::int64_t>(random()), format.bits));
    if (!format.is_integer() && (act & 0x7c00U) == 0x7c00U && i % 64 != 0) act ^= 0x4000U;
    dut.v.valid_i = 1;
    drive(dut.v.act_i, act);
    // The sum from above is read when the activation has been widened.
    drive(dut.v.sum_i, sum_wire(pe.spec().sum_kind, sum, sum_bits));
    std::uint64_t overflows = 0;
    pe.add_activation(sum, act, formats, overflows);
    if constexpr (requires { dut.v.overflow_o; }) {
      dut.v.eval();
      ASSERT_EQ(dut.v.overflow_o, overflows);
    }
    expected.push_back(sum_wire(pe.spec().sum_kind, sum, sum_bits));
    edge(dut.v);
    if (static_cast<int>(expected.size()) < latency) continue;
    ASSERT_EQ(std::uint64_t{dut.v.sum_o}, expected.front());
    expected.pop_front();
    ++comparisons;
  }
  report(comparisons, what);
}

/// Segments in the pace of a PE; every sum when its PE has its own.
template <typename V>
void check_interleaved(int add_latency, int interleave, const char* what) {
  const auto pe =
      testing::make_test_pe("fp16", {.sum_kind = SumKind::kFloat32, .interleave = interleave});
  Dut<V> dut;
  dut.v.valid_i = dut.v.first_i = dut.v.last_i = 0;
  reset(dut.v);
  Random random(45);
  const Operands formats{kFp16, kFp16};
  const int interval = (add_latency + interleave - 1) / interleave;
  std::uint64_t now = 0, comparisons = 0;
  std::deque<std::pair<std::uint64_t, Code>> expected;
  const auto cycle = [&] {
    if (!expected.empty() && expected.front().first == now) {
      dut.v.eval();
      ASSERT_EQ(dut.v.sum_o, expected.front().second) << "cycle " << now;
      expected.pop_front();
      ++comparisons;
    }
    edge(dut.v);
    ++now;
    dut.v.valid_i = dut.v.first_i = dut.v.last_i = 0;
  };
  for (int i = 0; i < 20'000 && !::testing::Test::HasFatalFailure(); ++i) {
    std::vector<Sum> sums(static_cast<std::size_t>(interleave));
    const std::size_t length = 1 + random() % 40;
    std::uint64_t overflows = 0;
    for (std::size_t k = 0; k < length; ++k) {
      Code act = fp16_code(random);
      if ((act & 0x7c00U) == 0x7c00U && random() % 64 != 0) act ^= 0x4000U;
      pe->add_activation(sums[k % sums.size()], act, formats, overflows);
      dut.v.valid_i = 1;
      dut.v.first_i = k == 0;
      dut.v.act_i = static_cast<SData>(act);
      for (int c = 0; c < interval; ++c) {
        dut.v.last_i = k + 1 == length && c + 1 == interval;
        cycle();
      }
    }
    for (std::size_t j = 1; j < sums.size(); ++j) pe->merge_row_sum(sums[0], sums[j], overflows);
    expected.emplace_back(now + static_cast<std::uint64_t>(interleave * add_latency),
                          float_to_bits(sums[0].real));
    const auto idle = static_cast<unsigned>((interleave - 1) * add_latency) + random() % 3;
    for (unsigned c = 0; c < idle; ++c) cycle();
  }
  report(comparisons, what);
}

TEST(RtlRowSums, Fp32AddsInThePesOrder) {
  check_interleaved<Vrow_sum_fp32>(2, 2, "row_sum_fp32, 2 sums");
  check_interleaved<Vrow_sum_fp32_a3p2>(3, 2, "row_sum_fp32, 2 sums, slower adder");
}

TEST(RtlRowSums, ChainsAddOneActivation) {
  const auto pe = testing::make_test_pe("mixpe_w4a8", {.acc_bits = 20, .row_sum_bits = 15});
  check_chain<Vrow_sum_int_ws>(
      *pe, signed_int(8), 15, 1,
      [](Random& random) {
        return Sum{wrap_signed(static_cast<std::int64_t>(random()), 15), 0.0F, Sum::kNone};
      },
      "row_sum_int, chain");
  const auto fp16 = testing::make_test_pe("fp16", {.sum_kind = SumKind::kFloat32});
  check_chain<Vrow_sum_fp32_ws>(
      *fp16, kFp16, 32, 2,
      [](Random& random) {
        return Sum{0, canonical_nan(bits_to_float(fp32_code(random))), Sum::kNone};
      },
      "row_sum_fp32, chain");
}

}  // namespace
}  // namespace mixpe::rtl_test
