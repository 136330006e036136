#include "sim/sweep/points_chart.h"

#include <algorithm>
#include <cmath>

#include "sim/report/chart.h"
#include "sim/sweep/answers.h"

namespace mixpe {
namespace {

/// Each value once, in the order of the sweep file.
std::vector<std::string> different(const std::vector<std::string>& values) {
  std::vector<std::string> all;
  for (const std::string& v : values) {
    if (std::find(all.begin(), all.end(), v) == all.end()) all.push_back(v);
  }
  return all;
}

/// The values of keys that differ among the points with this point's first value.
std::string label_of(const StoredPoint& point, const std::vector<StoredPoint>& all) {
  std::string label;
  for (std::size_t k = 1; k < point.values.size(); ++k) {
    const bool differs = std::any_of(all.begin(), all.end(), [&](const StoredPoint& p) {
      return p.values.front() == point.values.front() && p.values[k] != point.values[k];
    });
    if (differs) label += (label.empty() ? "" : ", ") + point.values[k];
  }
  return label;
}

std::string axis_title(const Objective& o) {
  std::string title = o.metric;
  std::replace(title.begin(), title.end(), '_', ' ');
  return title + (o.maximize ? " (more is better)" : " (less is better)");
}

/// Points that no other beats in one of the two without losing in the other, by x.
std::vector<std::size_t> front_of(const std::vector<StoredPoint>& points, std::size_t x_metric,
                                  const Objective& x, const Objective& y) {
  std::vector<std::vector<double>> values;
  for (const StoredPoint& p : points) {
    values.push_back({x.maximize ? -p.metrics[x_metric] : p.metrics[x_metric],
                      y.maximize ? -p.metrics[0] : p.metrics[0]});
  }
  std::vector<std::size_t> front = pareto_front(values);
  std::stable_sort(front.begin(), front.end(), [&](std::size_t a, std::size_t b) {
    return points[a].metrics[x_metric] < points[b].metrics[x_metric];
  });
  return front;
}

ChartPanel panel_of(const std::vector<StoredPoint>& points, const SweepPlan& plan,
                    std::size_t x_metric) {
  const Objective &x = plan.objectives[x_metric], &y = plan.objectives.front();
  ChartPanel panel;
  panel.x.title = axis_title(x);
  panel.y.title = axis_title(y);
  const std::vector<std::size_t> front = front_of(points, x_metric, x, y);
  ChartSeries edge{.name = "Pareto front", .points = {}, .line = false, .stepped = true};
  for (const std::size_t p : front) {
    edge.points.push_back(
        {.x = points[p].metrics[x_metric], .y = points[p].metrics[0], .label = ""});
  }
  panel.series.push_back(std::move(edge));
  for (const std::string& colour : different(plan.axes.front().columns.front().values)) {
    ChartSeries series{.name = colour, .points = {}, .line = false};
    for (std::size_t p = 0; p < points.size(); ++p) {
      if (points[p].values.front() != colour) continue;
      const bool labelled = std::find(front.begin(), front.end(), p) != front.end();
      series.points.push_back({.x = points[p].metrics[x_metric],
                               .y = points[p].metrics[0],
                               .label = labelled ? label_of(points[p], points) : ""});
    }
    panel.series.push_back(std::move(series));
  }
  return panel;
}

}  // namespace

std::string points_chart(Store& store, const SweepPlan& plan) {
  if (plan.objectives.size() < 2) {
    throw UserError("--chart: shows objectives against one another; got a sweep with one");
  }
  std::vector<std::string> metrics;
  for (const Objective& o : plan.objectives) metrics.push_back(o.metric);
  std::vector<StoredPoint> points = store.points(metrics);
  // Exact sums have an infinite signal-to-noise ratio: no place on the paper.
  std::erase_if(points, [](const StoredPoint& p) {
    return p.status != PointStatus::kDone ||
           !std::all_of(p.metrics.begin(), p.metrics.end(),
                        [](double m) { return std::isfinite(m); });
  });
  Chart chart;
  chart.title = plan.name;
  chart.note = "Colour: " + plan.keys().front() + ". Dashed: the Pareto front of the two.";
  std::string labels;
  for (const Axis& axis : plan.axes) {
    for (const AxisColumn& column : axis.columns) {
      const bool coloured = &column == &plan.axes.front().columns.front();
      if (coloured || different(column.values).size() < 2) continue;
      labels += (labels.empty() ? " Labels: " : ", ") + column.key;
    }
  }
  chart.note += labels;
  for (std::size_t o = 1; o < plan.objectives.size(); ++o) {
    chart.panels.push_back(panel_of(points, plan, o));
  }
  return chart_svg(chart);
}

}  // namespace mixpe
