#pragma once
// Every PE's registers at a clock, for waveforms and for lockstep with RTL. What a register holds
// is read after the cycle last simulated; operands are those the PE took in that cycle.

#include <cstdint>

#include "models/pe/pe_model.h"

namespace mixpe {

class ArrayState {
 public:
  virtual ~ArrayState() = default;

  /// PE(row, col) takes operands of a step in this cycle (padding included).
  virtual bool valid(std::int64_t row, std::int64_t col) const = 0;
  /// Its operands while valid: integers where the engine computes with integers, FP32 bits where it
  /// computes in FP32, codes otherwise. Zero without values; the first lane's if it has several.
  virtual std::int64_t act(std::int64_t row, std::int64_t col) const = 0;
  virtual std::int64_t weight(std::int64_t row, std::int64_t col) const = 0;
  /// The running sum: OS, sum 0 of the PE's first output; WS, the psum it passes down next.
  virtual Sum sum(std::int64_t row, std::int64_t col) const = 0;
  /// OS: the shadow register holds a sum that has not left yet, and which.
  virtual bool shadow_valid(std::int64_t row, std::int64_t col) const = 0;
  virtual Sum shadow(std::int64_t row, std::int64_t col) const = 0;
};

}  // namespace mixpe
