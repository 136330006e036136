#pragma once
// Compiles RTL into a shared library with Verilator and g++, once, and loads it.
//  * What is compiled is described in full by a Verilation; equal ones share a cached library.
//  * Every library has the ABI of rtl_library.h; a shim in C++ gives it its functions.
//  * Assertions are on. $stop, $finish, $error and "did not converge" end an evaluation with a
//    message, never the program.
//  * The user's mistakes (no Verilator, RTL that does not compile, wrong ports) are UserErrors that
//    quote the tool's own lines.

#include <functional>
#include <string>
#include <vector>

#include "sim/cosim/build_cache.h"

namespace mixpe {

struct RtlPort {
  std::string name;
  int bits = 1;
  bool output = false;
  bool held = false;  ///< an input that never changes while the module runs

  int words() const { return (bits + 63) / 64; }  ///< of 64 bits
  bool same_as(const RtlPort& other) const {
    return name == other.name && bits == other.bits && output == other.output;
  }
};

enum class Waves { kNone, kVcd, kFst };

struct Verilation {
  std::string top;
  /// Folders below rtl/ where modules are found by name: "common", "pe/<name>". The top module is
  /// there too unless `files` are given.
  std::vector<std::string> folders;
  std::vector<std::string> files;       ///< the user's own sources, by path
  std::vector<std::string> parameters;  ///< "SumBits=20", "Wide=1'b1"
  std::vector<std::string> defines;     ///< "MIXPE_PE=my_pe"
  /// The ports the module must have; not looked at if empty.
  std::vector<RtlPort> ports;
  bool clocked = false;  ///< a module without a clocked process is refused
  /// SystemVerilog of a module `wrapper` with these ports, compiled in the place of `top`, which it
  /// has inside, with the parameters.
  std::string wrapper;
  /// C++ that defines the library's functions; may include "rtl_model.h" (see rtl_library.h).
  std::string shim;
  Waves waves = Waves::kNone;
  bool savable = false;          ///< the model can be saved and restored (verilated_save.h)
  std::string optimise = "-O1";  ///< of g++
};

/// Where messages for the user go while something is compiled: one line, without its end.
using Say = std::function<void(const std::string&)>;
/// To standard error.
void say_on_stderr(const std::string& line);

/// The library's file, compiled now if the cache does not have it.
std::filesystem::path verilate(const Verilation& rtl, const BuildCache& cache,
                               const Say& say = say_on_stderr);

}  // namespace mixpe
