#include "sim/sweep/space.h"

#include <algorithm>
#include <set>
#include <unordered_set>

#include "sim/sweep/sample.h"

namespace mixpe {
namespace {

/// Draws per point wanted before a sampler gives up: constraints may leave little to find.
constexpr std::int64_t kDrawsPerPoint = 1000;

/// Values of axes that no valid point has had so far, with what was wrong with them.
class UnusedValues {
 public:
  explicit UnusedValues(const SweepPlan& plan) {
    for (const Axis& axis : plan.axes) {
      used_.emplace_back(axis.size(), false);
      why_.emplace_back(axis.size());
    }
  }
  void valid(const Choice& choice) {
    for (std::size_t a = 0; a < choice.size(); ++a) used_[a][choice[a]] = true;
  }
  /// Kept for the first point with a value only.
  void invalid(const Choice& choice, const Diagnostics& wrong) {
    for (std::size_t a = 0; a < choice.size(); ++a) {
      auto& why = why_[a][choice[a]];
      if (!used_[a][choice[a]] && why.empty()) why = wrong.list();
    }
  }
  /// The mistakes of values that were never valid, each once.
  void report(Diagnostics& wrong) const {
    std::set<std::string> seen;
    for (std::size_t a = 0; a < used_.size(); ++a) {
      for (std::size_t v = 0; v < used_[a].size(); ++v) {
        if (used_[a][v]) continue;
        for (const Diagnostic& d : why_[a][v]) {
          if (seen.insert(d.text()).second) wrong.add(d);
        }
      }
    }
  }

 private:
  std::vector<std::vector<bool>> used_;
  std::vector<std::vector<std::vector<Diagnostic>>> why_;  ///< by axis, value
};

void check_constraints(const SweepPlan& plan, const PlannedSweep& planned, Diagnostics& wrong) {
  if (!planned.points.empty()) return;
  for (std::size_t i = 0; i < plan.constraints.size(); ++i) {
    if (planned.excluded[i] == 0) continue;
    wrong.add(
        {plan.constraints[i].at, "constraints", "no point is left", plan.constraints[i].rule.text(),
         "a constraint that some point fulfils: it excludes " +
             std::to_string(planned.excluded[i]) + " of " + std::to_string(planned.looked_at)});
  }
}

}  // namespace

ResolvedPoint first_valid_point(const SweepPlan& plan, Resolver& resolver) {
  constexpr int kTries = 1000;
  const ChoiceSource source = make_choice_source(plan);
  Diagnostics first;
  for (int i = 0; i < kTries; ++i) {
    const std::optional<Choice> choice = source();
    if (!choice) break;
    Diagnostics wrong;
    if (auto point = resolver.resolve(*choice, wrong)) return std::move(*point);
    if (first.ok()) first = wrong;
  }
  first.throw_if_any();
  throw InvariantError("a point is valid or has a mistake");
}

PlannedSweep plan_points(const SweepPlan& plan, Resolver& resolver, const Judge& judge) {
  const bool all = plan.sampler.kind == SamplerKind::kGrid;
  const auto wanted = static_cast<std::size_t>(plan.sampler.points);
  const ChoiceSource source = make_choice_source(plan);
  PlannedSweep planned;
  planned.excluded.resize(plan.constraints.size());
  UnusedValues unused(plan);
  std::unordered_set<std::string> keys;
  std::set<Choice> drawn;  // samplers only: the grid does not repeat itself
  for (std::int64_t draw = 0;
       all || (planned.points.size() < wanted && draw < kDrawsPerPoint * plan.sampler.points);
       ++draw) {
    const std::optional<Choice> choice = source();
    if (!choice) break;
    if (!all && !drawn.insert(*choice).second) continue;
    ++planned.looked_at;
    Diagnostics wrong;
    const std::optional<ResolvedPoint> point = resolver.resolve(*choice, wrong);
    if (!point) {
      ++planned.invalid;
      if (planned.first_invalid.empty()) planned.first_invalid = wrong.list().front().text();
      unused.invalid(*choice, wrong);
      continue;
    }
    unused.valid(*choice);
    if (const auto constraint = judge.excluded_by(*point)) {
      ++planned.excluded[*constraint];
    } else if (!keys.insert(point->key).second) {
      ++planned.repeated;
    } else {
      planned.points.push_back({*choice, point->key});
    }
  }
  Diagnostics wrong;
  unused.report(wrong);
  check_constraints(plan, planned, wrong);
  wrong.throw_if_any();
  return planned;
}

}  // namespace mixpe
