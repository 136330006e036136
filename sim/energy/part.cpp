#include "sim/energy/part.h"

#include <algorithm>

#include "sim/config/yaml_reader.h"
#include "sim/energy/complain.h"

namespace mixpe {
namespace {

constexpr double kPjPerFj = 1e-3;

double total(const std::vector<Term>& terms, const PeSpec& pe) {
  double sum = 0;
  for (const Term& t : terms) {
    sum += t.amount *
           (t.times_field.empty() ? t.times : static_cast<double>(price_field(pe, t.times_field)));
  }
  return sum;
}

/// Units of the extended field beyond what the part holds for; none after reporting.
std::optional<double> units_beyond(const Part& part, const std::string& field, std::int64_t at,
                                   std::int64_t value, Diagnostics& wrong) {
  if (value == at) return 0.0;
  const auto extension = std::find_if(part.extend.begin(), part.extend.end(),
                                      [&](const Extension& e) { return e.of == field; });
  if (extension == part.extend.end()) {
    complain(wrong, part.mark, part.path, part.name + " has no price for this " + field,
             std::to_string(value), std::to_string(at));
    return std::nullopt;
  }
  if (value < extension->min || value > extension->max) {
    complain(wrong, part.mark, part.path, part.name + " has no price for this " + field,
             std::to_string(value),
             std::to_string(extension->min) + " to " + std::to_string(extension->max));
    return std::nullopt;
  }
  if (value < at && extension->never_less) return 0.0;
  return static_cast<double>(value - at);
}

void price_measured(const Part& part, const LogicConstants& logic, Activity activity,
                    PricedPart& out) {
  // nW x ns = 1e-6 pJ.
  const double leakage_pj =
      logic.leakage_nw_per_um2 * out.area_um2 * logic.reference_clock_ns * 1e-6;
  for (const auto& [event, busy] : part.cycle_pj) {
    out.data_pj[event] += busy.at(activity) - out.clock_pj - leakage_pj;
  }
}

void price_derived(const Part& part, const PeSpec& pe, const LogicConstants& logic,
                   Activity activity, PricedPart& out) {
  const Switching& density = part.float_logic ? logic.float_fj_per_um2 : logic.integer_fj_per_um2;
  out.data_pj["op"] = kPjPerFj * (total(part.combinational_um2, pe) * density.at(activity) +
                                  out.flops * logic.flop_data_fj.at(activity));
}

}  // namespace

std::string method_name(Method method) {
  switch (method) {
    case Method::kMeasured:
      return "measured";
    case Method::kDerived:
      return "derived";
    case Method::kCited:
      return "cited";
  }
  throw InvariantError("unknown method");
}

double Switching::at(Activity activity) const {
  switch (activity) {
    case Activity::kZeroDelay:
      return zero_delay;
    case Activity::kGlitch:
      return glitch;
    case Activity::kMean:
      return 0.5 * (zero_delay + glitch);
  }
  throw InvariantError("unknown activity");
}

const std::vector<std::string>& price_fields() {
  static const std::vector<std::string> names = {"acc_bits", "row_sum_bits", "product_latency",
                                                 "add_latency", "interleave"};
  return names;
}

std::int64_t price_field(const PeSpec& pe, const std::string& name) {
  if (name == "acc_bits") return pe.acc_bits;
  if (name == "row_sum_bits") return pe.row_sum_bits;
  if (name == "product_latency") return pe.product_latency;
  if (name == "add_latency") return pe.add_latency;
  if (name == "interleave") return pe.interleave;
  throw InvariantError("unknown price field " + name);
}

std::optional<PricedPart> priced(const Part& part, const PeSpec& pe, const LogicConstants& logic,
                                 Activity activity, Diagnostics& wrong) {
  PricedPart out{.name = part.name,
                 .origin = part.origin,
                 .area_um2 = part.area_um2,
                 .flops = part.flops,
                 .min_period_ns = part.min_period_ns,
                 .clock_pj = 0,
                 .data_pj = {}};
  if (!part.measured_form) {
    out.flops = total(part.register_bits, pe);
    out.area_um2 = total(part.combinational_um2, pe) + out.flops * logic.flop_area_um2;
  }
  bool ok = true;
  for (const auto& [field, at] : part.at) {
    const auto units = units_beyond(part, field, at, price_field(pe, field), wrong);
    ok = ok && units;
    if (!units || *units == 0.0) continue;
    const Extension& e = *std::find_if(part.extend.begin(), part.extend.end(),
                                       [&](const Extension& x) { return x.of == field; });
    out.area_um2 += *units * e.area_um2;
    out.flops += *units * e.flops;
    out.min_period_ns += *units * e.min_period_ns;
    for (const auto& [event, pj] : part.cycle_pj) {
      out.data_pj[event] += *units * e.cycle_pj.at(activity);
    }
    out.name += ", " + field + " " + std::to_string(price_field(pe, field));
    out.origin.source += "; " + e.origin.source;
    out.origin.method = Method::kDerived;
    out.origin.uncertainty_pct = std::max(out.origin.uncertainty_pct, e.origin.uncertainty_pct);
  }
  if (!ok) return std::nullopt;
  out.clock_pj = kPjPerFj * out.flops * logic.flop_clock_fj;
  if (part.measured_form) {
    price_measured(part, logic, activity, out);
  } else {
    price_derived(part, pe, logic, activity, out);
  }
  for (const auto& [event, pj] : out.data_pj) {
    if (pj > 0) continue;
    complain(wrong, part.mark, part.path,
             "clock and leakage of " + out.name + " exceed the energy of " + event,
             number_text(pj) + " pJ left for data", "more than 0");
    return std::nullopt;
  }
  return out;
}

}  // namespace mixpe
