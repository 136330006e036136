// The report page in a browser: every chart is drawn, hover, brush and keys work, and nothing is
// asked of the network.

#include "sim/report/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "sim/sweep/metrics.h"
#include "sim/sweep/page_data.h"
#include "tests/page/webdriver.h"
#include "tests/support/command.h"

namespace mixpe::testing {
namespace {

using ::testing::AnyOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using Json = nlohmann::json;

constexpr const char* kRight = "\uE014";  // keys of the WebDriver protocol
constexpr const char* kEnter = "\uE007";
constexpr const char* kEscape = "\uE00C";

/// For each chart the share of its pixels that differ from the background, all canvases together.
constexpr const char* kInk = R"(
  return [...document.querySelectorAll(".chart")].map((chart) => {
    let ink = 0, all = 0;
    for (const canvas of chart.querySelectorAll("canvas")) {
      const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
      for (let i = 3; i < pixels.length; i += 4) ink += pixels[i] > 0;
      all = canvas.width * canvas.height;
    }
    return ink / all;
  });)";

class Page : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Browser::installed()) GTEST_SKIP() << "chromium and chromium-driver are not installed";
    browser_ = std::make_unique<Browser>(folder_ / "profile");
  }
  void command(const std::string& line) {
    const Outcome o = shell(line);
    ASSERT_EQ(o.exit_code, 0) << line << "\n" << o.out;
  }
  /// Opens a page and checks what holds for every page.
  void open(const std::string& name, std::size_t charts) {
    browser_->requests();
    browser_->open_file(folder_ / name);
    EXPECT_THAT(browser_->console(), IsEmpty());
    EXPECT_THAT(browser_->requests(), Each(AnyOf(StartsWith("file://"), StartsWith("data:"))));
    const Json ink = browser_->run(kInk);
    ASSERT_EQ(ink.size(), charts);
    for (std::size_t i = 0; i < charts; ++i) EXPECT_GT(ink[i], 0.005) << "chart " << i;
  }
  std::string text(const std::string& selector) {
    return browser_->run("return document.querySelector(arguments[0])?.innerText ?? ''",
                         {selector});
  }
  /// Position in the viewport of a value in a chart, scrolled into view.
  Json place(std::size_t chart, const Json& value) {
    return browser_->run(
        "const c = allCharts[arguments[0]]; c.box.scrollIntoView({block: 'center', behavior: "
        "'instant'});"
        "const box = c.box.getBoundingClientRect();"
        "const [x, y] = c.chart.convertToPixel({xAxisIndex: 0, yAxisIndex: 0}, arguments[1]);"
        "return [Math.round(box.x + x), Math.round(box.y + y)];",
        {chart, value});
  }

  const Folder folder_{"page"};
  std::unique_ptr<Browser> browser_;
};

constexpr const char* kSweep = R"(sweep: rows
description: A small </script> sweep
base: {arch: mixpe_w4a8_64x64, scheme: w4a8kv4_g128, trace: traces/tiny.csv}
axes:
  - {key: arch.array.rows, list: [16, 32, 64]}
  - {key: arch.array.cols, list: [16, 32, 64]}
derived:
  arch.dequant.lanes: cols / 2
objectives: [{minimize: cycles}, {minimize: area_mm2}]
)";

class SweepPage : public Page {
 protected:
  void SetUp() override {
    Page::SetUp();
    if (IsSkipped()) return;
    folder_.write("s.yaml", kSweep);
    command("mixpe sweep " + (folder_ / "s.yaml") + " -j 1 --store " + (folder_ / "s.db"));
    command("mixpe report " + (folder_ / "s.db") + " -o " + (folder_ / "s.html"));
    open("s.html", 7);
  }
};

TEST_F(SweepPage, HoverTellsTheDesign) {
  // The design with the fewest cycles of all is on the front.
  const Json value = browser_->run(
      "const s = allCharts[0].chart.getOption().series.pop().data;"
      "return s.reduce((a, b) => (a[1] < b[1] ? a : b));");
  browser_->mouse(Json::array({place(0, {value[0], value[1]})}), false);
  EXPECT_THAT(text(".tip"), HasSubstr("On the Pareto front"));
  EXPECT_THAT(text(".tip"), HasSubstr("cols\t64"));
}

TEST_F(SweepPage, BrushSelectsInAllViewsAndEscapeEndsIt) {
  EXPECT_THAT(text("#designs .controls"), HasSubstr("9 rows"));
  const Json box = browser_->run(
      "const o = allCharts[0].chart.getOption();"
      "const all = o.series.filter((s) => s.name !== 'Pareto front').flatMap((s) => s.data);"
      "const xs = all.map((v) => v[0]).sort((a, b) => a - b), ys = all.map((v) => v[1]);"
      "const middle = (xs[2] + xs[3]) / 2;"
      "return [[xs[0] * 0.98, Math.max(...ys) * 1.02], [middle, Math.min(...ys) * 0.98]];");
  const Json from = place(0, box[0]), to = place(0, box[1]);
  const Json between = {(from[0].get<int>() + to[0].get<int>()) / 2,
                        (from[1].get<int>() + to[1].get<int>()) / 2};
  browser_->mouse({from, between, to}, true);
  EXPECT_THAT(text(".selection.on"), HasSubstr("3 of 9 designs selected"));
  EXPECT_THAT(text("#designs .controls"), HasSubstr("3 rows"));
  browser_->keys({kEscape});
  EXPECT_EQ(text(".selection.on"), "");
  EXPECT_THAT(text("#designs .controls"), HasSubstr("9 rows"));
}

TEST_F(SweepPage, KeysStepAlongTheFrontAndFiltersSelect) {
  browser_->run("allCharts[0].box.focus()");
  browser_->keys({kRight});
  const std::string first = text("#spoken");
  EXPECT_THAT(first, HasSubstr("on the Pareto front"));
  browser_->keys({kRight});
  EXPECT_NE(text("#spoken"), first);
  browser_->keys({kEnter});
  EXPECT_THAT(text(".selection.on"), HasSubstr("1 of 9 designs selected"));
  browser_->keys({kEscape});
  browser_->run("document.querySelector('[aria-label=\"Filter rows\"]').focus()");
  browser_->keys({">", "3", "0"});
  EXPECT_THAT(text(".selection.on"), HasSubstr("6 of 9 designs selected"));
  EXPECT_THAT(browser_->console(), IsEmpty());
}

TEST_F(SweepPage, LayersAreOfOneOfTheSelectedDesigns) {
  const Json dots = browser_->run(
      "return allCharts[6].chart.getOption().series.filter((s) => s.type === 'scatter')"
      ".flatMap((s) => s.data).length");
  EXPECT_EQ(dots, 3);  // the GEMMs of the trace
  const Json designs = browser_->run(
      "return JSON.parse(document.getElementById('data').textContent).layers.designs"
      ".map((d) => d.design + 1)");
  ASSERT_GE(designs.size(), 2U);
  const auto select = [&](int design) {
    browser_->run(
        "const f = document.querySelector('[aria-label=\"Filter design\"]');"
        "f.value = '=' + arguments[0]; f.dispatchEvent(new Event('input'))",
        Json::array({design}));
    return text("#layers select option:checked");
  };
  std::string before = text("#table tbody");
  for (const std::size_t i : {designs.size() - 1, std::size_t{0}}) {
    EXPECT_THAT(select(designs[i]), StartsWith(designs[i].dump() + ":"));
    EXPECT_NE(text("#table tbody"), before);
    before = text("#table tbody");
  }
  for (int other = 1; other <= 9; ++other) {
    if (std::find(designs.begin(), designs.end(), other) != designs.end()) continue;
    EXPECT_THAT(select(other), StartsWith(designs[0].dump() + ":"));
    EXPECT_THAT(text("#layers .controls"), HasSubstr("are not among those with layers"));
  }
  EXPECT_THAT(browser_->console(), IsEmpty());
}

TEST_F(SweepPage, FollowsTheColourScheme) {
  const auto look = [&] {
    return browser_->run(
        "return [getComputedStyle(document.body).backgroundColor,"
        " allCharts[0].chart.getOption().textStyle.color]");
  };
  browser_->prefer_dark(false);
  const Json light = look();
  browser_->prefer_dark(true);
  const Json dark = look();
  EXPECT_NE(light[0], dark[0]);
  EXPECT_NE(light[1], dark[1]);
}

TEST_F(Page, OfARunHasItsTimelineAndTable) {
  command("mixpe run mixpe_w4a8_64x64 traces/tiny.csv --report " + (folder_ / "r.html"));
  open("r.html", 4);
  // The last of the three GEMMs takes the most cycles.
  browser_->run(
      "const sort = [...document.querySelectorAll('#table th button')]"
      ".find((b) => b.innerText === 'cycles'); sort.click(); sort.click();");
  EXPECT_THAT(text("#table tbody tr"), HasSubstr("decode"));
  browser_->run(
      "const s = document.querySelector('#timeline select'); s.value = '1';"
      "s.dispatchEvent(new Event('change'))");
  EXPECT_THAT(text("#timeline .controls"), HasSubstr("37 × 50 × 300"));
  // The middle of the array's first slice.
  const Json slice = browser_->run(
      "const d = allCharts[3].chart.getOption(), row = d.yAxis[0].data.indexOf('array');"
      "const s = d.series[0].data.find((s) => s.value[0] === row).value;"
      "return [s[1] + s[2] / 2, row, s[2]];");
  browser_->mouse(Json::array({place(3, {slice[0], slice[1]})}), false);
  EXPECT_THAT(text(".tip"), HasSubstr("array"));
  EXPECT_THAT(text(".tip"), HasSubstr("tile\t0"));
  const std::string window = "return allCharts[3].chart.getOption().dataZoom[0].endValue";
  const double before = browser_->run(window);
  browser_->run("allCharts[3].box.focus()");
  browser_->keys({"+"});
  EXPECT_LT(browser_->run(window).get<double>(), before);
  EXPECT_THAT(browser_->console(), IsEmpty());
}

/// Chrome's own viewer of traces; of all packages, that of Go's sources carries it.
const std::string kTraceViewer = "/usr/share/go-1.19/src/cmd/trace/static/";

/// Opens a trace as chrome://tracing does, and returns what the viewer made of it.
constexpr const char* kViewTrace = R"(
  const viewer = document.createElement("tr-ui-timeline-view");
  viewer.track_view_container = document.createElement("track-view-container");
  viewer.track_view_container.id = "track_view_container";
  Polymer.dom(viewer).appendChild(viewer.track_view_container);
  Object.assign(viewer.style, {position: "fixed", inset: 0, background: "white"});
  Polymer.dom(document.body).appendChild(viewer);
  const model = new tr.Model();
  new tr.importer.Import(model).importTraces([arguments[0]]);
  viewer.model = model;
  const seen = {warnings: model.importWarnings.map((w) => w.message), slices: {}, samples: {}};
  for (const process of model.getAllProcesses()) {
    for (const thread of Object.values(process.threads)) {
      for (const slice of thread.sliceGroup.topLevelSlices) {
        const key = thread.name + ": " + slice.title;
        seen.slices[key] = (seen.slices[key] ?? 0) + 1;
      }
    }
    for (const counter of Object.values(process.counters)) {
      seen.samples[counter.name] = counter.series.flatMap((s) => s.samples).length;
    }
  }
  return seen;)";

TEST_F(Page, TimelineFileOpensInChromesTraceViewer) {
  if (::access((kTraceViewer + "trace_viewer_full.html").c_str(), R_OK) != 0) {
    GTEST_SKIP() << "the trace viewer (package golang-1.19-src) is not installed";
  }
  command("mixpe run mixpe_w4a8_64x64 traces/tiny.csv --timeline " + (folder_ / "t.json"));
  folder_.write("viewer.html", "<!DOCTYPE html><meta charset='utf-8'><script src='file://" +
                                   kTraceViewer + "webcomponents.min.js'></script>" +
                                   file_text(kTraceViewer + "trace_viewer_full.html"));
  browser_->open_file(folder_ / "viewer.html");
  const std::string trace = file_text(folder_ / "t.json");
  const Json seen = browser_->run(kViewTrace, {trace});

  // A slice that overlapped its neighbour on a track would not be at its top level.
  std::map<int, std::string> tracks;
  std::map<std::string, int> slices, samples;
  const Json file = Json::parse(trace);
  for (const Json& event : file.at("traceEvents")) {
    const std::string name = event.at("name");
    if (name == "thread_name") tracks[event.at("tid")] = event.at("args").at("name");
    if (event.at("ph") == "X") ++slices[tracks.at(event.at("tid")) + ": " + name];
    if (event.at("ph") == "C") ++samples[name];
  }
  EXPECT_THAT(seen.at("warnings"), IsEmpty());
  EXPECT_EQ(seen.at("slices"), Json(slices));
  EXPECT_EQ(seen.at("samples"), Json(samples));
  EXPECT_GT(slices["stalls: wait_act"], 0);
  EXPECT_GT(slices["array: m0 n0 k0"], 0);
  EXPECT_GT(samples["DRAM GB/s"], 0);
}

TEST_F(Page, OfAComparisonShowsEveryDesign) {
  folder_.write("study.yaml", R"(study: two
llm: opt-6.7b
phases: [{name: decode, phase: decode, batch: 1, context: 64}]
baseline: b
designs:
  - {name: a<b>, arch: mixpe_w4a8_64x64, scheme: w4a8kv4_g128}
  - {name: b, arch: int8_64x64, scheme: w8a8kv8}
views: [{name: as-is}]
)");
  command("mixpe compare " + (folder_ / "study.yaml") + " --output " + (folder_ / "out"));
  command("mixpe report " + (folder_ / "out/result.json") + " -o " + (folder_ / "c.html"));
  open("c.html", 5);
  EXPECT_THAT(text("#comparison table"), HasSubstr("a<b>"));
  const std::string before = text("#table tbody");
  browser_->run(
      "const s = document.querySelector('#layers select'); s.value = 'b';"
      "s.dispatchEvent(new Event('change'))");
  EXPECT_NE(text("#table tbody"), before);
}

/// `count` made-up designs; what they would cost follows no rule but is the same every time.
std::string made_up_page(std::size_t count) {
  Diagnostics wrong;
  const auto plan = load_sweep_text("s.yaml", kSweep, wrong);
  wrong.throw_if_any();
  const StoreMeta meta{"revision", "", "s.yaml", kSweep, plan->keys(), metric_names({""})};
  std::vector<StoredPoint> points(count);
  for (std::size_t i = 0; i < count; ++i) {
    points[i].key = std::to_string(i);
    points[i].values = {std::to_string(16 << i % 5), std::to_string(i % 97), "1"};
    for (std::size_t m = 0; m < meta.metrics.size(); ++m) {
      const double noise = static_cast<double>((i * (2 * m + 1) * 48'271) % 65'537) / 65'537;
      points[i].metrics.push_back(std::exp(4 * noise));
    }
  }
  return page_html("many", sweep_page_json(points, meta, *plan,
                                           {{"designs", Json::array()}, {"without", "made up"}}));
}

TEST_F(Page, DrawsTenThousandDesigns) {
  folder_.write("many.html", made_up_page(10'000));
  open("many.html", 4);
  const std::string ms = browser_->run("return document.documentElement.dataset.drawMs ?? ''");
  RecordProperty("first_draw_ms", ms);
  std::printf("10,000 designs: first draw in %s ms\n", ms.c_str());
}

}  // namespace
}  // namespace mixpe::testing
