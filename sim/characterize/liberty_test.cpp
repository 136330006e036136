#include "sim/characterize/liberty.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "models/core/errors.h"
#include "sim/characterize/characterize_test_support.h"

namespace mixpe {
namespace {

using ::testing::HasSubstr;
using testing::tiny_liberty;
using testing::TinyParts;

std::string complaint(const std::string& text) {
  try {
    read_liberty("cells.lib", text);
  } catch (const UserError& e) {
    return e.what();
  }
  return "no complaint";
}

TEST(Liberty, GivesCellsWithFunctionsTablesAndUnits) {
  const CellLibrary library = read_liberty("cells.lib", tiny_liberty());
  EXPECT_EQ(library.name, "tiny");
  EXPECT_EQ(library.voltage_v, 2.0);
  const Cell& flop = library.plain_flop();
  EXPECT_EQ(flop.name, "DFF");
  EXPECT_EQ(flop.area_um2, 16);
  ASSERT_TRUE(flop.flop.has_value());
  EXPECT_EQ(flop.inputs[flop.flop->clock].name, "CK");
  EXPECT_TRUE(flop.flop->rising);
  EXPECT_EQ(library.inverter().name, "INV");
  const Cell* gate = library.find("AND2");
  ASSERT_NE(gate, nullptr);
  EXPECT_EQ(gate->outputs[0].function.bits(), 0x8U);
  EXPECT_DOUBLE_EQ(gate->inputs[0].capacitance_pf, 0.01);
  ASSERT_EQ(gate->outputs[0].energies.size(), 2U) << "related_pin names both inputs";
  EXPECT_DOUBLE_EQ(gate->outputs[0].energies[1].energy_pj.fall.at(1, 1), 0.25);
}

TEST(Liberty, UnitsScaleNumbers) {
  std::string text = tiny_liberty();
  const auto replace = [&text](const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
  };
  replace("\"1ns\"", "\"10ps\"");
  replace("(1, pf)", "(1, ff)");
  replace("\"1nW\"", "\"1uW\"");
  const CellLibrary library = read_liberty("cells.lib", text);
  const Cell& inverter = library.inverter();
  EXPECT_DOUBLE_EQ(inverter.inputs[0].capacitance_pf, 0.01e-3);
  EXPECT_DOUBLE_EQ(inverter.outputs[0].delays[0].delay_ns.rise.at(0, 0), 0.1 * 0.01);
  EXPECT_DOUBLE_EQ(inverter.outputs[0].energies[0].energy_pj.rise.at(0, 0), 0.5e-3);
  EXPECT_DOUBLE_EQ(inverter.leakage_nw, 1000);
}

TEST(Liberty, FindsAdderCellsByTheirFunctions) {
  const CellLibrary library = read_liberty("cells.lib", tiny_liberty());
  const auto adder = library.adder(3);
  ASSERT_TRUE(adder.has_value());
  EXPECT_EQ(adder->cell, "FA");
  EXPECT_EQ(adder->sum, "S");
  EXPECT_EQ(adder->carry, "CO");
  EXPECT_FALSE(adder->sum_inverted);
  const auto half = library.adder(2);
  ASSERT_TRUE(half.has_value());
  EXPECT_EQ(half->cell, "HA");
}

TEST(Liberty, AdderCellsMayBeComplemented) {
  std::string text = tiny_liberty();
  const std::string carry = "((A B)+(B C))+(C A)";
  text.replace(text.find(carry), carry.size(), "!(" + carry + ")");
  const auto adder = read_liberty("cells.lib", text).adder(3);
  ASSERT_TRUE(adder.has_value());
  EXPECT_TRUE(adder->carry_inverted);
  EXPECT_FALSE(adder->sum_inverted);
}

TEST(LibertyTable, InterpolatesAndExtendsInBothAxes) {
  const LibertyTable table({1, 3}, {10, 20, 40}, {0, 1, 3, 4, 5, 7});
  EXPECT_DOUBLE_EQ(table.at(1, 10), 0);
  EXPECT_DOUBLE_EQ(table.at(2, 10), 2);
  EXPECT_DOUBLE_EQ(table.at(1, 30), 2);
  EXPECT_DOUBLE_EQ(table.at(2, 30), 4);
  EXPECT_DOUBLE_EQ(table.at(3, 80), 11) << "beyond the last load its slope goes on";
  EXPECT_DOUBLE_EQ(table.at(1, 0), -1);
}

TEST(Liberty, TablesMayHaveTheirAxesInEitherOrder) {
  const std::string gate =
      "library (two) { time_unit : \"1ns\"; capacitive_load_unit (1, pf); nom_voltage : 1;\n"
      "lu_table_template (t) { variable_1 : total_output_net_capacitance;\n"
      "  variable_2 : input_net_transition; index_1 (\"1, 2\"); index_2 (\"5, 6, 7\"); }\n"
      "cell (G) { pin (A) { direction : input; }\n"
      "  pin (Y) { direction : output; function : \"A\"; timing () { related_pin : \"A\";\n"
      "    cell_rise (t) { values (\"10, 20, 30\", \\\n      \"11, 21, 31\"); } } } } }";
  // No flip-flop: the tables were read before that is said.
  EXPECT_THAT(complaint(gate), HasSubstr("has no power tables"));
  std::string text = tiny_liberty();
  text.insert(
      text.find("cell (INV)"),
      "lu_table_template (t) { variable_1 : total_output_net_capacitance;\n"
      "  variable_2 : input_net_transition; index_1 (\"1, 2\"); index_2 (\"5, 6, 7\"); }\n");
  const std::string scalar = "cell_rise (scalar) { values (\"0.1\"); }";
  text.replace(text.find(scalar), scalar.size(),
               "cell_rise (t) { values (\"10, 20, 30\", \\\n      \"11, 21, 31\"); }");
  const CellLibrary library = read_liberty("cells.lib", text);
  const LibertyTable& rise = library.inverter().outputs[0].delays[0].delay_ns.rise;
  EXPECT_DOUBLE_EQ(rise.at(6, 2), 21);
  EXPECT_DOUBLE_EQ(rise.at(7, 1), 30);
}

TEST(BadLiberty, IsNamedWithFileAndLine) {
  EXPECT_THROW(load_liberty("no/such.lib"), UserError);
  EXPECT_THAT(complaint(""), HasSubstr("cells.lib:1: is no Liberty file"));
  EXPECT_THAT(complaint("module m; endmodule"), HasSubstr("is no Liberty file"));
  const std::string whole = tiny_liberty();
  EXPECT_THAT(complaint(whole.substr(0, whole.find("cell (OR2)") + 14)),
              HasSubstr("the file ends inside "));
  EXPECT_THAT(complaint(whole.substr(0, whole.find("made"))), HasSubstr("a comment does not end"));
  std::string text = whole;
  text.replace(text.find("area : 16"), 9, "area : big");
  EXPECT_THAT(complaint(text), HasSubstr("must be a number; got 'big'"));
  text = whole;
  text.replace(text.find("\"!A\""), 4, "\"!Z\"");
  EXPECT_THAT(complaint(text), HasSubstr("there is no pin Z"));
}

TEST(BadLiberty, EveryCutIsAMistakeOfTheUsers) {
  const std::string whole = tiny_liberty();
  for (std::size_t length = 0; length + 3 < whole.size(); length += 7) {
    EXPECT_NE(complaint(whole.substr(0, length)), "no complaint") << length;
  }
}

TEST(BadLiberty, WhatPricingNeedsIsAskedFor) {
  EXPECT_THAT(complaint(tiny_liberty({.power = false})), HasSubstr("has no power tables"));
  EXPECT_THAT(complaint(tiny_liberty({.flop = false})), HasSubstr("has no flip-flop"));
  EXPECT_THAT(complaint(tiny_liberty({.full_adder = false})), HasSubstr("has no full adder"));
  EXPECT_THAT(complaint(tiny_liberty({.half_adder = false})), HasSubstr("has no half adder"));
  EXPECT_THAT(complaint(tiny_liberty({.timing = false})), HasSubstr("has no timing tables"));
  EXPECT_EQ(complaint(tiny_liberty()), "no complaint");
}

}  // namespace
}  // namespace mixpe
