#pragma once
// A mapped GEMM on its way through the timing stage, with its operands while it runs.

#include <memory>
#include <optional>
#include <vector>

#include "sim/app/run.h"
#include "sim/timing/machine.h"
#include "sim/timing/value_report.h"
#include "sim/workload/operand_statistics.h"

namespace mixpe {

class GemmWork {
 public:
  /// `request` and `gemm` outlive this. `stream` separates its operands from the others'.
  GemmWork(const RunRequest& request, const ScheduledGemm& gemm,
           const std::optional<ValueRequest>& values, std::uint64_t stream);

  /// True if the recurrence gives its result: closed-form events, no values.
  bool in_closed_form() const;
  GemmResult calculate() const;
  GemmJob job();
  /// Before the job: records the first tiles. Its result then comes from the simulation.
  void record(std::int64_t tiles);
  const std::optional<GemmTimeline>& timeline() const { return timeline_; }
  /// After the job: judges the values and frees the operands.
  void finish();
  const std::optional<ValueReport>& report() const { return report_; }
  /// Only if prices follow operands.
  const std::optional<OperandStatistics>& operand_statistics() const { return statistics_; }

 private:
  std::unique_ptr<ArrayEngine> start();

  const RunRequest& request_;
  const ScheduledGemm& gemm_;
  std::optional<ValueRequest> values_;
  std::uint64_t stream_;
  std::shared_ptr<const PeModel> pe_;
  ArrayWork work_;
  GemmOperands operands_;
  OutputPsums psums_;
  std::optional<ValueReport> report_;
  std::optional<OperandStatistics> statistics_;
  std::optional<GemmTimeline> timeline_;
};

/// Results in the order of `works`: from the recurrence where it can, else from one simulation.
std::vector<GemmResult> run_works(const std::vector<std::unique_ptr<GemmWork>>& works);

}  // namespace mixpe
