#include "sim/report/result_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "models/core/errors.h"

namespace mixpe {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;

Json small_result() {
  const Json layer = {{"layer", "l"},
                      {"op", "q"},
                      {"phase", ""},
                      {"m", 1},
                      {"n", 2},
                      {"k", 3},
                      {"batch", 1},
                      {"count", 1},
                      {"mode", "w4"},
                      {"useful_macs", 6},
                      {"cycles", 10},
                      {"bound", "compute"},
                      {"energy_pj", 1.5},
                      {"dram_read_bytes", 4},
                      {"dram_write_bytes", 2},
                      {"stalls", {{"compute", 10}}},
                      {"energy", {{"pe", 1.5}}},
                      {"tile", {{"m", 1}, {"n", 2}, {"k", 3}}}};
  return {{"schema_version", 1},
          {"version", "0"},
          {"git_revision", "r"},
          {"config", {{"name", "machine"}}},
          {"workload", {{"name", "work"}}},
          {"totals", {{"cycles", 10}}},
          {"ceilings", {{"tops", {{"w4", 4.0}}}, {"dram_bytes_per_s", nullptr}}},
          {"stalls", {{"compute", 10}}},
          {"energy", {{"pe_mac", 1.5}}},
          {"area", {{"pe_array", 2.5}}},
          {"notes", Json::array()},
          {"layers", {layer}}};
}

std::string mistake(const std::string& text) {
  try {
    read_result("r.json", text);
  } catch (const UserError& e) {
    return e.what();
  }
  return "";
}

TEST(ResultFile, ARunIsOneOfItsKind) {
  const Json data = read_result("r.json", small_result().dump());
  EXPECT_EQ(data["kind"], "runs");
  EXPECT_EQ(data["title"], "machine, work");
  ASSERT_EQ(data["runs"].size(), 1U);
  EXPECT_EQ(data["runs"][0]["result"], small_result());
}

Json small_timeline() {
  const Json array = {{"name", "array"}, {"slices", {{0, 5, 0}, {5, 5, 1}}}};
  const Json stalls = {{"name", "stalls"}, {"slices", {{0, 2, 0, 3}}}};
  return {{{"name", "q"},
           {"size", {1, 2, 3}},
           {"batch", 1},
           {"count", 1},
           {"tiles", 2},
           {"shown", 2},
           {"cycles", 10},
           {"tracks", {array, stalls}}}};
}

TEST(ResultFile, ARunMayHaveTimelines) {
  EXPECT_EQ(result_text(small_result(), Json::array()), small_result().dump(1) + "\n");
  const Json data = read_result("r.json", result_text(small_result(), small_timeline()));
  EXPECT_EQ(data["timelines"], small_timeline());
  EXPECT_EQ(data["runs"][0]["result"], small_result());
}

TEST(ResultFile, RefusesTimelinesThatCannotBeDrawn) {
  const auto wrong = [](const std::function<void(Json&)>& change) {
    Json timeline = small_timeline();
    change(timeline[0]);
    return mistake(result_text(small_result(), timeline));
  };
  EXPECT_THAT(wrong([](Json& t) { t.erase("tiles"); }),
              HasSubstr("r.json: timelines[0].tiles: is missing"));
  EXPECT_THAT(wrong([](Json& t) { t["tracks"][0]["name"] = "x"; }),
              HasSubstr("no track of the array"));
  EXPECT_THAT(wrong([](Json& t) {
                t["tracks"][0]["slices"][1] = {1, -2, 0};
              }),
              HasSubstr("timelines[0].tracks: has something that is no slice; got [1,-2,0]"));
  EXPECT_THAT(wrong([](Json& t) { t["tracks"][1]["slices"][0][3] = 99; }), HasSubstr("no slice"));
  Json result = small_result();
  result["timelines"] = 1;
  EXPECT_THAT(mistake(result.dump()), HasSubstr("timelines: is of another kind"));
}

TEST(ResultFile, AComparisonKeepsItsRuns) {
  const Json run = {{"view", "v"},     {"phase", "p"},        {"design", "d"},
                    {"speed_up", 1.0}, {"energy_ratio", 1.0}, {"result", small_result()}};
  Json comparison = {
      {"schema_version", 1}, {"study", "s"}, {"baseline", "d"}, {"runs", {run, run}}};
  const Json data = read_result("r.json", comparison.dump());
  EXPECT_EQ(data["title"], "s");
  EXPECT_EQ(data["baseline"], "d");
  EXPECT_EQ(data["runs"].size(), 2U);
  comparison["runs"][1]["result"]["layers"][0].erase("bound");
  EXPECT_THAT(mistake(comparison.dump()),
              HasSubstr("r.json: runs[1].result.layers[0].bound: is missing"));
  comparison["runs"] = Json::array();
  EXPECT_THAT(mistake(comparison.dump()), HasSubstr("runs: is empty"));
}

TEST(ResultFile, TruncatedTextNamesItsEnd) {
  const std::string text = small_result().dump(1);
  EXPECT_THAT(mistake(text.substr(0, text.size() / 2)), HasSubstr("ends too early"));
  EXPECT_THAT(mistake("{\n  \"a\": , 1}"), HasSubstr("r.json:2:8: is no JSON"));
}

TEST(ResultFile, RefusesWhatIsNoResult) {
  EXPECT_THAT(mistake("[1]"), HasSubstr("r.json: is no result"));
  EXPECT_THAT(mistake("{}"), HasSubstr("schema_version: is missing"));
  EXPECT_THAT(mistake(R"({"points": []})"), HasSubstr("is an export of a sweep"));
  Json other = small_result();
  other["schema_version"] = 7;
  EXPECT_THAT(mistake(other.dump()), HasSubstr("schema_version: is another one; got 7"));
  other = small_result();
  other["stalls"]["compute"] = "many";
  EXPECT_THAT(mistake(other.dump()), HasSubstr("stalls: is of another kind"));
  other = small_result();
  other["layers"].clear();
  EXPECT_THAT(mistake(other.dump()), HasSubstr("layers: is empty"));
  other = small_result();
  other["ceilings"].erase("tops");
  EXPECT_THAT(mistake(other.dump()), HasSubstr("ceilings.tops: is missing"));
}

}  // namespace
}  // namespace mixpe
