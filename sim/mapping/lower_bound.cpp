#include "sim/mapping/lower_bound.h"

#include <algorithm>

#include "models/core/ceil_div.h"

namespace mixpe {
namespace {

/// Elements of the last block of `size`, which may be short.
std::int64_t last_block(std::int64_t size, std::int64_t block) {
  return size - (ceil_div(size, block) - 1) * block;
}

/// Segments of one pass over K: `full` of `length` and one of `tail`.
struct Segments {
  std::int64_t length, full, tail;
  std::int64_t count() const { return full + 1; }
};

Segments segments(const GemmTask& task) {
  const std::int64_t length = task.segment == 0 ? task.k : std::min(task.segment, task.k);
  const std::int64_t full = (task.k - 1) / length;
  return {length, full, task.k - full * length};
}

ArrayFloor os_floor(const GemmProblem& p) {
  const ArrayTiming& a = p.array;
  const GemmTask& t = p.task;
  const bool actual = a.edge_tiles == EdgeTiles::kActual;
  const std::int64_t block_m = a.rows * a.lanes_m, block_n = a.cols * a.lanes_n;
  const std::int64_t rows = actual ? ceil_div(last_block(t.m, block_m), a.lanes_m) : a.rows;
  const std::int64_t cols = actual ? ceil_div(last_block(t.n, block_n), a.lanes_n) : a.cols;
  const std::int64_t passes = ceil_div(t.m, block_m) * ceil_div(t.n, block_n) * t.batch;
  const Segments s = segments(t);

  const auto duration = [&](std::int64_t k) {
    return ceil_div(k, a.lanes_k) * a.step_cycles() + a.merge_cycles;
  };
  const std::int64_t output_rows = rows * a.lanes_m;
  const std::int64_t drain = std::max(output_rows * a.drain_interval, a.lane_accumulate);
  const std::int64_t flush =
      a.sum_latency() + (rows - 1) + a.column_skew(cols) + (output_rows - 1) * a.drain_interval + 1;
  const std::int64_t fill = a.pass_overlap ? 0 : flush;  // a pass ends with its last value out
  const std::int64_t first = s.full > 0 ? s.length : s.tail;
  const std::int64_t begin = std::max(duration(first) + fill, drain);
  std::int64_t pass = begin;
  if (s.full > 0) {
    pass += (s.full - 1) * std::max(duration(s.length), drain) + std::max(duration(s.tail), drain);
  }
  ArrayFloor floor;
  floor.issue = passes * pass - (begin - duration(first) - fill);
  floor.tail = a.lane_latency + (a.pass_overlap ? flush : 0);
  return floor;
}

ArrayFloor ws_floor(const GemmProblem& p) {
  const ArrayTiming& a = p.array;
  const GemmTask& t = p.task;
  const std::int64_t block_k = a.rows * a.lanes_k;
  const Segments s = segments(t);
  const std::int64_t folds = s.full * ceil_div(s.length, block_k) + ceil_div(s.tail, block_k);
  const std::int64_t blocks_n = ceil_div(t.n, a.cols * a.lanes_n) * t.batch;
  const std::int64_t chunks = ceil_div(t.m, a.accumulator_rows);
  const std::int64_t steps = ceil_div(t.m, a.lanes_m);
  std::int64_t rows = a.rows;  // of the shortest K-tile: the last of a full segment or of the tail
  std::int64_t cols = a.cols;
  if (a.edge_tiles == EdgeTiles::kActual) {
    rows = ceil_div(last_block(s.tail, block_k), a.lanes_k);
    if (s.full > 0) rows = std::min(rows, ceil_div(last_block(s.length, block_k), a.lanes_k));
    cols = ceil_div(last_block(t.n, a.cols * a.lanes_n), a.lanes_n);
  }
  const std::int64_t streams = blocks_n * folds * steps * a.step_cycles();
  const std::int64_t load = rows * a.weight_row_cycles;
  const std::int64_t loads = blocks_n * folds * chunks * load;
  const std::int64_t lane_step = std::max(a.step_cycles(), a.drain_interval * a.lanes_m);
  // Drains lie between boundaries; the last one's may still run when the edge is done.
  const std::int64_t tallest = ceil_div(std::min(t.m, a.accumulator_rows), a.lanes_m);
  const std::int64_t drains =
      blocks_n * s.count() * std::max(steps * lane_step, chunks * a.lane_accumulate) -
      std::max(tallest * lane_step, a.lane_accumulate);
  // From a K-tile's first step to its last output, with a single step in the shortest case.
  const std::int64_t through =
      (rows - 1) * a.row_hop() + a.product_latency + a.row_hop() + cols * a.lanes_n - 1;
  ArrayFloor floor;
  if (a.pass_overlap) {
    floor.issue = a.weight_double_buffering ? std::max(streams + load, loads) : streams + loads;
    floor.tail = a.lane_latency + through - a.step_cycles();
  } else {
    const std::int64_t flush = std::max<std::int64_t>(0, through - a.step_cycles());
    floor.issue = streams + loads + blocks_n * folds * chunks * flush;
    // The edge is free after its last step and the accumulators' last access, at the latest.
    floor.tail = a.lane_latency +
                 std::min({std::int64_t{0}, through - a.step_cycles(), 1 - a.accumulator_cycles});
  }
  floor.issue = std::max(floor.issue, drains);
  return floor;
}

}  // namespace

ArrayFloor array_floor(const GemmProblem& p) {
  return p.array.dataflow == Dataflow::kOutputStationary ? os_floor(p) : ws_floor(p);
}

}  // namespace mixpe
