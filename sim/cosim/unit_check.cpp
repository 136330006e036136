#include "sim/cosim/unit_check.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "models/core/errors.h"
#include "models/dequant/dequant.h"
#include "models/formats/floats.h"
#include "models/formats/integers.h"
#include "sim/cosim/edge_check.h"
#include "sim/cosim/unit_bench.h"

namespace mixpe {
namespace {

constexpr std::uint64_t kDraws = 1'000'000;

RtlPort in(const char* name, int bits) { return {name, bits, false}; }
RtlPort out(const char* name, int bits) { return {name, bits, true}; }

std::uint64_t low_bits(std::int64_t value, int bits) {
  return static_cast<std::uint64_t>(value) & (~std::uint64_t{0} >> (64 - bits));
}

/// FP32 operands: of near exponents mostly, so that sums cancel; specials, subnormals, extremes.
Code fp32_code(CaseRandom& random) {
  constexpr std::array<Code, 12> kSpecial{0,           1,           0x007fffffU, 0x00800000U,
                                          0x00800001U, 0x3f800000U, 0x7f7fffffU, 0x7f800000U,
                                          0x7fc00000U, 0x7f800001U, 0x4b800000U, 0x33800000U};
  const Code bits = static_cast<Code>(random());
  switch (random.below(8)) {
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
      return (bits & 0x807fffffU) | static_cast<Code>(115 + random.below(30)) << 23;
  }
}

/// Scales: anything, infinities and NaN less often.
Code scale_code(const Format& format, CaseRandom& random) {
  const Code inf = format == kFp16 ? 0x7c00U : 0x7f80U;
  const Code bits = static_cast<Code>(random()) & 0xffffU;
  if (random.below(8) == 0) {
    const std::array<Code, 8> special{0, 1, inf - 1, inf, inf + 1, 0x3c00U, inf + 2, 0x03ffU};
    return special[bits % special.size()] | (bits & 0x8000U);
  }
  if ((bits & inf) == inf && random.below(8) != 0) return bits ^ 0x4000U;
  return bits;
}
float scale_value(const Format& format, Code code) {
  return format == kFp16 ? fp16_to_float(code) : bf16_to_float(code);
}

/// A unit's group: its module and ports, and its checks once compiled.
CheckGroup group(const BuildCache& cache, const std::string& module, const std::string& variant,
                 std::vector<std::string> parameters, std::vector<RtlPort> ports,
                 std::function<std::vector<Check>(std::shared_ptr<const Unit>)> checks) {
  const std::string name = variant.empty() ? module : module + "/" + variant;
  return {name, module, false, [=](const std::optional<UserRtl>& user) {
            return checks(compile_unit(cache, name, module, parameters, ports, user));
          }};
}

// --- FP32 arithmetic ---

/// A pipeline of `latency` cycles, the last of them combinational.
int stages_after_edge(int latency) { return latency < 2 ? 0 : latency - 2; }

CheckGroup fp32_add(const BuildCache& cache, int latency) {
  return group(
      cache, "fp32_add", fmt::format("latency={}", latency), {fmt::format("Latency={}", latency)},
      {in("clk_i", 1), in("rst_ni", 1), in("a_i", 32), in("b_i", 32), out("sum_o", 32)},
      [latency](const std::shared_ptr<const Unit>& u) {
        const auto make = [u, latency](std::uint64_t, CaseRandom& random, Operation& op) {
          const Code a = fp32_code(random);
          Code b = fp32_code(random);
          if (random.below(4) == 0) {  // cancels, or nearly
            b = (a ^ 0x80000000U) + static_cast<Code>(random.below(5)) - 2;
          } else if (random.below(4) == 0) {  // of nearly the same exponent
            b = (b & 0x807fffffU) | ((a & 0x7f800000U) - static_cast<Code>(random.below(3) << 23));
          }
          op.inputs = {{u->at("a_i"), 0, a}, {u->at("b_i"), 0, b}};
          op.after = {{u->at("sum_o"), stages_after_edge(latency),
                       float_to_bits(accumulated(bits_to_float(a), bits_to_float(b)))}};
        };
        return std::vector<Check>{
            operation_check(u, "random", "any, near, cancelling and special", drawn(kDraws), make)};
      });
}

CheckGroup fp32_scale(const BuildCache& cache, const Format& format, int latency) {
  return group(
      cache, "fp32_scale", fmt::format("{}/latency={}", format.name(), latency),
      {fmt::format("ExpBits={}", format.exponent_bits),
       fmt::format("FracBits={}", format.fraction_bits), fmt::format("Latency={}", latency)},
      {in("clk_i", 1), in("a_i", 32), in("b_i", 16), out("product_o", 32)},
      [format, latency](const std::shared_ptr<const Unit>& u) {
        const auto make = [u, format, latency](std::uint64_t, CaseRandom& random, Operation& op) {
          const Code a = fp32_code(random), b = scale_code(format, random);
          op.inputs = {{u->at("a_i"), 0, a}, {u->at("b_i"), 0, b}};
          op.after = {{u->at("product_o"), stages_after_edge(latency),
                       float_to_bits(scaled(bits_to_float(a), scale_value(format, b)))}};
        };
        return std::vector<Check>{
            operation_check(u, "random", "any and special", drawn(kDraws), make)};
      });
}

// --- Dequantisation lanes ---

/// What one operation of a lane gets and its x * scale.
using LaneOperands = std::function<float(const Unit&, CaseRandom&, Operation&)>;

/// Anything in the bits below bit `bits`.
Code random_below_bit(std::uint64_t bits, CaseRandom& random) {
  return static_cast<Code>(random()) & ((Code{1} << bits) - 1);
}

/// One operation a cycle: y comes `y_delay` cycles behind the other inputs; the result and valid
/// are there after the edge of cycle `done`.
std::vector<Check> lane_checks(const std::shared_ptr<const Unit>& u, int y_delay, int done,
                               const LaneOperands& operands) {
  const auto make = [=](std::uint64_t, CaseRandom& random, Operation& op) {
    const float p = operands(*u, random, op);
    const bool valid = random.below(8) != 0;
    Code y = fp32_code(random);
    // Cancels, wholly or from any bit on.
    if (random.below(8) == 0) y = float_to_bits(-p) ^ random_below_bit(random.below(24), random);
    op.inputs.push_back({u->at("valid_i"), 0, valid});
    op.inputs.push_back({u->at("y_i"), y_delay, y});
    op.after.push_back({u->at("valid_o"), done, valid});
    if (valid) {
      op.after.push_back({u->at("y_o"), done, float_to_bits(accumulated(bits_to_float(y), p))});
    }
  };
  return {operation_check(u, "random", "one output a cycle, idle cycles, special values",
                          drawn(kDraws), make)};
}

struct IntLane {
  const char* name;
  int sum_bits, row_sum_bits, t_bits;
  bool flags;
  int add_latency;
  Format scale;
  bool deep;  ///< more stages

  int y_delay() const { return deep ? 7 : 3; }
};

std::int64_t any_size(int bits, CaseRandom& random) {
  const auto value = static_cast<std::int64_t>(random());
  return random.below(4) == 0
             ? wrap_signed(value, bits)
             : wrap_signed(value, bits) >> random.below(static_cast<unsigned>(bits));
}

CheckGroup dequant_int(const BuildCache& cache, const IntLane& lane) {
  const int flag_bits = lane.flags ? 3 : 0;
  constexpr int kZeroBits = 5;
  check_invariant(
      zero_corrected_bits(lane.sum_bits, lane.row_sum_bits, unsigned_int(4)) <= lane.t_bits,
      "a lane narrower than its sums");
  const auto operands = [lane](const Unit& u, CaseRandom& random, Operation& op) {
    constexpr std::array<std::uint8_t, 16> kFlags{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4};
    Sum sum{any_size(lane.sum_bits, random), 0.0F, Sum::kNone};
    Sum row{any_size(lane.row_sum_bits, random), 0.0F, Sum::kNone};
    if (lane.flags) {
      sum.special = kFlags[random.below(kFlags.size())];
      row.special = kFlags[random.below(kFlags.size())];
    }
    const auto zero = static_cast<std::int32_t>(random.below(32)) - 16;
    if (random.below(16) == 0) sum.integer = wrap_signed(zero * row.integer, lane.sum_bits);
    const int exponent = lane.flags ? -static_cast<int>(random.below(29)) : 0;
    const Code scale = scale_code(lane.scale, random);
    op.inputs = {
        {u.at("sum_i"), 0,
         low_bits(sum.integer, lane.sum_bits) | std::uint64_t{sum.special} << lane.sum_bits},
        {u.at("row_sum_i"), 0,
         low_bits(row.integer, lane.row_sum_bits) | std::uint64_t{row.special}
                                                        << lane.row_sum_bits},
        {u.at("zero_i"), 0, low_bits(zero, kZeroBits)},
        {u.at("exponent_i"), 0, low_bits(exponent, 8)},
        {u.at("scale_i"), 0, scale}};
    return scaled(zero_corrected(SumKind::kInteger, sum, row, zero, exponent),
                  scale_value(lane.scale, scale));
  };
  return group(
      cache, "dequant_int", lane.name,
      {fmt::format("SumBits={}", lane.sum_bits), fmt::format("RowSumBits={}", lane.row_sum_bits),
       fmt::format("TBits={}", lane.t_bits), fmt::format("Flags=1'b{}", lane.flags ? 1 : 0),
       fmt::format("AddLatency={}", lane.add_latency), fmt::format("Deep=1'b{}", lane.deep ? 1 : 0),
       fmt::format("ScaleExpBits={}", lane.scale.exponent_bits),
       fmt::format("ScaleFracBits={}", lane.scale.fraction_bits)},
      {in("clk_i", 1), in("rst_ni", 1), in("valid_i", 1), in("sum_i", flag_bits + lane.sum_bits),
       in("row_sum_i", flag_bits + lane.row_sum_bits), in("zero_i", kZeroBits), in("exponent_i", 8),
       in("scale_i", 16), in("y_i", 32), out("valid_o", 1), out("y_o", 32)},
      [=](const std::shared_ptr<const Unit>& u) {
        return lane_checks(u, lane.y_delay(), lane.y_delay() + lane.add_latency - 1, operands);
      });
}

CheckGroup dequant_fp32(const BuildCache& cache, int add_latency, bool deep) {
  const auto operands = [](const Unit& u, CaseRandom& random, Operation& op) {
    Code row = fp32_code(random), scale = scale_code(kFp16, random);
    const auto zero = static_cast<std::int32_t>(random.below(32)) - 16;
    Code sum = fp32_code(random);
    const std::uint64_t kind = random.below(8);
    if (kind == 2 || kind == 3) {  // of the least exponents, which normalising must not pass
      const Code exponent = static_cast<Code>(random.below(32)) << 23;
      sum = (sum & 0x807fffffU) | exponent;
      row = kind == 2 ? 0 : (row & 0x807fffffU) | exponent;
      scale = (scale & 0x83ffU) | 0x3c00U;
    }
    if (kind == 0 || kind == 1 || kind == 3) {  // cancels, or from any bit on
      sum = float_to_bits(canonical_nan(static_cast<float>(zero) * bits_to_float(row)));
      if (kind == 3) sum ^= random_below_bit(random.below(24), random);
    } else if (kind == 4) {  // x * scale: about half the least subnormal and one bit more
      const int of_scale = -static_cast<int>(random.below(25));
      const int exponent = -151 - of_scale + static_cast<int>(random.below(3));
      const float bit = std::ldexp(1.0F, -1 - static_cast<int>(random.below(23)));
      sum = (sum & 0x80000000U) | float_to_bits(std::ldexp(1.0F + bit, exponent));
      row = 0;
      scale = float_to_fp16(std::ldexp(1.0F, of_scale));
    }
    op.inputs = {{u.at("sum_i"), 0, sum},
                 {u.at("row_sum_i"), 0, row},
                 {u.at("zero_i"), 0, low_bits(zero, 5)},
                 {u.at("scale_i"), 0, scale}};
    const Sum s{0, bits_to_float(sum), Sum::kNone}, r{0, bits_to_float(row), Sum::kNone};
    return scaled(zero_corrected(SumKind::kFloat32, s, r, zero, 0), fp16_to_float(scale));
  };
  return group(
      cache, "dequant_fp32", deep ? "deep" : "short",
      {fmt::format("AddLatency={}", add_latency), fmt::format("Deep=1'b{}", deep ? 1 : 0)},
      {in("clk_i", 1), in("rst_ni", 1), in("valid_i", 1), in("sum_i", 32), in("row_sum_i", 32),
       in("zero_i", 5), in("scale_i", 16), in("y_i", 32), out("valid_o", 1), out("y_o", 32)},
      [=](const std::shared_ptr<const Unit>& u) {
        const int y_delay = (deep ? 6 : 2) + add_latency;
        return lane_checks(u, y_delay, y_delay + add_latency - 1, operands);
      });
}

// --- Converters before the array ---

CheckGroup int4_to_int8_unit(const BuildCache& cache) {
  return group(
      cache, "int4_to_int8", "", {},
      {in("q_i", 5), in("zero_i", 5), in("scale_i", 8), out("weight_o", 8)},
      [](const std::shared_ptr<const Unit>& u) {
        constexpr std::uint64_t kCodes = 24;  // -8 .. 15: i4 and u4
        const auto make = [u](std::uint64_t i, CaseRandom&, Operation& op) {
          const auto q = static_cast<std::int32_t>(i % kCodes) - 8;
          const auto zero = static_cast<std::int32_t>(i / kCodes % kCodes) - 8;
          const auto scale = static_cast<std::int32_t>(i / kCodes / kCodes);
          op.inputs = {{u->at("q_i"), 0, low_bits(q, 5)},
                       {u->at("zero_i"), 0, low_bits(zero, 5)},
                       {u->at("scale_i"), 0, low_bits(scale, 8)}};
          op.after = {{u->at("weight_o"), 0, int4_to_int8(q, zero, scale)}};
        };
        return std::vector<Check>{operation_check(u, "all", "all weights, zero-points and scales",
                                                  always(kCodes * kCodes * 256), make)};
      });
}

CheckGroup int_to_fp16_unit(const BuildCache& cache) {
  return group(
      cache, "int_to_fp16", "", {},
      {in("q_i", 5), in("zero_i", 5), in("scale_i", 16), out("weight_o", 16)},
      [](const std::shared_ptr<const Unit>& u) {
        // Every difference of two codes in -16 .. 15 once with every scale.
        constexpr std::uint64_t kDifferences = 63;
        const auto make = [u](std::uint64_t i, CaseRandom& random, Operation& op) {
          const auto difference = static_cast<std::int32_t>(i % kDifferences) - 31;
          const std::int32_t least = difference < 0 ? -16 : -16 + difference;
          const std::int32_t most = difference < 0 ? 15 + difference : 15;
          const auto q = least + static_cast<std::int32_t>(
                                     random.below(static_cast<unsigned>(most - least + 1)));
          const std::int32_t zero = q - difference;
          const auto scale = static_cast<Code>(i / kDifferences);
          op.inputs = {{u->at("q_i"), 0, low_bits(q, 5)},
                       {u->at("zero_i"), 0, low_bits(zero, 5)},
                       {u->at("scale_i"), 0, scale}};
          op.after = {{u->at("weight_o"), 0, int_to_fp16(q, zero, scale)}};
        };
        return std::vector<Check>{operation_check(u, "all", "all differences and FP16 scales",
                                                  always(kDifferences * 65536), make)};
      });
}

// --- Decoders at the array's edge ---

CheckGroup ovp_decode_unit(const BuildCache& cache) {
  return group(
      cache, "ovp_decode", "", {},
      {in("first_i", 4), in("second_i", 4), out("first_o", 5), out("second_o", 5)},
      [](const std::shared_ptr<const Unit>& u) {
        const auto make = [u](std::uint64_t i, CaseRandom&, Operation& op) {
          const auto first = static_cast<Code>(i % 16), second = static_cast<Code>(i / 16);
          const CodePair codes = decode_pair(first, second);
          op.inputs = {{u->at("first_i"), 0, first}, {u->at("second_i"), 0, second}};
          op.after = {{u->at("first_o"), 0, codes.first}, {u->at("second_o"), 0, codes.second}};
        };
        return std::vector<Check>{
            operation_check(u, "all", "all pairs of nibbles", always(256), make)};
      });
}

}  // namespace

std::shared_ptr<const Unit> compile_unit(const BuildCache& cache, const std::string& group,
                                         const std::string& module,
                                         const std::vector<std::string>& parameters,
                                         const std::vector<RtlPort>& ports,
                                         const std::optional<UserRtl>& user) {
  Verilation v;
  v.top = user ? user->top : module;
  v.folders =
      user ? std::vector<std::string>{"common"} : std::vector<std::string>{"common", "dequant"};
  if (user) v.files = user->files;
  v.parameters = user ? user->parameters : parameters;
  v.ports = ports;
  return std::make_shared<Unit>(Unit{
      group, ports,
      std::make_shared<FlatModule>(v, cache, user ? user->plusargs : std::vector<std::string>{})});
}

std::vector<CheckGroup> unit_check_groups(const BuildCache& cache) {
  std::vector<CheckGroup> groups;
  for (const int latency : {1, 2, 3, 4}) groups.push_back(fp32_add(cache, latency));
  for (const int latency : {1, 3}) groups.push_back(fp32_scale(cache, kFp16, latency));
  groups.push_back(fp32_scale(cache, kBf16, 1));
  // Widths of the PEs' defaults (docs/numerics.md).
  for (const IntLane& lane : {IntLane{"integer", 20, 15, 21, false, 2, kFp16, false},
                              IntLane{"bf16_scale", 20, 15, 21, false, 2, kBf16, false},
                              IntLane{"fixed", 52, 48, 53, true, 4, kFp16, true},
                              IntLane{"aligned", 27, 23, 28, true, 2, kFp16, false}}) {
    groups.push_back(dequant_int(cache, lane));
  }
  groups.push_back(dequant_fp32(cache, 2, false));
  groups.push_back(dequant_fp32(cache, 4, true));
  groups.push_back(int4_to_int8_unit(cache));
  groups.push_back(int_to_fp16_unit(cache));
  groups.push_back(ovp_decode_unit(cache));
  for (CheckGroup& g : edge_check_groups(cache)) groups.push_back(std::move(g));
  return groups;
}

}  // namespace mixpe
