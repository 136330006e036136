#include "sim/report/timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "generated/version.h"

namespace mixpe {
namespace {

using Json = nlohmann::ordered_json;

enum TrackIndex : std::size_t { kAct, kWgt, kPsums, kArray, kStalls, kLanes, kStores, kTracks };
constexpr const char* kTrackNames[kTracks] = {
    "load activations", "load weights",  "load partial sums", "array",
    "stalls",           "dequant lanes", "store outputs"};

/// Appends slices that follow one another.
class Stalls {
 public:
  explicit Stalls(Track& track) : track_(track) {}
  void add(std::int64_t& at, std::int64_t cycles, const char* cause, std::size_t tile) {
    if (cycles > 0) track_.slices.push_back({at, at + cycles, tile, cause});
    at += cycles;
  }

 private:
  Track& track_;
};

void add_transfer(Track& track, const TransferSlice& t, std::size_t tile) {
  if (t.bytes > 0) track.slices.push_back({t.begin, t.end, tile, nullptr, t.bytes});
}

void add_stalls(Track& track, const TimelineTile& tile, std::size_t index) {
  Stalls stalls(track);
  std::int64_t at = tile.idle_from;
  stalls.add(at, tile.wait_out, "wait_out", index);
  stalls.add(at, tile.wait_act, "wait_act", index);
  stalls.add(at, tile.wait_wgt, "wait_wgt", index);
  const IssueCycles& c = tile.timing.cycles;
  stalls.add(at, c.weight_load, "weight_load", index);
  stalls.add(at, c.prescan, "prescan", index);
  at += c.compute;
  stalls.add(at, c.edge, "edge", index);
  stalls.add(at, c.merge, "merge", index);
  stalls.add(at, c.dequant, "dequant", index);
  stalls.add(at, c.fill_drain, "fill_drain", index);
}

/// floor(cycle / hz) in ns: monotone, so slices that do not overlap in cycles do not in time.
std::int64_t nanoseconds(std::int64_t cycle, std::int64_t hz) {
  __extension__ using Wide = __int128;
  return static_cast<std::int64_t>(static_cast<Wide>(cycle) * 1'000'000'000 / hz);
}

std::string tile_name(const TileStep& s) { return fmt::format("m{} n{} k{}", s.m0, s.n0, s.k0); }

/// Writes the events of a trace, one a line.
class TraceWriter {
 public:
  explicit TraceWriter(std::int64_t hz) : hz_(hz) {}

  void name_track(std::size_t tid, const std::string& name) {
    event(Json{{"ph", "M"},
               {"pid", 1},
               {"tid", tid},
               {"name", "thread_name"},
               {"args", {{"name", name}}}});
    event(Json{{"ph", "M"},
               {"pid", 1},
               {"tid", tid},
               {"name", "thread_sort_index"},
               {"args", {{"sort_index", tid}}}});
  }
  /// `args`: JSON.
  void slice(std::size_t tid, std::int64_t begin, std::int64_t end, const std::string& name,
             const std::string& args) {
    const std::int64_t from = nanoseconds(begin, hz_);
    line(fmt::format(R"({{"ph":"X","pid":1,"tid":{},"ts":{},"dur":{},"name":{},"args":{}}})", tid,
                     microseconds(from), microseconds(nanoseconds(end, hz_) - from),
                     Json(name).dump(), args));
  }
  void counter(const char* name, std::int64_t at, double value) {
    line(fmt::format(R"({{"ph":"C","pid":1,"ts":{},"name":"{}","args":{{"value":{:.6g}}}}})",
                     microseconds(nanoseconds(at, hz_)), name, value));
  }
  void event(const Json& json) { line(json.dump()); }
  std::string take() { return std::move(text_); }

 private:
  /// Perfetto's importer takes the whole part of 1000 times the double: for 1.002 that is 1001 ns.
  /// Slices that then overlap by a nanosecond it drops, so this is the number that gives `ns` back.
  static std::string microseconds(std::int64_t ns) {
    double us = static_cast<double>(ns) / 1000;
    if (static_cast<std::int64_t>(us * 1000.0) < ns) us = std::nextafter(us, 2 * us);
    return fmt::format("{}", us);
  }
  void line(const std::string& json) { text_ += (text_.empty() ? "" : ",\n") + json; }

  std::int64_t hz_;
  std::string text_;
};

constexpr std::size_t kGemmTid = 1, kFirstTid = 2;

std::string slice_args(const TrackSlice& s, const TimelineTile& tile) {
  std::string args = fmt::format(R"({{"cycle":{},"cycles":{},"instance":{})", s.begin,
                                 s.end - s.begin, tile.instance);
  if (s.bytes > 0) args += fmt::format(R"(,"bytes":{})", s.bytes);
  return args + "}";
}

void write_track(TraceWriter& out, std::size_t tid, const Track& track, const TaskTimeline& task,
                 std::int64_t offset) {
  for (const TrackSlice& s : track.slices) {
    const TimelineTile& tile = task.recorded.tiles[s.tile];
    out.slice(tid, offset + s.begin, offset + s.end,
              s.cause != nullptr ? std::string(s.cause) : tile_name(tile.step),
              slice_args(s, tile));
  }
}

/// The counter holds a slice's value while it lasts and 0 between slices.
template <class Value>
void write_counter(TraceWriter& out, const char* name, std::span<const TrackSlice> slices,
                   std::int64_t offset, Value value) {
  for (std::size_t i = 0; i < slices.size(); ++i) {
    out.counter(name, offset + slices[i].begin, value(slices[i]));
    if (i + 1 == slices.size() || slices[i + 1].begin > slices[i].end) {
      out.counter(name, offset + slices[i].end, 0);
    }
  }
}

void write_counters(TraceWriter& out, const std::vector<Track>& all, const TaskTimeline& task,
                    std::int64_t offset) {
  std::vector<TrackSlice> transfers;
  for (const std::size_t t : {kAct, kWgt, kPsums, kStores}) {
    transfers.insert(transfers.end(), all[t].slices.begin(), all[t].slices.end());
  }
  const auto length = [](const TrackSlice& s) { return static_cast<double>(s.end - s.begin); };
  std::erase_if(transfers, [](const TrackSlice& s) { return s.begin == s.end; });
  std::stable_sort(transfers.begin(), transfers.end(),
                   [](const TrackSlice& a, const TrackSlice& b) { return a.begin < b.begin; });
  write_counter(out, "DRAM GB/s", transfers, offset, [&](const TrackSlice& s) {
    return static_cast<double>(s.bytes) / length(s) * static_cast<double>(task.problem.clock_hz) *
           1e-9;
  });
  write_counter(out, "array utilisation %", all[kArray].slices, offset, [&](const TrackSlice& s) {
    const TileShape& shape = task.recorded.tiles[s.tile].step.shape;
    const double macs =
        static_cast<double>(shape.m) * static_cast<double>(shape.n) * static_cast<double>(shape.k);
    return 100 * macs / (length(s) * task.peak_macs_per_cycle);
  });
}

std::string task_args(const TaskTimeline& t) {
  const GemmTask& task = t.problem.task;
  return Json{{"m", task.m},
              {"n", task.n},
              {"k", task.k},
              {"batch", task.batch},
              {"count", task.count},
              {"tiles", t.tiles},
              {"cycles", t.recorded.cycles}}
      .dump();
}

}  // namespace

std::vector<Track> tracks(const TaskTimeline& task) {
  std::vector<Track> all(kTracks);
  for (std::size_t t = 0; t < kTracks; ++t) all[t].name = kTrackNames[t];
  const GemmTimeline& recorded = task.recorded;
  std::int64_t lanes_free = 0;
  for (std::size_t i = 0; i < recorded.tiles.size(); ++i) {
    const TimelineTile& tile = recorded.tiles[i];
    add_transfer(all[kAct], tile.act_load, i);
    add_transfer(all[kWgt], tile.wgt_load, i);
    add_transfer(all[kPsums], tile.out_load, i);
    add_transfer(all[kStores], tile.out_store, i);
    all[kArray].slices.push_back({tile.issue_begin(), tile.timing.issue_end, i});
    add_stalls(all[kStalls], tile, i);
    const std::int64_t first_sum =
        tile.issue_begin() + first_segment_cycles(task.problem.array, tile.step.shape);
    const std::int64_t begin = std::max(first_sum, lanes_free);
    if (tile.timing.complete > begin) {
      all[kLanes].slices.push_back({begin, tile.timing.complete, i});
      lanes_free = tile.timing.complete;
    }
  }
  if (static_cast<std::int64_t>(recorded.tiles.size()) == task.tiles && !recorded.tiles.empty()) {
    Stalls stalls(all[kStalls]);
    const std::size_t last = recorded.tiles.size() - 1;
    std::int64_t at = recorded.tiles.back().timing.issue_end;
    stalls.add(at, recorded.array_end - at, "fill_drain", last);
    stalls.add(at, recorded.cycles - at, "store_tail", last);
  }
  std::erase_if(all[kArray].slices, [](const TrackSlice& s) { return s.begin == s.end; });
  return all;
}

std::string timeline_trace(const RunResult& result, std::span<const TaskTimeline> tasks) {
  TraceWriter out(result.arch.clock_hz);
  out.event(Json{{"ph", "M"},
                 {"pid", 1},
                 {"name", "process_name"},
                 {"args", {{"name", result.arch.name + ", " + result.workload}}}});
  out.name_track(kGemmTid, "GEMM");
  for (std::size_t t = 0; t < kTracks; ++t) out.name_track(kFirstTid + t, kTrackNames[t]);
  std::int64_t offset = 0;
  for (const TaskTimeline& task : tasks) {
    const std::vector<Track> all = tracks(task);
    out.slice(kGemmTid, offset, offset + task.recorded.cycles, task.name, task_args(task));
    for (std::size_t t = 0; t < kTracks; ++t) {
      write_track(out, kFirstTid + t, all[t], task, offset);
    }
    write_counters(out, all, task, offset);
    offset += task.recorded.cycles;
  }
  const Json about = {
      {"version", kVersion}, {"git_revision", kGitRevision}, {"clock_hz", result.arch.clock_hz}};
  return "{\"displayTimeUnit\":\"ns\",\"otherData\":" + about.dump() + ",\"traceEvents\":[\n" +
         out.take() + "\n]}\n";
}

nlohmann::ordered_json timeline_json(std::span<const TaskTimeline> tasks,
                                     std::size_t tiles_of_each) {
  const std::vector<NamedCycles> causes = named_causes({});
  const auto cause_number = [&](std::string_view name) {
    return std::find_if(causes.begin(), causes.end(),
                        [&](const NamedCycles& c) { return c.name == name; }) -
           causes.begin();
  };
  Json all = Json::array();
  for (TaskTimeline task : tasks) {
    task.recorded.tiles.resize(std::min(task.recorded.tiles.size(), tiles_of_each));
    const GemmTask& g = task.problem.task;
    Json one = {{"name", task.name},
                {"size", {g.m, g.n, g.k}},
                {"batch", g.batch},
                {"count", g.count},
                {"tiles", task.tiles},
                {"shown", task.recorded.tiles.size()},
                {"cycles", task.recorded.cycles},
                {"tracks", Json::array()}};
    for (const Track& track : tracks(task)) {
      Json slices = Json::array();
      for (const TrackSlice& s : track.slices) {
        Json slice = {s.begin, s.end - s.begin, s.tile};
        if (s.cause != nullptr) slice.push_back(cause_number(s.cause));
        slices.push_back(std::move(slice));
      }
      one["tracks"].push_back({{"name", track.name}, {"slices", std::move(slices)}});
    }
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace mixpe
