#include "sim/cosim/rtl_array_design.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "models/core/errors.h"
#include "models/dequant/dequant.h"
#include "sim/cosim/rtl_array_pe.h"

namespace mixpe {
namespace {

constexpr std::int64_t kMaxSide = 64;       ///< larger arrays take g++ too long
constexpr std::int64_t kMaxAddLatency = 3;  ///< of fp32_add
constexpr int kFlagBits = 3;                ///< mixpe_pkg::FlagBits

std::string verilog_bit(bool value) { return value ? "1'b1" : "1'b0"; }

int index_bits(std::int64_t count) {
  return std::max(1, static_cast<int>(std::bit_width(static_cast<std::uint64_t>(count - 1))));
}

/// A lane's adder for the pipeline depth that the user gives: three stages before it, or four of
/// which one is an adder, too (dequant_int, dequant_fp32). 0: there is none.
std::int64_t lane_add_latency(SumKind kind, std::int64_t latency) {
  const std::int64_t left = latency - (kind == SumKind::kInteger ? 3 : 2);
  const std::int64_t adder = kind == SumKind::kInteger ? left : left % 2 == 0 ? left / 2 : 0;
  return adder >= 1 && adder <= kMaxAddLatency ? adder : 0;
}

void check_lanes(const ArrayWork& work, SumKind kind, Diagnostics& wrong) {
  const ArrayTiming& t = work.timing;
  const std::int64_t adder = lane_add_latency(kind, t.lane_latency);
  if (adder == 0) {
    wrong.add({{},
               "dequant.latency",
               "the RTL of the lanes has another pipeline",
               fmt::format("{} cycles", t.lane_latency),
               kind == SumKind::kInteger ? "4, 5 or 6 cycles" : "4, 6 or 8 cycles"});
    return;
  }
  const std::int64_t rows = t.edge_tiles == EdgeTiles::kActual ? 1 : t.rows;
  if (std::max(t.lane_accumulate, rows * t.drain_interval) < adder) {
    wrong.add({{},
               "dequant.accumulate",
               "a lane of the RTL may revisit an output only when its adder is done",
               fmt::format("{} cycles", t.lane_accumulate),
               fmt::format("at least {} cycles", adder)});
  }
}

void check_work(const ArrayWork& work, Diagnostics& wrong) {
  const ArrayTiming& t = work.timing;
  const PeSpec& pe = work.pe->spec();
  if (t.lanes_m * t.lanes_n * t.lanes_k != 1) {
    wrong.add({{},
               "pe.name",
               "the RTL's arrays are of PEs that take one pair of operands a step",
               fmt::format("{} x {} x {} lanes", t.lanes_m, t.lanes_n, t.lanes_k),
               ""});
  }
  for (const auto& [key, side] : {std::pair{"array.rows", t.rows}, {"array.cols", t.cols}}) {
    if (side > kMaxSide) {
      wrong.add({{},
                 key,
                 "the RTL of so large an array takes too long to compile",
                 std::to_string(side),
                 fmt::format("up to {}", kMaxSide)});
    }
  }
  if (pe.sum_kind == SumKind::kFloat32 && pe.add_latency > kMaxAddLatency) {
    wrong.add({{},
               "pe.add_latency",
               "the RTL's FP32 adder has fewer stages",
               std::to_string(pe.add_latency),
               fmt::format("up to {}", kMaxAddLatency)});
  }
  if (work.scale_groups) check_lanes(work, pe.sum_kind, wrong);
}

void add_ports(const ArrayTiming& t, RtlArrayDesign& d) {
  const auto rows = static_cast<int>(t.rows), cols = static_cast<int>(t.cols);
  const auto lanes = static_cast<int>(d.lanes);
  const auto in = [&](const char* name, int bits) { d.rtl.ports.push_back({name, bits, false}); };
  const auto out = [&](const char* name, int bits) { d.rtl.ports.push_back({name, bits, true}); };
  for (const char* bit : {"clk_i", "rst_ni", "weight_signed_i", "weight_wide_i", "valid_i",
                          "first_i", "scan_valid_i", "scan_first_i"}) {
    in(bit, 1);
  }
  in("act_i", rows * d.act_bits);
  in("scan_act_i", rows * d.act_bits);
  in("wgt_i", cols * d.wgt_bits);
  in("last_row_i", d.row_bits);
  in("last_i", 1);
  in("lane_zero_i", lanes * d.zero_bits);
  in("lane_scale_i", lanes * 16);
  in("lane_y_i", lanes * 32);
  out("overflow_o", rows * cols);
  out("row_overflow_o", rows);
  out("lane_valid_o", lanes);
  out("lane_row_o", lanes * d.row_bits);
  out("lane_col_o", lanes * d.col_bits);
  out("lane_sum_o", lanes * d.sum_bits);
  out("lane_row_sum_o", lanes * d.row_sum_bits);
  out("lane_exponent_o", lanes * 8);
  out("lane_done_o", lanes);
  out("lane_y_o", lanes * 32);
}

}  // namespace

RtlArrayDesign rtl_array_design(const ArrayWork& work) {
  if (work.pe == nullptr) {
    throw UserError("array.engine: a PE on paper has no RTL (engine: tile, cycle or literal)");
  }
  Diagnostics wrong;
  check_work(work, wrong);
  wrong.throw_if_any();

  const ArrayTiming& t = work.timing;
  const PeSpec& pe = work.pe->spec();
  RtlArrayDesign d;
  d.weight_stationary = t.dataflow == Dataflow::kWeightStationary;
  const RtlPe rtl = rtl_pe(pe, work.formats, d.weight_stationary, work.shadow);
  d.sum_kind = pe.sum_kind;
  d.aligned = pe.prescan;
  d.flags = pe.sum_kind == SumKind::kInteger && !work.formats.act.is_integer();
  d.dequant = work.scale_groups;
  d.two_cycles = rtl.wide && work.formats.weight.bits > 4;
  d.act_bits = work.formats.act.bits;
  d.wgt_bits = rtl.wgt_bits;
  d.sum_bits = pe.acc_bits + (d.flags ? kFlagBits : 0);
  d.row_sum_bits = pe.row_sum_bits + (d.flags ? kFlagBits : 0);
  d.row_bits = index_bits(t.rows);
  d.col_bits = index_bits(t.cols);
  d.zero_bits = work.zero_format.bits + 1;
  d.lanes = (t.cols + t.drain_interval - 1) / t.drain_interval;
  const bool integer = pe.sum_kind == SumKind::kInteger;
  const std::int64_t adder = d.dequant ? lane_add_latency(pe.sum_kind, t.lane_latency) : 1;
  d.y_read = integer ? 3 : 2 + adder;
  d.y_done = integer ? 3 + adder : 2 + 2 * adder;
  const int t_bits = work.zero_points && integer
                         ? zero_corrected_bits(pe.acc_bits, pe.row_sum_bits, work.zero_format)
                         : pe.acc_bits;

  d.rtl.top = "mixpe_array";
  d.rtl.folders = {"common", "dequant", "array", rtl.folder};
  d.rtl.defines = {"MIXPE_PE=" + rtl.module, "MIXPE_PE_PARAMS=" + rtl.parameters};
  d.rtl.savable = true;
  const auto parameter = [&](const char* name, std::int64_t value) {
    d.rtl.parameters.push_back(fmt::format("{}={}", name, value));
  };
  const auto bit = [&](const char* name, bool value) {
    d.rtl.parameters.push_back(fmt::format("{}={}", name, verilog_bit(value)));
  };
  parameter("Rows", t.rows);
  parameter("Cols", t.cols);
  parameter("Lanes", d.lanes);
  parameter("Interval", t.drain_interval);
  parameter("ActBits", rtl.act_bits);
  parameter("WgtBits", d.wgt_bits);
  parameter("SumBits", d.sum_bits);
  parameter("ProductLatency", t.product_latency);
  parameter("AddLatency", t.add_latency);
  parameter("Interleave", pe.interleave);
  bit("Flags", d.flags);
  bit("Fixed", d.flags && !d.aligned);
  bit("Aligned", d.aligned);
  bit("Fp32", !integer);
  bit("Wide", rtl.wide);
  bit("RowSums", work.zero_points);
  parameter("RowSumBits", d.row_sum_bits);
  bit("Dequant", d.dequant);
  parameter("ZeroBits", d.zero_bits);
  parameter("TBits", t_bits);
  parameter("LaneAddLatency", adder);
  add_ports(t, d);
  return d;
}

}  // namespace mixpe
