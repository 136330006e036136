#include "sim/sweep/page_data.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "sim/sweep/judge.h"
#include "sim/sweep/metrics.h"

namespace mixpe {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSweep = R"(
sweep: test
base: {arch: mixpe_w4a8_64x64, scheme: w4a8kv4_g128, trace: traces/tiny.csv}
axes:
  - {key: arch.array.rows, list: [128, 16, 32]}
  - {key: arch.pe.name, list: [b, a]}
objectives: [{minimize: cycles}, {maximize: tops}]
)";

struct Sweep {
  SweepPlan plan;
  StoreMeta meta;
  std::vector<StoredPoint> points;
};

Sweep sweep_of(std::size_t count) {
  Diagnostics wrong;
  auto plan = load_sweep_text("s.yaml", kSweep, wrong);
  wrong.throw_if_any();
  Sweep s{*plan, {}, {}};
  s.meta = {"revision", s.plan.identity, "s.yaml", kSweep, s.plan.keys(), metric_names({""})};
  for (std::size_t i = 0; i < count; ++i) {
    StoredPoint p;
    p.key = std::to_string(i);
    p.values = {i % 3 == 0 ? "128" : i % 3 == 1 ? "16" : "32", i % 2 == 0 ? "b" : "a"};
    for (std::size_t m = 0; m < s.meta.metrics.size(); ++m) {
      p.metrics.push_back(1.0 + static_cast<double>((i * 7919 + m * 31) % 100'003));
    }
    s.points.push_back(p);
  }
  return s;
}

std::size_t place_of(const Sweep& s, const std::string& metric) {
  return index_of(s.meta.metrics, metric).value();
}

std::string decoded(const std::string& text) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = bits << 6 | static_cast<std::uint32_t>(digits.find(c));
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> count & 0xFFU);
    }
  }
  return bytes;
}

TEST(Base64, IsThatOfTheStandard) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64(std::string("\xff\x00\xfe", 3)), "/wD+");
}

TEST(SweepPage, AxesAreIndicesIntoSortedValues) {
  const Sweep s = sweep_of(6);
  const Json page = Json::parse(sweep_page_json(s.points, s.meta, s.plan, Json::object()));
  EXPECT_EQ(page["count"], 6);
  const Json& rows = page["axes"][0];
  EXPECT_EQ(rows["values"], Json({"16", "32", "128"}));
  EXPECT_EQ(rows["numbers"], Json({16, 32, 128}));
  EXPECT_EQ(decoded(rows["column"]["base64"]), std::string("\2\0\1\2\0\1", 6));
  EXPECT_EQ(page["axes"][1]["values"], Json({"a", "b"}));
  EXPECT_FALSE(page["axes"][1].contains("numbers"));
}

TEST(SweepPage, MetricsAreFloatsObjectivesFirst) {
  Sweep s = sweep_of(4);
  const std::size_t tops = place_of(s, "tops");
  s.points[2].metrics[tops] = std::nan("");
  for (StoredPoint& p : s.points) p.metrics[0] = 5;  // sram_bytes
  const Json page = Json::parse(sweep_page_json(s.points, s.meta, s.plan, Json::object()));
  EXPECT_EQ(page["metrics"][0]["name"], "cycles");
  EXPECT_EQ(page["metrics"][1]["name"], "tops");
  const std::string bytes = decoded(page["metrics"][1]["column"]["base64"]);
  ASSERT_EQ(bytes.size(), 16U);
  float values[4] = {};
  std::memcpy(values, bytes.data(), sizeof values);
  EXPECT_EQ(values[1], static_cast<float>(s.points[1].metrics[tops]));
  EXPECT_TRUE(std::isnan(values[2]));
  EXPECT_EQ(page["metrics"][2]["name"], "sram_bytes");
  EXPECT_EQ(page["metrics"][2]["column"], Json({{"type", "f32"}, {"all", 5.0}}));
  EXPECT_TRUE(page["left_out"].empty());
}

TEST(SweepPage, ReasonsAndFrontAreThoseOfThePoints) {
  Sweep s = sweep_of(3);
  s.points[1].status = PointStatus::kImpossible;
  s.points[1].reason = "does </script> not fit";
  s.points[1].metrics.assign(s.meta.metrics.size(), std::nan(""));
  const Json page = Json::parse(sweep_page_json(s.points, s.meta, s.plan, Json::object()));
  EXPECT_EQ(page["reasons"], Json({"", "does </script> not fit"}));
  EXPECT_EQ(decoded(page["status"]["base64"]), std::string("\0\2\0", 3));
  // Point 0 has the fewest cycles, point 2 the most TOPS.
  EXPECT_EQ(decoded(page["pareto"]["base64"]), std::string("\1\0\1", 3));
  EXPECT_EQ(page["sensitivity"].size(), 2U);
}

TEST(SweepPage, AHundredThousandPointsStayUnderTwentyMegabytes) {
  Sweep s = sweep_of(100'000);
  // Else fewer cycles would mean fewer TOPS, and every point would be on the front.
  for (StoredPoint& p : s.points) p.metrics[place_of(s, "tops")] = 5;
  const std::string text = sweep_page_json(s.points, s.meta, s.plan, Json::object());
  EXPECT_LT(text.size(), 19'000'000U);
  const Json page = Json::parse(text);
  // Two objectives and what is of all phases are there, details of the area are not.
  EXPECT_GE(page["metrics"].size(), 30U);
  EXPECT_GT(page["left_out"].size(), 0U);
}

}  // namespace
}  // namespace mixpe
