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

/// Transitions of one change of the input, all and those that stay.
std::pair<std::uint64_t, std::uint64_t> transitions_of_a_change(const Netlist& netlist) {
  const Electrics electrics = electrics_of(netlist, library());
  NetlistSimulator s(netlist, electrics);
  s.clock();
  s.start_counting();
  const std::uint64_t one = 1;
  s.set(*netlist.port("a_i"), &one);
  s.clock();
  return {s.transitions(), s.settled_transitions()};
}

TEST(NetlistSimulator, AGlitchCostsWithGlitchesOnly) {
  const auto [all, settled] = transitions_of_a_change(pulse_maker(2));
  EXPECT_EQ(settled, 1U + 2U) << "input and inverters";
  EXPECT_EQ(all, 1U + 2U + 2U) << "and a pulse of 0.2 ns through a gate of 0.1 ns";
}

TEST(NetlistSimulator, APulseOfLessThanHalfAGateDelayIsSwallowed) {
  // Both inputs change at once: no pulse at all.
  const auto [all, settled] = transitions_of_a_change(
      netlist_of(port("a_i", "input", "3") + "," + port("y_o", "output", "99"),
                 cell("x", "XOR2", "\"A\": [3], \"B\": [3], \"Y\": [99]")));
  EXPECT_EQ(all, 1U);
  EXPECT_EQ(settled, 1U);
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
