#include "sim/characterize/netlist_electrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/core/errors.h"

namespace mixpe {
namespace {

constexpr double kWirePfPerUm = 0.2e-3;
constexpr double kPitchesPerFanout = 2.5, kFanoutExponent = 0.9;

using Slews = std::array<double, 2>;  // ns, by edge

/// One table of an arc: `member` by edge of the output.
template <class Arc>
using TablesOf = EdgeTables Arc::*;

/// The mean of that table over the arcs from `input`; none without one.
template <class Arc>
std::optional<double> mean(const std::vector<Arc>& arcs, TablesOf<Arc> member, std::size_t input,
                           bool rises, double slew_ns, double load_pf) {
  double sum = 0;
  int tables = 0;
  for (const Arc& arc : arcs) {
    const LibertyTable& table = (arc.*member)[rises];
    if (arc.input != input || table.empty()) continue;
    sum += table.at(slew_ns, load_pf);
    ++tables;
  }
  if (tables == 0) return std::nullopt;
  return sum / tables;
}

double transition(const CellOutput& out, std::size_t input, bool rises, double slew_ns,
                  double load_pf) {
  return std::max(
      0.0, mean(out.delays, &DelayArc::transition_ns, input, rises, slew_ns, load_pf).value_or(0));
}

/// The sharpest edge of the clock pin's table, or of what the flop does after the clock.
double clock_slew(const Cell& cell) {
  const CellInput& pin = cell.inputs[cell.flop->clock];
  if (!pin.energy_pj.empty()) return pin.energy_pj[0].rise.slews().front();
  const CellOutput& out = cell.outputs[0];
  return out.delays.empty() ? 0 : out.delays[0].delay_ns.rise.slews().front();
}

[[noreturn]] void fail(const CellLibrary& library, const Cell& cell, const std::string& pin,
                       const std::string& what) {
  throw UserError(fmt::format("{}: cell {}: pin {} has no {}, and the mapped netlist uses it",
                              library.file, cell.name, pin, what));
}

template <class Arc>
bool has_table(const std::vector<Arc>& arcs, TablesOf<Arc> member, bool rises) {
  return std::any_of(arcs.begin(), arcs.end(),
                     [&](const Arc& arc) { return !(arc.*member)[rises].empty(); });
}

/// Nothing that switches is free: a load, a delay or an energy that the library does not give.
void check_input(const CellLibrary& library, const Cell& cell, std::size_t k) {
  if (cell.inputs[k].capacitance_pf <= 0) fail(library, cell, cell.inputs[k].name, "capacitance");
}
void check_output(const CellLibrary& library, const Cell& cell, const CellOutput& out) {
  if (cell.inputs.empty()) return;  // a constant
  // A gate's energy may be that of its inputs; a flop's inputs switch without its output.
  const bool inputs_pay =
      !cell.flop && std::any_of(cell.inputs.begin(), cell.inputs.end(),
                                [](const CellInput& in) { return !in.energy_pj.empty(); });
  for (const bool rises : {false, true}) {
    const char* edge = rises ? "rises" : "falls";
    if (!has_table(out.delays, &DelayArc::delay_ns, rises)) {
      fail(library, cell, out.name, fmt::format("delay when it {} (cell_rise, cell_fall)", edge));
    }
    if (!inputs_pay && !has_table(out.energies, &PowerArc::energy_pj, rises)) {
      fail(library, cell, out.name, fmt::format("power table when it {} (internal_power)", edge));
    }
  }
}

class Calculator {
 public:
  Calculator(const Netlist& netlist, const CellLibrary& library)
      : netlist_(netlist),
        library_(library),
        flop_(library.plain_flop()),
        voltage_v_(library.voltage_v) {}

  Electrics run() {
    check_cells();
    find_loads();
    slews_.assign(netlist_.nets, {0, 0});
    drive_ports();
    std::size_t arcs = 0;
    for (const Netlist::Instance& i : netlist_.instances) {
      out_.first_arc.push_back(arcs);
      arcs += i.cell->inputs.size() * i.cell->outputs.size();
    }
    out_.arcs.resize(arcs);
    // Flip-flops drive first: their outputs begin all paths.
    for (std::size_t i = 0; i < netlist_.instances.size(); ++i) {
      if (netlist_.instances[i].cell->flop) find_arcs(i);
    }
    for (const std::uint32_t i : evaluation_order(netlist_)) find_arcs(i);
    find_net_energies();
    return std::move(out_);
  }

 private:
  double half_cv2(double pf) const { return 0.5 * pf * voltage_v_ * voltage_v_; }

  void check_cells() const {
    for (const Netlist::Instance& i : netlist_.instances) {
      for (std::size_t k = 0; k < i.inputs.size(); ++k) {
        if (i.inputs[k] > Netlist::kOne) check_input(library_, *i.cell, k);
      }
      for (std::size_t o = 0; o < i.outputs.size(); ++o) {
        if (i.outputs[o] != Netlist::kNone) check_output(library_, *i.cell, i.cell->outputs[o]);
      }
    }
    // Ports are driven and loaded by it.
    check_input(library_, flop_, 1 - flop_.flop->clock);
    check_output(library_, flop_, flop_.outputs[0]);
  }

  void find_loads() {
    pins_pf_.assign(netlist_.nets, 0);
    std::vector<double> fanout(netlist_.nets, 0);
    for (const Netlist::Instance& i : netlist_.instances) {
      for (std::size_t k = 0; k < i.inputs.size(); ++k) {
        pins_pf_[i.inputs[k]] += i.cell->inputs[k].capacitance_pf;
        fanout[i.inputs[k]] += 1;
      }
    }
    // What a port drives is another such module's register.
    for (const Netlist::Port& p : netlist_.ports) {
      if (!p.output) continue;
      for (const NetId net : p.bits) {
        pins_pf_[net] += flop_.inputs[1 - flop_.flop->clock].capacitance_pf;
        fanout[net] += 1;
      }
    }
    const double cells = std::max<double>(1, static_cast<double>(netlist_.instances.size()));
    const double pitch_um = std::sqrt(netlist_.area_um2() / cells);
    wire_pf_.assign(netlist_.nets, 0);
    for (NetId net = 2; net < netlist_.nets; ++net) {
      wire_pf_[net] =
          kWirePfPerUm * kPitchesPerFanout * pitch_um * std::pow(fanout[net], kFanoutExponent);
    }
    // No clock tree: its pins alone count.
    if (netlist_.clock != Netlist::kNone) wire_pf_[netlist_.clock] = 0;
  }

  double load(NetId net) const { return net == Netlist::kNone ? 0 : pins_pf_[net] + wire_pf_[net]; }

  void drive_ports() {
    const double sharp = clock_slew(flop_);
    const CellOutput& q = flop_.outputs[0];
    const std::size_t clock = flop_.flop->clock;
    out_.port_delay_ns.assign(netlist_.nets, {});
    for (const Netlist::Port& p : netlist_.ports) {
      if (p.output) continue;
      for (const NetId net : p.bits) {
        for (const std::size_t edge : {0U, 1U}) {
          slews_[net][edge] = transition(q, clock, edge == 1, sharp, load(net));
          const auto delay =
              mean(q.delays, &DelayArc::delay_ns, clock, edge == 1, sharp, load(net));
          out_.port_delay_ns[net][edge] = std::max(0.0, delay.value_or(0));
        }
      }
    }
    if (netlist_.clock != Netlist::kNone) slews_[netlist_.clock] = {sharp, sharp};
  }

  /// All arcs of an instance, and the transition times of its outputs.
  void find_arcs(std::size_t index) {
    const Netlist::Instance& instance = netlist_.instances[index];
    for (std::size_t o = 0; o < instance.outputs.size(); ++o) {
      for (const std::size_t edge : {0U, 1U}) find_arcs(index, o, edge);
    }
  }

  /// A pair of pins without a table has the slowest delay and the mean energy of the others.
  void find_arcs(std::size_t index, std::size_t output, std::size_t edge) {
    const Netlist::Instance& instance = netlist_.instances[index];
    const Cell& cell = *instance.cell;
    const CellOutput& out = cell.outputs[output];
    const double load_pf = load(instance.outputs[output]);
    const bool rises = edge == 1;
    std::vector<std::optional<double>> delays, energies;
    double slowest_ns = 0, energy_pj = 0, slew_out = 0;
    int known = 0;
    for (std::size_t k = 0; k < cell.inputs.size(); ++k) {
      const Slews& in = slews_[instance.inputs[k]];
      const double slew = cell.flop ? clock_slew(cell) : std::max(in[0], in[1]);
      delays.push_back(mean(out.delays, &DelayArc::delay_ns, k, rises, slew, load_pf));
      energies.push_back(mean(out.energies, &PowerArc::energy_pj, k, rises, slew, load_pf));
      slowest_ns = std::max(slowest_ns, delays.back().value_or(0));
      energy_pj += energies.back().value_or(0);
      known += energies.back() ? 1 : 0;
      slew_out = std::max(slew_out, transition(out, k, rises, slew, load_pf));
    }
    for (std::size_t k = 0; k < cell.inputs.size(); ++k) {
      Electrics::Arc& arc = arc_at(index, output, k);
      arc.delay_ns[edge] = std::max(0.0, delays[k].value_or(slowest_ns));
      arc.energy_pj[edge] = energies[k].value_or(known == 0 ? 0 : energy_pj / known);
    }
    if (instance.outputs[output] != Netlist::kNone)
      slews_[instance.outputs[output]][edge] = slew_out;
  }

  Electrics::Arc& arc_at(std::size_t index, std::size_t output, std::size_t input) {
    return out_.arcs[out_.first_arc[index] +
                     output * netlist_.instances[index].cell->inputs.size() + input];
  }

  void find_net_energies() {
    out_.net_energy.assign(netlist_.nets, {});
    const auto sink = [](Sink s) { return static_cast<std::size_t>(s); };
    for (NetId net = 2; net < netlist_.nets; ++net) {
      for (const std::size_t edge : {0U, 1U}) {
        out_.net_energy[net][edge][sink(Sink::kCombinational)] = half_cv2(pins_pf_[net]);
        out_.net_energy[net][edge][sink(Sink::kWire)] = half_cv2(wire_pf_[net]);
      }
    }
    for (const Netlist::Instance& i : netlist_.instances) {
      for (std::size_t k = 0; k < i.inputs.size(); ++k) {
        const CellInput& pin = i.cell->inputs[k];
        const bool clock = i.cell->flop && k == i.cell->flop->clock;
        // Both edges of the clock charge its pin and empty it.
        if (clock) out_.clock_pj += 2 * half_cv2(pin.capacitance_pf);
        for (const EdgeTables& e : pin.energy_pj) {
          const double share = 1 / static_cast<double>(pin.energy_pj.size());
          for (const std::size_t edge : {0U, 1U}) {
            const double slew = clock ? clock_slew(*i.cell) : slews_[i.inputs[k]][edge];
            const double pj = share * e[edge == 1].at(slew, 0);
            if (clock) {
              out_.clock_pj += pj;
            } else {
              out_.net_energy[i.inputs[k]][edge]
                             [sink(i.cell->flop ? Sink::kFlop : Sink::kCombinational)] += pj;
            }
          }
        }
      }
    }
  }

  const Netlist& netlist_;
  const CellLibrary& library_;
  const Cell& flop_;
  double voltage_v_;
  std::vector<double> pins_pf_, wire_pf_;
  std::vector<Slews> slews_;
  Electrics out_;
};

}  // namespace

Electrics electrics_of(const Netlist& netlist, const CellLibrary& library) {
  return Calculator(netlist, library).run();
}

}  // namespace mixpe
