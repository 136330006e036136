#include "models/array/array_timing.h"

#include <algorithm>
#include <utility>

#include "models/core/ceil_div.h"

namespace mixpe {
namespace {

/// A tile on its way through the edge.
struct Stream {
  const ArrayTiming& array;
  std::int64_t ready;
  EdgeState& state;
  IssueCycles cycles{};
  std::int64_t complete = 0;
};

void move_in_time(EdgeState& s, std::int64_t by) {
  s.free += by;
  s.start += by;
  s.segment_start += by;
  s.boundary += by;
  s.overwrite += by;
}

/// Runs `body` count times. Once two rounds in a row leave the same state but for a shift in time,
/// all later rounds do: a round depends on nothing but the state (`ready` lies behind after the
/// first).
template <typename Body>
void repeat(Stream& x, std::int64_t count, Body body) {
  EdgeState previous;
  // A wider pass before these may complete after them: its time does not move with the rounds.
  const std::int64_t complete_before = std::exchange(x.complete, 0);
  for (std::int64_t i = 0; i < count; ++i) {
    const IssueCycles cycles_before = x.cycles;
    const std::int64_t free_before = x.state.free;
    body();
    const std::int64_t period = x.state.free - free_before;
    EdgeState expected = previous;
    move_in_time(expected, period);
    if (i > 0 && x.state == expected) {
      const std::int64_t rest = count - 1 - i;
      x.cycles.add_difference(x.cycles, cycles_before, rest);
      move_in_time(x.state, period * rest);
      x.complete += period * rest;
      break;
    }
    previous = x.state;
  }
  x.complete = std::max(x.complete, complete_before);
}

/// Delays `start` to `earliest` and books the cycles under `cause`.
void wait_until(std::int64_t& start, std::int64_t earliest, std::int64_t& cause) {
  if (earliest <= start) return;
  cause += earliest - start;
  start = earliest;
}

/// Output-stationary: k elements of every active row and column, then the sums leave.
void os_segment(Stream& x, std::int64_t k, std::int64_t rows, std::int64_t cols, bool ends_pass) {
  const ArrayTiming& a = x.array;
  EdgeState& s = x.state;
  const std::int64_t step = a.step_cycles();
  const std::int64_t steps = ceil_div(k, a.lanes_k);
  const std::int64_t duration = steps * step + a.merge_cycles;

  std::int64_t start = std::max(x.ready, s.free);
  if (!s.empty) {
    // The lanes are still busy with the previous sums until `drain` cycles after their boundary; a
    // shorter pass (edge_tiles: actual) reaches its own last row sooner by the difference in rows.
    const std::int64_t next_boundary =
        s.boundary + s.drain + std::max<std::int64_t>(0, s.rows - rows);
    wait_until(start, next_boundary - duration, x.cycles.dequant);
  }
  if (a.prescan) {
    const std::int64_t scan_from = s.empty ? x.ready : std::max(x.ready, s.start);
    wait_until(start, scan_from + steps * step, x.cycles.prescan);
  }
  const std::int64_t end = start + duration;
  x.cycles.compute += steps * a.ii;
  x.cycles.edge += steps * (step - a.ii);
  x.cycles.merge += a.merge_cycles;

  const std::int64_t output_rows = rows * a.lanes_m;
  const std::int64_t drained = end + a.sum_latency() + (rows - 1) + a.column_skew(cols) +
                               (output_rows - 1) * a.drain_interval + 1;
  x.complete = std::max(x.complete, drained + a.lane_latency);
  s.empty = false;
  s.start = s.segment_start = start;
  s.boundary = end;
  s.overwrite = end;  // means nothing here, but repeat() compares all times
  s.drain = std::max(output_rows * a.drain_interval, a.lane_accumulate);
  s.rows = s.boundary_rows = rows;
  s.free = ends_pass && !a.pass_overlap ? drained : end;
  x.cycles.fill_drain += s.free - end;
}

/// One pass: the segments of k for one block of outputs.
void os_pass(Stream& x, const TileShape& tile, std::int64_t rows, std::int64_t cols) {
  const std::int64_t segment = tile.group == 0 ? tile.k : std::min(tile.group, tile.k);
  const std::int64_t full = (tile.k - 1) / segment;  // the last segment, full or not, ends the pass
  repeat(x, full, [&] { os_segment(x, segment, rows, cols, false); });
  os_segment(x, tile.k - full * segment, rows, cols, true);
}

void os_tile(Stream& x, const TileShape& tile) {
  const ArrayTiming& a = x.array;
  const std::int64_t block_m = a.rows * a.lanes_m;
  const std::int64_t block_n = a.cols * a.lanes_n;
  const bool actual = a.edge_tiles == EdgeTiles::kActual;
  const std::int64_t full_n = (tile.n - 1) / block_n;
  const std::int64_t last_cols = actual ? ceil_div(tile.n - full_n * block_n, a.lanes_n) : a.cols;
  const auto row_of_passes = [&](std::int64_t rows) {
    repeat(x, full_n, [&] { os_pass(x, tile, rows, a.cols); });
    os_pass(x, tile, rows, last_cols);
  };
  const std::int64_t full_m = (tile.m - 1) / block_m;
  repeat(x, full_m, [&] { row_of_passes(a.rows); });
  row_of_passes(actual ? ceil_div(tile.m - full_m * block_m, a.lanes_m) : a.rows);
}

struct KTile {
  std::int64_t rows;     ///< active PE rows
  std::int64_t cols;     ///< active PE columns
  std::int64_t outputs;  ///< rows of m streamed
  std::int64_t scan;     ///< cycles of the exponent scan of its segment
  bool begins_segment, ends_segment;
};

/// Weight-stationary: `outputs` rows of m stream past the weights of one K-tile.
void ws_ktile(Stream& x, const KTile& t) {
  const ArrayTiming& a = x.array;
  EdgeState& s = x.state;
  const std::int64_t step = a.step_cycles();
  const std::int64_t steps = ceil_div(t.outputs, a.lanes_m);
  const std::int64_t lane_step = std::max(step, a.drain_interval * a.lanes_m);

  std::int64_t start = std::max(x.ready, s.free);
  // Double-buffered weights shift in behind the previous K-tile's; otherwise after its last step.
  const bool background = a.weight_double_buffering && a.pass_overlap && !s.empty;
  const std::int64_t load_from = background ? std::max(x.ready, s.start) : start;
  wait_until(start, load_from + t.rows * a.weight_row_cycles, x.cycles.weight_load);
  if (!s.empty) {
    // A K-tile of fewer rows (edge_tiles: actual) would overtake the sums of a taller one.
    const std::int64_t shorter = std::max<std::int64_t>(0, s.rows - t.rows) * a.row_hop();
    if (a.pass_overlap) wait_until(start, s.free + shorter, x.cycles.fill_drain);
    const std::int64_t shift = std::max<std::int64_t>(0, s.boundary_rows - t.rows) * a.row_hop();
    wait_until(start, s.overwrite + shift, x.cycles.dequant);
    if (t.ends_segment) wait_until(start, s.boundary + s.drain + shift, x.cycles.dequant);
  }
  if (a.prescan && t.begins_segment) {
    const std::int64_t scan_from = s.empty ? x.ready : std::max(x.ready, s.segment_start);
    wait_until(start, scan_from + t.scan, x.cycles.prescan);
  }
  const std::int64_t end = start + steps * step;
  x.cycles.compute += steps * a.ii;
  x.cycles.edge += steps * (step - a.ii);

  const std::int64_t first_out =
      start + (t.rows - 1) * a.row_hop() + a.product_latency + a.row_hop() - 1;
  const std::int64_t last_column = first_out + t.cols * a.lanes_n - 1;
  std::int64_t drained = last_column + (steps - 1) * step + 1;
  if (t.ends_segment) {
    const std::int64_t waiting = (a.lanes_m - 1) * a.drain_interval;
    drained = last_column + (steps - 1) * lane_step + waiting + 1;
    x.complete = std::max(x.complete, drained + a.lane_latency);
    s.boundary = start;
    s.drain = std::max(steps * lane_step, a.lane_accumulate);
    s.overwrite = lane_step > step ? start + (steps - 1) * (lane_step - step) + waiting + 1 : end;
    s.boundary_rows = t.rows;
  }
  if (t.begins_segment) s.segment_start = start;
  s.empty = false;
  s.start = start;
  s.rows = t.rows;
  // A last step that the edge stretches may outlast the values' way through a small array.
  // Without overlap a pass also ends after the accumulators' last read-modify-write.
  const std::int64_t accumulated = last_column + (steps - 1) * step + a.accumulator_cycles;
  s.free = a.pass_overlap ? end : std::max({end, drained, accumulated});
  x.cycles.fill_drain += s.free - end;
}

/// One segment of k elements for a chunk of outputs: its K-tiles, the last one possibly short.
void ws_segment(Stream& x, std::int64_t k, std::int64_t outputs, std::int64_t cols) {
  const ArrayTiming& a = x.array;
  const std::int64_t block_k = a.rows * a.lanes_k;
  const std::int64_t tiles = ceil_div(k, block_k);
  const std::int64_t last_k = k - (tiles - 1) * block_k;
  const std::int64_t last_rows =
      a.edge_tiles == EdgeTiles::kActual ? ceil_div(last_k, a.lanes_k) : a.rows;
  KTile t{a.rows, cols, outputs, 0, true, false};
  t.scan = tiles * ceil_div(outputs, a.lanes_m) * a.step_cycles();
  if (tiles > 1) {
    ws_ktile(x, t);
    t.begins_segment = false;
    repeat(x, tiles - 2, [&] { ws_ktile(x, t); });
  }
  t.rows = last_rows;
  t.ends_segment = true;
  ws_ktile(x, t);
}

void ws_tile(Stream& x, const TileShape& tile) {
  const ArrayTiming& a = x.array;
  const std::int64_t block_n = a.cols * a.lanes_n;
  const std::int64_t segment = tile.group == 0 ? tile.k : std::min(tile.group, tile.k);
  const std::int64_t full_segments = (tile.k - 1) / segment;
  const auto chunk = [&](std::int64_t outputs, std::int64_t cols) {
    repeat(x, full_segments, [&] { ws_segment(x, segment, outputs, cols); });
    ws_segment(x, tile.k - full_segments * segment, outputs, cols);
  };
  const std::int64_t full_chunks = (tile.m - 1) / a.accumulator_rows;
  const auto column_block = [&](std::int64_t cols) {
    repeat(x, full_chunks, [&] { chunk(a.accumulator_rows, cols); });
    chunk(tile.m - full_chunks * a.accumulator_rows, cols);
  };
  const std::int64_t full_n = (tile.n - 1) / block_n;
  repeat(x, full_n, [&] { column_block(a.cols); });
  const std::int64_t last_n = tile.n - full_n * block_n;
  column_block(a.edge_tiles == EdgeTiles::kActual ? ceil_div(last_n, a.lanes_n) : a.cols);
}

}  // namespace

IssueCycles& IssueCycles::operator+=(const IssueCycles& o) {
  add_difference(o, {}, 1);
  return *this;
}

void IssueCycles::add_difference(const IssueCycles& later, const IssueCycles& earlier,
                                 std::int64_t times) {
  compute += (later.compute - earlier.compute) * times;
  edge += (later.edge - earlier.edge) * times;
  merge += (later.merge - earlier.merge) * times;
  prescan += (later.prescan - earlier.prescan) * times;
  dequant += (later.dequant - earlier.dequant) * times;
  weight_load += (later.weight_load - earlier.weight_load) * times;
  fill_drain += (later.fill_drain - earlier.fill_drain) * times;
}

std::int64_t ArrayTiming::step_cycles() const {
  const std::int64_t step = std::max(ii, edge_ii);
  return dataflow == Dataflow::kWeightStationary ? std::max(step, accumulator_cycles) : step;
}

std::int64_t ArrayTiming::column_skew(std::int64_t pe_columns) const {
  // Lane l starts when the PE of its first column, l * m, has captured; its columns follow.
  const std::int64_t last = pe_columns * lanes_n - 1;
  const std::int64_t lane = last / drain_interval;
  const auto lane_end = [&](std::int64_t l, std::int64_t column) {
    return l * drain_interval / lanes_n + column - l * drain_interval;
  };
  const std::int64_t last_lane = lane_end(lane, last);
  // With several columns per PE the lane before, if it serves more columns, may end later.
  return lane == 0 ? last_lane : std::max(last_lane, lane_end(lane - 1, lane * drain_interval - 1));
}

TileTiming stream_tile(const ArrayTiming& array, const TileShape& tile, std::int64_t ready,
                       EdgeState& state) {
  Stream x{array, ready, state};
  if (array.dataflow == Dataflow::kOutputStationary) {
    os_tile(x, tile);
  } else {
    ws_tile(x, tile);
  }
  return {state.free, x.complete, x.cycles};
}

}  // namespace mixpe
