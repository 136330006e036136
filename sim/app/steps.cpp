#include "sim/app/steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/report/chart.h"
#include "sim/report/report.h"
#include "sim/report/table.h"

namespace mixpe {
namespace {

/// Time and energy of a design over the subject's, phase by phase, in the first view.
struct Ratios {
  std::vector<double> time, energy;
};

Ratios ratios_of(const Comparison& c, const std::string& subject, const std::string& other) {
  Ratios ratios;
  const std::string& view = c.study.views.front().name;
  for (const LlmPhase& phase : c.study.phases) {
    const RunResult *of_subject = nullptr, *of_other = nullptr;
    for (const ComparedRun& run : c.runs) {
      if (run.view != view || run.phase != phase.name) continue;
      if (run.design == subject) of_subject = &run.run.result;
      if (run.design == other) of_other = &run.run.result;
    }
    check_invariant(of_subject != nullptr && of_other != nullptr, "every design runs every phase");
    ratios.time.push_back(of_other->time_s() / of_subject->time_s());
    ratios.energy.push_back(of_other->energy.total_pj / of_subject->energy.total_pj);
  }
  return ratios;
}

double geometric_mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += std::log(v);
  return std::exp(sum / static_cast<double>(values.size()));
}

bool has_design(const Study& study, const std::string& name) {
  return std::any_of(study.designs.begin(), study.designs.end(),
                     [&](const StudyDesign& d) { return d.name == name; });
}

Lead lead_of(const Comparison& c, const std::string& subject, const std::string& other) {
  if (!has_design(c.study, other)) return {};
  const Ratios r = ratios_of(c, subject, other);
  const auto [slow, fast] = std::minmax_element(r.time.begin(), r.time.end());
  const auto [little, much] = std::minmax_element(r.energy.begin(), r.energy.end());
  return {geometric_mean(r.time), geometric_mean(r.energy), *slow, *fast, *little, *much};
}

/// A quantity of Lead with its range.
struct Quantity {
  const char* name;
  double Lead::*mean;
  double Lead::*least;
  double Lead::*most;
};
constexpr Quantity kSpeedUp{"speed-up", &Lead::speed_up, &Lead::least_speed_up,
                            &Lead::most_speed_up};
constexpr Quantity kEnergy{"energy ratio", &Lead::energy_ratio, &Lead::least_energy_ratio,
                           &Lead::most_energy_ratio};

std::string table_of(const Steps& s, const Quantity& q) {
  std::vector<std::string> header{fmt::format("{} over", q.name)};
  for (const std::string& other : s.others) {
    header.push_back(other);
    header.emplace_back("least-most");
  }
  Table t(header);
  for (std::size_t i = 0; i < s.studies.size(); ++i) {
    std::vector<std::string> cells{s.studies[i]};
    for (const Lead& lead : s.leads[i]) {
      const bool there = lead.*q.mean > 0;
      cells.push_back(there ? fixed(lead.*q.mean, 2) : "-");
      cells.push_back(there ? fixed(lead.*q.least, 2) + "-" + fixed(lead.*q.most, 2) : "-");
    }
    t.row(cells);
  }
  return t.text();
}

ChartPanel panel_of(const Steps& s, const Quantity& q, const std::string& title) {
  ChartPanel panel;
  panel.y = {.title = title, .logarithmic = true, .categories = {}};
  panel.x.categories = s.studies;
  panel.reference = 1;
  for (std::size_t o = 0; o < s.others.size(); ++o) {
    ChartSeries series{.name = s.others[o], .points = {}};
    for (std::size_t i = 0; i < s.studies.size(); ++i) {
      const Lead& lead = s.leads[i][o];
      if (lead.*q.mean <= 0) continue;
      // Bars side by side, so that they can be told apart.
      const double shift =
          0.07 * (static_cast<double>(o) - 0.5 * static_cast<double>(s.others.size() - 1));
      series.points.push_back(
          {static_cast<double>(i) + shift, lead.*q.mean, lead.*q.least, lead.*q.most, ""});
    }
    panel.series.push_back(std::move(series));
  }
  return panel;
}

}  // namespace

Steps steps_of(const std::vector<Comparison>& comparisons, const std::string& subject) {
  Steps steps;
  steps.subject = subject;
  for (const Comparison& c : comparisons) {
    for (const StudyDesign& d : c.study.designs) {
      const bool known =
          std::find(steps.others.begin(), steps.others.end(), d.name) != steps.others.end();
      if (d.name != subject && !known) steps.others.push_back(d.name);
    }
  }
  for (const Comparison& c : comparisons) {
    steps.studies.push_back(c.study.name);
    steps.descriptions.push_back(c.study.description);
    std::vector<Lead>& leads = steps.leads.emplace_back();
    for (const std::string& other : steps.others) leads.push_back(lead_of(c, subject, other));
  }
  return steps;
}

std::string steps_text(const Steps& s) {
  std::string text = fmt::format(
      "{} against the others, step by step: their time and energy over its own,\ngeometric means "
      "of "
      "all phases and the least and most of one.\n\n",
      s.subject);
  text += table_of(s, kSpeedUp) + "\n" + table_of(s, kEnergy) + "\n";
  for (std::size_t i = 0; i < s.studies.size(); ++i) {
    text += s.studies[i] + ": " + s.descriptions[i] + "\n";
  }
  return text;
}

std::string steps_csv(const Steps& s) {
  std::string text =
      "study,subject,over,speed_up,least_speed_up,most_speed_up,energy_ratio,least_energy_ratio,"
      "most_energy_ratio\n";
  for (std::size_t i = 0; i < s.studies.size(); ++i) {
    for (std::size_t o = 0; o < s.others.size(); ++o) {
      const Lead& l = s.leads[i][o];
      if (l.speed_up <= 0) continue;
      text +=
          fmt::format("{},{},{},{},{},{},{},{},{}\n", csv_field(s.studies[i]), csv_field(s.subject),
                      csv_field(s.others[o]), shortest(l.speed_up), shortest(l.least_speed_up),
                      shortest(l.most_speed_up), shortest(l.energy_ratio),
                      shortest(l.least_energy_ratio), shortest(l.most_energy_ratio));
    }
  }
  return text;
}

std::string steps_chart(const Steps& s) {
  Chart chart;
  chart.title = s.subject + " against the others, step by step";
  chart.note =
      "Geometric means over all phases; bars: the least and the most of one phase. Above the "
      "dashed "
      "line " +
      s.subject + " is ahead.";
  chart.panels.push_back(panel_of(s, kSpeedUp, "times as fast"));
  chart.panels.push_back(panel_of(s, kEnergy, "times less energy"));
  return chart_svg(chart);
}

}  // namespace mixpe
