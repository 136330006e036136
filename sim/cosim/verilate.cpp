#include "sim/cosim/verilate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

#include "models/core/errors.h"
#include "sim/cosim/embedded_rtl.h"
#include "sim/cosim/rtl_runtime.h"
#include "sim/cosim/run_tool.h"

namespace mixpe {
namespace {

namespace fs = std::filesystem;

/// Bit operations are not merged into trees: up to Verilator 5.024 that gives wrong results (its
/// issues 4059, 4842, 5186), in netlists more than in sources like ours.
constexpr const char* kVerilator =
    "verilator --cc --assert -O3 -fno-const-bit-op-tree --x-assign 0 --x-initial 0 "
    "--Mdir obj --prefix Vtop rtl/lint/waivers.vlt";

/// What the libraries are made with.
struct Tools {
  std::string compiler;
  std::string versions;
  fs::path include;  ///< Verilator's
};

std::string read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in.good() && !in.eof()) throw UserError(file.string() + ": cannot be read");
  return text;
}

void write_file(const fs::path& file, std::string_view text) {
  fs::create_directories(file.parent_path());
  std::ofstream out(file, std::ios::binary);
  out << text;
  if (!out.flush()) throw UserError(file.string() + ": cannot be written; is the disk full?");
}

std::string output_of(const std::vector<std::string>& arguments, const char* package) {
  const ToolResult result = run_tool(arguments, "/");
  if (!result.found || result.exit_code != 0) {
    throw UserError(fmt::format("{}: {}; RTL is compiled with it: apt-get install {}", arguments[0],
                                result.found ? "does not run" : "not found", package));
  }
  return result.output;
}

Tools find_tools() {
  const char* chosen = std::getenv("CXX");
  Tools t;
  t.compiler = chosen != nullptr && *chosen != '\0' ? chosen : "g++";
  t.versions = output_of({"verilator", "--version"}, "verilator");
  t.versions += output_of({t.compiler, "--version"}, "g++");
  std::string root = output_of({"verilator", "--getenv", "VERILATOR_ROOT"}, "verilator");
  root.erase(root.find_last_not_of('\n') + 1);
  t.include = fs::path(root) / "include";
  return t;
}

std::vector<std::string> split_words(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

/// The tool's first complaint and what follows of its lines, without places that mean nothing to
/// the user.
std::string complaint(std::string output, const Verilation& rtl) {
  for (const std::string& file : rtl.files) {
    const std::string absolute = fs::absolute(file).string();
    for (std::size_t at = 0; (at = output.find(absolute, at)) != std::string::npos;) {
      output.replace(at, absolute.size(), file);
      at += file.size();
    }
  }
  constexpr std::size_t kLongest = 4000;  // several screens tell no more than one
  if (output.size() > kLongest) output = output.substr(0, kLongest) + "…\n";
  output.erase(output.find_last_not_of('\n') + 1);
  return output;
}

// --- Sources ---

/// The embedded files of the folders asked for, by path below rtl/; waivers always.
std::vector<std::string> embedded_files(const Verilation& rtl) {
  std::vector<std::string> paths;
  for (const auto& [path, text] : embedded_rtl()) {
    const std::string folder = path.substr(0, path.rfind('/'));
    if (folder == "lint" ||
        std::find(rtl.folders.begin(), rtl.folders.end(), folder) != rtl.folders.end()) {
      paths.push_back(path);
    }
  }
  return paths;
}

/// The user's sources are checked before any tool sees them.
void check_files(const Verilation& rtl) {
  Diagnostics wrong;
  for (const std::string& file : rtl.files) {
    std::error_code error;
    if (!fs::is_regular_file(file, error)) {
      wrong.add({{file}, "", fs::exists(file, error) ? "is not a file" : "no such file", "", ""});
    } else if (!std::ifstream(file)) {
      wrong.add({{file}, "", "cannot be read", "", ""});
    }
  }
  wrong.throw_if_any();
}

/// Everything the library depends on.
std::string key_of(const Verilation& rtl, const Tools& tools) {
  std::string text = tools.versions + kVerilator + kRtlModelHeader + kRtlModelSource +
                     kRtlRuntimeSource + kRtlPrintHeader + rtl.wrapper + rtl.shim + rtl.optimise +
                     rtl.top;
  const auto add = [&text](std::string_view part) {
    text += fmt::format("\n{} ", part.size());  // lengths: no two lists look the same
    text += part;
  };
  for (const std::string& path : embedded_files(rtl)) {
    add(path);
    add(embedded_rtl().find(path)->second);
  }
  for (const std::string& file : rtl.files) {
    add(fs::absolute(file).string());
    add(read_file(file));
  }
  for (const std::string& p : rtl.parameters) add("-G" + p);
  for (const std::string& d : rtl.defines) add("-D" + d);
  for (const RtlPort& p : rtl.ports) add(fmt::format("{} {} {}", p.name, p.bits, p.output));
  add(fmt::format("{} {} {}", static_cast<int>(rtl.waves), rtl.savable, rtl.clocked));
  std::string name = rtl.top;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name + "-" + content_hash(text);
}

// --- Steps of a build, each in the entry's directory ---

void run_verilator(const Verilation& rtl, const fs::path& directory) {
  std::vector<std::string> arguments = split_words(kVerilator);
  const auto add = [&arguments](std::vector<std::string> more) {
    std::move(more.begin(), more.end(), std::back_inserter(arguments));
  };
  add({"--top-module", rtl.wrapper.empty() ? rtl.top : "wrapper"});
  if (rtl.files.empty()) {
    add({"-Wall"});
  } else {
    // What a user's source looks like is the user's matter; loops, latches and races stay errors.
    add({"-Wno-lint", "-Wno-style"});
  }
  if (rtl.waves == Waves::kVcd) add({"--trace"});
  if (rtl.waves == Waves::kFst) add({"--trace-fst"});
  if (rtl.savable) add({"--savable"});
  if (rtl.wrapper.empty()) {
    for (const std::string& p : rtl.parameters) add({"-G" + p});
  }
  for (const std::string& d : rtl.defines) add({"-D" + d});
  for (const std::string& file : rtl.files) {
    const std::string folder = fs::absolute(file).parent_path().string();
    add({"-I" + folder, "-y", folder});
  }
  bool package = false;
  std::string top;
  for (const std::string& path : embedded_files(rtl)) {
    const std::string file = "rtl/" + path;
    write_file(directory / file, embedded_rtl().find(path)->second);
    if (path == "lint/array.vlt" &&
        std::find(rtl.folders.begin(), rtl.folders.end(), "array") != rtl.folders.end()) {
      add({file});
    }
    package = package || path == "common/mixpe_pkg.sv";
    if (path.ends_with("/" + rtl.top + ".sv")) top = file;
  }
  for (const std::string& folder : rtl.folders) add({"-Irtl/" + folder, "-y", "rtl/" + folder});
  if (package) add({"rtl/common/mixpe_pkg.sv"});
  if (rtl.files.empty()) {
    check_invariant(!top.empty(), "the module is in none of the folders given");
    add({top});
  }
  for (const std::string& file : rtl.files) add({fs::absolute(file).string()});
  if (!rtl.wrapper.empty()) {
    write_file(directory / "rtl/wrapper.sv", rtl.wrapper);
    add({"rtl/wrapper.sv"});
  }

  const ToolResult result = run_tool(arguments, directory);
  if (result.exit_code != 0) {
    throw UserError(fmt::format("the RTL of {} does not compile; verilator says:\n{}", rtl.top,
                                complaint(result.output, rtl)));
  }
}

/// The ports of the Verilated module, from lines like VL_IN8(&clk_i,0,0); of its header.
std::vector<RtlPort> ports_of(const fs::path& header) {
  std::vector<RtlPort> ports;
  std::istringstream lines(read_file(header));
  for (std::string line; std::getline(lines, line);) {
    line.erase(0, line.find_first_not_of(' '));
    const bool in = line.starts_with("VL_IN"), out = line.starts_with("VL_OUT");
    if (!in && !out) continue;  // inouts are VL_INOUT
    std::replace_if(
        line.begin(), line.end(),
        [](char c) { return std::string_view("(&,);").find(c) != std::string_view::npos; }, ' ');
    const std::vector<std::string> words = split_words(line);
    if (words.size() < 4 || line.starts_with("VL_INOUT")) continue;
    ports.push_back({words[1], std::stoi(words[2]) - std::stoi(words[3]) + 1, out});
  }
  return ports;
}

std::string port_text(const RtlPort& p) {
  return fmt::format("{} logic [{}:0] {}", p.output ? "output" : "input", p.bits - 1, p.name);
}

void check_ports(const Verilation& rtl, const fs::path& directory) {
  if (rtl.ports.empty()) return;
  const std::vector<RtlPort> found = ports_of(directory / "obj/Vtop.h");
  Diagnostics wrong;
  const SourceMark at{rtl.files.empty() ? rtl.top : rtl.files.front()};
  const auto named = [](const std::vector<RtlPort>& ports, const std::string& name) {
    return std::find_if(ports.begin(), ports.end(),
                        [&](const RtlPort& p) { return p.name == name; });
  };
  for (const RtlPort& port : rtl.ports) {
    const auto it = named(found, port.name);
    if (it == found.end()) {
      wrong.add({at, rtl.top + "." + port.name, "the port is missing", "", port_text(port)});
    } else if (!it->same_as(port)) {
      wrong.add({at, rtl.top + "." + port.name, "the port is another one", port_text(*it),
                 port_text(port)});
    }
  }
  for (const RtlPort& port : found) {
    if (named(rtl.ports, port.name) == rtl.ports.end()) {
      wrong.add({at, rtl.top + "." + port.name, "no such port is expected", port_text(port), ""});
    }
  }
  if (!wrong.ok())
    throw UserError(wrong.text() + "\nThe ports of a PE are described in rtl/README.md.");
}

/// Verilator names what a process waits for: a module without any is combinational.
void check_clocked(const Verilation& rtl, const fs::path& directory) {
  if (!rtl.clocked) return;
  for (const auto& file : fs::directory_iterator(directory / "obj")) {
    if (file.path().extension() == ".cpp" &&
        read_file(file.path()).find("@(posedge") != std::string::npos)
      return;
  }
  throw UserError(
      fmt::format("{}: the module has no process that waits for its clock; a PE's "
                  "registers take their values at a rising edge of clk_i",
                  rtl.files.empty() ? rtl.top : rtl.files.front()));
}

std::vector<std::string> compile_flags(const Verilation& rtl, const Tools& tools) {
  std::vector<std::string> flags{tools.compiler,
                                 "-std=c++17",
                                 rtl.optimise,
                                 "-fPIC",
                                 "-w",
                                 "-fvisibility=hidden",
                                 "-fno-gnu-unique",
                                 "-I.",
                                 "-Iobj",
                                 "-I" + tools.include.string(),
                                 "-I" + (tools.include / "vltstd").string()};
  if (rtl.waves != Waves::kNone) flags.push_back("-DVM_TRACE=1");
  if (rtl.waves == Waves::kFst) flags.push_back("-DVM_TRACE_FST=1");
  return flags;
}

void compile(std::vector<std::string> command, const std::vector<std::string>& more,
             const fs::path& directory, const Verilation& rtl) {
  std::copy(more.begin(), more.end(), std::back_inserter(command));
  const ToolResult result = run_tool(command, directory);
  if (result.exit_code != 0) {
    throw UserError(fmt::format("{} cannot compile what verilator made of {}:\n{}", command[0],
                                rtl.top, complaint(result.output, rtl)));
  }
}

/// Verilator's run-time library and ours, the same for every module.
fs::path runtime(const Verilation& rtl, const Tools& tools, const BuildCache& cache) {
  std::string source;
  for (const char* part : {"verilated.cpp", "verilated_threads.cpp", "verilated_save.cpp"}) {
    source += fmt::format("#include \"{}\"\n", part);
  }
  if (rtl.waves == Waves::kVcd) source += "#include \"verilated_vcd_c.cpp\"\n";
  if (rtl.waves == Waves::kFst) source += "#include \"verilated_fst_c.cpp\"\n";
  source += kRtlRuntimeSource;
  std::vector<std::string> flags = compile_flags(rtl, tools);
  const std::string key = "runtime-" + content_hash(tools.versions + kRtlPrintHeader + source +
                                                    fmt::format("{}", fmt::join(flags, " ")));
  return cache.result(key, [&](const fs::path& directory) {
    write_file(directory / "rtl_print.h", kRtlPrintHeader);
    write_file(directory / "runtime.cpp", source);
    compile(flags, {"-include", "rtl_print.h", "-c", "runtime.cpp", "-o", "runtime.o"}, directory,
            rtl);
    return BuildCache::Made{"runtime.o", {}};
  });
}

void compile_library(const Verilation& rtl, const Tools& tools, const fs::path& runtime_object,
                     const fs::path& directory) {
  std::vector<std::string> parts;
  for (const auto& file : fs::directory_iterator(directory / "obj")) {
    if (file.path().extension() == ".cpp") parts.push_back(file.path().filename().string());
  }
  std::sort(parts.begin(), parts.end());
  std::string source = "#include \"rtl_model.h\"\n";
  for (const std::string& part : parts) source += fmt::format("#include \"{}\"\n", part);
  write_file(directory / "library.cpp", source + rtl.shim + kRtlModelSource);
  write_file(directory / "rtl_model.h", kRtlModelHeader);
  std::vector<std::string> arguments{"-shared", "library.cpp", runtime_object.string(),
                                     "-o",      "library.so",  "-pthread"};
  if (rtl.waves == Waves::kFst) arguments.push_back("-lz");
  compile(compile_flags(rtl, tools), arguments, directory, rtl);
}

/// The files outside that the module was made from: the user's, and what they include.
std::vector<fs::path> dependencies(const fs::path& directory, const Tools& tools) {
  std::vector<fs::path> files;
  for (const std::string& word : split_words(read_file(directory / "obj/Vtop__ver.d"))) {
    if (word[0] != '/' || word.find("verilator_bin") != std::string::npos) continue;
    if (word.starts_with(tools.include.parent_path().string() + "/")) continue;
    if (fs::is_regular_file(word)) files.emplace_back(word);
  }
  return files;
}

}  // namespace

void say_on_stderr(const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }

fs::path verilate(const Verilation& rtl, const BuildCache& cache, const Say& say) {
  check_files(rtl);
  static const Tools tools = find_tools();
  return cache.result(key_of(rtl, tools), [&](const fs::path& directory) {
    std::string parameters;
    for (const std::string& p : rtl.parameters) parameters += " " + p;
    say(fmt::format("compiling the RTL of {}{} with verilator and {}, once; kept in {}", rtl.top,
                    parameters, tools.compiler, cache.root().string()));
    run_verilator(rtl, directory);
    check_ports(rtl, directory);
    check_clocked(rtl, directory);
    compile_library(rtl, tools, runtime(rtl, tools, cache), directory);
    BuildCache::Made made{"library.so", dependencies(directory, tools)};
    fs::remove_all(directory / "obj");
    fs::remove_all(directory / "rtl");
    return made;
  });
}

}  // namespace mixpe
