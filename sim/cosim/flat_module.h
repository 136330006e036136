#pragma once
// A module that is run clock by clock through flat arrays: the generic shim for modules with plain
// ports.
//  * In a cycle the inputs are set with the clock low, the outputs are read (`before`: what is
//    combinational in the inputs), the clock rises, and the outputs are read again (`after`).
//  * A port takes words() words of 64 bits, in the order of the list, unused bits zero.
//  * RTL of the user's that does not finish a run() within seconds of CPU time ends the program
//  with
//    a message and exit code 2: nothing else stops a loop in compiled code.
//  * Without a port called clk_i the module is combinational: before and after are equal.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/cosim/rtl_library.h"
#include "sim/cosim/verilate.h"

namespace mixpe {

/// The shim's C++; clk_i is driven by it and takes no words.
std::string flat_shim(const std::vector<RtlPort>& ports);

class FlatModule {
 public:
  /// `rtl.ports` must list all ports; the shim is ours. Compiles what is not cached.
  FlatModule(Verilation rtl, const BuildCache& cache, const std::vector<std::string>& plusargs = {},
             const Say& say = say_on_stderr);

  int input_words() const { return input_words_; }
  int output_words() const { return output_words_; }
  /// Where a port's first word is among the inputs, or among the outputs.
  int offset(const std::string& port) const;

  /// Runs as many cycles as `inputs` has. Returns how many ended: fewer if the RTL stopped itself
  /// (error()). `before` may be empty.
  std::int64_t run(std::span<const std::uint64_t> inputs, std::span<std::uint64_t> before,
                   std::span<std::uint64_t> after);
  std::string error() const { return instance_->error(); }
  /// A module as new, in the state before reset.
  void restart();

 private:
  using Run = std::int64_t(void*, std::int64_t, const std::uint64_t*, std::uint64_t*,
                           std::uint64_t*);
  std::vector<RtlPort> ports_;
  std::vector<std::string> plusargs_;
  bool limited_;
  int input_words_ = 0, output_words_ = 0;
  std::unique_ptr<RtlInstance> instance_;
  Run* run_;
};

}  // namespace mixpe
