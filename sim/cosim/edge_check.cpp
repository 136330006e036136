#include "sim/cosim/edge_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "models/formats/floats.h"
#include "models/formats/integers.h"
#include "models/pe/registry.h"
#include "sim/cosim/pe_cases.h"
#include "sim/cosim/pe_check.h"

namespace mixpe {
namespace {

constexpr int kFlagBits = 3;
constexpr int kAlignedBits = 16;  // of an aligned activation
constexpr int kFixedBits = 41;    // of an FP16 activation in units of 2^-24

std::uint64_t low_bits(std::int64_t value, int bits) {
  return static_cast<std::uint64_t>(value) & (~std::uint64_t{0} >> (64 - bits));
}

/// {flags, s * 2^(e-1)} of an FP16 code, an infinity's or NaN's number 0.
std::uint64_t fixed_point(Code code) {
  const Code exponent = code >> 10 & 31U, fraction = code & 0x3ffU;
  const bool negative = (code & 0x8000U) != 0;
  if (exponent == 31) {
    const std::uint64_t flag = fraction != 0 ? Sum::kNan
                               : negative    ? Sum::kMinusInf
                                             : Sum::kPlusInf;
    return flag << kFixedBits;
  }
  const std::int64_t magnitude =
      exponent == 0 ? std::int64_t{fraction} : std::int64_t{fraction | 0x400U} << (exponent - 1);
  return low_bits(negative ? -magnitude : magnitude, kFixedBits);
}

/// A row-sum adder of one PE variant.
struct RowSum {
  std::shared_ptr<const PeModel> pe;
  Operands formats;
  bool os = true;

  const PeSpec& spec() const { return pe->spec(); }
  bool fp32() const { return spec().sum_kind == SumKind::kFloat32; }
  bool flags() const { return !fp32() && !formats.act.is_integer(); }
  bool fixed() const { return flags() && !spec().prescan; }
  /// Without flags.
  int act_bits() const { return fixed() ? kFixedBits : flags() ? kAlignedBits : formats.act.bits; }
  int sum_bits() const { return fp32() ? 32 : spec().row_sum_bits; }
  const char* module() const { return fp32() ? "row_sum_fp32" : "row_sum_int"; }

  std::uint64_t act_word(Code aligned) const { return fixed() ? fixed_point(aligned) : aligned; }
  std::uint64_t sum_word(const Sum& sum) const {
    if (fp32()) return float_to_bits(sum.real);
    const std::uint64_t number = low_bits(sum.integer, sum_bits());
    return flags() ? number | std::uint64_t{sum.special} << sum_bits() : number;
  }
  std::vector<std::string> parameters() const {
    std::vector<std::string> all{fmt::format("WeightStationary=1'b{}", os ? 0 : 1)};
    if (fp32()) {
      all.push_back(fmt::format("ProductLatency={}", spec().product_latency));
      all.push_back(fmt::format("AddLatency={}", spec().add_latency));
      all.push_back(fmt::format("Interleave={}", spec().interleave));
    } else {
      all.push_back(fmt::format("ActBits={}", act_bits()));
      all.push_back(fmt::format("SumBits={}", sum_bits()));
      all.push_back(fmt::format("Flags=1'b{}", flags() ? 1 : 0));
    }
    return all;
  }
  std::vector<RtlPort> ports() const {
    const int flag_bits = flags() ? kFlagBits : 0;
    std::vector<RtlPort> all{
        {"clk_i", 1, false}, {"rst_ni", 1, false}, {"valid_i", 1, false}, {"first_i", 1, false}};
    if (fp32()) all.push_back({"last_i", 1, false});
    all.push_back({"act_i", flag_bits + act_bits(), false});
    all.push_back({"sum_i", flag_bits + sum_bits(), false});
    all.push_back({"sum_o", flag_bits + sum_bits(), true});
    if (!fp32()) all.push_back({"overflow_o", 1, true});
    return all;
  }
};

void aligned_activations(const RowSum& r, std::size_t length, CaseRandom& random,
                         std::vector<Code>& acts) {
  SegmentCase segment;
  random_segment({r.formats.act, r.formats.act}, length, random, segment);
  acts = segment.acts;
  int exponent = 0;
  r.pe->align_segment(acts, r.formats, exponent);
}

/// Integer sums: one activation a cycle with idle ones between, compared after every one.
MakeCycles integer_segments(std::shared_ptr<const Unit> u, const RowSum& r) {
  return [u, r](std::uint64_t i, CaseRandom& random, std::vector<Operation>& cycles) {
    std::vector<Code> acts;
    const bool long_one = i % 8 == 0;
    aligned_activations(r, 1 + random.below(long_one ? 300 : 40), random, acts);
    if (long_one) std::fill(acts.begin(), acts.end(), acts[0]);  // leaves the range
    cycles.clear();
    Sum sum;
    for (std::size_t k = 0; k < acts.size(); ++k) {
      std::uint64_t wraps = 0;
      r.pe->add_activation(sum, acts[k], r.formats, wraps);
      cycles.push_back({{{u->at("valid_i"), 0, 1},
                         {u->at("first_i"), 0, k == 0},
                         {u->at("act_i"), 0, r.act_word(acts[k])},
                         {u->at("sum_i"), 0, random() & 0xff}},
                        {{u->at("overflow_o"), 0, wraps}},
                        {{u->at("sum_o"), 0, r.sum_word(sum)}}});
      if (random.below(4) == 0) {
        cycles.push_back(
            {{}, {{u->at("overflow_o"), 0, 0}}, {{u->at("sum_o"), 0, r.sum_word(sum)}}});
      }
    }
    return acts.size();
  };
}

/// FP32 sums: segments in the pace of the PE; each sum when the PE has its own.
MakeCycles fp32_segments(std::shared_ptr<const Unit> u, const RowSum& r) {
  return [u, r](std::uint64_t, CaseRandom& random, std::vector<Operation>& cycles) {
    std::vector<Code> acts;
    aligned_activations(r, 1 + random.below(40), random, acts);
    const PeSpec& spec = r.spec();
    std::vector<Sum> sums(static_cast<std::size_t>(spec.interleave));
    std::uint64_t wraps = 0;
    cycles.clear();
    const int interval = spec.os_ii(PeMode{});
    for (std::size_t k = 0; k < acts.size(); ++k) {
      r.pe->add_activation(sums[k % sums.size()], acts[k], r.formats, wraps);
      for (int c = 0; c < interval; ++c) {
        const bool last = k + 1 == acts.size() && c + 1 == interval;
        Operation op;
        op.inputs.push_back({u->at("last_i"), 0, last});
        if (c == 0) {
          op.inputs.push_back({u->at("valid_i"), 0, 1});
          op.inputs.push_back({u->at("first_i"), 0, k == 0});
          op.inputs.push_back({u->at("act_i"), 0, acts[k]});
        }
        cycles.push_back(std::move(op));
      }
    }
    for (std::size_t j = 1; j < sums.size(); ++j) r.pe->merge_row_sum(sums[0], sums[j], wraps);
    const int done = spec.product_latency + spec.interleave * spec.add_latency - 1;
    cycles.back().after.push_back({u->at("sum_o"), done, r.sum_word(sums[0])});
    const auto idle = static_cast<std::uint64_t>(spec.os_merge_cycles()) + random.below(3);
    cycles.resize(cycles.size() + idle);
    return acts.size();
  };
}

/// A link of the weight-stationary chain: what comes from above plus the activation.
MakeOperation chain_link(std::shared_ptr<const Unit> u, const RowSum& r) {
  return [u, r](std::uint64_t, CaseRandom& random, Operation& op) {
    std::vector<Code> acts;
    aligned_activations(r, 1, random, acts);
    PeSpec widths;  // a row sum is drawn like a partial sum of its width
    widths.sum_kind = r.spec().sum_kind;
    widths.acc_bits = r.sum_bits();
    Sum own;
    std::uint64_t wraps = 0;
    r.pe->add_activation(own, acts[0], r.formats, wraps);
    Sum sum = random_psum(widths, r.flags() ? kFlagBits : 0, own, random);
    const int reads = r.fp32() ? r.spec().product_latency : 0;
    const int done = r.fp32() ? reads + r.spec().add_latency - 1 : 0;
    op.inputs = {{u->at("valid_i"), 0, 1},
                 {u->at("act_i"), 0, r.act_word(acts[0])},
                 {u->at("sum_i"), reads, r.sum_word(sum)}};
    wraps = 0;
    r.pe->add_activation(sum, acts[0], r.formats, wraps);
    op.after = {{u->at("sum_o"), done, r.sum_word(sum)}};
    if (!r.fp32()) op.before = {{u->at("overflow_o"), 0, wraps}};
  };
}

CheckGroup row_sum_group(const BuildCache& cache, const RowSum& r) {
  const std::string group =
      fmt::format("{}/{}/{}", r.module(), variant_name(r.spec()), r.os ? "os" : "ws");
  return {
      group, r.module(), false, [=](const std::optional<UserRtl>& user) {
        const auto u = compile_unit(cache, group, r.module(), r.parameters(), r.ports(), user);
        if (!r.os) {
          return std::vector<Check>{operation_check(u, "links", "any activation and sum from above",
                                                    drawn(200'000), chain_link(u, r))};
        }
        return std::vector<Check>{
            cycles_check(u, "segments", "segments of 1-300 activations, stalls", drawn(4000),
                         r.fp32() ? fp32_segments(u, r) : integer_segments(u, r))};
      }};
}

// --- Aligned activations ---

CheckGroup fixed_group(const BuildCache& cache) {
  return {
      "fp16_to_fixed", "fp16_to_fixed", false, [=](const std::optional<UserRtl>& user) {
        const auto u =
            compile_unit(cache, "fp16_to_fixed", "fp16_to_fixed", {},
                         {{"act_i", 16, false}, {"fixed_o", kFixedBits + kFlagBits, true}}, user);
        const auto make = [u](std::uint64_t i, CaseRandom&, Operation& op) {
          op.inputs = {{u->at("act_i"), 0, i}};
          op.after = {{u->at("fixed_o"), 0, fixed_point(static_cast<Code>(i))}};
        };
        return std::vector<Check>{operation_check(u, "all", "all FP16 codes", always(65536), make)};
      }};
}

/// A case is an activation with another one that sets the segment's largest exponent.
struct Alignment {
  Code act, other, aligned;
  int largest;  ///< biased exponent
};
Alignment alignment(const PeModel& pe, const Operands& formats, std::uint64_t i) {
  constexpr std::uint64_t kExponents = 31;
  Alignment a{static_cast<Code>(i / kExponents), static_cast<Code>(i % kExponents) << 10, 0, 0};
  std::vector<Code> segment{a.act, a.other};
  int exponent = 0;
  pe.align_segment(segment, formats, exponent);
  a.aligned = segment[0];
  a.largest = exponent + 29;  // sums count units of 2^(E - 29)
  return a;
}

std::vector<CheckGroup> align_groups(const BuildCache& cache, std::shared_ptr<const PeModel> pe,
                                     const Operands& formats) {
  constexpr std::uint64_t kCases = 65536 * 31;
  std::vector<CheckGroup> groups;
  groups.push_back(
      {"exponent_scan", "exponent_scan", false, [=](const std::optional<UserRtl>& user) {
         const auto u = compile_unit(cache, "exponent_scan", "exponent_scan", {},
                                     {{"clk_i", 1, false},
                                      {"rst_ni", 1, false},
                                      {"valid_i", 1, false},
                                      {"first_i", 1, false},
                                      {"act_i", 16, false},
                                      {"exponent_o", 5, true}},
                                     user);
         const auto make = [=](std::uint64_t i, CaseRandom&, std::vector<Operation>& cycles) {
           const Alignment a = alignment(*pe, formats, i);
           cycles.resize(2);
           cycles[0].inputs = {
               {u->at("valid_i"), 0, 1}, {u->at("first_i"), 0, 1}, {u->at("act_i"), 0, a.act}};
           cycles[1].inputs = {{u->at("valid_i"), 0, 1}, {u->at("act_i"), 0, a.other}};
           cycles[1].after = {{u->at("exponent_o"), 0, static_cast<std::uint64_t>(a.largest)}};
           return std::uint64_t{2};
         };
         return std::vector<Check>{
             cycles_check(u, "all", "all FP16 codes before every exponent", always(kCases), make)};
       }});
  groups.push_back(
      {"fp16_align", "fp16_align", false, [=](const std::optional<UserRtl>& user) {
         const auto u = compile_unit(cache, "fp16_align", "fp16_align", {},
                                     {{"act_i", 16, false},
                                      {"largest_i", 5, false},
                                      {"aligned_o", kAlignedBits + kFlagBits, true}},
                                     user);
         const auto make = [=](std::uint64_t i, CaseRandom&, Operation& op) {
           const Alignment a = alignment(*pe, formats, i);
           op.inputs = {{u->at("act_i"), 0, a.act},
                        {u->at("largest_i"), 0, static_cast<std::uint64_t>(a.largest)}};
           op.after = {{u->at("aligned_o"), 0, a.aligned}};
         };
         return std::vector<Check>{operation_check(
             u, "all", "all FP16 codes under every exponent they can meet", always(kCases), make)};
       }});
  return groups;
}

}  // namespace

std::vector<CheckGroup> edge_check_groups(const BuildCache& cache) {
  std::vector<CheckGroup> groups{fixed_group(cache)};
  std::set<std::string> seen;  // variants that share an adder
  bool aligned = false;
  for (const PeSpec& spec : checked_pe_variants()) {
    const std::shared_ptr<const PeModel> pe = make_pe(spec);
    const Operands formats{spec.modes[0].weights[0], spec.modes[0].acts[0]};
    for (const bool os : {true, false}) {
      const RowSum r{pe, formats, os};
      if (!seen.insert(fmt::format("{}{}", r.module(), fmt::join(r.parameters(), " "))).second)
        continue;
      groups.push_back(row_sum_group(cache, r));
    }
    if (spec.prescan && !aligned) {
      for (CheckGroup& g : align_groups(cache, pe, formats)) groups.push_back(std::move(g));
      aligned = true;
    }
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const CheckGroup& a, const CheckGroup& b) { return a.model < b.model; });
  return groups;
}

}  // namespace mixpe
