#pragma once
// The registers of an engine's PEs as a VCD file, under the names that they have in the RTL's waves
// (RtlArrayModel::open_waves), a cycle lasting 10 units of time as there.
//  * Operands are shown in the cycle in which a PE takes them, sums in the cycle in which they
//    stand in the register: one after the add.
//  * A shadow register whose sum has left, and operands of a cycle without, are x.
//  * Of several lanes the first is shown, a step of two cycles in its first.
//  * Not sc_trace: that writes when the kernel's time moves on, and an engine computes all clocks
//  of a
//    tile in one call, without it.

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "sim/timing/array_engine.h"
#include "sim/timing/engines/array_state.h"
#include "sim/timing/engines/operand_feed.h"

namespace mixpe {

class ArrayWaves {
 public:
  /// UserError if the file cannot be written.
  ArrayWaves(const std::string& file, const ArrayWork& work);

  /// After every cycle of the engine.
  void observe(std::int64_t cycle, const ArrayState& state);

 private:
  struct Signal {
    std::string id, name;
    int bits = 1;
    std::string last;  ///< what the file says of it
  };
  /// Of one PE, where in signals_.
  struct Pe {
    std::size_t valid = 0, act = 0, weight = 0, sum = 0, shadow = 0;
  };

  std::uint64_t wire(const Sum& sum) const;
  std::uint64_t wire(std::int64_t shown, const Format& format) const;
  std::size_t declare(const std::string& name, int bits);
  void set(std::size_t signal, bool known, std::uint64_t value);

  ArrayTiming t_;
  Operands formats_;
  ValuePath path_;
  bool fp32_ = false;  ///< sums are FP32
  int flags_at_ = 64;  ///< bit of a sum above which its flags are; 64: it has none
  std::ofstream out_;
  std::vector<Signal> signals_;
  std::vector<Pe> pes_;
  std::size_t clock_ = 0;
};

/// An engine (cycle) whose registers go to the file. UserError for an engine without registers.
std::unique_ptr<ArrayEngine> make_observed_engine(Engine kind, const ArrayWork& work,
                                                  const std::string& file);

}  // namespace mixpe
