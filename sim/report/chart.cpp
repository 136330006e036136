#include "sim/report/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "models/core/errors.h"

namespace mixpe {
namespace {

// Okabe and Ito's colours, which colour-blind readers can tell apart.
constexpr std::array kColours = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                 "#56b4e9", "#e69f00", "#000000"};
constexpr const char* kFrontColour = "#999999";
constexpr double kCharWidth = 6.6;  // of a 12 px sans-serif, on average

struct Box {
  double left, top, width, height;
};

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string text_at(double x, double y, const std::string& text, const char* more = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" {}>{}</text>\n", x, y, more, escaped(text));
}

/// A number as an axis shows it.
std::string tick_text(double value) { return fmt::format("{:.4g}", value); }

/// Values on an axis to pixels.
class Scale {
 public:
  Scale(const ChartAxis& axis, double low, double high) : log_(axis.logarithmic) {
    check_invariant(!log_ || low > 0, "a logarithmic axis has positive values");
    categories_ = !axis.categories.empty();
    if (categories_) {
      low_ = -0.5;
      high_ = static_cast<double>(axis.categories.size()) - 0.5;
      return;
    }
    low_ = at(low);
    high_ = at(high);
    const double room = high_ > low_ ? 0.06 * (high_ - low_) : 0.5;
    low_ -= room;
    high_ += room;
  }

  /// 0 at the axis's begin, 1 at its end.
  double place(double value) const { return (at(value) - low_) / (high_ - low_); }

  std::vector<double> ticks() const {
    std::vector<double> ticks;
    if (categories_) return ticks;
    if (log_) return log_ticks();
    const double step = round_step((high_ - low_) / 6);
    for (double i = std::ceil(low_ / step); i * step <= high_; ++i)
      ticks.push_back(i * step + 0.0);  // no -0
    return ticks;
  }

 private:
  double at(double value) const { return log_ ? std::log10(value) : value; }

  /// 1, 2, 2.5 or 5 times a power of ten, at least `step`.
  static double round_step(double step) {
    const double power = std::pow(10.0, std::floor(std::log10(step)));
    for (const double m : {1.0, 2.0, 2.5, 5.0}) {
      if (m * power >= step) return m * power;
    }
    return 10 * power;
  }

  /// Decades alone if there are many of them, else with numbers between.
  std::vector<double> log_ticks() const {
    const double decades = high_ - low_;
    const std::vector<double> between =
        decades > 4     ? std::vector<double>{1}
        : decades > 2   ? std::vector<double>{1, 2, 5}
        : decades > 0.8 ? std::vector<double>{1, 2, 3, 5, 7}
                        : std::vector<double>{1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8};
    std::vector<double> ticks;
    for (double power = std::floor(low_); power <= high_; ++power) {
      for (const double m : between) {
        const double value = m * std::pow(10.0, power);
        if (at(value) >= low_ && at(value) <= high_) ticks.push_back(value);
      }
    }
    return ticks;
  }

  bool log_, categories_ = false;
  double low_ = 0, high_ = 1;
};

bool drawn(const ChartPoint& p) { return std::isfinite(p.x) && std::isfinite(p.y); }

/// The smallest and largest of what a panel shows along one axis.
class Range {
 public:
  void add(double value) {
    if (!std::isfinite(value)) return;
    low_ = std::min(low_, value);
    high_ = std::max(high_, value);
  }
  Scale scale(const ChartAxis& axis) const {
    return low_ <= high_ ? Scale(axis, low_, high_) : Scale(axis, 1, 1);
  }

 private:
  double low_ = std::numeric_limits<double>::infinity();
  double high_ = -std::numeric_limits<double>::infinity();
};

class PanelDrawing {
 public:
  PanelDrawing(const ChartPanel& panel, const Box& box, const std::vector<std::string>& names)
      : panel_(panel),
        box_(box),
        names_(names),
        x_(range(&ChartPoint::x).scale(panel.x)),
        y_(y_range().scale(panel.y)) {}

  std::string svg() const {
    std::string out = frame();
    for (const ChartSeries& s : panel_.series) out += line(s) + marks(s);
    return out + end_labels();
  }

 private:
  Range range(double ChartPoint::*member) const {
    Range r;
    for (const ChartSeries& s : panel_.series) {
      for (const ChartPoint& p : s.points) {
        if (drawn(p)) r.add(p.*member);
      }
    }
    return r;
  }
  Range y_range() const {
    Range r = range(&ChartPoint::y);
    r.add(panel_.reference);
    for (const ChartSeries& s : panel_.series) {
      for (const ChartPoint& p : s.points) {
        if (!drawn(p)) continue;
        r.add(p.low);
        r.add(p.high);
      }
    }
    return r;
  }

  double px(double x) const { return box_.left + box_.width * x_.place(x); }
  double py(double y) const { return box_.top + box_.height * (1 - y_.place(y)); }
  double bottom() const { return box_.top + box_.height; }
  double right() const { return box_.left + box_.width; }

  const char* colour(const ChartSeries& s) const {
    if (s.stepped) return kFrontColour;
    const auto at = std::find(names_.begin(), names_.end(), s.name) - names_.begin();
    return kColours[static_cast<std::size_t>(at) % kColours.size()];
  }

  static std::string segment(double x0, double y0, double x1, double y1, const char* style) {
    return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x0,
                       y0, x1, y1, style);
  }

  std::string frame() const {
    std::string out;
    for (const double t : y_.ticks()) {
      out += segment(box_.left, py(t), right(), py(t), "stroke=\"#e4e4e4\"");
      out += text_at(box_.left - 8, py(t) + 4, tick_text(t), "text-anchor=\"end\"");
    }
    for (const double t : x_.ticks()) {
      out += segment(px(t), box_.top, px(t), bottom(), "stroke=\"#e4e4e4\"");
      out += text_at(px(t), bottom() + 18, tick_text(t), "text-anchor=\"middle\"");
    }
    for (std::size_t i = 0; i < panel_.x.categories.size(); ++i) {
      const double x = px(static_cast<double>(i));
      out += segment(x, bottom(), x, bottom() + 5, "stroke=\"#444\"");
      // Words below one another: a step's name is a few words.
      double y = bottom() + 20;
      std::string rest = panel_.x.categories[i];
      while (!rest.empty()) {
        const std::size_t space = std::min(rest.find(' '), rest.size());
        out += text_at(x, y, rest.substr(0, space), "text-anchor=\"middle\"");
        rest.erase(0, space + 1);
        y += 15;
      }
    }
    if (std::isfinite(panel_.reference)) {
      out += segment(box_.left, py(panel_.reference), right(), py(panel_.reference),
                     "stroke=\"#444\" stroke-dasharray=\"6 4\"");
    }
    out += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"none\" "
        "stroke=\"#444\"/>\n",
        box_.left, box_.top, box_.width, box_.height);
    out += text_at(box_.left + box_.width / 2, bottom() + 40, panel_.x.title,
                   "text-anchor=\"middle\"");
    const double cy = box_.top + box_.height / 2, cx = box_.left - 52;
    return out +
           text_at(
               cx, cy, panel_.y.title,
               fmt::format("text-anchor=\"middle\" transform=\"rotate(-90 {:.1f} {:.1f})\"", cx, cy)
                   .c_str());
  }

  std::string line(const ChartSeries& s) const {
    if (!s.line && !s.stepped) return "";
    std::string points;
    double last_y = 0;
    bool first = true;
    for (const ChartPoint& p : s.points) {
      if (!drawn(p)) continue;
      if (s.stepped && !first) points += fmt::format("{:.1f},{:.1f} ", px(p.x), last_y);
      points += fmt::format("{:.1f},{:.1f} ", px(p.x), py(p.y));
      last_y = py(p.y);
      first = false;
    }
    if (first) return "";
    return fmt::format(
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"{}/>\n", points,
        colour(s), s.stepped ? 1.5 : 2.5, s.stepped ? " stroke-dasharray=\"5 3\"" : "");
  }

  std::string marks(const ChartSeries& s) const {
    if (s.stepped) return "";
    std::string out;
    for (const ChartPoint& p : s.points) {
      if (!drawn(p)) continue;
      if (std::isfinite(p.low) && std::isfinite(p.high)) {
        out += segment(px(p.x), py(p.low), px(p.x), py(p.high),
                       fmt::format("stroke=\"{}\" stroke-width=\"1.2\"", colour(s)).c_str());
      }
      out += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\" fill=\"{}\"/>\n", px(p.x),
                         py(p.y), colour(s));
      if (!p.label.empty()) {
        out += text_at(px(p.x) + 7, py(p.y) - 6, p.label, "font-size=\"11\" fill=\"#333\"");
      }
    }
    return out;
  }

  /// The names of lines at their right ends, moved apart where they would overlap.
  std::string end_labels() const {
    struct Label {
      double y;
      std::string text;
      const char* colour;
    };
    std::vector<Label> labels;
    for (const ChartSeries& s : panel_.series) {
      if (!s.line || s.stepped) continue;
      for (auto p = s.points.rbegin(); p != s.points.rend(); ++p) {
        if (!drawn(*p)) continue;
        labels.push_back({py(p->y), fmt::format("{}  {:.3g}", s.name, p->y), colour(s)});
        break;
      }
    }
    std::stable_sort(labels.begin(), labels.end(),
                     [](const Label& a, const Label& b) { return a.y < b.y; });
    std::string out;
    double y = box_.top - 100;
    for (const Label& l : labels) {
      y = std::max(l.y + 4, y + 16);
      out += text_at(right() + 10, y, l.text,
                     fmt::format("fill=\"{}\" font-weight=\"bold\"", l.colour).c_str());
    }
    return out;
  }

  const ChartPanel& panel_;
  Box box_;
  const std::vector<std::string>& names_;
  Scale x_, y_;
};

/// Names of the series that have a colour, in order of appearance.
std::vector<std::string> names_of(const Chart& chart) {
  std::vector<std::string> names;
  for (const ChartPanel& panel : chart.panels) {
    for (const ChartSeries& s : panel.series) {
      if (s.stepped || std::find(names.begin(), names.end(), s.name) != names.end()) continue;
      names.push_back(s.name);
    }
  }
  return names;
}

std::string legend(const std::vector<std::string>& names, double left, double y) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    out += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\" fill=\"{}\"/>\n", left, y - 4,
                       kColours[i % kColours.size()]);
    out += text_at(left + 9, y, names[i]);
    left += 9 + kCharWidth * static_cast<double>(names[i].size()) + 22;
  }
  return out;
}

}  // namespace

std::string chart_svg(const Chart& chart) {
  check_invariant(!chart.panels.empty(), "a chart without panels");
  const bool below = !chart.panels.front().x.categories.empty();
  const auto panels = static_cast<double>(chart.panels.size());
  const double width = below ? 820 : 460, height = below ? 290 : 380;
  const double gap_x = 90, gap_y = 90, left = 80, top = 96, label_room = below ? 190 : 40;
  const double total_width =
      left + (below ? width : panels * width + (panels - 1) * gap_x) + label_room;
  const double total_height =
      top + (below ? panels * height + (panels - 1) * gap_y : height) + (below ? 80 : 60);
  const std::vector<std::string> names = names_of(chart);
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
      "viewBox=\"0 0 {0:.0f} {1:.0f}\" font-family=\"sans-serif\" font-size=\"12\">\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
      total_width, total_height);
  out += text_at(left, 28, chart.title, "font-size=\"17\" font-weight=\"bold\"");
  out += text_at(left, 48, chart.note, "fill=\"#444\"");
  if (!below) out += legend(names, left + 5, 74);
  for (std::size_t i = 0; i < chart.panels.size(); ++i) {
    const auto at = static_cast<double>(i);
    const Box box{left + (below ? 0 : at * (width + gap_x)),
                  top + (below ? at * (height + gap_y) : 0) - (below ? 24 : 0), width, height};
    out += PanelDrawing(chart.panels[i], box, names).svg();
  }
  return out + "</svg>\n";
}

}  // namespace mixpe
