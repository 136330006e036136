#include "sim/characterize/netlist_simulator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "models/core/errors.h"
#include "sim/characterize/characterize_test_support.h"

namespace mixpe {
namespace {

using ::testing::HasSubstr;

const CellLibrary& library() {
  static const CellLibrary tiny = read_liberty("cells.lib", testing::tiny_liberty());
  return tiny;
}

/// The JSON of a module: `ports` and `cells` as yosys writes them.
Netlist netlist_of(const std::string& ports, const std::string& cells) {
  return read_netlist(
      "{\"modules\": {\"top\": {\"ports\": {" + ports + "}, \"cells\": {" + cells + "}}}}", "top",
      library());
}

std::string port(const char* name, const char* direction, const std::string& bits) {
  return fmt::format("\"{}\": {{\"direction\": \"{}\", \"bits\": [{}]}}", name, direction, bits);
}

std::string cell(const char* name, const char* type, const std::string& pins) {
  return fmt::format("\"{}\": {{\"type\": \"{}\", \"connections\": {{{}}}}}", name, type, pins);
}

double total(const Energies& e) { return std::accumulate(e.begin(), e.end(), 0.0); }

/// A flip-flop that takes its own complement: net 2 clock, 3 state, 4 complement.
Netlist toggle() {
  return netlist_of(port("clk_i", "input", "2") + "," + port("q_o", "output", "3"),
                    cell("f", "DFF", "\"CK\": [2], \"D\": [4], \"Q\": [3]") + "," +
                        cell("g", "INV", "\"A\": [3], \"Y\": [4]"));
}

/// What electrics_of says of the divider when `from`, after `cell`, is `to` in the library.
std::string complaint_without(const std::string& cell, const std::string& from,
                              const std::string& to) {
  std::string text = testing::tiny_liberty();
  text.replace(text.find(from, text.find("cell (" + cell + ")")), from.size(), to);
  const CellLibrary poorer = read_liberty("poorer.lib", text);
  Netlist netlist = toggle();
  for (Netlist::Instance& i : netlist.instances) i.cell = poorer.find(i.cell->name);
  try {
    electrics_of(netlist, poorer);
  } catch (const UserError& e) {
    return e.what();
  }
  return "no complaint";
}

TEST(Electrics, NothingThatSwitchesIsFree) {
  EXPECT_THAT(complaint_without("INV", "rise_power", "no_power"),
              HasSubstr("poorer.lib: cell INV: pin Y has no power table when it rises"));
  EXPECT_THAT(complaint_without("INV", "cell_fall", "no_delay"),
              HasSubstr("poorer.lib: cell INV: pin Y has no delay when it falls"));
  EXPECT_THAT(complaint_without("INV", "capacitance : 0.01;", ""),
              HasSubstr("poorer.lib: cell INV: pin A has no capacitance"));
  EXPECT_THAT(complaint_without("DFF", "internal_power () { related_pin", "none () { related_pin"),
              HasSubstr("poorer.lib: cell DFF: pin Q has no power table"))
      << "its clock pin has one, which is not of Q";
  EXPECT_EQ(complaint_without("OR2", "rise_power", "no_power"), "no complaint") << "not used";
}

TEST(NetlistSimulator, CountsTheTogglesOfADivider) {
  const Netlist netlist = toggle();
  const Electrics electrics = electrics_of(netlist, library());
  NetlistSimulator s(netlist, electrics);
  s.clock();
  s.start_counting();
  std::uint64_t last = 0, q = 0;
  s.get(*netlist.port("q_o"), &last);
  constexpr int kCycles = 10;
  for (int c = 0; c < kCycles; ++c) {
    s.clock();
    s.get(*netlist.port("q_o"), &q);
    EXPECT_EQ(q, 1 - last);
    last = q;
  }
  EXPECT_EQ(s.transitions(), 2U * kCycles) << "state and complement, once a cycle each";
  EXPECT_EQ(s.settled_transitions(), 2U * kCycles);
  // By hand: cells, (0.5 + 0.25) / 2 pJ a transition; half C V^2 of 0.01 pF a pin at 2 V: two pins
  // on the state (the inverter's and a port's), one on the complement; wires of 2.5 pitches.
  const double pitch_um = std::sqrt((16 + 1) / 2.0);
  const double wires_pf = 0.2e-3 * 2.5 * pitch_um * (std::pow(2, 0.9) + 1);
  const double half_v2 = 0.5 * 2 * 2;
  const double expected = kCycles * (2 * 0.375 + half_v2 * (3 * 0.01 + wires_pf)) +
                          kCycles * (2 * 0.125 + 2 * half_v2 * 0.01);
  EXPECT_NEAR(total(s.zero_delay_pj()), expected, 1e-9);
  EXPECT_NEAR(total(s.glitch_pj()), expected, 1e-9);
  EXPECT_NEAR(s.glitch_pj()[static_cast<std::size_t>(Sink::kClock)],
              kCycles * (0.25 + 2 * half_v2 * 0.01), 1e-12);
}

/// y = a ^ delayed a, the delay `inverters` inverters long: a pulse at every change of a.
Netlist pulse_maker(int inverters) {
  std::string cells;
  int net = 3;
  for (int i = 0; i < inverters; ++i, ++net) {
    cells += cell(fmt::format("i{}", i).c_str(), "INV",
                  fmt::format("\"A\": [{}], \"Y\": [{}]", net, net + 1)) +
             ",";
  }
  cells += cell("x", "XOR2", fmt::format("\"A\": [3], \"B\": [{}], \"Y\": [99]", net));
  return netlist_of(port("a_i", "input", "3") + "," + port("y_o", "output", "99"), cells);
}

struct Transitions {
  std::uint64_t all = 0, settled = 0;
};

/// Of all nets, when all inputs rise at once.
Transitions transitions_of_a_rise(const Netlist& netlist, const Electrics& electrics) {
  NetlistSimulator s(netlist, electrics);
  s.clock();
  s.start_counting();
  const std::uint64_t ones = ~std::uint64_t{0};
  for (const Netlist::Port& p : netlist.ports) {
    if (!p.output) s.set(p, &ones);
  }
  s.clock();
  return {s.transitions(), s.settled_transitions()};
}
Transitions transitions_of_a_rise(const Netlist& netlist) {
  return transitions_of_a_rise(netlist, electrics_of(netlist, library()));
}

TEST(NetlistSimulator, AGlitchCostsWithGlitchesOnly) {
  const Transitions t = transitions_of_a_rise(pulse_maker(2));
  EXPECT_EQ(t.settled, 1U + 2U) << "input and inverters";
  EXPECT_EQ(t.all, 1U + 2U + 2U) << "and a pulse of 0.2 ns through a gate of 0.1 ns";
}

TEST(NetlistSimulator, APulseOfLessThanHalfAGateDelayIsSwallowed) {
  // Both inputs change at once: no pulse at all.
  const Transitions none = transitions_of_a_rise(
      netlist_of(port("a_i", "input", "3") + "," + port("y_o", "output", "99"),
                 cell("x", "XOR2", "\"A\": [3], \"B\": [3], \"Y\": [99]")));
  EXPECT_EQ(none.all, 1U);
  EXPECT_EQ(none.settled, 1U);
  // The pulse is as long as the inverter's delay, the gate's delay is 0.1 ns.
  const Netlist netlist = pulse_maker(1);
  for (const auto& [inverter_ns, pulses] : {std::pair{0.049, 0U}, {0.051, 1U}}) {
    Electrics electrics = electrics_of(netlist, library());
    electrics.arcs[electrics.first_arc[0]].delay_ns = {inverter_ns, inverter_ns};
    EXPECT_EQ(transitions_of_a_rise(netlist, electrics).all, 1U + 1U + 2U * pulses) << inverter_ns;
  }
}

TEST(NetlistSimulator, ACarryGlitchesEverySumItPasses) {
  // 0 + 0, then 15 + 1: sums 1 to 3 rise with the operand and fall one gate delay after the other,
  // as the carry comes by. Net 20 + k is operand bit k, 30 + k sum k, 41 + k the carry out of k.
  std::string cells;
  for (int k = 0; k < 4; ++k) {
    const std::string pins = fmt::format(
        "\"A\": [{}], \"B\": [{}], \"C\": [{}], \"S\": [{}], \"CO\": [{}]", 20 + k,
        k == 0 ? "10" : "\"0\"", k == 0 ? "\"0\"" : std::to_string(40 + k), 30 + k, 41 + k);
    cells += (k == 0 ? "" : ",") + cell(fmt::format("fa{}", k).c_str(), "FA", pins);
  }
  const Transitions t = transitions_of_a_rise(
      netlist_of(port("a_i", "input", "20, 21, 22, 23") + "," + port("b_i", "input", "10") + "," +
                     port("sum_o", "output", "30, 31, 32, 33, 44"),
                 cells));
  EXPECT_EQ(t.settled, 5U + 4U) << "operands and carries";
  EXPECT_EQ(t.all, 5U + 4U + 3U * 2U) << "and three sums up and down";
}

TEST(NetlistSimulator, AddsWithAdderCells) {
  const Netlist netlist =
      netlist_of(port("a_i", "input", "3, 4, 5") + "," + port("sum_o", "output", "6, 7"),
                 cell("fa", "FA", "\"A\": [3], \"B\": [4], \"C\": [5], \"S\": [6], \"CO\": [7]"));
  const Electrics electrics = electrics_of(netlist, library());
  NetlistSimulator s(netlist, electrics);
  for (std::uint64_t bits = 0; bits < 8; ++bits) {
    s.set(*netlist.port("a_i"), &bits);
    s.clock();
    std::uint64_t sum = 0;
    s.get(*netlist.port("sum_o"), &sum);
    EXPECT_EQ(sum, static_cast<std::uint64_t>(std::popcount(bits)));
  }
}

TEST(NetlistSimulator, EnergyFollowsTheInputs) {
  const Netlist netlist = pulse_maker(4);
  const Electrics electrics = electrics_of(netlist, library());
  const auto energy = [&](std::uint64_t toggles) {
    NetlistSimulator s(netlist, electrics);
    s.clock();
    s.start_counting();
    for (std::uint64_t c = 0; c < 8; ++c) {
      const std::uint64_t value = std::min(c, toggles) % 2;
      s.set(*netlist.port("a_i"), &value);
      s.clock();
    }
    return total(s.glitch_pj());
  };
  EXPECT_EQ(energy(0), 0);
  EXPECT_GT(energy(1), 0);
  EXPECT_GT(energy(7), 5 * energy(1));
}

TEST(Netlist, WhatCannotBePricedIsRefused) {
  const auto message = [](const std::string& ports, const std::string& cells) -> std::string {
    try {
      evaluation_order(netlist_of(ports, cells));
    } catch (const UserError& e) {
      return e.what();
    }
    return "no complaint";
  };
  const std::string in = port("a_i", "input", "3");
  EXPECT_THAT(message(in, cell("m", "RAM", "\"A\": [3]")),
              HasSubstr("needs RAM, which is no gate"));
  EXPECT_THAT(message(in, cell("g", "AND2", "\"A\": [3], \"B\": [4], \"Y\": [4]")),
              HasSubstr("combinational loop"));
  EXPECT_THAT(message(in, cell("f", "DFF", "\"CK\": [3], \"D\": [3], \"Q\": [4]")),
              HasSubstr("is clocked by something else than clk_i"));
  EXPECT_EQ(message(in, cell("g", "INV", "\"A\": [3], \"Y\": [4]")), "no complaint");
}

}  // namespace
}  // namespace mixpe
