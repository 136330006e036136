#include "sim/report/chart.h"

#include <gmock/gmock.h>

#include <regex>

namespace mixpe {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ChartPoint at(double x, double y) {
  ChartPoint p;
  p.x = x;
  p.y = y;
  return p;
}

Chart lines(bool logarithmic) {
  ChartPanel panel;
  panel.x.categories = {"first step", "second"};
  panel.y = {.title = "times", .logarithmic = logarithmic, .categories = {}};
  panel.reference = 1;
  panel.series = {{.name = "a<b", .points = {at(0, 1), at(1, 100)}},
                  {.name = "c", .points = {at(0, 2), at(1, 10)}}};
  return {.title = "T", .note = "N", .panels = {panel}};
}

/// y of every point, top to bottom as drawn.
std::vector<double> circles(const std::string& svg) {
  std::vector<double> ys;
  const std::regex circle("<circle cx=\"[0-9.]+\" cy=\"([0-9.]+)\" r=\"4.5\"");
  for (std::sregex_iterator it(svg.begin(), svg.end(), circle), end; it != end; ++it) {
    ys.push_back(std::stod((*it)[1]));
  }
  return ys;
}

TEST(ChartSvg, LargerValuesStandHigher) {
  const std::vector<double> y = circles(chart_svg(lines(false)));  // 1, 100, 2, 10
  ASSERT_EQ(y.size(), 4U);
  EXPECT_GT(y[0], y[2]);
  EXPECT_GT(y[2], y[3]);
  EXPECT_GT(y[3], y[1]);
}

TEST(ChartSvg, ALogarithmicAxisGivesEqualRatiosEqualLengths) {
  const std::vector<double> y = circles(chart_svg(lines(true)));
  EXPECT_NEAR(y[0] - y[3], y[3] - y[1], 0.2);  // 1 -> 10 -> 100
}

TEST(ChartSvg, TextIsEscapedAndWordsOfAStepStandBelowOneAnother) {
  const std::string svg = chart_svg(lines(true));
  EXPECT_THAT(svg, HasSubstr("a&lt;b"));
  EXPECT_THAT(svg, Not(HasSubstr("a<b")));
  EXPECT_THAT(svg, HasSubstr(">first</text>"));
  EXPECT_THAT(svg, HasSubstr(">step</text>"));
}

TEST(ChartSvg, WhatIsNotFiniteIsLeftOut) {
  Chart chart = lines(false);
  chart.panels[0].series[0].points[1].y = std::numeric_limits<double>::infinity();
  EXPECT_EQ(circles(chart_svg(chart)).size(), 3U);
}

TEST(ChartSvg, OneNameHasOneColourInAllPanels) {
  Chart chart = lines(false);
  chart.panels.push_back(chart.panels[0]);
  std::swap(chart.panels[1].series[0], chart.panels[1].series[1]);
  const std::string svg = chart_svg(chart);
  // Both panels name "c" at the end of its line, in the same colour.
  const std::regex label("<text [^>]*fill=\"(#[0-9a-f]+)\" font-weight=\"bold\">c ");
  std::vector<std::string> colours;
  for (std::sregex_iterator it(svg.begin(), svg.end(), label), end; it != end; ++it) {
    colours.push_back((*it)[1]);
  }
  ASSERT_EQ(colours.size(), 2U);
  EXPECT_EQ(colours[0], colours[1]);
}

}  // namespace
}  // namespace mixpe
