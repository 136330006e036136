#include "sim/energy/price.h"

#include <algorithm>

#include "models/dequant/lane_pipeline.h"
#include "sim/config/arch.h"
#include "sim/config/yaml_reader.h"
#include "sim/energy/complain.h"

namespace mixpe {
namespace {

using Facts = std::map<std::string, std::string>;

constexpr int kExponentBits = 5;  // of FP16

bool has_float(const PeSpec& pe, std::vector<Format> PeMode::*formats) {
  return std::any_of(pe.modes.begin(), pe.modes.end(), [&](const PeMode& m) {
    return std::any_of((m.*formats).begin(), (m.*formats).end(),
                       [](const Format& f) { return !f.is_integer(); });
  });
}

/// The lanes have as many stages as deep ones with an FP32 adder of four cycles.
bool deep_lanes(const ArchSpec& arch) {
  return arch.dequant.latency_cycles >= cycles_before_lane(arch.pe, arch.array.dataflow) +
                                            lane_latency_cycles(arch.pe.sum_kind, 4, true);
}

Facts facts_of(const ArchSpec& arch) {
  const PeSpec& pe = arch.pe;
  const bool integer = pe.sum_kind == SumKind::kInteger;
  const bool scaled = arch.dequant.placement == DequantPlacement::kAfterGroup;
  return {{"placement", placement_name(arch.dequant.placement)},
          {"sum_kind", integer ? "integer" : "fp32"},
          {"act_kind", has_float(pe, &PeMode::acts) ? "float" : "integer"},
          {"weight_kind", has_float(pe, &PeMode::weights) ? "float" : "integer"},
          {"output_kind", integer && !scaled ? "integer" : "fp32"},
          {"lanes", !scaled            ? "accumulate"
                    : deep_lanes(arch) ? "deep"
                                       : "short"},
          {"prescan", pe.prescan ? "true" : "false"}};
}

constexpr const char* kDataflowFact = "dataflow";

/// A PE's variants are chosen by its parameters, the dataflow and the fields of its PeSpec.
Facts pe_facts(const ArchSpec& arch) {
  const PeSpec& pe = arch.pe;
  Facts facts = pe.params;
  facts[kDataflowFact] = arch.array.dataflow == Dataflow::kWeightStationary ? "ws" : "os";
  for (const std::string& field : price_fields()) {
    facts[field] = std::to_string(price_field(pe, field));
  }
  return facts;
}

std::string text(const Facts& facts) {
  std::vector<std::string> words;
  for (const auto& [name, value] : facts) words.push_back(name + "=" + value);
  return joined(words);
}

std::string event_text(Event event) { return std::string(event_info(event).name); }

/// The first variant that the facts select; none after reporting. `event`: what it is the price of.
const Part* select(const PartFile& file, const Facts& facts, const std::string& event,
                   Diagnostics& wrong) {
  for (const Part& part : file.variants) {
    bool matches = true;
    for (const auto& [fact, wanted] : part.when) {
      const auto it = facts.find(fact);
      if (it == facts.end()) {
        complain(wrong, part.mark, part.path + ".when", "is no parameter or field of this PE", fact,
                 text(facts));
        return nullptr;
      }
      matches = matches && it->second == wanted;
    }
    if (matches) return &part;
  }
  complain(wrong, whole_file(file.file), "variants",
           "none is for this design: it raises " + event + ", which has no price", text(facts));
  return nullptr;
}

int weight_bits(const PeSpec& pe) {
  int bits = 0;
  for (const PeMode& m : pe.modes) {
    for (const Format& f : m.weights) bits = std::max(bits, f.bits);
  }
  return bits;
}

/// Has adders for the zero-points' row sums; in a WS array their K-tiles are added up beside the
/// columns'.
bool sums_rows(const ArchSpec& arch) {
  return arch.dequant.placement == DequantPlacement::kAfterGroup;
}

int activation_bits(const PeSpec& pe) {
  int bits = 0;
  for (const PeMode& m : pe.modes) {
    for (const Format& f : m.acts) bits = std::max(bits, f.bits);
  }
  return bits;
}

int lanes_k(const PeSpec& pe) {
  int most = 1;
  for (const PeMode& m : pe.modes) most = std::max(most, m.lanes_k);
  return most;
}

/// Outputs a PE holds.
int outputs(const PeSpec& pe) {
  int most = 1;
  for (const PeMode& m : pe.modes) most = std::max(most, m.lanes_m * m.lanes_n);
  return most;
}

int rows_per_pe(const PeSpec& pe) {
  int most = 1;
  for (const PeMode& m : pe.modes) most = std::max(most, m.lanes_m);
  return most;
}

int cols_per_pe(const PeSpec& pe) {
  int most = 1;
  for (const PeMode& m : pe.modes) most = std::max(most, m.lanes_n);
  return most;
}

/// Collects the list component by component.
class Pricer {
 public:
  Pricer(const ArchSpec& arch, const TechTable& tech, Diagnostics& wrong)
      : arch_(arch), tech_(tech), wrong_(wrong), facts_(facts_of(arch)) {
    list_.tech = tech.name;
    list_.activity = tech.activity == Activity::kZeroDelay ? "zero_delay"
                     : tech.activity == Activity::kGlitch  ? "glitch"
                                                           : "mean";
    list_.scan_buffer_steps = std::max<std::int64_t>(1, tech.scan_buffer_steps);
    clock_ns_ = 1e9 / static_cast<double>(arch.clock_hz);
  }

  PriceList run() {
    price_pes();
    price_edge();
    if (weight_stationary()) price_accumulator();
    price_sram("act_sram", Component::kActSram, arch_.act_buffer, Event::kActRead,
               Event::kActWrite);
    price_sram("wgt_sram", Component::kWgtSram, arch_.wgt_buffer, Event::kWgtRead,
               Event::kWgtWrite);
    price_sram("out_sram", Component::kOutSram, arch_.out_buffer, Event::kOutRead,
               Event::kOutWrite);
    price_dram();
    // Clock and leakage close the bill.
    for (EnergyPrice& p : idle_) list_.energy.push_back(std::move(p));
    return std::move(list_);
  }

 private:
  bool weight_stationary() const { return arch_.array.dataflow == Dataflow::kWeightStationary; }

  void add(std::string name, Event event, double pj, const Origin& origin, std::string mode = {}) {
    list_.energy.push_back({std::move(name), event, std::move(mode), {pj, "pJ", origin}});
  }
  void add_idle(std::string name, double pj_per_cycle, const Origin& origin) {
    idle_.push_back({std::move(name), std::nullopt, {}, {pj_per_cycle, "pJ/cycle", origin}});
  }
  void add_area(Component c, double um2, const Origin& origin) {
    list_[c] = {true, {um2, "um2", origin}};
  }
  double units(Component c) const { return static_cast<double>(instances(c, arch_, list_)); }
  void add_period(const PricedPart& p) {
    if (p.min_period_ns > 0) list_.periods.push_back({p.name, p.min_period_ns, p.origin.source});
  }
  /// nW/um2 x um2 x ns = 1e-6 pJ.
  void add_leakage_by_area(Component c, double um2_per_unit) {
    add_idle(std::string("leakage_") + component_name(c),
             tech_.logic.leakage_nw_per_um2 * um2_per_unit * units(c) * clock_ns_ * 1e-6,
             tech_.logic.leakage);
  }

  /// A logic module: an event per operation, clock and leakage for every instance.
  void price_module(const std::string& module, Component c, Event event, const char* line) {
    const Part* part = select(tech_.modules.at(module), facts_, event_text(event), wrong_);
    if (part == nullptr) return;
    const auto p = priced(*part, arch_.pe, tech_.logic, tech_.activity, wrong_);
    if (!p) return;
    add(line, event, p->data_pj.at("op"), p->origin);
    add_area(c, p->area_um2, p->origin);
    add_idle(std::string("clock_") + component_name(c), p->clock_pj * units(c), p->origin);
    add_leakage_by_area(c, p->area_um2);
    add_period(*p);
  }

  void price_edge() {
    price_module("dequant", Component::kDequantLanes, Event::kLaneOp, "dequant_lanes");
    if (sums_rows(arch_)) {
      price_module("row_sum", Component::kRowSum, Event::kRowSumAdd, "row_sum_adders");
      price_row_sum_fifo();
    }
    if (arch_.pe.prescan) {
      price_module("aligner", Component::kAligner, Event::kAlign, "aligners");
      price_sliced_memory("aligner_buffer", Component::kScanBuffer, tech_.scan_buffer,
                          list_.scan_buffer_steps, activation_bits(arch_.pe), Event::kAlign,
                          Event::kAlign, "aligner.yaml, buffer_steps");
    }
    if (arch_.dequant.placement == DequantPlacement::kBeforeArray) {
      price_module("converters", Component::kConverters, Event::kConvert, "converters");
    }
    price_module("epilogue", Component::kEpilogue, Event::kEpilogue, "epilogue");
  }

  /// At a group's end interleaved row sums are merged and the result is pushed, with the exponent
  /// of aligned activations: charged per addition, as groups of group_steps would. From the FIFO it
  /// goes along with the psums, one column with each value that a lane takes.
  void price_row_sum_fifo() {
    const LogicConstants& logic = tech_.logic;
    const double bits = arch_.pe.row_sum_bits + (arch_.pe.prescan ? kExponentBits : 0);
    const double move_pj = bits * logic.register_bit_shift_fj.at(tech_.activity) * 1e-3;
    double end_of_group_pj = move_pj;
    for (const EnergyPrice& p : list_.energy) {
      if (p.event == Event::kRowSumAdd) end_of_group_pj += merge_adds() * p.price.value;
    }
    const auto steps = static_cast<double>(std::max<std::int64_t>(1, tech_.group_steps));
    Origin origin = logic.register_bit;
    origin.method = Method::kDerived;
    origin.uncertainty_pct = 50;
    origin.source = "a register write and merging, once a group of " + number_text(steps) +
                    " steps; " + logic.register_bit.source;
    add("row_sum_push", Event::kRowSumAdd, end_of_group_pj / steps, origin);
    origin.source = "a register write per column passed; " + logic.register_bit.source;
    add("row_sum_pass", Event::kLaneOp, move_pj, origin);
    const double um2 = bits * logic.register_bit_area_um2;
    add_area(Component::kRowSumFifo, um2, logic.register_bit);
    add_idle("clock_row_sum_fifo",
             bits * logic.flop_clock_fj * 1e-3 * units(Component::kRowSumFifo), logic.flop);
    add_leakage_by_area(Component::kRowSumFifo, um2);
  }

  /// Additions that merge interleaved running sums at a segment's end (OS).
  double merge_adds() const { return weight_stationary() ? 0 : arch_.pe.interleave - 1; }

  /// A merging addition uses the PE's adder and not its multiplier: charged as a whole MAC, which
  /// is the most it can cost.
  void price_merging() {
    if (merge_adds() <= 0) return;
    const EnergyPrice* dearest = nullptr;
    for (const EnergyPrice& p : list_.energy) {
      if (p.event != Event::kMac) continue;
      if (dearest == nullptr || p.price.value > dearest->price.value) dearest = &p;
    }
    if (dearest == nullptr) return;  // reported already
    Origin origin = dearest->price.origin;
    origin.method = Method::kDerived;
    origin.uncertainty_pct = std::max(origin.uncertainty_pct, 50.0);
    origin.source = "interleave - 1 additions per sum, each at most a MAC; " + origin.source;
    const double pj = merge_adds() * dearest->price.value;
    add("pe_merge", Event::kLaneOp, pj, origin);
  }

  void price_pes() {
    if (arch_.paper_prices) {
      price_paper_pes(*arch_.paper_prices);
    } else {
      price_measured_pes();
    }
    price_merging();
    price_pe_registers();
  }

  /// Bits a PE needs beyond its price file: shadow register (OS); second weight (WS), unless the WS
  /// form itself was priced, which has two.
  double added_register_bits(bool as_built) const {
    if (has_shadow(arch_)) return static_cast<double>(arch_.pe.acc_bits) * outputs(arch_.pe);
    if (weight_stationary() && arch_.array.weight_double_buffering && !as_built) {
      return weight_bits(arch_.pe);
    }
    return 0;
  }

  void price_measured_pes() {
    const auto file = tech_.pes.find(arch_.pe.name);
    if (file == tech_.pes.end()) {
      std::vector<std::string> known;
      for (const auto& [name, parts] : tech_.pes) known.push_back(name);
      complain(wrong_, whole_file(arch_.file), "pe.name", "has no prices in " + tech_.folder,
               arch_.pe.name, joined(known));
      return;
    }
    const Part* part = select(file->second, pe_facts(arch_), event_text(Event::kMac), wrong_);
    if (part == nullptr) return;
    const auto p = priced(*part, arch_.pe, tech_.logic, tech_.activity, wrong_);
    if (!p) return;
    price_macs(*part, *p);
    Origin origin = p->origin;
    const bool as_built = part->when.contains(kDataflowFact);
    if (weight_stationary() && !as_built) {
      // Only the output-stationary PE was synthesised: the same arithmetic, its registers moved.
      origin.method = Method::kDerived;
      origin.uncertainty_pct = std::max(origin.uncertainty_pct, 25.0);
      origin.source += "; weight-stationary form derived from the output-stationary one";
    }
    price_pe_array(p->area_um2, p->clock_pj, tech_.logic.leakage_nw_per_um2 * p->area_um2,
                   added_register_bits(as_built), origin);
    add_period(*p);
  }

  /// Area, clock and leakage of a PE and the register bits this design adds to it.
  void price_pe_array(double um2, double clock_pj, double leakage_nw, double bits, Origin origin) {
    const LogicConstants& logic = tech_.logic;
    if (bits > 0) {
      origin.method = Method::kDerived;
      origin.source += "; added register bits: " + logic.register_bit.source;
    }
    const double added_um2 = bits * logic.register_bit_area_um2;
    add_area(Component::kPeArray, um2 + added_um2, origin);
    add("pe_clock", Event::kPeCycle, clock_pj + bits * logic.flop_clock_fj * 1e-3, origin);
    // nW x ns = 1e-6 pJ.
    add_idle("leakage_pe_array",
             (leakage_nw + logic.leakage_nw_per_um2 * added_um2) * units(Component::kPeArray) *
                 clock_ns_ * 1e-6,
             logic.leakage);
  }

  void price_macs(const Part& part, const PricedPart& priced_part) {
    for (const PeMode& mode : arch_.pe.modes) {
      const auto data = priced_part.data_pj.find("mac." + mode.name);
      if (data == priced_part.data_pj.end()) {
        complain(wrong_, part.mark, part.path + ".events",
                 "has no price for mac." + mode.name + ", which the PE raises");
        continue;
      }
      const double macs_per_step = mode.lanes_m * mode.lanes_n * mode.lanes_k;
      const double cycles_per_mac = mode.ii / macs_per_step;
      add("pe_mac_" + mode.name, Event::kMac, data->second * cycles_per_mac, priced_part.origin,
          mode.name);
      list_.energy.back().operands = operand_price(part, "mac." + mode.name, cycles_per_mac);
    }
    for (const auto& [event, pj] : priced_part.data_pj) {
      const bool declared = std::any_of(arch_.pe.events.begin(), arch_.pe.events.end(),
                                        [&](const PeEvent& e) { return e.name == event; });
      if (!declared) {
        complain(wrong_, part.mark, part.path + ".events",
                 "prices an event that the PE does not declare", event);
      }
    }
  }

  std::optional<OperandPrice> operand_price(const Part& part, const std::string& event,
                                            double cycles_per_mac) const {
    const auto slopes = part.operands.find(event);
    if (slopes == part.operands.end()) return std::nullopt;
    OperandPrice p{
        slopes->second.typical, {}, slopes->second.error_pct, slopes->second.held_out_pct};
    for (std::size_t i = 0; i < p.slope_pj.size(); ++i) {
      p.slope_pj[i] = slopes->second.pj[i].at(tech_.activity) * cycles_per_mac;
    }
    return p;
  }

  void price_paper_pes(const PaperPePrices& paper) {
    const Origin origin{"the architecture file", Method::kCited, 0};
    for (const PeMode& mode : arch_.pe.modes) {
      const auto mac = paper.mac_pj.find(mode.name);
      if (mac == paper.mac_pj.end()) {
        complain(wrong_, whole_file(arch_.file), "pe", "has no energy for mac." + mode.name);
        continue;
      }
      add("pe_mac_" + mode.name, Event::kMac, mac->second, origin, mode.name);
    }
    for (const auto& [name, mac_pj] : paper.mac_pj) {
      const bool declared = std::any_of(arch_.pe.modes.begin(), arch_.pe.modes.end(),
                                        [&](const PeMode& m) { return m.name == name; });
      if (!declared) {
        complain(wrong_, whole_file(arch_.file), "pe", "prices a mode that the PE does not have",
                 name);
      }
    }
    // The user's numbers are those of the whole PE: no register bits are added.
    price_pe_array(paper.area_um2, paper.clock_pj, 1e3 * paper.leakage_uw, 0, origin);
  }

  /// Energy of moving sums down the columns (OS) or weights into them (WS).
  void price_pe_registers() {
    const LogicConstants& logic = tech_.logic;
    const double shift_pj = logic.register_bit_shift_fj.at(tech_.activity) * 1e-3;
    if (!weight_stationary()) {
      const double bits = arch_.pe.acc_bits;
      if (has_shadow(arch_))
        add("pe_capture", Event::kCapture, bits * shift_pj, logic.register_bit);
      // Without shadow registers the sums themselves shift down.
      add("pe_shift", Event::kShadowShift, bits * shift_pj, logic.register_bit);
      return;
    }
    // A word read from the buffer passes (rows + 1) / 2 weight registers on average. Converters
    // widen 4-bit weights to the PE's.
    const double widened = arch_.dequant.placement == DequantPlacement::kBeforeArray
                               ? weight_bits(arch_.pe) / 4.0
                               : 1.0;
    const double hops = 0.5 * static_cast<double>(arch_.array.rows + 1);
    Origin origin = logic.register_bit;
    origin.method = Method::kDerived;
    origin.uncertainty_pct = 50;
    add("pe_weight_load", Event::kWgtRead,
        static_cast<double>(arch_.wgt_buffer.width_bits) * widened * hops * shift_pj, origin);
  }

  void price_accumulator() {
    price_sliced_memory("accumulator", Component::kAccumulatorMemory, tech_.accumulator_memory,
                        arch_.array.accumulator_rows, accumulator_word_bits(),
                        Event::kAccumulatorRead, Event::kAccumulatorWrite,
                        "array.accumulator_rows");
    price_module("accumulator", Component::kAccumulatorAdders, Event::kAccumulatorWrite,
                 "accumulator_add");
  }

  /// A sum, and its column's share of the row sum that is added up beside it.
  double accumulator_word_bits() const {
    const double columns = static_cast<double>(arch_.array.cols * cols_per_pe(arch_.pe));
    return arch_.pe.acc_bits + (sums_rows(arch_) ? arch_.pe.row_sum_bits / columns : 0);
  }

  /// A memory of `words` words of `word_bits` for each row or column, priced per bit as the macro
  /// that serves several of them. `key` is what the user would change.
  void price_sliced_memory(const std::string& name, Component c, const SlicedMemory& memory,
                           std::int64_t words, double word_bits, Event read, Event write,
                           const char* key) {
    std::string why;
    const std::int64_t width = memory.slice_width_bits;
    const auto slice = find_macro(tech_.sram, words * width / 8, width, why);
    const Origin& origin = memory.origin;
    if (!slice) {
      complain(wrong_, whole_file(arch_.file), key, why);
      return;
    }
    const double share = word_bits / static_cast<double>(width);
    add(name + "_read", read, slice->read_pj * share, origin);
    add(name + "_write", write, slice->write_pj * share, origin);
    const double slice_bits = static_cast<double>(words * width);
    add_area(c, slice->area_um2 / slice_bits, origin);
    // mW x ns = pJ.
    add_idle(std::string("leakage_") + component_name(c),
             slice->leakage_mw / slice_bits * units(c) * clock_ns_, origin);
    std::string part = component_name(c);
    std::replace(part.begin(), part.end(), '_', ' ');
    list_.periods.push_back({part, slice->cycle_ns, origin.source});
  }

  /// Each half of each bank is a macro of its own, so that one fills while the other is read.
  void price_sram(const std::string& name, Component c, const BufferSpec& buffer, Event read,
                  Event write) {
    const std::int64_t macros = 2 * buffer.banks;
    std::string why;
    const auto macro =
        find_macro(tech_.sram, (buffer.bytes + macros - 1) / macros, buffer.width_bits, why);
    if (!macro) {
      complain(wrong_, whole_file(arch_.file), name, why);
      return;
    }
    const Origin& origin = tech_.sram_origin;
    add(name + "_read", read, macro->read_pj, origin);
    add(name + "_write", write, macro->write_pj, origin);
    add_area(c, macro->area_um2 * static_cast<double>(macros), origin);
    add_idle("leakage_" + name, macro->leakage_mw * static_cast<double>(macros) * clock_ns_,
             origin);
    list_.periods.push_back({name + ", macros of " + std::to_string(macro->row_kib) + " KiB",
                             macro->cycle_ns, origin.source});
  }

  void price_dram() {
    const std::string& name = arch_.memory.dram.empty() ? tech_.default_dram : arch_.memory.dram;
    const auto type = tech_.dram.find(name);
    if (type == tech_.dram.end()) {
      std::vector<std::string> known;
      for (const auto& [dram, row] : tech_.dram) known.push_back(dram);
      complain(wrong_, whole_file(arch_.file), "memory.dram", "has no price in " + tech_.folder,
               name, joined(known));
      return;
    }
    const DramEnergy& energy = type->second.energy;
    add("dram_read", Event::kDramReadBytes, energy.pj_per_byte(), type->second.origin);
    add("dram_write", Event::kDramWriteBytes, energy.write_pj_per_byte(), type->second.origin);
  }

  const ArchSpec& arch_;
  const TechTable& tech_;
  Diagnostics& wrong_;
  Facts facts_;
  double clock_ns_ = 0;
  PriceList list_;
  std::vector<EnergyPrice> idle_;
};

}  // namespace

const char* component_name(Component c) {
  switch (c) {
    case Component::kPeArray:
      return "pe_array";
    case Component::kDequantLanes:
      return "dequant_lanes";
    case Component::kRowSum:
      return "row_sum_adders";
    case Component::kRowSumFifo:
      return "row_sum_fifo";
    case Component::kAligner:
      return "aligners";
    case Component::kScanBuffer:
      return "aligner_buffer";
    case Component::kConverters:
      return "converters";
    case Component::kEpilogue:
      return "epilogue";
    case Component::kAccumulatorMemory:
      return "accumulator_memory";
    case Component::kAccumulatorAdders:
      return "accumulator_adders";
    case Component::kActSram:
      return "act_sram";
    case Component::kWgtSram:
      return "wgt_sram";
    case Component::kOutSram:
      return "out_sram";
    case Component::kCount:
      break;
  }
  throw InvariantError("unknown component");
}

bool has_shadow(const ArchSpec& arch) {
  return arch.array.dataflow == Dataflow::kOutputStationary &&
         (arch.array.pass_overlap || arch.dequant.placement == DequantPlacement::kAfterGroup);
}

std::int64_t instances(Component c, const ArchSpec& arch, const PriceList& prices) {
  const ArraySpec& array = arch.array;
  const std::int64_t edge_rows = array.rows * rows_per_pe(arch.pe);
  const std::int64_t edge_cols = array.cols * cols_per_pe(arch.pe);
  switch (c) {
    case Component::kPeArray:
      return array.rows * array.cols;
    case Component::kDequantLanes:
    case Component::kEpilogue:
      return arch.dequant.lanes;
    case Component::kRowSum:
    case Component::kAligner:
      return edge_rows;
    case Component::kRowSumFifo:
      // OS: a row's sum waits (rows - 1) (1 + m) cycles at most for the first column's lane, and
      // segments end rows * m apart or more, so two words a row are enough for groups of any
      // length. WS: sums leave the chain of adders in step with the first column's.
      return (arch.array.dataflow == Dataflow::kOutputStationary ? 2 * edge_rows
                                                                 : rows_per_pe(arch.pe)) +
             edge_cols - 1;
    case Component::kScanBuffer:
      return edge_rows * prices.scan_buffer_steps * lanes_k(arch.pe) * activation_bits(arch.pe);
    case Component::kConverters:
      return arch.dequant.converters;
    case Component::kAccumulatorMemory:
      return array.accumulator_rows *
             (edge_cols * arch.pe.acc_bits + (sums_rows(arch) ? arch.pe.row_sum_bits : 0));
    case Component::kAccumulatorAdders:
      return edge_cols + (sums_rows(arch) ? 1 : 0);
    case Component::kActSram:
    case Component::kWgtSram:
    case Component::kOutSram:
      return 1;
    case Component::kCount:
      break;
  }
  throw InvariantError("unknown component");
}

std::vector<PeriodNote> PriceList::too_slow_for(std::int64_t clock_hz) const {
  std::vector<PeriodNote> slow;
  for (const PeriodNote& note : periods) {
    if (note.min_period_ns * static_cast<double>(clock_hz) > 1e9) slow.push_back(note);
  }
  return slow;
}

double OperandPrice::difference_pj(const OperandStatistics& operands) const {
  double pj = 0;
  for (std::size_t i = 0; i < slope_pj.size(); ++i) {
    pj += slope_pj[i] * (operands.values()[i] - typical.values()[i]);
  }
  return pj;
}

void require_operand_prices(const ArchSpec& arch, const TechTable& tech, const PriceList& prices,
                            Diagnostics& wrong) {
  const auto file = tech.pes.find(arch.pe.name);
  for (const EnergyPrice& p : prices.energy) {
    if (p.event != Event::kMac || p.operands) continue;
    complain(wrong, whole_file(file == tech.pes.end() ? arch.file : file->second.file), "operands",
             "says nothing of how the energy of mac." + p.mode + " follows its operands", tech.name,
             "a technology that mixpe characterize made");
  }
}

PriceList price(const ArchSpec& arch, const TechTable& tech, Diagnostics& wrong) {
  return Pricer(arch, tech, wrong).run();
}

}  // namespace mixpe
