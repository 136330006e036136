#pragma once
// Constraints and objectives against the numbers of a point.

#include <string>
#include <vector>

#include "sim/sweep/plan.h"
#include "sim/sweep/resolve.h"

namespace mixpe {

class Judge {
 public:
  /// Reports objectives that are no metric and constraints over names that are neither metric nor
  /// a number of `example`, a valid point.
  Judge(const SweepPlan& plan, Resolver& resolver, const ResolvedPoint& example,
        Diagnostics& wrong);

  /// Constraints over keys and machine metrics alone; the index of the first that does not hold,
  /// or none.
  std::optional<std::size_t> excluded_by(const ResolvedPoint& point) const;
  /// The others, against all metrics.
  std::optional<std::size_t> violated_by(const ResolvedPoint& point,
                                         const std::vector<double>& metrics) const;

 private:
  std::optional<std::size_t> first_broken(const ResolvedPoint& point, bool before_run,
                                          const std::vector<double>& metrics) const;

  const SweepPlan& plan_;
  Resolver& resolver_;
  std::vector<std::string> names_;   ///< of metrics
  std::vector<bool> judged_before_;  ///< by constraint
};

/// The place of a metric in `names`.
std::optional<std::size_t> index_of(const std::vector<std::string>& names, const std::string& name);

}  // namespace mixpe
