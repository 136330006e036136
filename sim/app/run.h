#pragma once
// The spine: machine and workload in, result out.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/config/arch_spec.h"
#include "sim/report/result.h"
#include "sim/workload/operands.h"
#include "sim/workload/workload.h"

namespace mixpe {

struct RunRequest {
  ArchSpec arch;
  Workload workload;
  std::string waves = "";  ///< file for the array's signals in the first GEMM; empty: none
};

/// Operands for the PEs, if values are wanted.
struct ValueRequest {
  Distribution distribution = Distribution::kGaussian;
  std::uint64_t seed = 1;
};

struct Run {
  RunResult result;
  std::vector<std::string> caveats;
};

/// Runs all requests in one simulation (SystemC elaborates once per process) and returns their
/// results in order. UserError with every mistake of every request; nothing is simulated then.
std::vector<Run> run_all(const std::vector<RunRequest>& requests,
                         const std::optional<ValueRequest>& values);

}  // namespace mixpe
