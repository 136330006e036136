#include "sim/sweep/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "sim/report/report.h"
#include "sim/report/table.h"
#include "sim/sweep/judge.h"

namespace mixpe {
namespace {

constexpr std::size_t kShownPoints = 30, kShownReasons = 10;
constexpr int kSchemaVersion = 1;

std::vector<std::string> objective_metrics(const SweepPlan& plan) {
  std::vector<std::string> names;
  for (const Objective& o : plan.objectives) names.push_back(o.metric);
  return names;
}

/// Done points that have all objectives, with those, to be minimised.
struct Judged {
  std::vector<std::size_t> points;  ///< indices into the store's
  std::vector<std::vector<double>> values;
};

/// `at[i]`: where objective i stands among the points' metrics.
Judged judged(const std::vector<StoredPoint>& points, const SweepPlan& plan,
              const std::vector<std::size_t>& at) {
  Judged all;
  for (std::size_t p = 0; p < points.size(); ++p) {
    if (points[p].status != PointStatus::kDone) continue;
    std::vector<double> values;
    for (std::size_t i = 0; i < at.size(); ++i) {
      const double value = points[p].metrics[at[i]];
      values.push_back(plan.objectives[i].maximize ? -value : value);
    }
    if (std::any_of(values.begin(), values.end(), [](double v) { return std::isnan(v); })) continue;
    all.points.push_back(p);
    all.values.push_back(std::move(values));
  }
  return all;
}

/// Where the objectives stand among the store's metrics.
std::vector<std::size_t> objective_places(const StoreMeta& meta, const SweepPlan& plan) {
  std::vector<std::size_t> at;
  for (const Objective& o : plan.objectives) {
    at.push_back(index_of(meta.metrics, o.metric).value());
  }
  return at;
}

std::string number(double value) { return amount_text({value, ""}); }

std::string summary(const std::vector<StoredPoint>& points, const SweepPlan& plan) {
  std::array<std::size_t, 4> count{};
  std::map<std::string, std::size_t> reasons;
  for (const StoredPoint& p : points) {
    ++count[static_cast<std::size_t>(p.status)];
    if (p.status != PointStatus::kDone) {
      ++reasons[std::string(status_name(p.status)) + ": " + p.reason];
    }
  }
  std::string text = fmt::format(
      "sweep {}: {} points: {} done, {} violate a constraint, {} impossible, {} failed\n",
      plan.name, points.size(), count[0], count[1], count[2], count[3]);
  if (!plan.operands().empty()) text += "  " + plan.operands() + "\n";
  std::vector<std::pair<std::size_t, std::string>> by_count;
  for (const auto& [reason, n] : reasons) by_count.emplace_back(n, reason);
  std::stable_sort(by_count.begin(), by_count.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  for (std::size_t i = 0; i < std::min(by_count.size(), kShownReasons); ++i) {
    text += fmt::format("  {} x {}\n", by_count[i].first, by_count[i].second);
  }
  if (by_count.size() > kShownReasons) {
    text += fmt::format("  and {} more reasons\n", by_count.size() - kShownReasons);
  }
  return text;
}

std::string direction(const Objective& o) { return o.metric + (o.maximize ? " (max)" : " (min)"); }

/// A table row: the sweep's values, then the objectives.
std::vector<std::string> cells(const StoredPoint& p) {
  std::vector<std::string> row = p.values;
  for (const double m : p.metrics) row.push_back(fmt::format("{:.5g}", m));
  return row;
}

std::string front_text(const std::vector<StoredPoint>& points, const Judged& all,
                       const StoreMeta& meta, const SweepPlan& plan) {
  const std::vector<std::size_t> front = pareto_front(all.values);
  std::vector<std::string> header = short_names(meta.keys);
  for (const Objective& o : plan.objectives) header.push_back(direction(o));
  Table table(header);
  for (std::size_t i = 0; i < std::min(front.size(), kShownPoints); ++i) {
    table.row(cells(points[all.points[front[i]]]));
  }
  std::string text = fmt::format("\nPareto front: {} points\n", front.size()) + table.text();
  if (front.size() > kShownPoints) {
    text += fmt::format("and {} more; --csv has all\n", front.size() - kShownPoints);
  }
  return text;
}

/// Of `all`, the best in objective `o`; of equals, the first key.
std::size_t best_of(const Judged& all, std::size_t o) {
  std::size_t best = 0;
  for (std::size_t p = 1; p < all.values.size(); ++p) {
    if (all.values[p][o] < all.values[best][o]) best = p;
  }
  return best;
}

std::string best_text(const std::vector<StoredPoint>& points, const Judged& all,
                      const StoreMeta& meta, const SweepPlan& plan) {
  std::vector<std::string> header = {"best for"};
  const std::vector<std::string> keys = short_names(meta.keys);
  header.insert(header.end(), keys.begin(), keys.end());
  for (const Objective& o : plan.objectives) header.push_back(o.metric);
  Table table(header);
  for (std::size_t i = 0; i < plan.objectives.size(); ++i) {
    std::vector<std::string> row = cells(points[all.points[best_of(all, i)]]);
    row.insert(row.begin(), direction(plan.objectives[i]));
    table.row(row);
  }
  return "\n" + table.text();
}

/// For every done point the value of the axis, as a number from 0.
std::vector<std::size_t> groups_of(const std::vector<StoredPoint>& points, const Judged& all,
                                   std::size_t first_key, std::size_t keys) {
  std::map<std::string, std::size_t> known;
  std::vector<std::size_t> groups;
  for (const std::size_t p : all.points) {
    std::string value;
    for (std::size_t k = first_key; k < first_key + keys; ++k) value += points[p].values[k] + "\n";
    groups.push_back(known.try_emplace(value, known.size()).first->second);
  }
  return groups;
}

std::vector<AxisSensitivity> sensitivities(const std::vector<StoredPoint>& points,
                                           const Judged& all, const SweepPlan& plan) {
  std::vector<AxisSensitivity> found;
  std::size_t key = 0;
  for (const Axis& axis : plan.axes) {
    AxisSensitivity one;
    for (const AxisColumn& c : axis.columns) one.axis += (one.axis.empty() ? "" : " + ") + c.key;
    const std::vector<std::size_t> groups = groups_of(points, all, key, axis.columns.size());
    key += axis.columns.size();
    for (std::size_t i = 0; i < plan.objectives.size(); ++i) {
      std::vector<double> values;
      for (const auto& v : all.values) values.push_back(plan.objectives[i].maximize ? -v[i] : v[i]);
      one.of_objectives.push_back(sensitivity(groups, values));
    }
    found.push_back(std::move(one));
  }
  return found;
}

std::string sensitivity_text(const std::vector<StoredPoint>& points, const Judged& all,
                             const SweepPlan& plan) {
  std::vector<std::string> header = {"axis"};
  for (const Objective& o : plan.objectives) {
    header.push_back(o.metric + ": share");
    header.push_back("factor");
  }
  Table table(header);
  for (const AxisSensitivity& axis : sensitivities(points, all, plan)) {
    std::vector<std::string> row = {axis.axis};
    for (const Sensitivity& s : axis.of_objectives) {
      row.push_back(fmt::format("{:.1f} %", 100 * s.share));
      row.push_back(std::isnan(s.factor) ? "-" : fmt::format("{:.2f}", s.factor));
    }
    table.row(row);
  }
  return "\nSensitivity: share of an objective's variance (of its logarithm) that the means per "
         "value of an axis\nexplain, and the largest of these means over the smallest\n" +
         table.text();
}

}  // namespace

std::vector<std::size_t> pareto_front(const std::vector<std::vector<double>>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  // What could beat a point stands before it; of two objectives the last has the best second.
  const bool last_decides = !values.empty() && values.front().size() <= 2;
  std::vector<std::size_t> front;
  for (const std::size_t i : order) {
    const auto end = last_decides && !front.empty() ? front.rbegin() + 1 : front.rend();
    const bool beaten = std::any_of(front.rbegin(), end, [&](std::size_t f) {
      bool better = false;
      for (std::size_t o = 0; o < values[i].size(); ++o) {
        if (values[f][o] > values[i][o]) return false;
        better = better || values[f][o] < values[i][o];
      }
      return better;
    });
    if (!beaten) front.push_back(i);
  }
  return front;
}

Sensitivity sensitivity(const std::vector<std::size_t>& groups, const std::vector<double>& values) {
  const bool positive = std::all_of(values.begin(), values.end(), [](double v) { return v > 0; });
  const auto scale = [&](double v) { return positive ? std::log(v) : v; };
  const std::size_t group_count =
      groups.empty() ? 0 : *std::max_element(groups.begin(), groups.end()) + 1;
  std::vector<double> sum(group_count, 0), count(group_count, 0);
  double mean = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum[groups[i]] += scale(values[i]);
    ++count[groups[i]];
    mean += scale(values[i]) / static_cast<double>(values.size());
  }
  double total = 0, between = 0;
  for (const double v : values) total += (scale(v) - mean) * (scale(v) - mean);
  double smallest = std::numeric_limits<double>::infinity(), largest = -smallest;
  for (std::size_t g = 0; g < group_count; ++g) {
    const double group_mean = sum[g] / count[g];
    between += count[g] * (group_mean - mean) * (group_mean - mean);
    smallest = std::min(smallest, group_mean);
    largest = std::max(largest, group_mean);
  }
  Sensitivity s;
  // Rounding leaves a little variance where there is none.
  constexpr double kNothing = 1e-18;
  if (total > kNothing * (1 + mean * mean) * static_cast<double>(values.size())) {
    s.share = between / total;
  }
  s.factor = !positive          ? std::numeric_limits<double>::quiet_NaN()
             : group_count == 0 ? 1
                                : std::exp(largest - smallest);
  return s;
}

std::vector<bool> on_front(const std::vector<StoredPoint>& points, const StoreMeta& meta,
                           const SweepPlan& plan) {
  const Judged all = judged(points, plan, objective_places(meta, plan));
  std::vector<bool> front(points.size(), false);
  for (const std::size_t i : pareto_front(all.values)) front[all.points[i]] = true;
  return front;
}

std::vector<std::size_t> points_worth_a_look(const std::vector<StoredPoint>& points,
                                             const StoreMeta& meta, const SweepPlan& plan,
                                             std::size_t most) {
  const Judged all = judged(points, plan, objective_places(meta, plan));
  std::vector<std::size_t> found;
  const auto add = [&](std::size_t place) {
    const std::size_t point = all.points[place];
    if (found.size() == most || std::count(found.begin(), found.end(), point) > 0) return;
    found.push_back(point);
  };
  if (all.points.empty()) return found;
  for (std::size_t o = 0; o < plan.objectives.size(); ++o) add(best_of(all, o));
  const std::vector<std::size_t> front = pareto_front(all.values);
  const std::size_t count = std::min(front.size(), most);
  for (std::size_t i = 0; i < count; ++i) add(front[i * front.size() / count]);
  return found;
}

std::vector<AxisSensitivity> sensitivities(const std::vector<StoredPoint>& points,
                                           const StoreMeta& meta, const SweepPlan& plan) {
  return sensitivities(points, judged(points, plan, objective_places(meta, plan)), plan);
}

std::vector<std::string> short_names(const std::vector<std::string>& keys) {
  std::vector<std::string> names;
  for (const std::string& key : keys) {
    std::size_t begin = key.rfind('.');
    const auto shared = [&] {
      const std::string tail = key.substr(begin);
      const bool item = tail.size() > 1 && tail[1] >= '0' && tail[1] <= '9';  // of which list?
      return item || std::count_if(keys.begin(), keys.end(),
                                   [&](const std::string& k) { return k.ends_with(tail); }) > 1;
    };
    while (begin != std::string::npos && begin > 0 && shared()) begin = key.rfind('.', begin - 1);
    names.push_back(begin == std::string::npos ? key : key.substr(begin + 1));
  }
  return names;
}

std::string answers_text(Store& store, const SweepPlan& plan) {
  const std::vector<StoredPoint> points = store.points(objective_metrics(plan));
  std::vector<std::size_t> at(plan.objectives.size());
  std::iota(at.begin(), at.end(), std::size_t{0});
  const Judged all = judged(points, plan, at);
  std::string text = summary(points, plan);
  if (all.points.empty()) return text + "\nNo point is done and has all objectives.\n";
  return text + front_text(points, all, store.meta(), plan) +
         best_text(points, all, store.meta(), plan) + sensitivity_text(points, all, plan);
}

std::string points_csv(Store& store, const SweepPlan& plan) {
  const StoreMeta& meta = store.meta();
  const std::vector<StoredPoint> points = store.points();
  const std::vector<bool> front = on_front(points, meta, plan);
  std::string text = "key,status,reason,pareto";
  for (const std::string& key : meta.keys) text += "," + csv_field(key);
  for (const std::string& metric : meta.metrics) text += "," + csv_field(metric);
  text += "\n";
  for (std::size_t i = 0; i < points.size(); ++i) {
    const StoredPoint& p = points[i];
    text += p.key + "," + status_name(p.status) + "," + csv_field(p.reason) + "," +
            (front[i] ? "1" : "0");
    for (const std::string& value : p.values) text += "," + csv_field(value);
    for (const double m : p.metrics) text += std::isnan(m) ? "," : "," + number(m);
    text += "\n";
  }
  return text;
}

std::string points_json(Store& store, const SweepPlan& plan) {
  using Json = nlohmann::ordered_json;
  const StoreMeta& meta = store.meta();
  const std::vector<StoredPoint> points = store.points();
  const std::vector<bool> front = on_front(points, meta, plan);
  Json objectives = Json::array();
  for (const Objective& o : plan.objectives) {
    objectives.push_back({{o.maximize ? "maximize" : "minimize", o.metric}});
  }
  Json head = {{"schema_version", kSchemaVersion}, {"sweep", plan.name},
               {"description", plan.description},  {"git_revision", meta.revision},
               {"objectives", objectives},         {"sweep_file", meta.source}};
  if (!plan.operands().empty()) head["operands"] = plan.operands();
  // One point a line, and no tree of all of them in memory.
  std::string text = head.dump(1);
  text.erase(text.rfind("\n}"));
  text += ",\n \"points\": [";
  for (std::size_t i = 0; i < points.size(); ++i) {
    const StoredPoint& p = points[i];
    Json point = {{"key", p.key}, {"status", status_name(p.status)}, {"pareto", bool(front[i])}};
    if (!p.reason.empty()) point["reason"] = p.reason;
    for (std::size_t k = 0; k < meta.keys.size(); ++k) point["values"][meta.keys[k]] = p.values[k];
    for (std::size_t m = 0; m < p.metrics.size(); ++m) {
      if (!std::isnan(p.metrics[m])) point["metrics"][meta.metrics[m]] = p.metrics[m];
    }
    text += (i == 0 ? "\n  " : ",\n  ") + point.dump();
  }
  return text + "\n ]\n}\n";
}

}  // namespace mixpe
