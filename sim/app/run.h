#pragma once
// The spine: machine and workload in, result out.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/config/arch_spec.h"
#include "sim/report/result.h"
#include "sim/report/timeline.h"
#include "sim/workload/operands.h"
#include "sim/workload/workload.h"

namespace mixpe {

/// Which tiles are recorded for a timeline.
struct TimelineRequest {
  std::string gemm;                ///< only GEMMs of this op or layer; empty: all
  std::int64_t tiles_of_each = 0;  ///< the first of each GEMM; 0: all, if they are not too many
};

struct RunRequest {
  ArchSpec arch;
  Workload workload;
  std::string waves = "";  ///< file for the array's signals in the first GEMM; empty: none
  std::optional<TimelineRequest> timeline = std::nullopt;
};

/// Operands for the PEs, if values are wanted.
struct ValueRequest {
  Distribution distribution = Distribution::kGaussian;
  std::uint64_t seed = 1;
  bool price_operands = false;  ///< PE energy follows them, not typical ones
};

/// `distribution`: "uniform", "gaussian" or "llm"; none if it is empty.
std::optional<ValueRequest> value_request(const std::string& distribution, std::uint64_t seed,
                                          bool price_operands);

/// Whether the machine computes values and, if they are to be priced, `prices` of `tech` can.
void check_values(const ArchSpec& arch, const TechTable& tech, const PriceList& prices,
                  const std::optional<ValueRequest>& values, Diagnostics& wrong);

struct Run {
  RunResult result;
  std::vector<std::string> caveats;
  std::vector<TaskTimeline> timelines;  ///< of the tasks that were recorded
};

/// Runs all requests in one simulation (SystemC elaborates once per process) and returns their
/// results in order. UserError with every mistake of every request; nothing is simulated then.
std::vector<Run> run_all(const std::vector<RunRequest>& requests,
                         const std::optional<ValueRequest>& values);

}  // namespace mixpe
