#pragma once
// Arrays that the tests Verilate, and random work for them: what an array was compiled for is
// fixed, everything else is drawn.

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "sim/cosim/rtl_engine.h"
#include "sim/timing/engines/engine_test_support.h"

namespace mixpe::testing {

struct RtlMachine {
  std::string name;
  PeSpec pe;
  Dataflow dataflow = Dataflow::kOutputStationary;
  std::int64_t rows = 4, cols = 4;
  std::int64_t drain_interval = 1;
  bool dequant = true;  ///< lanes scale groups; else sums leave raw
  bool zero_points = true;
  bool shadow = true;
  std::int64_t lane_adder = 2;  ///< cycles of a lane's FP32 adder
  bool deep = false;            ///< lanes of more stages
  std::int64_t accumulator_rows = 8;
};

inline void PrintTo(const RtlMachine& machine, std::ostream* os) { *os << machine.name; }

/// At most ten, with every PE, both dataflows, one and several columns a lane, sums scaled and raw.
const std::vector<RtlMachine>& rtl_machines();
/// Any machine the RTL can be.
RtlMachine random_rtl_machine(std::uint64_t seed);

/// Work for a machine: formats, pace, overlap, stalls, a GEMM, operands and tiles drawn.
Scenario random_work(const RtlMachine& machine, std::uint64_t seed);

/// The compiled arrays of the tests are kept in the build folder.
RtlEngineOptions rtl_test_options();
/// False with a message if there is no Verilator.
bool verilator_is_there();

}  // namespace mixpe::testing
