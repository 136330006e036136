#include "sim/characterize/liberty.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <sstream>

#include "models/core/errors.h"
#include "sim/characterize/liberty_text.h"
#include "sim/cosim/build_cache.h"

namespace mixpe {
namespace {

constexpr std::uint64_t kXor3 = 0x96, kMajority = 0xe8, kXor2 = 0x6, kAnd2 = 0x8, kNot = 0x1;

/// The interval of `axis` that holds x, or the nearest, and how far along it x is.
std::pair<std::size_t, double> place(const std::vector<double>& axis, double x) {
  if (axis.size() < 2) return {0, 0.0};
  const auto above = std::upper_bound(axis.begin() + 1, axis.end() - 1, x);
  const auto i = static_cast<std::size_t>(above - axis.begin()) - 1;
  return {i, (x - axis[i]) / (axis[i + 1] - axis[i])};
}

/// Reads one file's groups into a CellLibrary.
class LibraryReader {
 public:
  LibraryReader(const std::string& file, const LibertyGroup& root) : root_(root) {
    library_.file = file;
    library_.name = root.name();
  }

  CellLibrary run() {
    read_units();
    for (const LibertyGroup& g : root_.groups) {
      if (g.kind == "lu_table_template" || g.kind == "power_lut_template")
        templates_[g.name()] = &g;
    }
    for (const LibertyGroup& g : root_.groups) {
      if (g.kind == "cell") read_cell(g);
    }
    check();
    return std::move(library_);
  }

 private:
  [[noreturn]] void fail(int line, const std::string& what) const {
    throw UserError(fmt::format("{}:{}: {}", library_.file, line, what));
  }

  double number(const std::string& text, int line) const {
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end || !std::isfinite(value)) {
      fail(line, "must be a number; got '" + text + "'");
    }
    return value;
  }
  double number_of(const LibertyGroup& g, std::string_view attribute, double otherwise) const {
    return g.has(attribute) ? number(g.text(attribute), g.line) : otherwise;
  }

  /// "1ns", "10ps", "1nW": the factor to `unit`'s own scale.
  double scaled_unit(std::string_view attribute, char unit, double to_base) const {
    const std::string text = root_.text(attribute);
    std::size_t digits = 0;
    while (digits < text.size() &&
           (std::isdigit(static_cast<unsigned char>(text[digits])) != 0 || text[digits] == '.')) {
      ++digits;
    }
    const std::string_view rest = std::string_view(text).substr(digits);
    static constexpr std::string_view kPrefixes = "fpnum";
    constexpr double kFactors[] = {1e-15, 1e-12, 1e-9, 1e-6, 1e-3};
    double factor = 1;
    if (rest.size() == 2) {
      const std::size_t i = kPrefixes.find(rest[0]);
      factor = i == std::string_view::npos ? 0 : kFactors[i];
    }
    if (digits == 0 || rest.empty() || rest.back() != unit || factor == 0) {
      fail(root_.line, fmt::format("{} must be a number with its unit; got '{}'", attribute, text));
    }
    return number(text.substr(0, digits), root_.line) * factor / to_base;
  }

  void read_units() {
    library_.time_unit_ns = scaled_unit("time_unit", 's', 1e-9);
    leakage_unit_nw_ =
        root_.has("leakage_power_unit") ? scaled_unit("leakage_power_unit", 'W', 1e-9) : 1;
    const std::vector<std::string>& load = root_.values("capacitive_load_unit");
    const bool femto = load.size() == 2 && (load[1] == "ff" || load[1] == "fF");
    if (load.size() != 2 || (!femto && load[1] != "pf" && load[1] != "pF")) {
      fail(root_.line, "capacitive_load_unit must be (NUMBER, ff) or (NUMBER, pf)");
    }
    library_.capacitance_unit_pf = number(load[0], root_.line) * (femto ? 1e-3 : 1);
    const double volt = root_.has("voltage_unit") ? scaled_unit("voltage_unit", 'V', 1) : 1;
    // V^2 x pF = pJ.
    energy_unit_pj_ = volt * volt * library_.capacitance_unit_pf;
    library_.voltage_v = number_of(root_, "nom_voltage", 0);
    library_.temperature_c = number_of(root_, "nom_temperature", 25);
    if (library_.voltage_v <= 0) fail(root_.line, "nom_voltage is missing");
  }

  // --- Tables ---

  std::vector<double> numbers(const std::vector<std::string>& texts, int line) const {
    std::vector<double> out;
    for (const std::string& text : texts) {
      std::string word;
      for (const char c : text + ",") {
        if (c != ',' && c != ' ' && c != '\t') {
          word += c;
        } else if (!word.empty()) {
          out.push_back(number(word, line));
          word.clear();
        }
      }
    }
    return out;
  }

  static bool is_slew(const std::string& variable) {
    return variable == "input_net_transition" || variable == "input_transition_time";
  }

  /// A group like cell_rise (template) { index_1, index_2, values }, in its unit.
  LibertyTable table(const LibertyGroup& g, double unit) const {
    std::vector<double> values = numbers(g.values("values"), g.line);
    for (double& v : values) v *= unit;
    const auto found = templates_.find(g.name());
    std::vector<double> slews, loads;
    bool slew_first = true;
    for (const char* which : {"1", "2"}) {
      const std::string index = std::string("index_") + which;
      const LibertyGroup* at = g.has(index)                ? &g
                               : found != templates_.end() ? found->second
                                                           : nullptr;
      if (at == nullptr || !at->has(index) || found == templates_.end()) continue;
      const std::string variable = found->second->text(std::string("variable_") + which);
      if (variable.empty()) continue;
      std::vector<double> axis = numbers(at->values(index), g.line);
      if (is_slew(variable)) {
        for (double& x : axis) x *= library_.time_unit_ns;
        slews = std::move(axis);
        slew_first = loads.empty();
      } else if (variable == "total_output_net_capacitance") {
        for (double& x : axis) x *= library_.capacitance_unit_pf;
        loads = std::move(axis);
      } else {
        fail(g.line, "a table over " + variable + " is not understood");
      }
    }
    if (slews.empty()) slews = {0};
    if (loads.empty()) loads = {0};
    const bool ascending =
        std::adjacent_find(slews.begin(), slews.end(), std::greater_equal<>()) == slews.end() &&
        std::adjacent_find(loads.begin(), loads.end(), std::greater_equal<>()) == loads.end();
    if (values.size() != slews.size() * loads.size() || !ascending) {
      fail(g.line, fmt::format("{} has {} values; its axes say {} x {}, ascending", g.kind,
                               values.size(), slews.size(), loads.size()));
    }
    if (slew_first || slews.size() == 1 || loads.size() == 1) return {slews, loads, values};
    std::vector<double> turned(values.size());
    for (std::size_t s = 0; s < slews.size(); ++s) {
      for (std::size_t l = 0; l < loads.size(); ++l) {
        turned[s * loads.size() + l] = values[l * slews.size() + s];
      }
    }
    return {slews, loads, turned};
  }

  EdgeTables edges(const LibertyGroup& g, std::string_view rise, std::string_view fall,
                   double unit) const {
    EdgeTables tables;
    for (const LibertyGroup& t : g.groups) {
      if (t.kind == rise) tables.rise = table(t, unit);
      if (t.kind == fall) tables.fall = table(t, unit);
      // One table for both edges.
      if (t.kind == "power" && rise == "rise_power") tables = {table(t, unit), table(t, unit)};
    }
    return tables;
  }

  // --- Cells ---

  static bool is_plain(const LibertyGroup& g) {
    if (g.text("dont_use") == "true" || g.has("clock_gating_integrated_cell")) return false;
    for (const LibertyGroup& part : g.groups) {
      if (part.kind == "latch" || part.kind == "statetable" || part.kind == "ff_bank" ||
          part.kind == "latch_bank" || part.kind == "bus" || part.kind == "bundle" ||
          (part.kind == "pin" && (part.has("three_state") || part.text("direction") == "inout"))) {
        return false;
      }
    }
    return true;
  }

  void read_cell(const LibertyGroup& g) {
    if (!is_plain(g)) return;
    Cell cell;
    cell.name = g.name();
    cell.area_um2 = number_of(g, "area", 0);
    cell.leakage_nw = leakage(g) * leakage_unit_nw_;
    std::vector<std::string> names;
    for (const LibertyGroup& pin : g.groups) {
      if (pin.kind == "pin" && pin.text("direction") == "input") {
        cell.inputs.push_back(read_input(pin));
        names.push_back(pin.name());
      }
    }
    const LibertyGroup* ff = nullptr;
    for (const LibertyGroup& part : g.groups) {
      if (part.kind == "ff") ff = &part;
    }
    if (names.size() > TruthTable::kMostInputs) return;
    if (ff != nullptr) cell.flop = read_flop(*ff, names);
    for (const LibertyGroup& pin : g.groups) {
      if (pin.kind != "pin" || pin.text("direction") != "output") continue;
      if (!pin.has("function")) return;
      cell.outputs.push_back(read_output(pin, cell, ff));
    }
    if (!cell.outputs.empty()) library_.cells[cell.name] = std::move(cell);
  }

  /// Of the cell; else the mean over its states.
  double leakage(const LibertyGroup& g) const {
    if (g.has("cell_leakage_power")) return number_of(g, "cell_leakage_power", 0);
    double sum = 0;
    int states = 0;
    for (const LibertyGroup& state : g.groups) {
      if (state.kind != "leakage_power" || !state.has("value")) continue;
      sum += number_of(state, "value", 0);
      ++states;
    }
    return states == 0 ? 0 : sum / states;
  }

  CellInput read_input(const LibertyGroup& pin) const {
    CellInput input{
        pin.name(), number_of(pin, "capacitance", 0) * library_.capacitance_unit_pf, {}};
    for (const LibertyGroup& g : pin.groups) {
      if (g.kind != "internal_power") continue;
      const EdgeTables e = edges(g, "rise_power", "fall_power", energy_unit_pj_);
      if (!e.rise.empty() && !e.fall.empty()) input.energy_pj.push_back(e);
    }
    return input;
  }

  TruthTable function(const std::string& text, const std::vector<std::string>& inputs,
                      int line) const {
    std::string why;
    const auto table = parse_function(text, inputs, why);
    if (!table) fail(line, fmt::format("function \"{}\": {}", text, why));
    return *table;
  }

  FlipFlop read_flop(const LibertyGroup& ff, const std::vector<std::string>& inputs) const {
    FlipFlop flop;
    const std::string clock = ff.text("clocked_on");
    const TruthTable edge = function(clock, inputs, ff.line);
    std::size_t clocks = 0;
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      if (!edge.depends_on(k)) continue;
      flop.clock = k;
      ++clocks;
    }
    if (clocks != 1) fail(ff.line, "clocked_on must be one pin; got \"" + clock + "\"");
    flop.rising = edge.at(std::uint64_t{1} << flop.clock);
    flop.next = function(ff.text("next_state"), inputs, ff.line);
    const auto optional = [&](std::string_view attribute) {
      return ff.has(attribute) ? function(ff.text(attribute), inputs, ff.line)
                               : TruthTable(0, inputs.size());
    };
    flop.clear = optional("clear");
    flop.preset = optional("preset");
    return flop;
  }

  CellOutput read_output(const LibertyGroup& pin, const Cell& cell, const LibertyGroup* ff) const {
    CellOutput output;
    output.name = pin.name();
    std::vector<std::string> names;
    for (const CellInput& input : cell.inputs) names.push_back(input.name);
    if (ff == nullptr) {
      output.function = function(pin.text("function"), names, pin.line);
    } else {
      // Of the state and its complement.
      const TruthTable of_state = function(pin.text("function"), ff->names, pin.line);
      output.inverted = of_state.at(2) && !of_state.at(1);
    }
    for (const LibertyGroup& g : pin.groups) {
      const bool timing = g.kind == "timing";
      if (!timing && g.kind != "internal_power") continue;
      for (std::size_t k = 0; k < names.size(); ++k) {
        if (!mentions(g.text("related_pin"), names[k])) continue;
        if (timing) {
          const EdgeTables delay = edges(g, "cell_rise", "cell_fall", library_.time_unit_ns);
          const EdgeTables transition =
              edges(g, "rise_transition", "fall_transition", library_.time_unit_ns);
          output.delays.push_back({k, delay, transition});
        } else {
          output.energies.push_back({k, edges(g, "rise_power", "fall_power", energy_unit_pj_)});
        }
      }
    }
    return output;
  }

  /// A name in a list of names separated by spaces.
  static bool mentions(const std::string& list, const std::string& name) {
    std::istringstream words(list);
    std::string word;
    while (words >> word) {
      if (word == name) return true;
    }
    return false;
  }

  // --- What pricing cannot do without ---

  void check() const {
    bool any_flop = false, any_power = false, any_delay = false;
    for (const auto& [name, cell] : library_.cells) {
      any_flop = any_flop || cell.flop.has_value();
      for (const CellOutput& out : cell.outputs) {
        any_power = any_power || !out.energies.empty();
        any_delay = any_delay || !out.delays.empty();
      }
    }
    const auto lacks = [&](const std::string& what) {
      throw UserError(
          fmt::format("{}: the library {} has no {}", library_.file, library_.name, what));
    };
    if (library_.cells.empty()) lacks("cells");
    if (!any_delay) lacks("timing tables (cell_rise, cell_fall)");
    if (!any_power) lacks("power tables (internal_power)");
    if (!any_flop) lacks("flip-flop (a cell with an ff group)");
    library_.plain_flop();
    library_.inverter();
    if (!library_.adder(3)) lacks("full adder (a cell with a ^ b ^ c and its carry)");
    if (!library_.adder(2)) lacks("half adder (a cell with a ^ b and a b)");
  }

  const LibertyGroup& root_;
  CellLibrary library_;
  double leakage_unit_nw_ = 1, energy_unit_pj_ = 1;
  std::map<std::string, const LibertyGroup*> templates_;
};

bool is_plain_flop(const Cell& cell) {
  return cell.flop && cell.flop->clear.bits() == 0 && cell.flop->preset.bits() == 0 &&
         cell.flop->rising && cell.inputs.size() == 2 && cell.outputs.size() == 1 &&
         !cell.outputs[0].inverted;
}

}  // namespace

LibertyTable::LibertyTable(std::vector<double> slews, std::vector<double> loads,
                           std::vector<double> values)
    : slews_(std::move(slews)), loads_(std::move(loads)), values_(std::move(values)) {
  check_invariant(values_.size() == slews_.size() * loads_.size(), "a table of the wrong size");
}

double LibertyTable::at(double slew_ns, double load_pf) const {
  const auto [s, along_s] = place(slews_, slew_ns);
  const auto [l, along_l] = place(loads_, load_pf);
  const std::size_t row = loads_.size();
  const auto value = [&, row](std::size_t i, std::size_t j) {
    return values_[std::min(i, slews_.size() - 1) * row + std::min(j, row - 1)];
  };
  const double near = value(s, l) + along_l * (value(s, l + 1) - value(s, l));
  const double far = value(s + 1, l) + along_l * (value(s + 1, l + 1) - value(s + 1, l));
  return near + along_s * (far - near);
}

std::optional<std::size_t> Cell::input(std::string_view pin) const {
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    if (inputs[k].name == pin) return k;
  }
  return std::nullopt;
}

std::optional<std::size_t> Cell::output(std::string_view pin) const {
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    if (outputs[k].name == pin) return k;
  }
  return std::nullopt;
}

const Cell* CellLibrary::find(std::string_view cell) const {
  const auto found = cells.find(cell);
  return found == cells.end() ? nullptr : &found->second;
}

const Cell& CellLibrary::plain_flop() const {
  const Cell* best = nullptr;
  for (const auto& [cell_name, cell] : cells) {
    if (is_plain_flop(cell) && (best == nullptr || cell.area_um2 < best->area_um2)) best = &cell;
  }
  if (best == nullptr) {
    throw UserError(
        fmt::format("{}: the library {} has no plain flip-flop (D, rising clock, Q)", file, name));
  }
  return *best;
}

const Cell& CellLibrary::inverter() const {
  const Cell* best = nullptr;
  for (const auto& [cell_name, cell] : cells) {
    const bool inverts = !cell.flop && cell.inputs.size() == 1 && cell.outputs.size() == 1 &&
                         cell.outputs[0].function.bits() == kNot;
    if (inverts && (best == nullptr || cell.area_um2 < best->area_um2)) best = &cell;
  }
  if (best == nullptr)
    throw UserError(fmt::format("{}: the library {} has no inverter", file, name));
  return *best;
}

std::optional<AdderCell> CellLibrary::adder(std::size_t inputs) const {
  const TruthTable sum(inputs == 3 ? kXor3 : kXor2, inputs);
  const TruthTable carry(inputs == 3 ? kMajority : kAnd2, inputs);
  const Cell* best = nullptr;
  AdderCell adder;
  for (const auto& [cell_name, cell] : cells) {
    if (cell.flop || cell.inputs.size() != inputs || cell.outputs.size() != 2) continue;
    for (const std::size_t s : {0U, 1U}) {
      const TruthTable &f = cell.outputs[s].function, &g = cell.outputs[1 - s].function;
      const bool is_sum = f == sum || f == sum.complement();
      const bool is_carry = g == carry || g == carry.complement();
      if (!is_sum || !is_carry || (best != nullptr && best->area_um2 <= cell.area_um2)) continue;
      best = &cell;
      adder = {cell_name, {}, cell.outputs[s].name, cell.outputs[1 - s].name, f != sum, g != carry};
      for (const CellInput& input : cell.inputs) adder.inputs.push_back(input.name);
    }
  }
  if (best == nullptr) return std::nullopt;
  return adder;
}

CellLibrary read_liberty(const std::string& file, std::string_view text) {
  CellLibrary library = LibraryReader(file, parse_liberty_text(file, text)).run();
  library.text_hash = content_hash(text);
  return library;
}

CellLibrary load_liberty(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) throw UserError(file + ": cannot be read");
  return read_liberty(file, text.str());
}

}  // namespace mixpe
