#include "sim/characterize/netlist_simulator.h"

#include <cmath>

#include "models/core/errors.h"

namespace mixpe {
namespace {

constexpr double kFemtosecondsPerNs = 1e6;

std::array<std::int64_t, 2> to_femtoseconds(const std::array<double, 2>& ns) {
  return {std::llround(ns[0] * kFemtosecondsPerNs), std::llround(ns[1] * kFemtosecondsPerNs)};
}

}  // namespace

NetlistSimulator::NetlistSimulator(const Netlist& netlist, const Electrics& electrics)
    : netlist_(netlist),
      electrics_(electrics),
      nets_(netlist.nets, 0),
      readers_(netlist.nets),
      port_driver_(netlist.nets, 0),
      port_values_(netlist.nets, 0),
      arc_counts_(electrics.arcs.size()),
      net_counts_(netlist.nets) {
  nets_[Netlist::kOne] = 1;
  for (const Electrics::Arc& arc : electrics.arcs) {
    arc_delays_.push_back(to_femtoseconds(arc.delay_ns));
  }
  const auto count = static_cast<std::uint32_t>(netlist.instances.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    const Netlist::Instance& instance = netlist.instances[i];
    gates_.push_back({.cell = instance.cell,
                      .first_driver = static_cast<std::uint32_t>(drivers_.size()),
                      .first_arc = electrics.first_arc[i]});
    for (const NetId net : instance.outputs) drivers_.push_back({.net = net});
    if (instance.cell->flop) {
      flops_.push_back(i);
      for (std::size_t o = 0; o < instance.outputs.size(); ++o) {
        Driver& d = drivers_[gates_[i].first_driver + o];
        d.value = d.target = d.settled = instance.cell->outputs[o].inverted;
        if (d.net != Netlist::kNone) nets_[d.net] = d.value ? 1 : 0;
      }
      continue;
    }
    for (std::uint32_t k = 0; k < instance.inputs.size(); ++k) {
      readers_[instance.inputs[k]].push_back({i, k});
    }
  }
  states_.assign(flops_.size(), 0);
  for (const Netlist::Port& p : netlist.ports) {
    if (p.output) continue;
    for (const NetId net : p.bits) {
      port_driver_[net] = static_cast<std::uint32_t>(drivers_.size());
      drivers_.push_back({.net = net});
    }
  }
  // What gates show before anything has happened.
  for (const std::uint32_t i : evaluation_order(netlist)) {
    const Cell& cell = *netlist.instances[i].cell;
    const std::uint64_t inputs = gates_[i].inputs = inputs_of(i);
    for (std::size_t o = 0; o < cell.outputs.size(); ++o) {
      Driver& d = drivers_[gates_[i].first_driver + o];
      d.value = d.target = d.settled = cell.outputs[o].function.at(inputs);
      if (d.net != Netlist::kNone) nets_[d.net] = d.value ? 1 : 0;
    }
  }
}

void NetlistSimulator::set(const Netlist::Port& port, const std::uint64_t* words) {
  for (std::size_t i = 0; i < port.bits.size(); ++i) {
    port_values_[port.bits[i]] = words[i / 64] >> (i % 64) & 1U;
  }
}

void NetlistSimulator::get(const Netlist::Port& port, std::uint64_t* words) const {
  for (std::size_t i = 0; i < port.bits.size(); ++i) {
    if (i % 64 == 0) words[i / 64] = 0;
    words[i / 64] |= std::uint64_t{nets_[port.bits[i]]} << (i % 64);
  }
}

std::uint64_t NetlistSimulator::inputs_of(std::uint32_t instance) const {
  std::uint64_t inputs = 0;
  const std::vector<NetId>& nets = netlist_.instances[instance].inputs;
  for (std::size_t k = 0; k < nets.size(); ++k) inputs |= std::uint64_t{nets_[nets[k]]} << k;
  return inputs;
}

void NetlistSimulator::clock() {
  now_ = 0;
  // All flip-flops see what was settled before any of them changes: nothing fires until settle().
  for (std::size_t f = 0; f < flops_.size(); ++f) clock_flop(f);
  for (const Netlist::Port& p : netlist_.ports) {
    if (p.output) continue;
    for (const NetId net : p.bits) {
      if (net == netlist_.clock) continue;
      const bool value = port_values_[net] != 0;
      const double ns = electrics_.port_delay_ns[net][value ? 1 : 0];
      schedule(port_driver_[net], value, std::llround(ns * kFemtosecondsPerNs), kNoArc);
    }
  }
  settle();
  ++cycles_;
}

void NetlistSimulator::clock_flop(std::size_t index) {
  const std::uint32_t i = flops_[index];
  const Cell& cell = *netlist_.instances[i].cell;
  const std::uint64_t inputs = inputs_of(i);
  const bool state = cell.flop->clear.at(inputs)    ? false
                     : cell.flop->preset.at(inputs) ? true
                                                    : cell.flop->next.at(inputs);
  if (state == (states_[index] != 0)) return;
  states_[index] = state ? 1 : 0;
  for (std::uint32_t o = 0; o < cell.outputs.size(); ++o) {
    const bool value = state != cell.outputs[o].inverted;
    const std::size_t arc = electrics_.first_arc[i] + o * cell.inputs.size() + cell.flop->clock;
    schedule(gates_[i].first_driver + o, value, arc_delays_[arc][value ? 1 : 0], arc);
  }
}

void NetlistSimulator::schedule(std::uint32_t driver, bool value, Femtoseconds delay,
                                std::size_t arc) {
  Driver& d = drivers_[driver];
  if (value == d.target) return;
  const Femtoseconds time = now_ + delay;
  const auto take_back = [&d] {
    d.pending.pop_back();
    d.target = !d.target;
  };
  while (!d.pending.empty() && d.pending.back().time >= time) take_back();  // overtaken
  if (d.target == value) return;
  if (!d.pending.empty() && 2 * (time - d.pending.back().time) < delay) {
    take_back();  // the pulse would be too short
    return;
  }
  d.pending.push_back({time, serial_, arc});
  d.target = value;
  queue_.push({time, serial_, driver});
  ++serial_;
}

void NetlistSimulator::fire(std::uint32_t driver) {
  Driver& d = drivers_[driver];
  const std::size_t arc = d.pending.front().arc;
  d.pending.erase(d.pending.begin());
  d.value = !d.value;
  const std::size_t edge = d.value ? 1 : 0;
  if (arc != kNoArc) ++arc_counts_[arc][edge];
  if (d.net == Netlist::kNone) return;
  ++net_counts_[d.net][edge];
  nets_[d.net] = d.value ? 1 : 0;
  // A gate with this net on two inputs sees both change before it is evaluated.
  for (const Reader& r : readers_[d.net]) gates_[r.instance].inputs ^= std::uint64_t{1} << r.input;
  for (const Reader& r : readers_[d.net]) evaluate(gates_[r.instance], r.input);
}

void NetlistSimulator::evaluate(const Gate& gate, std::uint32_t input) {
  const Cell& cell = *gate.cell;
  for (std::uint32_t o = 0; o < cell.outputs.size(); ++o) {
    const bool value = cell.outputs[o].function.at(gate.inputs);
    const std::size_t arc = gate.first_arc + o * cell.inputs.size() + input;
    schedule(gate.first_driver + o, value, arc_delays_[arc][value ? 1 : 0], arc);
  }
}

void NetlistSimulator::settle() {
  while (!queue_.empty()) {
    const Change change = queue_.top();
    queue_.pop();
    const Driver& d = drivers_[change.driver];
    // Overtaken and swallowed changes are no longer pending.
    if (d.pending.empty() || d.pending.front().serial != change.serial) continue;
    now_ = change.time;
    fire(change.driver);
  }
  for (Driver& d : drivers_) {
    if (d.value == d.settled) continue;
    ++d.settled_counts[d.value ? 1 : 0];
    d.settled = d.value;
  }
}

void NetlistSimulator::start_counting() {
  cycles_ = 0;
  arc_counts_.assign(arc_counts_.size(), {});
  net_counts_.assign(net_counts_.size(), {});
  for (Driver& d : drivers_) d.settled_counts = {};
}

namespace {

void add(Energies& sum, const Energies& each, std::uint64_t times) {
  for (std::size_t s = 0; s < sum.size(); ++s) sum[s] += each[s] * static_cast<double>(times);
}

constexpr std::size_t index_of(Sink sink) { return static_cast<std::size_t>(sink); }

}  // namespace

Energies NetlistSimulator::glitch_pj() const {
  Energies sum{};
  sum[index_of(Sink::kClock)] = electrics_.clock_pj * static_cast<double>(cycles_);
  for (std::size_t i = 0; i < netlist_.instances.size(); ++i) {
    const Cell& cell = *netlist_.instances[i].cell;
    const std::size_t sink = index_of(cell.flop ? Sink::kFlop : Sink::kCombinational);
    for (std::size_t a = 0; a < cell.inputs.size() * cell.outputs.size(); ++a) {
      const std::size_t arc = electrics_.first_arc[i] + a;
      for (const std::size_t edge : {0U, 1U}) {
        sum[sink] +=
            electrics_.arcs[arc].energy_pj[edge] * static_cast<double>(arc_counts_[arc][edge]);
      }
    }
  }
  for (NetId net = 0; net < netlist_.nets; ++net) {
    for (const std::size_t edge : {0U, 1U}) {
      add(sum, electrics_.net_energy[net][edge], net_counts_[net][edge]);
    }
  }
  return sum;
}

Energies NetlistSimulator::zero_delay_pj() const {
  Energies sum{};
  sum[index_of(Sink::kClock)] = electrics_.clock_pj * static_cast<double>(cycles_);
  for (std::size_t i = 0; i < netlist_.instances.size(); ++i) {
    const Cell& cell = *netlist_.instances[i].cell;
    for (std::size_t o = 0; o < cell.outputs.size(); ++o) {
      const Driver& d = drivers_[gates_[i].first_driver + o];
      for (const std::size_t edge : {0U, 1U}) {
        // Without events no input is the cause: the mean of a gate's arcs.
        double pj = 0;
        for (std::size_t k = 0; k < cell.inputs.size(); ++k) {
          const double share = cell.flop ? (k == cell.flop->clock ? 1 : 0)
                                         : 1 / static_cast<double>(cell.inputs.size());
          pj += share * electrics_.arc(netlist_, i, o, k).energy_pj[edge];
        }
        sum[index_of(cell.flop ? Sink::kFlop : Sink::kCombinational)] +=
            pj * static_cast<double>(d.settled_counts[edge]);
      }
    }
  }
  for (const Driver& d : drivers_) {
    if (d.net == Netlist::kNone) continue;
    for (const std::size_t edge : {0U, 1U}) {
      add(sum, electrics_.net_energy[d.net][edge], d.settled_counts[edge]);
    }
  }
  return sum;
}

std::uint64_t NetlistSimulator::transitions() const {
  std::uint64_t sum = 0;
  for (const EdgeCounts& c : net_counts_) sum += c[0] + c[1];
  return sum;
}

std::uint64_t NetlistSimulator::settled_transitions() const {
  std::uint64_t sum = 0;
  for (const Driver& d : drivers_) {
    if (d.net != Netlist::kNone) sum += d.settled_counts[0] + d.settled_counts[1];
  }
  return sum;
}

}  // namespace mixpe
