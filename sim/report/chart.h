#pragma once
// Charts as SVG, drawn by the program itself: lines over steps, or points with their Pareto front.
//  * Same chart, same bytes. Fixed size, no scripts, no fonts but the viewer's own.

#include <limits>
#include <string>
#include <vector>

namespace mixpe {

struct ChartPoint {
  double x = 0, y = 0;
  double low = std::numeric_limits<double>::quiet_NaN();  ///< of a bar around y; NaN: none
  double high = std::numeric_limits<double>::quiet_NaN();
  std::string label;  ///< beside the point; empty: none
};

struct ChartSeries {
  std::string name;
  std::vector<ChartPoint> points;
  bool line = true;      ///< points joined in their order
  bool stepped = false;  ///< joined by horizontals and verticals, without markers: a front
};

struct ChartAxis {
  std::string title;
  bool logarithmic = false;             ///< values must be > 0
  std::vector<std::string> categories;  ///< of x = 0, 1, …; empty: numbers
};

struct ChartPanel {
  ChartAxis x, y;
  std::vector<ChartSeries> series;  ///< of one name: one colour in all panels
  double reference = std::numeric_limits<double>::quiet_NaN();  ///< a dashed line at this y
};

struct Chart {
  std::string title;
  std::string note;  ///< below the title
  std::vector<ChartPanel> panels;
};

/// Points that are not finite are left out. Panels one below another if x has categories, else
/// side by side.
std::string chart_svg(const Chart& chart);

}  // namespace mixpe
