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

std::int64_t nanoseconds(const Json& microseconds) {
  return std::llround(1000 * microseconds.get<double>());
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
  const Outputs one = run(GetParam()), two = run(GetParam());
  EXPECT_EQ(one.trace_text, two.trace_text);
  const Folder folder("untimed");
  shell(std::string("mixpe run ") + GetParam() + " --json " + (folder / "r.json"));
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
