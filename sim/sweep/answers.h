#pragma once
// What a finished sweep says: Pareto front, best points, which axis matters. The same results give
// the same bytes.

#include <string>
#include <vector>

#include "sim/sweep/plan.h"
#include "sim/sweep/store.h"

namespace mixpe {

/// Indices of the points that no other point beats in one objective without losing in another, in
/// the order of the first objective. `values`: by point, then objective, all to be minimised.
std::vector<std::size_t> pareto_front(const std::vector<std::vector<double>>& values);

/// How much an axis moves an objective.
struct Sensitivity {
  double share = 0;   ///< of the objective's variance: that of the means per value of the axis
  double factor = 1;  ///< largest mean per value / smallest
};
/// `groups[i]` is the value of the axis in point i. Of logarithms where all values are positive
/// (then means are geometric), else of the values themselves (then `factor` is NaN).
Sensitivity sensitivity(const std::vector<std::size_t>& groups, const std::vector<double>& values);

/// By point: whether it is on the front. `points` have all metrics of `meta`.
std::vector<bool> on_front(const std::vector<StoredPoint>& points, const StoreMeta& meta,
                           const SweepPlan& plan);

/// The best point of each objective, then others of the front, spread along the first objective: at
/// most `most`, each once. `points` have all metrics of `meta`.
std::vector<std::size_t> points_worth_a_look(const std::vector<StoredPoint>& points,
                                             const StoreMeta& meta, const SweepPlan& plan,
                                             std::size_t most);

/// How much one axis moves each objective.
struct AxisSensitivity {
  std::string axis;  ///< its keys
  std::vector<Sensitivity> of_objectives;
};
/// Of the done points that have all objectives. `points` have all metrics of `meta`.
std::vector<AxisSensitivity> sensitivities(const std::vector<StoredPoint>& points,
                                           const StoreMeta& meta, const SweepPlan& plan);

/// Keys without the parts that all of them can do without: `rows` for `arch.array.rows`.
std::vector<std::string> short_names(const std::vector<std::string>& keys);

/// Everything for people. `plan` is the store's.
std::string answers_text(Store& store, const SweepPlan& plan);

/// Every point, sorted by key: status, whether on the front, values, metrics.
std::string points_csv(Store& store, const SweepPlan& plan);
std::string points_json(Store& store, const SweepPlan& plan);

}  // namespace mixpe
