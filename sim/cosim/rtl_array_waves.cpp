#include "sim/cosim/rtl_array_waves.h"

#include <fmt/format.h>

#include "models/core/errors.h"
#include "models/formats/floats.h"
#include "models/formats/integers.h"
#include "sim/cosim/pe_rtl.h"
#include "sim/timing/engines/clocked_engine.h"
#include "sim/timing/engines/cycle_os.h"
#include "sim/timing/engines/cycle_ws.h"
#include "sim/timing/segment_sum.h"

namespace mixpe {
namespace {

constexpr int kWordBits = 32;  ///< of what has no hardware to tell its width

std::string binary(std::uint64_t value, int bits) {
  std::string text(static_cast<std::size_t>(bits), '0');
  for (int i = 0; i < bits; ++i) {
    if ((value >> i & 1U) != 0) text[static_cast<std::size_t>(bits - 1 - i)] = '1';
  }
  return text;
}

/// Printable characters, as short as possible.
std::string id_of(std::size_t number) {
  std::string id;
  do {
    id += static_cast<char>('!' + number % 94);
    number /= 94;
  } while (number > 0);
  return id;
}

}  // namespace

ArrayWaves::ArrayWaves(const std::string& file, const ArrayWork& work)
    : t_(work.timing), formats_(work.formats), path_(value_path(work)), out_(file) {
  if (!out_) throw UserError(file + ": cannot be written");
  const PeSpec* pe = work.pe == nullptr ? nullptr : &work.pe->spec();
  const auto rtl = pe == nullptr ? std::nullopt : find_pe_rtl(*pe, t_.dataflow);
  const int act = rtl ? rtl->act_bits : kWordBits, weight = rtl ? rtl->wgt_bits : kWordBits;
  const int sum = rtl ? rtl->sum_bits : 64;
  fp32_ = pe != nullptr && pe->sum_kind == SumKind::kFloat32;
  flags_at_ = rtl && rtl->flag_bits > 0 ? pe->acc_bits : 64;
  const bool os = t_.dataflow == Dataflow::kOutputStationary;
  // Where the RTL keeps the running sum, or sum 0 of several.
  std::vector<std::string> sum_scopes{"u_sum"};
  if (fp32_ && os) {
    sum_scopes.insert(sum_scopes.end(), {"gen_output_stationary", "gen_sum[0]"});
  } else if (fp32_) {
    sum_scopes.push_back("gen_weight_stationary");
  }
  out_ << "$timescale 1ps $end\n$scope module TOP $end\n";
  out_ << "$scope module " << (os ? "mixpe_array" : "mixpe_array_ws") << " $end\n";
  clock_ = declare("clk_i", 1);
  for (std::int64_t r = 0; r < t_.rows; ++r) {
    out_ << "$scope module gen_row[" << r << "] $end\n";
    for (std::int64_t c = 0; c < t_.cols; ++c) {
      out_ << "$scope module gen_col[" << c << "] $end\n$scope module u_pe $end\n";
      Pe signals;
      signals.valid = declare("valid_o", 1);
      signals.act = declare("act_o", act);
      signals.weight = declare("wgt_o", weight);
      signals.shadow = declare("sum_o", sum);
      for (const std::string& scope : sum_scopes) out_ << "$scope module " << scope << " $end\n";
      signals.sum = declare("sum_q", sum);
      for (std::size_t i = 0; i < sum_scopes.size() + 2; ++i) out_ << "$upscope $end\n";
      pes_.push_back(signals);
    }
    out_ << "$upscope $end\n";
  }
  out_ << "$upscope $end\n$upscope $end\n$enddefinitions $end\n";
}

std::size_t ArrayWaves::declare(const std::string& name, int bits) {
  const std::size_t number = signals_.size();
  signals_.push_back({id_of(number), name, bits, ""});
  out_ << "$var wire " << bits << ' ' << signals_.back().id << ' ' << name;
  if (bits > 1) out_ << " [" << bits - 1 << ":0]";
  out_ << " $end\n";
  return number;
}

void ArrayWaves::set(std::size_t signal, bool known, std::uint64_t value) {
  Signal& s = signals_[signal];
  std::string text =
      !known ? std::string(static_cast<std::size_t>(s.bits), 'x') : binary(value, s.bits);
  if (text == s.last) return;
  out_ << (s.bits == 1 ? text : "b" + text + " ") << s.id << '\n';
  s.last = std::move(text);
}

/// A sum as the RTL's register holds it: FP32, or flags above two's complement.
std::uint64_t ArrayWaves::wire(const Sum& sum) const {
  if (fp32_) return float_to_bits(sum.real);
  const auto number = static_cast<std::uint64_t>(sum.integer);
  if (flags_at_ == 64) return number;
  const std::uint64_t mask = (std::uint64_t{1} << flags_at_) - 1;
  return (number & mask) | std::uint64_t{sum.special} << flags_at_;
}

/// An operand as it goes from PE to PE. `shown` is what the engine computes with (ArrayState).
std::uint64_t ArrayWaves::wire(std::int64_t shown, const Format& format) const {
  if (path_ == ValuePath::kInt16) return static_cast<std::uint16_t>(shown);
  const auto code = static_cast<Code>(shown);
  if (path_ == ValuePath::kOrdered) {
    if (code == kNoOperand) return 0;
    return format.is_integer() ? static_cast<std::uint64_t>(decode_int(format, code)) : code;
  }
  const float value = bits_to_float(code);
  if (format.is_integer()) return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
  return float_to_fp16(value);
}

void ArrayWaves::observe(std::int64_t cycle, const ArrayState& state) {
  const bool os = t_.dataflow == Dataflow::kOutputStationary;
  out_ << '#' << cycle * 10 << '\n';
  set(clock_, true, 1);
  for (std::size_t i = 0; i < pes_.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i) / t_.cols;
    const auto col = static_cast<std::int64_t>(i) % t_.cols;
    const bool valid = state.valid(row, col);
    set(pes_[i].valid, true, valid ? 1 : 0);
    set(pes_[i].act, valid, wire(state.act(row, col), formats_.act));
    set(pes_[i].weight, valid, wire(state.weight(row, col), formats_.weight));
  }
  out_ << '#' << cycle * 10 + 5 << '\n';
  set(clock_, true, 0);
  // What the registers hold now is seen from the next rising edge on.
  out_ << '#' << (cycle + 1) * 10 << '\n';
  for (std::size_t i = 0; i < pes_.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i) / t_.cols;
    const auto col = static_cast<std::int64_t>(i) % t_.cols;
    set(pes_[i].sum, true, wire(state.sum(row, col)));
    const bool held = os && state.shadow_valid(row, col);
    set(pes_[i].shadow, held || !os, wire(os ? state.shadow(row, col) : state.sum(row, col)));
  }
}

std::unique_ptr<ArrayEngine> make_observed_engine(Engine kind, const ArrayWork& work,
                                                  const std::string& file) {
  if (kind != Engine::kCycle) {
    throw UserError("--waves: only the engines cycle and rtl show registers");
  }
  const auto waves = std::make_shared<ArrayWaves>(file, work);
  const auto observe = [waves](std::int64_t cycle, const ArrayState& state) {
    waves->observe(cycle, state);
  };
  if (work.timing.dataflow == Dataflow::kOutputStationary) {
    auto engine = std::make_unique<ClockedEngine<CycleOs>>(work);
    engine->observe(observe);
    return engine;
  }
  auto engine = std::make_unique<ClockedEngine<CycleWs>>(work);
  engine->observe(observe);
  return engine;
}

}  // namespace mixpe
