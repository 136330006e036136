#include "sim/characterize/module_prices.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "models/core/errors.h"
#include "sim/characterize/operand_source.h"
#include "sim/characterize/pe_subject.h"
#include "sim/characterize/price_text.h"
#include "sim/characterize/unit_subjects.h"

namespace mixpe {
namespace {

constexpr double kFjPerPj = 1e3;
constexpr int kFp32Bits = 32, kAdderStageBits = 39;

/// One module's file, put together variant by variant.
class ModuleFile {
 public:
  ModuleFile(const std::string& module, const Measurements& measurements,
             const Provenance& provenance)
      : identity_("module: " + module), measurements_(measurements), provenance_(provenance) {}

  /// Keys between the header and the variants.
  void add_keys(const std::string& text) { keys_ += text; }

  const Measurement& at(const std::string& name) {
    const auto found = measurements_.find(name);
    check_invariant(found != measurements_.end(), "a module that was not measured");
    used_.insert(&found->second);
    return found->second;
  }

  void measured(const std::string& when, const std::string& name, const std::string& at_fields,
                const std::string& extend) {
    const Measurement& m = at(name);
    const StreamEnergy& s = m.stream(kUnitStream);
    const double leakage = m.leakage_pj(provenance_.clock_ns);
    const double zero_delay = s.zero_delay_pj() + leakage, glitch = s.glitch_pj() + leakage;
    const auto bounds = std::lround(100 * (glitch - zero_delay) / (glitch + zero_delay));
    variants_ += fmt::format("  - when: {{{}}}\n    name: {}\n", when, name);
    variants_ += origin_text("    ", measured_source(m, provenance_), "measured",
                             10 + static_cast<int>(std::abs(bounds)));
    if (!at_fields.empty()) variants_ += fmt::format("    at: {{{}}}\n", at_fields);
    variants_ +=
        fmt::format("    area_um2: {}\n    flops: {}\n    min_period_ns: {}\n",
                    price_number(m.area_um2), m.flops, price_number(m.timing.min_period_ns));
    variants_ += fmt::format("    cycle_pj: {}\n    split:\n      op: {{{}}}\n",
                             switching_text(zero_delay, glitch),
                             split_text(m, kUnitStream, provenance_.clock_ns));
    if (!extend.empty()) variants_ += "    extend:\n" + extend;
  }

  /// One unit more of `field`: `there` - `here`, `units` apart.
  std::string slope(const std::string& field, int min, int max, const std::string& there,
                    const std::string& here, double units, bool never_less) {
    const Measurement &a = at(here), &b = at(there);
    const StreamEnergy &e = a.stream(kUnitStream), &f = b.stream(kUnitStream);
    const auto least = [&](double x) { return std::max(x / units, 1e-3); };
    return fmt::format(
        "      - {{of: {}, min: {}, max: {}{}, area_um2: {}, flops: {}, min_period_ns: {},\n"
        "         cycle_pj: {}, method: derived, uncertainty_pct: 40, source: \"{} - {}\"}}\n",
        field, min, max, never_less ? ", never_less: true" : "",
        price_number(least(b.area_um2 - a.area_um2)),
        price_number(
            std::max(0.0, (static_cast<double>(b.flops) - static_cast<double>(a.flops)) / units)),
        price_number(never_less
                         ? 0
                         : std::max(0.0, b.timing.min_period_ns - a.timing.min_period_ns) / units),
        switching_text(least(f.zero_delay_pj() - e.zero_delay_pj()),
                       least(f.glitch_pj() - e.glitch_pj())),
        there, here);
  }

  /// One unit more of `field` is so many flip-flops like the others of `m`.
  std::string registers(const std::string& field, int max, int bits, const Measurement& m) const {
    const double share = bits / static_cast<double>(m.flops);
    const StreamEnergy& s = m.stream(kUnitStream);
    const auto pj = [share](const Energies& e) {
      return share *
             (e[static_cast<std::size_t>(Sink::kClock)] + e[static_cast<std::size_t>(Sink::kFlop)]);
    };
    return fmt::format(
        "      - {{of: {}, min: 1, max: {}, never_less: true, area_um2: {}, flops: {}, "
        "min_period_ns: 0,\n"
        "         cycle_pj: {}, method: derived, uncertainty_pct: 40, source: \"{} flip-flops like "
        "the others of {}\"}}\n",
        field, max, price_number(share * m.flop_area_um2), bits,
        switching_text(pj(s.zero_delay), pj(s.glitch)), bits, m.name);
  }

  struct Term {
    std::string what;
    double amount;
    std::string times = "1";
  };
  void derived(const std::string& when, const std::string& name, bool is_float,
               const std::string& source, int uncertainty_pct, const std::vector<Term>& gates,
               const std::vector<Term>& bits) {
    const auto terms = [](const char* key, const char* amount, const std::vector<Term>& list) {
      std::string text = fmt::format("    {}:\n", key);
      for (const Term& t : list) {
        text += fmt::format("      - {{what: \"{}\", {}: {}, times: {}}}\n", t.what, amount,
                            price_number(t.amount), t.times);
      }
      return text;
    };
    variants_ += fmt::format("  - when: {{{}}}\n    name: {}\n", when, name);
    variants_ += origin_text("    ", source, "derived", uncertainty_pct);
    variants_ += fmt::format("    logic: {}\n", is_float ? "float" : "integer");
    variants_ += terms("combinational_um2", "um2", gates);
    variants_ += terms("register_bits", "bits", bits);
  }

  std::string text() const {
    return price_header(identity_, provenance_, used_) + keys_ + "variants:\n" + variants_;
  }

 private:
  std::string identity_, keys_, variants_;
  const Measurements& measurements_;
  const Provenance& provenance_;
  std::set<const Measurement*> used_;
};

/// What the measured modules say of smaller parts.
class Parts {
 public:
  Parts(ModuleFile& file, const CellLibrary& library) : file_(file), library_(library) {}

  double adder_bit_um2() {
    const Measurement &a = file_.at("row_sum_int"), &b = file_.at("row_sum_int/sum_bits=23");
    return (b.area_um2 - a.area_um2 - (b.flop_area_um2 - a.flop_area_um2)) / kMoreBits;
  }
  double fp32_adder_um2() { return file_.at("fp32_add").area_um2; }
  double multiplier_um2() { return file_.at("fp32_scale").area_um2; }
  /// The smallest gate that chooses between two bits.
  double multiplexer_um2() const {
    double best = 0;
    for (const auto& [name, cell] : library_.cells) {
      if (cell.flop || cell.inputs.size() != 3 || cell.outputs.size() != 1) continue;
      constexpr std::uint64_t kChoices[] = {0xca, 0xd8, 0xac, 0xb8, 0xe2, 0xe4};
      const std::uint64_t f = cell.outputs[0].function.bits();
      const bool chooses = std::any_of(std::begin(kChoices), std::end(kChoices), [f](auto choice) {
        return f == choice || (~f & 0xff) == choice;
      });
      if (chooses && (best == 0 || cell.area_um2 < best)) best = cell.area_um2;
    }
    // Without one: three NAND-sized gates, as large as inverters and half.
    return best > 0 ? best : 4.5 * library_.inverter().area_um2;
  }
  static constexpr const char* kAdderBit = "adder bit: row_sum_int's slope without its flop";
  static constexpr const char* kAdder = "FP32 adder: fp32_add";
  static constexpr const char* kMultiplier = "FP32 x FP16 multiplier: fp32_scale";

 private:
  static constexpr double kMoreBits = 8;  // of sum_bits=23 over 15
  ModuleFile& file_;
  const CellLibrary& library_;
};

std::string dequant(ModuleFile file, const CellLibrary& library) {
  const std::string placement = "placement: after_group, ";
  for (const bool deep : {true, false}) {
    const std::string lanes = deep ? "lanes: deep, " : "lanes: short, ", form = deep ? "/deep" : "";
    const std::string integer = "dequant_int" + form;
    const std::string bit =
        file.slope("acc_bits", 12, 62, integer + "/sum_bits=24", integer, 4, false);
    const std::string kind = placement + lanes + "sum_kind: integer, act_kind: ";
    file.measured(kind + "integer", integer, "acc_bits: 20", bit);
    file.measured(kind + "float, prescan: true", integer + "/aligned", "acc_bits: 27", bit);
    file.measured(kind + "float, prescan: false", integer + "/fixed", "acc_bits: 52", bit);
    file.measured(placement + lanes + "sum_kind: fp32", "dequant_fp32" + form, "", "");
  }
  Parts parts(file, library);
  file.derived("lanes: accumulate, sum_kind: integer", "integer accumulate", false,
               "32 adder bits between two registers", 40,
               {{Parts::kAdderBit, parts.adder_bit_um2(), "32"}}, {{"sum, output", 2, "32"}});
  file.derived("lanes: accumulate, sum_kind: fp32", "FP32 accumulate", true,
               "an FP32 adder between registers", 40, {{Parts::kAdder, parts.fp32_adder_um2()}},
               {{"sum, output, adder stage", 2 * kFp32Bits + kAdderStageBits}});
  return file.text();
}

std::string row_sum(ModuleFile file) {
  file.add_keys(fmt::format("group_steps: {}\n", kSegmentSteps));
  const std::string bit =
      file.slope("row_sum_bits", 8, 62, "row_sum_int/sum_bits=23", "row_sum_int", 8, false);
  const std::string integer = "sum_kind: integer, act_kind: ";
  file.measured(integer + "integer", "row_sum_int", "row_sum_bits: 15", bit);
  file.measured(integer + "float, prescan: true", "row_sum_int/aligned", "row_sum_bits: 23", bit);
  file.measured(integer + "float, prescan: false", "row_sum/fixed", "row_sum_bits: 48", bit);
  const Measurement& fp32 = file.at("row_sum_fp32/add_latency=2");
  file.measured("sum_kind: fp32", fp32.name, "add_latency: 2, interleave: 2",
                file.slope("add_latency", 2, 16, "row_sum_fp32/add_latency=3", fp32.name, 1, true) +
                    file.registers("interleave", 16, kFp32Bits, fp32));
  return file.text();
}

constexpr const char* kSlicedMemory =
    "memory:\n"
    "  slice_width_bits: 256\n"
    "  method: derived\n"
    "  source: sram.yaml, energy, area and leakage per bit of the slice\n"
    "  uncertainty_pct: 50\n";

std::string aligner(ModuleFile file) {
  file.add_keys(fmt::format("buffer_steps: {}\n", kSegmentSteps));
  file.add_keys(kSlicedMemory);
  file.measured("act_kind: float", "align_row", "", "");
  return file.text();
}

std::string converters(ModuleFile file) {
  file.measured("weight_kind: integer", "int4_to_int8", "", "");
  file.measured("weight_kind: float", "int_to_fp16", "", "");
  return file.text();
}

std::string accumulator(ModuleFile file, const CellLibrary& library) {
  file.add_keys(kSlicedMemory);
  Parts parts(file, library);
  file.derived("sum_kind: integer", "integer accumulator adder", false, "adder bits and registers",
               40, {{Parts::kAdderBit, parts.adder_bit_um2(), "acc_bits"}},
               {{"sum read, sum from the column", 2, "acc_bits"}});
  file.derived("sum_kind: fp32", "FP32 accumulator adder", true, "an FP32 adder and registers", 40,
               {{Parts::kAdder, parts.fp32_adder_um2()}},
               {{"sum read, sum from the column, adder stage", 2 * kFp32Bits + kAdderStageBits}});
  return file.text();
}

/// RNE_out(RNE32(y x act scale)), of integers after RNE32(i) and a second multiplication.
std::string epilogue(ModuleFile file, const CellLibrary& library) {
  Parts parts(file, library);
  constexpr const char* kRounding = "rounding: adder bit as of row_sum_int";
  constexpr int kOutBits = 16, kFractionBits = 24, kShiftLevels = 6;
  file.derived("output_kind: fp32", "FP32 epilogue", true,
               "the FP32 x FP16 multiplier and a rounding", 40,
               {{Parts::kMultiplier, parts.multiplier_um2()},
                {kRounding, parts.adder_bit_um2(), std::to_string(kOutBits)}},
               {{"y 32, scale 16, stage 39, out 16", 103}});
  file.derived("output_kind: integer", "integer epilogue", true,
               "INT32 to FP32 and two multipliers", 40,
               {{"INT32 to FP32: six levels of multiplexers",
                 kShiftLevels * parts.multiplexer_um2(), std::to_string(kFp32Bits)},
                {kRounding, parts.adder_bit_um2(), std::to_string(kFractionBits + kOutBits)},
                {Parts::kMultiplier, parts.multiplier_um2(), "2"}},
               {{"i 32, y 32, scales 32, stages 2 x 39, out 16", 190}});
  return file.text();
}

// --- tech.yaml ---

/// Sums over many PEs of one stream.
struct Pool {
  double area_um2 = 0, flop_area_um2 = 0, flops = 0, leakage_nw = 0;
  Energies zero_delay{}, glitch{};

  void add(const Measurement& m, const StreamEnergy& s) {
    area_um2 += m.area_um2;
    flop_area_um2 += m.flop_area_um2;
    flops += static_cast<double>(m.flops);
    leakage_nw += m.leakage_nw;
    for (std::size_t i = 0; i < zero_delay.size(); ++i) {
      zero_delay[i] += s.zero_delay[i];
      glitch[i] += s.glitch[i];
    }
  }
  /// fJ per um2 of gates.
  std::string density_text() const {
    const auto density = [this](const Energies& e) {
      return kFjPerPj *
             (e[static_cast<std::size_t>(Sink::kCombinational)] +
              e[static_cast<std::size_t>(Sink::kWire)]) /
             (area_um2 - flop_area_um2);
    };
    return switching_text(density(zero_delay), density(glitch));
  }
};

const StreamEnergy& llm_stream(const Measurement& m) {
  const auto found = std::find_if(m.streams.begin(), m.streams.end(), [](const StreamEnergy& s) {
    return s.name.ends_with(stream_name(StreamKind::kLlm));
  });
  check_invariant(found != m.streams.end(), "a module without operands as of a language model");
  return *found;
}

/// What a bit of a shadow register adds: area, and energy of a move beside its clock. A register
/// does not glitch: with glitches the difference is that of two ways the arithmetic was mapped.
struct ShadowBit {
  double area_um2 = 0, bits = 0, zero_delay_pj = 0;

  void add(const PeForms& forms, double clock_fj) {
    const StreamEnergy &with = llm_stream(*forms.shadow), &without = llm_stream(*forms.plain);
    const double clock_pj = forms.sum_bits * clock_fj / kFjPerPj;
    area_um2 += forms.shadow->area_um2 - forms.plain->area_um2;
    bits += forms.sum_bits;
    zero_delay_pj += with.zero_delay_pj() - without.zero_delay_pj() - clock_pj;
  }
  /// A capture and 64 shifts in 128 cycles.
  double move_fj() const {
    return std::max(0.1, kFjPerPj * zero_delay_pj / bits / ((kDrainedRows + 1.0) / kSegmentSteps));
  }
};

}  // namespace

std::map<std::string, std::string> module_price_files(const Measurements& measurements,
                                                      const CellLibrary& library,
                                                      const Provenance& provenance) {
  const auto file = [&](const char* module) {
    return ModuleFile(module, measurements, provenance);
  };
  return {{"dequant.yaml", dequant(file("dequant"), library)},
          {"row_sum.yaml", row_sum(file("row_sum"))},
          {"aligner.yaml", aligner(file("aligner"))},
          {"converters.yaml", converters(file("converters"))},
          {"accumulator.yaml", accumulator(file("accumulator"), library)},
          {"epilogue.yaml", epilogue(file("epilogue"), library)}};
}

std::string tech_file(const std::string& tech, double node_nm, const std::vector<PeForms>& pes,
                      const CellLibrary& library, const Provenance& p) {
  Pool integer, floating;
  for (const PeForms& forms : pes) {
    (forms.integer ? integer : floating).add(*forms.plain, llm_stream(*forms.plain));
  }
  check_invariant(integer.flops > 0 && floating.flops > 0, "no PEs to take constants from");
  const double clock_fj =
      kFjPerPj * integer.zero_delay[static_cast<std::size_t>(Sink::kClock)] / integer.flops;
  const auto flop_fj = [&](const Energies& e) {
    return kFjPerPj * e[static_cast<std::size_t>(Sink::kFlop)] / integer.flops;
  };
  ShadowBit shadow;
  for (const PeForms& forms : pes) {
    if (forms.integer) shadow.add(forms, clock_fj);
  }
  const std::string pooled =
      "pooled over the integer PEs, output-stationary, without shadow register";
  std::string text = fmt::format(
      "# Written by `mixpe characterize` (docs/characterize.md): run it again rather than edit "
      "this.\n"
      "tech: {}\n"
      "description: \"{} at {} V, characterised from this project's RTL\"\n"
      "source: \"mixpe characterize: yosys {}, OpenSTA {}, {} (hash {}), operands: {}\"\n"
      "node_nm: {}\nvoltage_v: {}\ntemperature_c: {}\nreference_clock_ns: {}\nactivity: mean\n",
      tech, library.name, price_number(p.voltage_v), p.yosys, p.opensta, p.library, p.library_hash,
      p.streams, price_number(node_nm), price_number(p.voltage_v), price_number(p.temperature_c),
      price_number(p.clock_ns));
  text += fmt::format("flop:\n  area_um2: {}\n  clock_fj: {}\n  data_fj: {}\n",
                      price_number(integer.flop_area_um2 / integer.flops), price_number(clock_fj),
                      switching_text(flop_fj(integer.zero_delay), flop_fj(integer.glitch)));
  text += origin_text("  ", pooled, "measured", 15);
  text += fmt::format("register_bit:\n  area_um2: {}\n  shift_fj: {}\n",
                      price_number(shadow.area_um2 / shadow.bits),
                      switching_text(shadow.move_fj(), shadow.move_fj()));
  text += origin_text("  ",
                      "integer PEs with and without shadow register, 64 shifts and a capture "
                      "in 128 cycles, without glitches",
                      "measured", 30);
  text += fmt::format("leakage:\n  nw_per_um2: {}\n",
                      price_number(integer.leakage_nw / integer.area_um2));
  text += origin_text("  ", pooled, "measured", 15);
  text += fmt::format("logic:\n  integer:\n    fj_per_um2: {}\n", integer.density_text());
  text += origin_text("    ", "gates and wires of the integer PEs", "measured", 25);
  text += fmt::format("  float:\n    fj_per_um2: {}\n", floating.density_text());
  text += origin_text("    ", "gates and wires of the PEs with FP32 sums", "measured", 30);
  return text;
}

}  // namespace mixpe
