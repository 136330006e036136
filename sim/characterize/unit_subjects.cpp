#include "sim/characterize/unit_subjects.h"

#include <fmt/format.h>

#include <cmath>
#include <functional>

#include "sim/characterize/operand_source.h"
#include "sim/characterize/pe_subject.h"

namespace mixpe {
namespace {

constexpr int kCycles = 5 * kSegmentSteps;  // the first segment warms up
// Of INT8 activations (sigma 12.7) with uint4 weights (7.5, sigma 2.9) over a group of 128.
constexpr double kActSigma = 12.7, kSumSigma = 1155, kRowSumSigma = 144;
// Of FP16 activations N(0,1): in units of 2^-24, and aligned to 16 bits.
constexpr double kFixedUnits = 0x1p24, kAlignedSigma = 1e4;
constexpr double kScaleSigma = 0.01;
constexpr std::uint64_t kMiddleZero = 8;

/// Sets the ports of one cycle.
using Cycle = std::function<void(Stimulus&, const OperandSource&, int cycle)>;

Subject unit(const std::string& name, RtlModule rtl, std::uint64_t seed, Cycle cycle) {
  const auto stimuli = [seed, cycle = std::move(cycle)](const std::vector<std::string>& ports) {
    Stimulus s(kUnitStream, ports);
    const OperandSource source(StreamKind::kLlm, seed);
    s.reset();
    for (int c = 0; c < kCycles; ++c) {
      if (c == kSegmentSteps) s.begin_counting();
      cycle(s, source, c);
      s.next();
    }
    return std::vector<Stimulus>{std::move(s)};
  };
  return {name, std::move(rtl), stimuli};
}

bool begins_segment(int cycle) { return cycle % kSegmentSteps == 0; }

// --- Dequantisation ---

struct Lane {
  const char* name;
  int sum_bits, row_sum_bits, t_bits;
  bool flags, deep;
  double act_sigma;  ///< of an activation in the sum's units
  int exponent;      ///< of the sum's unit
};

/// As prices know lanes: deep ones have an FP32 adder of four cycles.
std::string add_latency(bool deep) { return fmt::format("AddLatency={}", deep ? 4 : 2); }

Subject integer_lane(const Lane& lane, std::uint64_t seed) {
  RtlModule rtl{
      "dequant_int",
      {"common", "dequant"},
      {fmt::format("SumBits={}", lane.sum_bits), fmt::format("RowSumBits={}", lane.row_sum_bits),
       fmt::format("TBits={}", lane.t_bits), fmt::format("Flags=1'b{:d}", lane.flags),
       fmt::format("Deep=1'b{:d}", lane.deep), add_latency(lane.deep)}};
  return unit(lane.name, std::move(rtl), seed,
              [lane](Stimulus& s, const OperandSource& source, int c) {
                const double scale = lane.act_sigma / kActSigma;
                s.set("valid_i", 1);
                s.set("sum_i", source.integer(lane.sum_bits, kSumSigma * scale, c, 0));
                s.set("row_sum_i", source.integer(lane.row_sum_bits, kRowSumSigma * scale, c, 1));
                s.set("zero_i", source.bits(4, c, 2));
                s.set("exponent_i", static_cast<std::uint64_t>(lane.exponent) & 0xffU);
                s.set("scale_i", source.fp16(kScaleSigma, c, 3));
                s.set("y_i", source.fp32(1, c, 4));
              });
}

Subject float_lane(const std::string& name, bool deep, std::uint64_t seed) {
  RtlModule rtl{"dequant_fp32",
                {"common", "dequant"},
                {fmt::format("Deep=1'b{:d}", deep), add_latency(deep)}};
  return unit(name, std::move(rtl), seed, [](Stimulus& s, const OperandSource& source, int c) {
    s.set("valid_i", 1);
    s.set("sum_i", source.fp32(kSumSigma / kActSigma, c, 0));
    s.set("row_sum_i", source.fp32(kRowSumSigma / kActSigma, c, 1));
    s.set("zero_i", source.bits(4, c, 2));
    s.set("scale_i", source.fp16(kScaleSigma, c, 3));
    s.set("y_i", source.fp32(1, c, 4));
  });
}

// --- Row sums ---

Subject integer_row_sum(const std::string& name, int act_bits, int sum_bits, bool flags,
                        double sigma, std::uint64_t seed) {
  RtlModule rtl{"row_sum_int",
                {"common", "dequant"},
                {fmt::format("ActBits={}", act_bits), fmt::format("SumBits={}", sum_bits),
                 fmt::format("Flags=1'b{:d}", flags)},
                {"overflow_o"}};
  return unit(name, std::move(rtl), seed,
              [act_bits, sigma](Stimulus& s, const OperandSource& source, int c) {
                s.set("valid_i", 1);
                s.set("first_i", begins_segment(c));
                s.set("act_i", source.integer(act_bits, sigma, c, 0));
              });
}

Subject fixed_row_sum(std::uint64_t seed) {
  RtlModule rtl{"row_sum",
                {"common", "dequant", "array"},
                {"ActBits=16", "SumBits=51", "Flags=1'b1", "Fixed=1'b1", "ProductLatency=1"},
                {"overflow_o"}};
  return unit("row_sum/fixed", std::move(rtl), seed,
              [](Stimulus& s, const OperandSource& source, int c) {
                s.set("valid_i", 1);
                s.set("first_i", begins_segment(c));
                s.set("act_i", source.fp16(1, c, 0));
              });
}

/// One long segment: merging is an event of its own.
Subject float_row_sum(int add_latency, std::uint64_t seed) {
  constexpr int kInterleave = 2;
  RtlModule rtl{
      "row_sum_fp32",
      {"common", "dequant"},
      {fmt::format("AddLatency={}", add_latency), fmt::format("Interleave={}", kInterleave)}};
  const int ii = (add_latency + kInterleave - 1) / kInterleave;
  return unit(fmt::format("row_sum_fp32/add_latency={}", add_latency), std::move(rtl), seed,
              [ii](Stimulus& s, const OperandSource& source, int c) {
                s.set("valid_i", c % ii == 0);
                s.set("first_i", c == 0);
                s.set("act_i", c % ii == 0 ? source.fp16(1, c, 0) : 0);
              });
}

Subject row_sum_fifo(std::uint64_t seed) {
  constexpr int kWidth = 15;
  return unit("row_sum_fifo", {"row_sum_fifo", {"common", "array"}, {"Depth=2", "Width=15"}}, seed,
              [](Stimulus& s, const OperandSource& source, int c) {
                s.set("push_i", begins_segment(c));
                s.set("pop_i", c % kSegmentSteps == kSegmentSteps / 2);
                s.set("data_i", source.integer(kWidth, kRowSumSigma, c / kSegmentSteps, 0));
              });
}

// --- Edge ---

/// Segment s streams while s + 1 is scanned.
Subject aligner(std::uint64_t seed) {
  return unit("align_row", {"align_row", {"common", "dequant", "array"}, {}}, seed,
              [](Stimulus& s, const OperandSource& source, int c) {
                const bool first = begins_segment(c);
                s.set("scan_valid_i", 1);
                s.set("scan_first_i", first);
                s.set("scan_act_i", source.fp16(1, c, 0));
                s.set("first_i", first && c > 0);
                s.set("act_i", c < kSegmentSteps ? 0 : source.fp16(1, c - kSegmentSteps, 0));
              });
}

/// A weight a cycle; zero-point and scale hold for a group.
Subject converter(const std::string& module, bool to_float, std::uint64_t seed) {
  return unit(module, {module, {"common", "dequant"}, {}}, seed,
              [to_float](Stimulus& s, const OperandSource& source, int c) {
                const int group = c / kSegmentSteps;
                s.set("q_i", source.weight(unsigned_int(4), c, 0));
                s.set("zero_i", kMiddleZero);
                s.set("scale_i",
                      to_float ? source.fp16(kScaleSigma, group, 1) : 1 + source.bits(4, group, 1));
              });
}

// --- Control ---

Subject drain_control(std::uint64_t seed) {
  return unit("drain_control", {"drain_control", {"common", "array"}, {"Rows=64"}}, seed,
              [](Stimulus& s, const OperandSource&, int c) {
                s.set("last_i", c % kSegmentSteps == kSegmentSteps - 1);
                s.set("last_row_i", kDrainedRows - 1);
              });
}

Subject arrival_control(std::uint64_t seed) {
  return unit("arrival_control",
              {"arrival_control", {"common", "array"}, {"Rows=64", "AccumulatorRows=128"}}, seed,
              [](Stimulus& s, const OperandSource&, int c) {
                s.set("step_i", 1);
                s.set("first_i", begins_segment(c));
                s.set("begin_i", c / kSegmentSteps % 2 == 0);
                s.set("end_i", c / kSegmentSteps % 2 == 1);
                s.set("last_row_i", kDrainedRows - 1);
              });
}

// --- What others are made of ---

Subject adder(std::uint64_t seed) {
  return unit("fp32_add", {"fp32_add", {"common"}, {"Latency=1"}}, seed,
              [](Stimulus& s, const OperandSource& source, int c) {
                s.set("a_i", source.fp32(1, c, 0));
                s.set("b_i", source.fp32(1, c, 1));
              });
}

Subject multiplier(std::uint64_t seed) {
  return unit("fp32_scale", {"fp32_scale", {"common"}, {"Latency=1"}}, seed,
              [](Stimulus& s, const OperandSource& source, int c) {
                s.set("a_i", source.fp32(1, c, 0));
                s.set("b_i", source.fp16(kScaleSigma, c, 1));
              });
}

}  // namespace

std::vector<Subject> unit_subjects(std::uint64_t seed) {
  constexpr int kAlignedExponent = -13, kFixedExponent = -24;
  std::vector<Subject> subjects;
  for (const Lane& lane :
       {Lane{"dequant_int", 20, 15, 21, false, false, kActSigma, 0},
        Lane{"dequant_int/sum_bits=24", 24, 15, 25, false, false, kActSigma, 0},
        Lane{"dequant_int/aligned", 27, 23, 28, true, false, kAlignedSigma, kAlignedExponent},
        Lane{"dequant_int/fixed", 52, 48, 53, true, false, kFixedUnits, kFixedExponent},
        Lane{"dequant_int/deep", 20, 15, 21, false, true, kActSigma, 0},
        Lane{"dequant_int/deep/sum_bits=24", 24, 15, 25, false, true, kActSigma, 0},
        Lane{"dequant_int/deep/aligned", 27, 23, 28, true, true, kAlignedSigma, kAlignedExponent},
        Lane{"dequant_int/deep/fixed", 52, 48, 53, true, true, kFixedUnits, kFixedExponent}}) {
    subjects.push_back(integer_lane(lane, seed));
  }
  subjects.push_back(float_lane("dequant_fp32", false, seed));
  subjects.push_back(float_lane("dequant_fp32/deep", true, seed));
  subjects.push_back(integer_row_sum("row_sum_int", 8, 15, false, kActSigma, seed));
  subjects.push_back(integer_row_sum("row_sum_int/sum_bits=23", 8, 23, false, kActSigma, seed));
  subjects.push_back(integer_row_sum("row_sum_int/aligned", 16, 23, true, kAlignedSigma, seed));
  subjects.push_back(fixed_row_sum(seed));
  subjects.push_back(float_row_sum(2, seed));
  subjects.push_back(float_row_sum(3, seed));
  subjects.push_back(row_sum_fifo(seed));
  subjects.push_back(aligner(seed));
  subjects.push_back(converter("int4_to_int8", false, seed));
  subjects.push_back(converter("int_to_fp16", true, seed));
  subjects.push_back(drain_control(seed));
  subjects.push_back(arrival_control(seed));
  subjects.push_back(adder(seed));
  subjects.push_back(multiplier(seed));
  return subjects;
}

}  // namespace mixpe
