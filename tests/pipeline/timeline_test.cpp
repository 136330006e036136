// Timelines: what they show is what the result says.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/support/command.h"

namespace mixpe::testing {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

struct Outputs {
  std::string trace_text;
  Json trace, result;
};

Outputs run(const std::string& arguments) {
  const Folder folder("timeline");
  const Outcome o = shell("mixpe run " + arguments + " --timeline " + (folder / "t.json") +
                          " --json " + (folder / "r.json"));
  EXPECT_EQ(o.exit_code, 0) << o.out;
  Outputs all;
  all.trace_text = file_text(folder / "t.json");
  all.trace = Json::parse(all.trace_text);
  all.result = Json::parse(file_text(folder / "r.json"));
  return all;
}

/// Slices of a track, by its name.
std::map<std::string, std::vector<Json>> tracks_of(const Json& trace) {
  std::map<int, std::string> names;
  std::map<std::string, std::vector<Json>> all;
  for (const Json& e : trace["traceEvents"]) {
    if (e["name"] == "thread_name") names[e["tid"]] = e["args"]["name"];
    if (e["ph"] == "X") all[names.at(e["tid"])].push_back(e);
  }
  return all;
}

/// As Perfetto's importer takes them: the whole part.
std::int64_t nanoseconds(const Json& microseconds) {
  return static_cast<std::int64_t>(microseconds.get<double>() * 1000.0);
}

/// What the format asks of an event of its kind; this project writes no other kinds.
bool is_event(Json e) {
  if (!e["name"].is_string() || !e["pid"].is_number_integer() || !e["args"].is_object())
    return false;
  const std::string kind = e["ph"], name = e["name"];
  if (kind == "M") {
    if (name == "thread_sort_index") return e["args"]["sort_index"].is_number_integer();
    return (name == "process_name" || name == "thread_name") && e["args"]["name"].is_string();
  }
  if (!e["ts"].is_number() || e["ts"] < 0) return false;
  if (kind == "X") return e["tid"].is_number_integer() && e["dur"].is_number() && e["dur"] >= 0;
  return kind == "C" && !e["args"].empty() &&
         std::all_of(e["args"].begin(), e["args"].end(),
                     [](const Json& value) { return value.is_number(); });
}

class Timeline : public ::testing::TestWithParam<const char*> {};

TEST_P(Timeline, SlicesOfATrackDoNotOverlap) {
  for (const auto& [name, slices] : tracks_of(run(GetParam()).trace)) {
    std::int64_t end = 0;
    for (const Json& s : slices) {
      ASSERT_GE(nanoseconds(s["ts"]), end) << name << " " << s;
      end = nanoseconds(s["ts"]) + nanoseconds(s["dur"]);
    }
  }
}

TEST_P(Timeline, IsChromeTraceFormat) {
  const Json trace = run(GetParam()).trace;
  EXPECT_EQ(trace["displayTimeUnit"], "ns");
  std::map<int, int> names, slices;
  std::map<std::string, double> counter_ts, counter;
  for (Json e : trace["traceEvents"]) {
    ASSERT_TRUE(is_event(e)) << e;
    if (e["name"] == "thread_name") ++names[e["tid"]];
    if (e["ph"] == "X") ++slices[e["tid"]];
    if (e["ph"] != "C") continue;
    ASSERT_GE(e["ts"], counter_ts[e["name"]]) << e;
    counter_ts[e["name"]] = e["ts"];
    counter[e["name"]] = e["args"].front();
  }
  EXPECT_GE(slices.size(), 6U);
  for (const auto& [tid, count] : slices) EXPECT_EQ(names[tid], 1) << "track " << tid;
  EXPECT_EQ(counter.size(), 2U);
  for (const auto& [name, last] : counter) EXPECT_EQ(last, 0) << name;
}

TEST_P(Timeline, CausesAndBytesAddUpToTheResult) {
  const Outputs o = run(GetParam());
  auto tracks = tracks_of(o.trace);
  std::map<std::string, std::int64_t> stalls;
  std::int64_t cycles = 0, busy = 0, bytes = 0;
  for (const Json& s : tracks["GEMM"]) cycles += s["args"]["cycles"].get<std::int64_t>();
  for (const Json& s : tracks["stalls"]) {
    stalls[s["name"]] += s["args"]["cycles"].get<std::int64_t>();
  }
  for (const Json& s : tracks["array"]) busy += s["args"]["cycles"].get<std::int64_t>();
  for (const char* track :
       {"load activations", "load weights", "load partial sums", "store outputs"}) {
    for (const Json& s : tracks[track]) bytes += s["args"]["bytes"].get<std::int64_t>();
  }
  EXPECT_EQ(cycles, o.result["totals"]["cycles"]);
  std::int64_t all_stalls = 0;
  for (const auto& [cause, length] : o.result["stalls"].items()) {
    if (cause == "compute") continue;
    EXPECT_EQ(stalls[cause], length) << cause;
    all_stalls += length.get<std::int64_t>();
  }
  EXPECT_EQ(cycles - all_stalls, o.result["stalls"]["compute"]);
  EXPECT_GE(busy, o.result["stalls"]["compute"]);
  EXPECT_EQ(bytes, o.result["totals"]["dram_read_bytes"].get<std::int64_t>() +
                       o.result["totals"]["dram_write_bytes"].get<std::int64_t>());
}

TEST_P(Timeline, RecordingChangesNoResultAndIsRepeatable) {
  Outputs one = run(GetParam());
  const Outputs two = run(GetParam());
  EXPECT_EQ(one.trace_text, two.trace_text);
  const Folder folder("untimed");
  shell(std::string("mixpe run ") + GetParam() + " --json " + (folder / "r.json"));
  EXPECT_EQ(one.result.erase("timelines"), 1U);  // what the report page draws
  EXPECT_EQ(one.result, Json::parse(file_text(folder / "r.json")));
}

// Each GEMM of these runs once: a timeline shows repetitions once.
INSTANTIATE_TEST_SUITE_P(
    Machines, Timeline,
    ::testing::Values(
        "mixpe_w4a8_64x64 traces/tiny.csv",
        "mixpe_w4a8_64x64 traces/tiny.csv --engine cycle --set clock=700MHz --set dequant.lanes=8",
        "mixpe_w4a8_64x64 traces/tiny.csv --set array.dataflow=ws --set array.rows=16",
        "fp16_64x64 traces/tiny.csv --scheme fp16 --set array.pass_overlap=false",
        "mixpe_w4a8_64x64 traces/llama2-7b_layer_prefill512.csv --set buffers.act.size=1MiB "
        "--set buffers.wgt.size=1MiB --set buffers.out.size=64KiB"));

TEST(TimelineOfARun, IsInAResultForTheReportPage) {
  const Folder folder("timeline_page");
  const std::string files = " --json " + (folder / "r.json") + " --timeline " + (folder / "t.json");
  const std::string arguments = "mixpe run mixpe_w4a8_64x64 traces/tiny.csv";
  ASSERT_EQ(shell(arguments + files).exit_code, 0);
  ASSERT_EQ(shell(arguments + " --report " + (folder / "run.html")).exit_code, 0);
  const auto report = [&](const char* to) {
    return shell("mixpe report " + (folder / "r.json") + " -o " + (folder / to)).exit_code;
  };
  ASSERT_EQ(report("with.html"), 0);
  EXPECT_EQ(file_text(folder / "with.html"), file_text(folder / "run.html"));
  ASSERT_EQ(shell(arguments + " --json " + (folder / "r.json")).exit_code, 0);
  ASSERT_EQ(report("without.html"), 0);
  EXPECT_THAT(file_text(folder / "without.html"), HasSubstr("\"timelines\":[]"));
}

TEST(TimelineOfARun, CountersStayWithinTheMachine) {
  const Outputs o =
      run("mixpe_w4a8_64x64 traces/llama2-7b_layer_prefill512.csv --timeline-gemm q_proj");
  double bandwidth = 0, utilization = 0;
  for (const Json& e : o.trace["traceEvents"]) {
    if (e["ph"] != "C") continue;
    double& most = e["name"] == "DRAM GB/s" ? bandwidth : utilization;
    most = std::max(most, e["args"]["value"].get<double>());
  }
  // 64 GB/s; a transfer of whole cycles is a little below. The array has nothing else to do.
  EXPECT_LE(bandwidth, 64);
  EXPECT_GT(bandwidth, 60);
  EXPECT_LE(utilization, 100);
  EXPECT_GT(utilization, 99);
  EXPECT_EQ(tracks_of(o.trace)["GEMM"].size(), 1U);
}

TEST(TimelineOfARun, RefusesNamesAndSizesWithAdvice) {
  const Outcome name = shell(
      "mixpe run mixpe_w4a8_64x64 traces/llama2-7b_layer_prefill512.csv --timeline t.json "
      "--timeline-gemm nothing");
  EXPECT_EQ(name.exit_code, 2);
  EXPECT_THAT(name.out, HasSubstr("--timeline-gemm: no GEMM of the workload has this op or layer; "
                                  "got nothing; allowed q_proj, k_proj"));
  const Outcome size = shell(
      "mixpe run mixpe_w4a8_64x64 traces/llama2-7b_layer_prefill512.csv --timeline t.json --set "
      "buffers.act.size=32KiB --set buffers.wgt.size=32KiB --set buffers.out.size=32KiB "
      "--set mapping.order=mnk --set mapping.tile.m=64 --set mapping.tile.n=64 --set "
      "mapping.tile.k=128 --set "
      "array.rows=16 --set array.cols=16 --set dequant.lanes=16");
  EXPECT_EQ(size.exit_code, 2);
  EXPECT_THAT(size.out, HasSubstr("--timeline: too many tiles"));
  EXPECT_THAT(size.out, HasSubstr("--timeline-gemm OP"));
  EXPECT_FALSE(std::filesystem::exists("t.json"));
  const Outcome none = shell("mixpe run mixpe_w4a8_64x64 traces/tiny.csv --timeline-gemm one");
  EXPECT_EQ(none.exit_code, 2);
}

}  // namespace
}  // namespace mixpe::testing
