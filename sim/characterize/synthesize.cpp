#include "sim/characterize/synthesize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "models/core/errors.h"
#include "sim/characterize/scratch_directory.h"
#include "sim/cosim/embedded_rtl.h"
#include "sim/cosim/run_tool.h"

namespace mixpe {
namespace {

constexpr const char* kPackage = "mixpe_pkg";
constexpr const char* kTop = "top";
constexpr const char* kLibraryName = "cells.lib";
constexpr const char* kNetlistName = "netlist.json";

/// The words of a source outside of comments.
std::set<std::string, std::less<>> words_of(std::string_view text) {
  std::set<std::string, std::less<>> words;
  std::string word;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ' ';
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') {
      word += c;
      continue;
    }
    if (!word.empty()) words.insert(std::move(word));
    word.clear();
    if (text.substr(i, 2) == "//") i = std::min(text.find('\n', i), text.size());
  }
  return words;
}

/// The sources a module needs, by path below rtl/: its own, and of its folders those that one of
/// them names, the package first. A source is named after its module, package or macros.
std::vector<std::string> sources_of(const RtlModule& module) {
  std::map<std::string, std::string, std::less<>> paths;  // by name
  for (const auto& [path, text] : embedded_rtl()) {
    const std::filesystem::path file(path);
    const bool source = file.extension() == ".sv" || file.extension() == ".svh";
    const std::string folder = file.parent_path().string();
    if (source && std::count(module.folders.begin(), module.folders.end(), folder) > 0) {
      paths[file.stem().string()] = path;
    }
  }
  std::vector<std::string> names{kPackage, module.top};
  for (std::size_t at = 0; at < names.size(); ++at) {
    check_invariant(paths.contains(names[at]), "a module without its source");
    for (const std::string& word : words_of(embedded_rtl().find(paths[names[at]])->second)) {
      const bool known = std::find(names.begin(), names.end(), word) != names.end();
      if (!known && paths.contains(word)) names.push_back(word);
    }
  }
  for (std::string& name : names) name = paths[name];
  return names;
}

/// A techmap rule: the RTL's adder becomes a cell, unless an input is constant.
std::string adder_map(const std::string& module, const std::vector<std::string>& inputs,
                      const std::string& sum, const std::string& carry, const AdderCell& cell) {
  std::string ports, masks, constant, pins;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    ports += inputs[i] + ", ";
    masks += fmt::format("  input {0};\n  parameter _TECHMAP_CONSTMSK_{0}_ = 0;\n", inputs[i]);
    constant += fmt::format("{}_TECHMAP_CONSTMSK_{}_", i == 0 ? "" : " | ", inputs[i]);
    pins += fmt::format(".{}({}), ", cell.inputs[i], inputs[i]);
  }
  return fmt::format(
      "(* techmap_celltype = \"{0}\" *)\n"
      "module _mixpe_{0} ({1}sum_o, carry_o);\n"
      "{2}  output sum_o, carry_o;\n"
      "  generate if ({3}) begin\n"
      "    assign sum_o = {4};\n    assign carry_o = {5};\n"
      "  end else begin\n"
      "    wire sum, carry;\n"
      "    {6} cell ({7}.{8}(sum), .{9}(carry));\n"
      "    assign sum_o = {10}sum;\n    assign carry_o = {11}carry;\n"
      "  end endgenerate\nendmodule\n",
      module, ports, masks, constant, sum, carry, cell.cell, pins, cell.sum, cell.carry,
      cell.sum_inverted ? "~" : "", cell.carry_inverted ? "~" : "");
}

std::string adder_maps(const CellLibrary& library) {
  const auto full = library.adder(3), half = library.adder(2);
  std::string text;
  if (full) {
    text += adder_map("full_adder", {"a_i", "b_i", "c_i"}, "a_i ^ b_i ^ c_i",
                      "(a_i & b_i) | (c_i & (a_i ^ b_i))", *full);
  }
  if (half) text += adder_map("half_adder", {"a_i", "b_i"}, "a_i ^ b_i", "a_i & b_i", *half);
  return text;
}

std::string script_of(const RtlModule& module, double clock_ns, const std::string& liberty) {
  std::string sources, parameters, open;
  for (const std::string& path : sources_of(module)) {
    if (path.ends_with(".sv")) sources += " rtl/" + path;
  }
  for (const std::string& p : module.parameters) {
    const std::size_t equals = p.find('=');
    parameters += fmt::format(" -set {} {}", p.substr(0, equals), p.substr(equals + 1));
  }
  for (const std::string& port : module.open_outputs) {
    open += fmt::format("delete -output {}/w:{}\n", kTop, port);
  }
  return fmt::format(
      "read_liberty -lib -ignore_miss_func {0}\n"
      "read_verilog -sv -Irtl/common{1}\n"
      "{2}"
      "hierarchy -check -top {3}\n"
      "rename -top {4}\n"
      "{6}"
      "setattr -mod -set keep_hierarchy 1 full_adder half_adder\n"
      "synth -flatten -top {4} -run begin:check\n"
      "techmap -map adders.v\n"
      "flatten\n"
      "hierarchy -check -top {4}\n"
      "opt -full\n"
      "techmap\n"
      "opt -fast\n"
      "dfflibmap -liberty {0}\n"
      "abc -liberty {0} -D {5} -constr constraints\n"
      "setundef -zero\n"
      "opt_clean -purge\n"
      "write_json netlist.json\n",
      liberty, sources, parameters.empty() ? "" : "chparam" + parameters + " " + module.top + "\n",
      module.top, kTop, std::llround(1000 * clock_ns), open);
}

/// What drives and loads the ports while ABC sizes: an inverter, and two of them.
std::string constraints(const CellLibrary& library) {
  const Cell& inverter = library.inverter();
  return fmt::format("set_driving_cell {}\nset_load {:.6g} [all_outputs]\n", inverter.name,
                     2 * inverter.inputs[0].capacitance_pf / library.capacitance_unit_pf);
}

std::string quoted_output(const ToolResult& result) {
  // The last lines say what went wrong.
  constexpr std::size_t kLongest = 2000;
  std::string text = result.output;
  text.erase(text.find_last_not_of('\n') + 1);
  return text.size() > kLongest ? "…" + text.substr(text.size() - kLongest) : text;
}

ToolResult run_installed(const std::vector<std::string>& arguments,
                         const std::filesystem::path& directory, const char* package) {
  const ToolResult result = run_tool(arguments, directory);
  if (!result.found) {
    throw UserError(fmt::format("{}: not found; characterisation needs it: apt-get install {}",
                                arguments[0], package));
  }
  return result;
}

/// A link: the tools' scripts know no quotes for a path with spaces.
void link_library(const CellLibrary& library, const ScratchDirectory& directory) {
  std::filesystem::create_symlink(std::filesystem::absolute(library.file),
                                  directory.path() / kLibraryName);
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// --- OpenSTA ---

std::string net_name(NetId net) {
  if (net == Netlist::kZero) return "1'b0";
  if (net == Netlist::kOne) return "1'b1";
  return fmt::format("n{}", net);
}

/// Verilog of nothing but instances: OpenSTA reads no concatenations.
std::string verilog_of(const Netlist& netlist) {
  std::set<NetId> inputs, outputs;
  for (const Netlist::Port& p : netlist.ports) {
    for (const NetId net : p.bits) {
      if (net > Netlist::kOne) (p.output ? outputs : inputs).insert(net);
    }
  }
  std::string header, text;
  const auto declare = [&](const char* direction, NetId net) {
    header += (header.empty() ? "" : ", ") + net_name(net);
    text += fmt::format("  {} {};\n", direction, net_name(net));
  };
  for (const NetId net : inputs) declare("input", net);
  for (const NetId net : outputs) {
    if (!inputs.contains(net)) declare("output", net);
  }
  for (std::size_t i = 0; i < netlist.instances.size(); ++i) {
    const Netlist::Instance& instance = netlist.instances[i];
    std::string pins;
    for (std::size_t k = 0; k < instance.inputs.size(); ++k) {
      pins += fmt::format("{}.{}({})", pins.empty() ? "" : ", ", instance.cell->inputs[k].name,
                          net_name(instance.inputs[k]));
    }
    for (std::size_t k = 0; k < instance.outputs.size(); ++k) {
      if (instance.outputs[k] == Netlist::kNone) continue;
      pins +=
          fmt::format(", .{}({})", instance.cell->outputs[k].name, net_name(instance.outputs[k]));
    }
    text += fmt::format("  {} u{} ({});\n", instance.cell->name, i, pins);
  }
  return fmt::format("module {} ({});\n{}endmodule\n", kTop, header, text);
}

std::string timing_script(const Netlist& netlist, const std::string& liberty, double clock_ns,
                          double time_unit_ns) {
  const bool clocked = netlist.clock != Netlist::kNone;
  std::string reset;
  if (const Netlist::Port* port = netlist.port("rst_ni"); port != nullptr) {
    reset = fmt::format("set_false_path -from {}\n", net_name(port->bits[0]));
  }
  return fmt::format(
      "read_liberty {}\nread_verilog netlist.v\nlink_design {}\n"
      "create_clock -name clock -period {:.6g}{}\n"
      "set_input_delay 0 -clock clock [all_inputs]\n"
      "set_output_delay 0 -clock clock [all_outputs]\n{}"
      "report_checks -path_delay max -format end -digits 4\n",
      liberty, kTop, clock_ns / time_unit_ns,
      clocked ? " " + net_name(netlist.clock) : std::string(), reset);
}

}  // namespace

std::string RtlModule::revision() const {
  std::string text;
  for (const std::string& path : sources_of(*this)) {
    const std::string_view source = embedded_rtl().find(path)->second;
    text += fmt::format("{} {}\n", path, source.size());
    text += source;
  }
  return content_hash(text);
}

std::string yosys_version() {
  const ToolResult result = run_installed({"yosys", "-V"}, "/", "yosys");
  std::string line = first_line(result.output);
  if (line.starts_with("Yosys ")) line.erase(0, 6);
  return line;
}

std::string opensta_version() {
  return first_line(run_installed({"sta", "-version"}, "/", "opensta").output);
}

namespace {

/// Everything that decides what the netlist is.
std::string netlist_key(const RtlModule& module, const CellLibrary& library, double clock_ns) {
  std::string text = yosys_version() + "\n" + library.text_hash + "\n" + module.revision() + "\n" +
                     script_of(module, clock_ns, kLibraryName) + adder_maps(library) +
                     constraints(library);
  return "netlist-" + module.top + "-" + content_hash(text);
}

}  // namespace

Netlist synthesize(const RtlModule& module, const CellLibrary& library, double clock_ns,
                   const BuildCache& cache) {
  const auto map = [&](const std::filesystem::path& entry) -> BuildCache::Made {
    const ScratchDirectory directory;
    for (const std::string& path : sources_of(module)) {
      directory.write("rtl/" + path, embedded_rtl().find(path)->second);
    }
    directory.write("adders.v", adder_maps(library));
    directory.write("constraints", constraints(library));
    link_library(library, directory);
    directory.write("script.ys", script_of(module, clock_ns, kLibraryName));
    const ToolResult result =
        run_installed({"yosys", "-q", "script.ys"}, directory.path(), "yosys");
    std::error_code error;
    std::filesystem::copy_file(directory.path() / kNetlistName, entry / kNetlistName, error);
    if (result.exit_code != 0 || error) {
      throw UserError(fmt::format("{} cannot be mapped to {}; yosys says:\n{}", module.top,
                                  library.file, quoted_output(result)));
    }
    return {kNetlistName, {}};
  };
  const std::filesystem::path file = cache.result(netlist_key(module, library, clock_ns), map);
  std::ifstream in(file, std::ios::binary);
  return read_netlist(std::string(std::istreambuf_iterator<char>(in), {}), kTop, library);
}

Timing time_netlist(const Netlist& netlist, const CellLibrary& library, double clock_ns) {
  const ScratchDirectory directory;
  directory.write("netlist.v", verilog_of(netlist));
  link_library(library, directory);
  directory.write("script.tcl",
                  timing_script(netlist, kLibraryName, clock_ns, library.time_unit_ns));
  const ToolResult result =
      run_installed({"sta", "-exit", "script.tcl"}, directory.path(), "opensta");
  // A line for each kind of path: endpoint, required, actual, slack, (MET) or (VIOLATED).
  Timing timing{0, true};
  bool any = false;
  std::istringstream lines(result.output);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t verdict = std::min(line.find("(MET)"), line.find("(VIOLATED)"));
    if (verdict == std::string::npos) continue;
    std::istringstream words(line.substr(0, verdict));
    std::string word, slack;
    while (words >> word) slack = word;
    double value = 0;
    const auto [end, error] = std::from_chars(slack.data(), slack.data() + slack.size(), value);
    if (error != std::errc{} || end != slack.data() + slack.size()) continue;
    any = true;
    timing.min_period_ns = std::max(timing.min_period_ns, clock_ns - value * library.time_unit_ns);
    timing.met = timing.met && line.find("(MET)") != std::string::npos;
  }
  if (!any || result.output.find("Error:") != std::string::npos) {
    throw UserError(
        fmt::format("OpenSTA cannot time the netlist; it says:\n{}", quoted_output(result)));
  }
  return timing;
}

}  // namespace mixpe
