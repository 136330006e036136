#include "sim/sweep/judge.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/sweep/metrics.h"

namespace mixpe {

std::optional<std::size_t> index_of(const std::vector<std::string>& names,
                                    const std::string& name) {
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) return std::nullopt;
  return static_cast<std::size_t>(at - names.begin());
}

namespace {

/// What expressions see: bytes have their unit, other metrics are plain numbers in that of their
/// name.
Amount amount_of(const std::string& metric, double value) {
  return {value, metric.ends_with("bytes") ? "B" : ""};
}

/// Units that do not go together are found before anything runs. No number is known, so that none
/// can be wrong.
void check_units(const Constraint& constraint, const Expression::Lookup& number,
                 Diagnostics& wrong) {
  try {
    constraint.rule.evaluate([&](const std::string& name) {
      std::optional<Amount> amount = number(name);
      if (amount) amount->value = std::numeric_limits<double>::quiet_NaN();
      return amount;
    });
  } catch (const ExpressionError& e) {
    wrong.add({constraint.at, "constraints", e.what, constraint.rule.text(), ""});
  }
}

}  // namespace

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
    bool before = true, known = true;
    for (const std::string& name : constraint.rule.names()) {
      if (const auto metric = index_of(names_, name)) {
        before = before && *metric < machine;
      } else if (!resolver.number(example.assignment, name)) {
        unknown(constraint.at, "constraints", name);
        known = false;
      }
    }
    const auto number = [&](const std::string& name) {
      return index_of(names_, name) ? std::optional(amount_of(name, 0))
                                    : resolver.number(example.assignment, name);
    };
    if (known) check_units(constraint, number, wrong);
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
      return std::isnan(value) ? std::nullopt : std::optional(amount_of(name, value));
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
