#include "sim/cosim/rtl_array_design.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <optional>
#include <vector>

#include "models/core/errors.h"
#include "models/dequant/dequant.h"
#include "models/dequant/lane_pipeline.h"

namespace mixpe {
namespace {

constexpr std::int64_t kMaxSide = 64;  ///< larger arrays take g++ too long

std::string verilog_bit(bool value) { return value ? "1'b1" : "1'b0"; }

int index_bits(std::int64_t count) {
  return std::max(1, static_cast<int>(std::bit_width(static_cast<std::uint64_t>(count - 1))));
}

std::int64_t before_lane(const ArrayWork& work) {
  return cycles_before_lane(work.pe->spec(), work.timing.dataflow);
}

/// The lane of the latency that the user gives.
std::optional<LanePipeline> lane_of(const ArrayWork& work) {
  return lane_pipeline(work.pe->spec().sum_kind, work.timing.lane_latency - before_lane(work));
}

void check_lanes(const ArrayWork& work, Diagnostics& wrong) {
  const ArrayTiming& t = work.timing;
  if (!work.scale_groups) {
    if (t.lane_latency >= before_lane(work)) return;
    wrong.add({{},
               "dequant.latency",
               "the RTL's accumulators are in front of the lanes",
               fmt::format("{} cycles", t.lane_latency),
               fmt::format("at least {} cycles", before_lane(work))});
    return;
  }
  const std::optional<LanePipeline> lane = lane_of(work);
  if (!lane) {
    const SumKind kind = work.pe->spec().sum_kind;
    wrong.add(
        {{},
         "dequant.latency",
         "the RTL of the lanes has another pipeline",
         fmt::format("{} cycles", t.lane_latency),
         fmt::format("{} cycles or more{}", lane_latency_cycles(kind, 1, false) + before_lane(work),
                     kind == SumKind::kInteger ? "" : ", in steps of two")});
    return;
  }
  const bool padded_os =
      t.edge_tiles == EdgeTiles::kPadded && t.dataflow == Dataflow::kOutputStationary;
  const std::int64_t soonest = (padded_os ? t.rows : 1) * t.drain_interval;
  if (std::max(t.lane_accumulate, soonest) < lane->adder) {
    wrong.add({{},
               "dequant.accumulate",
               "a lane of the RTL may revisit an output only when its adder is done",
               fmt::format("{} cycles", t.lane_accumulate),
               fmt::format("at least {} cycles", lane->adder)});
  }
}

void check_array(const ArrayWork& work, Diagnostics& wrong) {
  const ArrayTiming& t = work.timing;
  const PeSpec& pe = work.pe->spec();
  if (t.lanes_m * t.lanes_n != 1) {
    wrong.add({{},
               "pe.name",
               "the RTL's arrays are of PEs that hold one output each, not of lanes along m and n",
               fmt::format("{} x {}", t.lanes_m, t.lanes_n),
               "another mode of the PE, or engine tile, cycle or literal"});
  }
  if (work.zero_points && work.formats.act.is_coded()) {
    wrong.add(
        {{},
         "pe.name",
         "the RTL's row sums (of weights with zero-points) add activations as they are stored, "
         "without decoding",
         work.formats.act.name(),
         "weights without zero-points, or engine tile, cycle or literal"});
  }
  for (const auto& [key, side] : {std::pair{"array.rows", t.rows}, {"array.cols", t.cols}}) {
    if (side <= kMaxSide) continue;
    wrong.add({{},
               key,
               "the RTL of so large an array takes too long to compile",
               std::to_string(side),
               fmt::format("up to {}", kMaxSide)});
  }
  const std::int64_t adder = cycles_before_lane(pe, t.dataflow) - 1;
  if (t.dataflow == Dataflow::kWeightStationary && t.accumulator_cycles < adder) {
    wrong.add({{},
               "array.accumulator_cycles",
               "the RTL's accumulators take as long as the PE's adder",
               std::to_string(t.accumulator_cycles),
               fmt::format("at least {}", adder)});
  }
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
  in("mode_i", std::max(1, d.pe.mode_bits));
  in("act_i", rows * d.act_bits);
  in("scan_act_i", rows * d.act_bits);
  in("wgt_i", cols * d.pe.wgt_bits);
  in("last_row_i", d.pe_row_bits);
  if (d.weight_stationary) {
    for (const char* bit : {"begin_i", "end_i", "load_i", "scan_begin_i"}) in(bit, 1);
    in("load_row_i", d.pe_row_bits);
    out("row_sum_overflow_o", 1);
    out("slot_o", lanes);
    for (const char* column : {"sum_overflow_o", "arrive_o", "read_o", "take_o", "write_o"}) {
      out(column, cols);
    }
  } else {
    in("last_i", 1);
  }
  in("lane_zero_i", lanes * d.zero_bits);
  in("lane_scale_i", lanes * 16);
  in("lane_y_i", lanes * 32);
  out("overflow_o", rows * cols);
  out("row_overflow_o", rows * static_cast<int>(d.act_lanes));
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
  constexpr const char* kOthers = " (engine: tile, cycle or literal)";
  if (work.pe == nullptr) {
    throw UserError(std::string("array.engine: a PE on paper has no RTL") + kOthers);
  }
  const ArrayTiming& t = work.timing;
  const PeSpec& pe = work.pe->spec();
  const std::optional<PeRtl> rtl = find_pe_rtl(pe, t.dataflow);
  if (!rtl) throw UserError("array.engine: there is no RTL of " + pe.name + kOthers);
  Diagnostics wrong;
  check_array(work, wrong);
  check_lanes(work, wrong);
  wrong.throw_if_any();

  RtlArrayDesign d;
  d.weight_stationary = t.dataflow == Dataflow::kWeightStationary;
  d.sum_kind = pe.sum_kind;
  d.aligned = pe.prescan;
  d.flag_bits = rtl->flag_bits;
  d.dequant = work.scale_groups;
  d.two_cycles = rtl->mac_cycles(work.formats.weight) == 2;
  d.pe = *rtl;
  d.act_bits = d.aligned ? work.formats.act.bits : rtl->act_bits;
  d.act_lanes = work.zero_points ? t.lanes_k : 1;
  d.mode = rtl->mode_word(pe, work.formats);
  d.sum_bits = rtl->sum_bits;
  d.row_sum_bits = pe.row_sum_bits + rtl->flag_bits;
  d.pe_row_bits = index_bits(t.rows);
  d.row_bits = d.weight_stationary ? index_bits(t.accumulator_rows) : d.pe_row_bits;
  d.col_bits = index_bits(t.cols);
  d.zero_bits = work.zero_format.bits + 1;
  d.lanes = (t.cols + t.drain_interval - 1) / t.drain_interval;
  const bool integer = pe.sum_kind == SumKind::kInteger;
  const LanePipeline lane = d.dequant ? *lane_of(work) : LanePipeline{};
  d.to_lane = before_lane(work);
  d.y_read = lane.before;
  const int t_bits = work.zero_points && integer
                         ? zero_corrected_bits(pe.acc_bits, pe.row_sum_bits, work.zero_format)
                         : pe.acc_bits;

  d.rtl.top = d.weight_stationary ? "mixpe_array_ws" : "mixpe_array";
  d.rtl.folders = {"common", "dequant", "array", rtl->folder};
  std::string own;
  for (const std::string& setting : rtl->parameters) {
    const std::size_t equals = setting.find('=');
    own += fmt::format(", .{}({})", setting.substr(0, equals), setting.substr(equals + 1));
  }
  if (!work.shadow) own += ", .Shadow(1'b0)";
  d.rtl.defines = {"MIXPE_PE=" + rtl->module, "MIXPE_PE_PARAMS=" + own, "MIXPE_FAST_SIMULATION"};
  if (rtl->mode_bits > 0) d.rtl.defines.push_back("MIXPE_PE_PORTS=, .mode_i(mode_i)");
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
  parameter("ActBits", rtl->act_bits);
  parameter("WgtBits", rtl->wgt_bits);
  parameter("SumBits", d.sum_bits);
  parameter("ProductLatency", t.product_latency);
  parameter("AddLatency", t.add_latency);
  if (d.weight_stationary) {
    parameter("AccumulatorRows", t.accumulator_rows);
  } else {
    parameter("Interleave", pe.interleave);
  }
  bit("Flags", d.flag_bits > 0);
  bit("Fixed", d.flag_bits > 0 && !d.aligned);
  bit("Aligned", d.aligned);
  bit("Fp32", !integer);
  bit("Wide", rtl->nibbles);
  if (rtl->mode_bits > 0) parameter("ModeBits", rtl->mode_bits);
  bit("RowSums", work.zero_points);
  if (work.zero_points && work.formats.act.is_integer()) {
    parameter("ActLanes", d.act_lanes);
    parameter("ActLaneBits", rtl->act_field(work.formats.act));
    bit("ActSigned", work.formats.act.is_signed());
  }
  parameter("RowSumBits", d.row_sum_bits);
  bit("Dequant", d.dequant);
  parameter("ZeroBits", d.zero_bits);
  parameter("TBits", t_bits);
  if (d.dequant) {
    parameter("LaneAddLatency", lane.adder);
    bit("DeepLanes", lane.deep);
  }
  add_ports(t, d);
  return d;
}

void show_registers(const ArrayWork& work, RtlArrayDesign& design) {
  check_invariant(design.sum_kind == SumKind::kInteger && design.sum_bits <= 32,
                  "no single register of 32 bits holds the sum");
  const ArrayTiming& t = work.timing;
  std::string text =
      "RTL_EXPORT void array_sums(void* self, std::uint32_t* sums) {\n"
      "  const Vtop& top = static_cast<RtlModel*>(self)->top;\n";
  for (std::int64_t r = 0; r < t.rows; ++r) {
    for (std::int64_t c = 0; c < t.cols; ++c) {
      text += fmt::format(
          "  sums[{}] = top.__PVT__{}__DOT__gen_row__BRA__{}__KET____DOT__gen_col__BRA__{}__KET____"
          "DOT__u_pe->u_sum__DOT__sum_q;\n",
          r * t.cols + c, design.rtl.top, r, c);
    }
  }
  design.registers = text + "}\n";
}

}  // namespace mixpe
