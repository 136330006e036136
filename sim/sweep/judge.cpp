#include "sim/sweep/judge.h"

#include <algorithm>
#include <cmath>

#include "sim/sweep/metrics.h"

namespace mixpe {

std::optional<std::size_t> index_of(const std::vector<std::string>& names,
                                    const std::string& name) {
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) return std::nullopt;
  return static_cast<std::size_t>(at - names.begin());
}

Judge::Judge(const SweepPlan& plan, Resolver& resolver, const ResolvedPoint& example,
             Diagnostics& wrong)
    : plan_(plan), resolver_(resolver), names_(metric_names(resolver.phases())) {
  const auto unknown = [&](const SourceMark& at, const std::string& path, const std::string& name) {
    std::vector<std::string> known = names_;
    const std::vector<std::string> keys = plan.keys();
    known.insert(known.end(), keys.begin(), keys.end());
    const std::string near = nearest(name, known);
    wrong.add({at,
               path,
               "'" + name + "' is neither a metric nor a number of the configuration" +
                   (near.empty() ? "" : " (did you mean '" + near + "'?)"),
               {},
               "keys, and the metrics of docs/sweeps.md"});
  };
  for (const Objective& objective : plan.objectives) {
    if (!index_of(names_, objective.metric)) {
      unknown(objective.at, "objectives", objective.metric);
    }
  }
  const std::size_t machine = machine_metric_names().size();
  for (const Constraint& constraint : plan.constraints) {
    bool before = true;
    for (const std::string& name : constraint.rule.names()) {
      if (const auto metric = index_of(names_, name)) {
        before = before && *metric < machine;
      } else if (!resolver.number(example.assignment, name)) {
        unknown(constraint.at, "constraints", name);
      }
    }
    judged_before_.push_back(before);
  }
}

std::optional<std::size_t> Judge::first_broken(const ResolvedPoint& point, bool before_run,
                                               const std::vector<double>& metrics) const {
  for (std::size_t i = 0; i < plan_.constraints.size(); ++i) {
    if (judged_before_[i] != before_run) continue;
    const Constraint& constraint = plan_.constraints[i];
    const auto lookup = [&](const std::string& name) -> std::optional<Amount> {
      const auto metric = index_of(names_, name);
      if (!metric) return resolver_.number(point.assignment, name);
      const double value = metrics[*metric];
      return std::isnan(value) ? std::nullopt : std::optional(Amount{value, ""});
    };
    try {
      if (constraint.rule.evaluate(lookup).value == 0) return i;
    } catch (const ExpressionError& e) {
      throw UserError(
          Diagnostic{constraint.at, "constraints", e.what, constraint.rule.text(), ""}.text());
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> Judge::excluded_by(const ResolvedPoint& point) const {
  return first_broken(point, true, machine_metrics(point.arch, point.prices));
}

std::optional<std::size_t> Judge::violated_by(const ResolvedPoint& point,
                                              const std::vector<double>& metrics) const {
  return first_broken(point, false, metrics);
}

}  // namespace mixpe
