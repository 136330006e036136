#include "sim/characterize/measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "models/core/errors.h"
#include "sim/characterize/netlist_simulator.h"
#include "sim/cosim/flat_module.h"

namespace mixpe {
namespace {

constexpr const char* kClock = "clk_i";

std::vector<RtlPort> ports_of(const Netlist& netlist, const RtlModule& rtl) {
  std::vector<RtlPort> ports;
  for (const Netlist::Port& p : netlist.ports) {
    ports.push_back({p.name, static_cast<int>(p.bits.size()), p.output});
  }
  for (const std::string& open : rtl.open_outputs) ports.push_back({open, 1, true});
  return ports;
}

std::vector<std::string> input_names(const Netlist& netlist) {
  std::vector<std::string> names;
  for (const Netlist::Port& p : netlist.ports) {
    if (!p.output && p.name != kClock) names.push_back(p.name);
  }
  return names;
}

FlatModule compile(const RtlModule& rtl, std::vector<RtlPort> ports, const BuildCache& cache) {
  Verilation v;
  v.top = rtl.top;
  v.folders = rtl.folders;
  v.parameters = rtl.parameters;
  v.ports = std::move(ports);
  v.optimise = "-O0";  // a few hundred cycles
  return FlatModule(std::move(v), cache, {}, [](const std::string&) {});
}

/// The RTL's outputs, settled in each cycle, as the mapped netlist must show them.
std::vector<std::uint64_t> golden(FlatModule& module, const Stimulus& stimulus) {
  const auto in = static_cast<std::size_t>(module.input_words());
  const auto out = static_cast<std::size_t>(module.output_words());
  std::vector<std::uint64_t> inputs(in * stimulus.cycles());
  for (std::size_t p = 0; p < stimulus.ports().size(); ++p) {
    const auto at = static_cast<std::size_t>(module.offset(stimulus.ports()[p]));
    for (std::size_t c = 0; c < stimulus.cycles(); ++c) {
      inputs[c * in + at] = stimulus.value(c, p);
    }
  }
  std::vector<std::uint64_t> before(out * stimulus.cycles()), after(before.size());
  module.restart();
  const std::int64_t ended = module.run(inputs, before, after);
  if (ended != static_cast<std::int64_t>(stimulus.cycles())) {
    throw InvariantError(fmt::format("{}: the RTL stopped: {}", stimulus.name(), module.error()));
  }
  return before;
}

StreamEnergy mean_cycle(const NetlistSimulator& simulator, const std::string& name) {
  StreamEnergy e;
  e.name = name;
  const auto cycles = static_cast<double>(simulator.counted_cycles());
  const auto per_cycle = [cycles](Energies total) {
    for (double& pj : total) pj /= cycles;
    return total;
  };
  e.zero_delay = per_cycle(simulator.zero_delay_pj());
  e.glitch = per_cycle(simulator.glitch_pj());
  e.transitions = static_cast<double>(simulator.transitions()) / cycles;
  e.settled_transitions = static_cast<double>(simulator.settled_transitions()) / cycles;
  return e;
}

/// Simulates the netlist beside what the RTL showed.
StreamEnergy run(const Subject& subject, const Netlist& netlist, const Electrics& electrics,
                 FlatModule& module, const Stimulus& stimulus) {
  check_invariant(stimulus.cycles() > stimulus.warm_up(), "a stimulus that counts nothing");
  const std::vector<std::uint64_t> expected = golden(module, stimulus);
  const auto words = static_cast<std::size_t>(module.output_words());
  NetlistSimulator simulator(netlist, electrics);
  std::uint64_t comparisons = 0;
  for (std::size_t c = 0; c < stimulus.cycles(); ++c) {
    if (c == stimulus.warm_up()) simulator.start_counting();
    for (std::size_t p = 0; p < stimulus.ports().size(); ++p) {
      const std::uint64_t value = stimulus.value(c, p);
      simulator.set(*netlist.port(stimulus.ports()[p]), &value);
    }
    simulator.clock();
    if (c < stimulus.warm_up()) continue;
    for (const Netlist::Port& port : netlist.ports) {
      if (!port.output) continue;
      std::vector<std::uint64_t> got((port.bits.size() + 63) / 64);
      simulator.get(port, got.data());
      for (std::size_t w = 0; w < got.size(); ++w) {
        const std::uint64_t want =
            expected[c * words + static_cast<std::size_t>(module.offset(port.name)) + w];
        ++comparisons;
        if (got[w] == want) continue;
        throw InvariantError(fmt::format(
            "{}, {}: the mapped netlist is not its RTL: {} in cycle {} is 0x{:x}, not 0x{:x}",
            subject.name, stimulus.name(), port.name, c, got[w], want));
      }
    }
  }
  StreamEnergy energy = mean_cycle(simulator, stimulus.name());
  energy.operands = stimulus.statistics();
  energy.comparisons = comparisons;
  return energy;
}

double sum(const Energies& energies) {
  return std::accumulate(energies.begin(), energies.end(), 0.0);
}

}  // namespace

double StreamEnergy::zero_delay_pj() const { return sum(zero_delay); }
double StreamEnergy::glitch_pj() const { return sum(glitch); }

const StreamEnergy& Measurement::stream(std::string_view stream_name) const {
  for (const StreamEnergy& s : streams) {
    if (s.name == stream_name) return s;
  }
  throw InvariantError(fmt::format("{} was not run with {}", name, stream_name));
}

Measurement measure(const Subject& subject, const CellLibrary& library, double clock_ns,
                    const BuildCache& cache) {
  const Netlist netlist = synthesize(subject.rtl, library, clock_ns, cache);
  const Electrics electrics = electrics_of(netlist, library);
  Measurement m;
  m.name = subject.name;
  m.rtl_revision = subject.rtl.revision();
  m.cells = netlist.instances.size();
  m.flops = netlist.flops();
  m.area_um2 = netlist.area_um2();
  m.flop_area_um2 = netlist.flop_area_um2();
  m.leakage_nw = netlist.leakage_nw();
  m.timing = time_netlist(netlist, library, clock_ns);
  FlatModule module = compile(subject.rtl, ports_of(netlist, subject.rtl), cache);
  for (const Stimulus& stimulus : subject.stimuli(input_names(netlist))) {
    m.streams.push_back(run(subject, netlist, electrics, module, stimulus));
  }
  return m;
}

}  // namespace mixpe
