#pragma once
// A priced part: what a PE, a lane, an adder costs, and how far its numbers can be stretched.
//  * Measured parts state the energy of a busy cycle, everything included; it is split here into
//    clock (always paid), leakage (goes with area) and data (per operation), so that a busy part
//    costs exactly what was measured and an idle one is not free.
//  * Derived parts state combinational area and register bits; constants of the technology price
//  them.
//  * A width or latency that differs from what the numbers hold for needs an Extension, or is
//  refused.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/core/errors.h"
#include "models/pe/pe_spec.h"
#include "sim/workload/operand_statistics.h"

namespace mixpe {

enum class Method { kMeasured, kDerived, kCited };
std::string method_name(Method method);

/// Where a number comes from.
struct Origin {
  std::string source;
  Method method = Method::kMeasured;
  double uncertainty_pct = 0;
};

/// Which of the two bounds of switching energy to use: without glitches, with them, their mean.
enum class Activity { kZeroDelay, kMean, kGlitch };

struct Switching {
  double zero_delay = 0, glitch = 0;
  double at(Activity activity) const;
};

/// Constants of a technology's logic.
struct LogicConstants {
  double reference_clock_ns = 0;  ///< cycle in which pJ per cycle were measured
  double flop_area_um2 = 0;
  double flop_clock_fj = 0;  ///< per cycle, always
  Switching flop_data_fj;    ///< per flop that takes new data
  Origin flop;
  double register_bit_area_um2 = 0;  ///< a bit that may shift or hold
  Switching register_bit_shift_fj;
  Origin register_bit;
  double leakage_nw_per_um2 = 0;
  Origin leakage;
  Switching integer_fj_per_um2, float_fj_per_um2;  ///< combinational area that computes once
  Origin integer_logic, float_logic;
};

/// `amount` of area or bits, `times` (a number or a field of PeSpec).
struct Term {
  std::string what;
  double amount = 0;
  double times = 1;
  std::string times_field;  ///< empty: `times`
};

/// What one more unit of a field of PeSpec costs.
struct Extension {
  std::string of;
  std::int64_t min = 0, max = 0;
  bool never_less = false;  ///< a smaller value costs the same
  double area_um2 = 0, flops = 0, min_period_ns = 0;
  Switching cycle_pj;
  Origin origin;
};

/// How a busy cycle's energy follows the PE's operands: by statistic, in OperandStatistics' order.
struct OperandSlopes {
  OperandStatistics typical;                            ///< what the price holds for
  std::array<Switching, OperandStatistics::kCount> pj;  ///< per cycle, for one more
  double error_pct = 0, held_out_pct = 0;               ///< of the fit, root mean square
};

/// One variant of a price file.
struct Part {
  SourceMark mark;
  std::string path;
  std::map<std::string, std::string> when;  ///< facts that select it
  std::string name;
  Origin origin;
  std::map<std::string, std::int64_t> at;  ///< fields of PeSpec the numbers hold for
  double min_period_ns = 0;                ///< 0: not known (derived parts only)
  bool measured_form = true;               ///< area, flops and cycle_pj are given; else terms
  double area_um2 = 0, flops = 0;
  std::map<std::string, Switching> cycle_pj;      ///< by event; modules have one, "op"
  std::map<std::string, OperandSlopes> operands;  ///< by event, where they were characterised
  bool float_logic = false;
  std::vector<Term> combinational_um2, register_bits;
  std::vector<Extension> extend;
};

/// A part at its final widths.
struct PricedPart {
  std::string name;
  Origin origin;
  double area_um2 = 0, flops = 0, min_period_ns = 0;
  double clock_pj = 0;                    ///< per cycle, busy or idle
  std::map<std::string, double> data_pj;  ///< per busy cycle, by event
};

/// The fields of PeSpec that prices may depend on.
const std::vector<std::string>& price_fields();
std::int64_t price_field(const PeSpec& pe, const std::string& name);

/// The part's prices for this PE; none after reporting why there is no price.
std::optional<PricedPart> priced(const Part& part, const PeSpec& pe, const LogicConstants& logic,
                                 Activity activity, Diagnostics& wrong);

}  // namespace mixpe
