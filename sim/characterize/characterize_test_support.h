#pragma once
// A hand-made library of a few cells with round numbers, and netlists of it, for tests.

#include <fmt/format.h>

#include <string>

#include "sim/characterize/netlist.h"

namespace mixpe::testing {

/// Parts of the library that a test may leave out.
struct TinyParts {
  bool power = true, flop = true, full_adder = true, half_adder = true, timing = true;
};

/// Every output has a delay of 0.1 ns and costs 0.5 pJ when it rises, 0.25 pJ when it falls; pins
/// load 0.01 pF; a flip-flop's clock pin costs 0.125 pJ an edge. 2 V. Area: inverter 1, gates 2,
/// half adder 4, full adder 8, flip-flop 16.
inline std::string tiny_liberty(const TinyParts& parts = {}) {
  const auto scalar = [](const char* kind, double value) {
    return fmt::format("{} (scalar) {{ values (\"{}\"); }}\n", kind, value);
  };
  const auto arc = [&](const std::string& pins) {
    std::string text;
    if (parts.timing) {
      text += fmt::format("timing () {{ related_pin : \"{}\";\n", pins) + scalar("cell_rise", 0.1) +
              scalar("cell_fall", 0.1) + scalar("rise_transition", 0.05) +
              scalar("fall_transition", 0.05) + "}\n";
    }
    if (parts.power) {
      text += fmt::format("internal_power () {{ related_pin : \"{}\";\n", pins) +
              scalar("rise_power", 0.5) + scalar("fall_power", 0.25) + "}\n";
    }
    return text;
  };
  const auto input = [](const char* name, const std::string& more = "") {
    return fmt::format("pin ({}) {{ direction : input; capacitance : 0.01; {} }}\n", name, more);
  };
  const auto output = [&](const char* name, const char* function, const std::string& pins) {
    return fmt::format("pin ({}) {{ direction : output; function : \"{}\";\n{}}}\n", name, function,
                       arc(pins));
  };
  std::string text =
      "/* made by hand */\nlibrary (tiny) {\n  time_unit : \"1ns\"; voltage_unit : \"1V\";\n"
      "  leakage_power_unit : \"1nW\"; capacitive_load_unit (1, pf); nom_voltage : 2.0;\n";
  const auto cell = [&](const char* name, int area, const std::string& body) {
    text += fmt::format("cell ({}) {{ area : {}; cell_leakage_power : {};\n{}}}\n", name, area,
                        area, body);
  };
  cell("INV", 1, input("A") + output("Y", "!A", "A"));
  cell("AND2", 2, input("A") + input("B") + output("Y", "(A B)", "A B"));
  cell("XOR2", 2, input("A") + input("B") + output("Y", "A^B", "A B"));
  cell("OR2", 2, input("A") + input("B") + output("Y", "A + B", "A B"));
  if (parts.full_adder) {
    cell("FA", 8,
         input("A") + input("B") + input("C") + output("S", "(A^B)^C", "A B C") +
             output("CO", "((A B)+(B C))+(C A)", "A B C"));
  }
  if (parts.half_adder) {
    cell("HA", 4, input("A") + input("B") + output("S", "A^B", "A B") + output("CO", "A B", "A B"));
  }
  if (parts.flop) {
    const std::string clock_power = parts.power
                                        ? "internal_power () {\n" + scalar("rise_power", 0.125) +
                                              scalar("fall_power", 0.125) + "}"
                                        : std::string();
    cell("DFF", 16,
         "ff (IQ, IQN) { next_state : \"D\"; clocked_on : \"CK\"; }\n" + input("D") +
             input("CK", "clock : true; " + clock_power) + output("Q", "IQ", "CK"));
  }
  return text + "}\n";
}

}  // namespace mixpe::testing
