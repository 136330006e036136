#include "sim/characterize/pe_prices.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "models/core/errors.h"
#include "sim/characterize/operand_fit.h"
#include "sim/characterize/operand_source.h"
#include "sim/characterize/pe_subject.h"
#include "sim/characterize/price_text.h"
#include "sim/config/pe_yaml.h"
#include "sim/cosim/pe_check.h"

namespace mixpe {
namespace {

constexpr int kOtherSum = 8;  // bits between two sums of one slope

const PeDeclaration& declaration_of(const std::string& pe) {
  return pe_declarations().find(pe)->second;
}

/// The range the user may give a field of a variant; none if it is fixed.
struct Range {
  std::int64_t min = 0, max = 0;
  bool open() const { return max > min; }
};
Range range_of(const PeSpec& spec, const std::string& field) {
  const PeDeclaration& declaration = declaration_of(spec.name);
  for (const PeVariant& variant : declaration.variants) {
    const bool chosen = std::all_of(
        variant.when.begin(), variant.when.end(),
        [&](const auto& choice) { return spec.params.at(choice.first) == choice.second; });
    if (!chosen) continue;
    const auto at = variant.fields.find(field);
    const auto* name = at == variant.fields.end() ? nullptr : std::get_if<std::string>(&at->second);
    if (name == nullptr) return {};
    for (const PeParam& param : declaration.params) {
      if (param.name == *name) return {param.min, param.max};
    }
  }
  return {};
}

/// One variant of a PE: the specs that are built of it, by the end of their names.
struct Variant {
  PeSpec spec;
  std::string base;      ///< "my_pe/sum=fp32"
  PeSpec wider, slower;  ///< for slopes; unused if the range is not open
};

std::vector<Variant> variants_of(const std::string& pe) {
  std::vector<Variant> variants;
  for (const PeSpec& spec : all_pe_variants()) {
    if (spec.name != pe || !find_pe_rtl(spec, Dataflow::kOutputStationary)) continue;
    Variant v{spec, variant_name(spec), spec, spec};
    const Range acc = range_of(spec, "acc_bits");
    v.wider.acc_bits += spec.acc_bits - kOtherSum >= acc.min ? -kOtherSum : kOtherSum;
    ++v.slower.add_latency;
    variants.push_back(std::move(v));
  }
  return variants;
}

bool has_slope(const Variant& v, const char* field) { return range_of(v.spec, field).open(); }

std::string wider_name(const Variant& v) {
  return fmt::format("{}/os/acc_bits={}", v.base, v.wider.acc_bits);
}
std::string slower_name(const Variant& v) {
  return fmt::format("{}/os/add_latency={}", v.base, v.slower.add_latency);
}

/// Busy cycle of a mode, leakage included.
struct Busy {
  double zero_delay = 0, glitch = 0;
};
Busy busy_of(const Measurement& m, const std::string& mode, StreamKind kind, double clock_ns) {
  const StreamEnergy& s = m.stream(mode + "/" + stream_name(kind));
  const double leakage = m.leakage_pj(clock_ns);
  return {s.zero_delay_pj() + leakage, s.glitch_pj() + leakage};
}

/// Half the distance of the bounds, and 10 % for what no layout says.
int uncertainty_of(const Busy& b) {
  return 10 + static_cast<int>(
                  std::lround(100 * std::abs(b.glitch - b.zero_delay) / (b.glitch + b.zero_delay)));
}

class PeFile {
 public:
  PeFile(std::string pe, const Measurements& measurements, const Provenance& provenance)
      : pe_(std::move(pe)), measurements_(measurements), provenance_(provenance) {}

  std::string text() {
    std::string variants;
    for (const Variant& v : variants_of(pe_)) {
      variants += variant_text(v, "ws");
      variants += variant_text(v, "os");
    }
    return price_header("pe: " + pe_, provenance_, used_) + "variants:\n" + variants;
  }

 private:
  const Measurement& at(const std::string& name) {
    const auto found = measurements_.find(name);
    check_invariant(found != measurements_.end(), "a form of a PE that was not measured");
    used_.insert(&found->second);
    return found->second;
  }

  std::string variant_text(const Variant& v, const std::string& dataflow) {
    const Measurement& m = at(v.base + "/" + dataflow);
    const bool os = dataflow == "os";
    std::string when = "dataflow: " + dataflow,
                at_text = fmt::format("acc_bits: {}, product_latency: {}, add_latency: {}",
                                      v.spec.acc_bits, v.spec.product_latency, v.spec.add_latency);
    for (const PeParam& param : declaration_of(pe_).params) {
      if (param.is_choice)
        when += fmt::format(", {}: {}", param.name, v.spec.params.at(param.name));
    }
    if (os) at_text += fmt::format(", interleave: {}", v.spec.interleave);
    std::string text = fmt::format("  - when: {{{}}}\n    name: {}\n", when, m.name);
    const Busy busy = busy_of(m, v.spec.modes.front().name, StreamKind::kLlm, provenance_.clock_ns);
    text += origin_text("    ", measured_source(m, provenance_), "measured", uncertainty_of(busy));
    text += fmt::format("    at: {{{}}}\n    area_um2: {}\n    flops: {}\n    min_period_ns: {}\n",
                        at_text, price_number(m.area_um2), m.flops,
                        price_number(m.timing.min_period_ns));
    text += energies_text(v, m);
    std::string extensions;
    if (has_slope(v, "acc_bits")) extensions += wider_text(v);
    if (has_slope(v, "add_latency")) extensions += slower_text(v);
    if (os && has_slope(v, "interleave")) extensions += more_sums_text(v, m);
    if (!extensions.empty()) text += "    extend:\n" + extensions;
    return text + shadow_text(v, os);
  }

  /// The shadow register is priced by tech.yaml's register_bit; what it is here is a remark.
  std::string shadow_text(const Variant& v, bool os) {
    if (!os) return "";
    const Measurement& shadow = at(v.base + "/os/shadow");
    const Busy busy =
        busy_of(shadow, v.spec.modes.front().name, StreamKind::kLlm, provenance_.clock_ns);
    return fmt::format(
        "    # With its shadow register: {} um2, {} flops, {} ns, pJ {} / {} with 64 shifts in 128 "
        "cycles.\n",
        price_number(shadow.area_um2), shadow.flops, price_number(shadow.timing.min_period_ns),
        price_number(busy.zero_delay), price_number(busy.glitch));
  }

  using MakeText = std::function<std::string(const PeMode&)>;
  /// A line for each mode's event below `key`.
  static std::string by_event(const Variant& v, const std::string& key, const MakeText& make) {
    std::string text = fmt::format("    {}:\n", key);
    for (const PeMode& mode : v.spec.modes) {
      text += fmt::format("      mac.{}: {{{}}}\n", mode.name, make(mode));
    }
    return text;
  }

  std::string energies_text(const Variant& v, const Measurement& m) const {
    const auto busy = [&](const PeMode& mode, StreamKind kind) {
      const Busy b = busy_of(m, mode.name, kind, provenance_.clock_ns);
      return switching_text(b.zero_delay, b.glitch);
    };
    return by_event(
               v, "events",
               [&](const PeMode& mode) { return "cycle_pj: " + busy(mode, StreamKind::kLlm); }) +
           by_event(v, "streams",
                    [&](const PeMode& mode) {
                      return fmt::format("uniform: {}, sparse: {}",
                                         busy(mode, StreamKind::kUniform),
                                         busy(mode, StreamKind::kSparse));
                    }) +
           by_event(v, "operands", [&](const PeMode& mode) { return fit_text(m, mode.name); }) +
           by_event(v, "split", [&](const PeMode& mode) {
             return split_text(m, mode.name + "/llm", provenance_.clock_ns);
           });
  }

  /// How a busy cycle follows its operands, as the schema of `operands` has it.
  static std::string fit_text(const Measurement& m, const std::string& mode) {
    const auto fit = [&](double (StreamEnergy::*energy)() const) {
      const auto sample = [&](StreamKind kind) {
        const StreamEnergy& s = m.stream(mode + "/" + stream_name(kind));
        return OperandSample{s.operands, (s.*energy)()};
      };
      std::vector<OperandSample> others;
      for (const StreamKind kind : kStreamKinds) {
        if (kind != StreamKind::kLlm) others.push_back(sample(kind));
      }
      return fit_operands(sample(StreamKind::kLlm), others);
    };
    const OperandFit zero_delay = fit(&StreamEnergy::zero_delay_pj),
                     glitch = fit(&StreamEnergy::glitch_pj);
    const OperandStatistics& at = m.stream(mode + "/llm").operands;
    static constexpr const char* kNames[] = {"act_toggles", "weight_toggles", "zero_acts"};
    std::string text;
    for (std::size_t i = 0; i < OperandStatistics::kCount; ++i) {
      text += fmt::format("{}: {{typical: {}, pj: {}}}, ", kNames[i], price_number(at.values()[i]),
                          switching_text(zero_delay.slope_pj[i], glitch.slope_pj[i]));
    }
    return text + fmt::format("error_pct: {:.1f}, held_out_pct: {:.1f}",
                              std::max(zero_delay.error_pct, glitch.error_pct),
                              std::max(zero_delay.held_out_pct, glitch.held_out_pct));
  }

  struct Slope {
    std::string field, range, source;
    double area_um2, flops, period_ns, zero_delay_pj, glitch_pj;
    int uncertainty_pct;
  };
  /// Where a difference is less than what the flops' clock costs, that is the price: a stage more
  /// may save more glitches than it costs, which is no reason to pay for having it.
  std::string extension_text(const Slope& s, const Measurement& m, const Variant& v) const {
    const double clock_pj = clock_per_flop(m, v) * std::max(s.flops, 0.1);
    return fmt::format(
        "      - {{of: {}, {}, area_um2: {}, flops: {}, min_period_ns: {},\n"
        "         cycle_pj: {}, method: derived, uncertainty_pct: {},\n         source: \"{}\"}}\n",
        s.field, s.range, price_number(std::max(1.0, s.area_um2)),
        price_number(std::max(0.0, s.flops)), price_number(std::max(0.0, s.period_ns)),
        switching_text(std::max(s.zero_delay_pj, clock_pj), std::max(s.glitch_pj, clock_pj)),
        s.uncertainty_pct, s.source);
  }

  double clock_per_flop(const Measurement& m, const Variant& v) const {
    const StreamEnergy& s = m.stream(v.spec.modes.front().name + "/llm");
    return s.zero_delay[static_cast<std::size_t>(Sink::kClock)] /
           static_cast<double>(std::max<std::size_t>(1, m.flops));
  }

  /// (there - here) / units.
  Slope slope_to(const Variant& v, const std::string& name, double units) {
    const Measurement &here = at(v.base + "/os"), &there = at(name);
    const std::string& mode = v.spec.modes.front().name;
    const Busy a = busy_of(here, mode, StreamKind::kLlm, provenance_.clock_ns);
    const Busy b = busy_of(there, mode, StreamKind::kLlm, provenance_.clock_ns);
    return {.field = "",
            .range = "",
            .source = there.name + " - " + here.name,
            .area_um2 = (there.area_um2 - here.area_um2) / units,
            .flops = (static_cast<double>(there.flops) - static_cast<double>(here.flops)) / units,
            .period_ns = (there.timing.min_period_ns - here.timing.min_period_ns) / units,
            .zero_delay_pj = (b.zero_delay - a.zero_delay) / units,
            .glitch_pj = (b.glitch - a.glitch) / units,
            .uncertainty_pct = 20};
  }

  std::string wider_text(const Variant& v) {
    Slope s = slope_to(v, wider_name(v), v.wider.acc_bits - v.spec.acc_bits);
    const Range range = range_of(v.spec, "acc_bits");
    s.field = "acc_bits";
    s.range = fmt::format("min: {}, max: {}", range.min, range.max);
    return extension_text(s, at(v.base + "/os"), v);
  }

  /// No shorter period is claimed for more stages.
  std::string slower_text(const Variant& v) {
    Slope s = slope_to(v, slower_name(v), 1);
    s.field = "add_latency";
    s.range = fmt::format("min: {}, max: {}", v.spec.add_latency, range_of(v.spec, s.field).max);
    s.period_ns = 0;
    s.uncertainty_pct = 40;
    return extension_text(s, at(v.base + "/os"), v);
  }

  /// One more running sum is one more register: so many flip-flops of the mean area and energy.
  std::string more_sums_text(const Variant& v, const Measurement& m) const {
    const auto bits = static_cast<double>(v.spec.acc_bits), flops = static_cast<double>(m.flops);
    const StreamEnergy& e = m.stream(v.spec.modes.front().name + "/llm");
    constexpr auto kFlop = static_cast<std::size_t>(Sink::kFlop);
    const double clock = clock_per_flop(m, v);
    const Slope s{.field = "interleave",
                  .range = fmt::format("min: 1, max: {}, never_less: true",
                                       range_of(v.spec, "interleave").max),
                  .source = fmt::format("{} flip-flops like the others of {}", bits, m.name),
                  .area_um2 = bits * m.flop_area_um2 / flops,
                  .flops = bits,
                  .period_ns = 0,
                  .zero_delay_pj = bits * (clock + e.zero_delay[kFlop] / flops),
                  .glitch_pj = bits * (clock + e.glitch[kFlop] / flops),
                  .uncertainty_pct = 40};
    return extension_text(s, m, v);
  }

  std::string pe_;
  const Measurements& measurements_;
  const Provenance& provenance_;
  std::set<const Measurement*> used_;
};

}  // namespace

std::vector<std::string> characterised_pes() {
  std::vector<std::string> names;
  for (const PeSpec& spec : all_pe_variants()) {
    if (!find_pe_rtl(spec, Dataflow::kOutputStationary)) continue;
    if (std::find(names.begin(), names.end(), spec.name) == names.end()) names.push_back(spec.name);
  }
  return names;
}

std::vector<Subject> pe_subjects(const std::string& pe, std::uint64_t seed) {
  constexpr Dataflow kOs = Dataflow::kOutputStationary, kWs = Dataflow::kWeightStationary;
  std::vector<Subject> subjects;
  for (const Variant& v : variants_of(pe)) {
    const auto add = [&](const std::string& name, const PeSpec& spec, Dataflow dataflow,
                         bool shadow, bool fit) {
      subjects.push_back(pe_subject(name, {spec, dataflow, shadow, fit}, seed));
    };
    add(v.base + "/os", v.spec, kOs, false, true);
    add(v.base + "/os/shadow", v.spec, kOs, true, false);
    add(v.base + "/ws", v.spec, kWs, false, true);
    if (has_slope(v, "acc_bits")) add(wider_name(v), v.wider, kOs, false, false);
    if (has_slope(v, "add_latency")) add(slower_name(v), v.slower, kOs, false, false);
  }
  return subjects;
}

std::string pe_price_file(const std::string& pe, const Measurements& measurements,
                          const Provenance& provenance) {
  return PeFile(pe, measurements, provenance).text();
}

std::vector<PeForms> pe_forms(const std::vector<std::string>& pes,
                              const Measurements& measurements) {
  std::vector<PeForms> forms;
  for (const std::string& pe : pes) {
    for (const Variant& v : variants_of(pe)) {
      const auto rtl = find_pe_rtl(v.spec, Dataflow::kOutputStationary);
      forms.push_back({&measurements.at(v.base + "/os"), &measurements.at(v.base + "/os/shadow"),
                       rtl->sum_bits, v.spec.sum_kind == SumKind::kInteger});
    }
  }
  return forms;
}

}  // namespace mixpe
