#include "sim/mapping/cost.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace mixpe {
namespace {

EdgeState shifted(EdgeState s, std::int64_t by) {
  s.free += by;
  s.start += by;
  s.segment_start += by;
  s.boundary += by;
  s.overwrite += by;
  return s;
}

/// stream_tile() remembers nothing but `state`, which is cheap to compare: one remembered call for
/// each tile shape answers almost every call of a steady state.
class StreamMemo {
 public:
  StreamMemo(const ArrayTiming& array, const TileShape& shape) : array_(array), shape_(shape) {}

  TileTiming stream(std::int64_t ready, EdgeState& state) {
    const std::int64_t now = state.free;
    const EdgeState before = shifted(state, -now);
    if (!known_ || before != before_ || ready - now != ready_) {
      known_ = true;
      before_ = after_ = before;
      ready_ = ready - now;
      timing_ = stream_tile(array_, shape_, ready_, after_);
    }
    state = shifted(after_, now);
    TileTiming t = timing_;
    t.issue_end += now;
    t.complete += now;
    return t;
  }

 private:
  ArrayTiming array_;
  TileShape shape_;
  bool known_ = false;
  EdgeState before_, after_;
  std::int64_t ready_ = 0;
  TileTiming timing_;
};

/// Cycles of the transfers of each tile class; like TileGrid's bytes.
TileGrid::Bytes in_cycles(const TileGrid::Bytes& bytes, const TransferRate& rate) {
  TileGrid::Bytes cycles{};
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 2; ++j) cycles[i][j] = rate.cycles(bytes[i][j]);
  }
  return cycles;
}

/// DMA, buffers and array as a max-plus recurrence, walked along the loops of a tiling.
class Pipeline {
 public:
  Pipeline(const GemmProblem& problem, const TileGrid& grid);
  /// Stops early once the GEMM cannot end by `limit`.
  void run(std::int64_t batch, std::int64_t limit);
  std::int64_t end() const { return end_; }
  const CycleCauses& causes() const { return causes_; }

 private:
  /// Two tiles of an operand are live: the one in use and the one being loaded.
  struct Operand {
    std::int64_t released = 0;  ///< end of the last issue from the tile before the current one
    std::int64_t done = 0;      ///< the current tile has arrived
    bool operator==(const Operand&) const = default;
  };
  struct Store {
    bool pending = false;
    std::int64_t ready = 0, cycles = 0;
    bool operator==(const Store&) const = default;
  };
  struct Times {
    std::int64_t channel_free = 0;
    Operand act, wgt;
    std::int64_t out_done = 0;  ///< room, and psums if any, for the current output tile
    std::int64_t stored = 0;    ///< the last store has finished
    Store store;                ///< of the current output tile, behind the next step's loads
    /// The last value so far is in the output buffer; an earlier tile may be later than a narrow
    /// one behind it.
    std::int64_t complete = 0;
    EdgeState edge;
    bool operator==(const Times&) const = default;
  };

  template <typename Turn>
  void repeat(std::int64_t turns, Turn turn);
  void walk(std::size_t level);
  void step();
  int advancing_loop() const;
  std::int64_t transfer(std::int64_t ready, std::int64_t cycles);
  void load(Operand& operand, std::int64_t cycles);
  void store_pending();
  void wait(std::int64_t& idle_from, std::int64_t done, std::int64_t& cause);
  Times relative() const;
  void shift(std::int64_t by);

  const TileGrid& grid_;
  std::int64_t latency_;
  TileGrid::Bytes act_, wgt_, psum_, out_;  ///< in cycles
  std::array<StreamMemo, 8> memo_;
  Times t_;
  CycleCauses causes_;
  std::array<std::int64_t, 3> index_{};  ///< by Dim
  int advanced_ = -1;                    ///< the loop that led to this step; -1: a new instance
  std::int64_t limit_ = 0;
  std::int64_t end_ = 0;
};

template <std::size_t... I>
std::array<StreamMemo, 8> memos(const ArrayTiming& array, const TileGrid& grid,
                                std::index_sequence<I...>) {
  return {StreamMemo(array, grid.shape(I & 4, I & 2, I & 1))...};
}

Pipeline::Pipeline(const GemmProblem& p, const TileGrid& grid)
    : grid_(grid),
      latency_(p.memory.latency),
      act_(in_cycles(grid.act, p.memory)),
      wgt_(in_cycles(grid.wgt, p.memory)),
      psum_(in_cycles(grid.psum, p.memory)),
      out_(in_cycles(grid.out, p.memory)),
      memo_(memos(p.array, grid, std::make_index_sequence<8>())) {}

int Pipeline::advancing_loop() const {
  for (int level = 2; level >= 0; --level) {
    const Dim d = grid_.loop[static_cast<std::size_t>(level)];
    if (!grid_.last(d, index_[d])) return level;
  }
  return -1;
}

std::int64_t Pipeline::transfer(std::int64_t ready, std::int64_t cycles) {
  t_.channel_free = std::max(ready, t_.channel_free) + cycles;
  return t_.channel_free + latency_;
}

void Pipeline::load(Operand& operand, std::int64_t cycles) {
  operand.done = transfer(operand.released, cycles);
  operand.released = t_.edge.free;  // the tile in use until now was used by the previous step last
}

void Pipeline::store_pending() {
  if (!t_.store.pending) return;
  t_.stored = transfer(t_.store.ready, t_.store.cycles);
  t_.store = {};
}

void Pipeline::wait(std::int64_t& idle_from, std::int64_t done, std::int64_t& cause) {
  if (done <= idle_from) return;
  cause += done - idle_from;
  idle_from = done;
}

void Pipeline::step() {
  const bool last_m = grid_.last(kM, index_[kM]);
  const bool last_n = grid_.last(kN, index_[kN]);
  const bool last_k = grid_.last(kK, index_[kK]);
  const bool new_m = grid_.changes(kM, advanced_);
  const bool new_n = grid_.changes(kN, advanced_);
  const bool new_k = grid_.changes(kK, advanced_);
  if (new_m || new_n) {
    // The store before the pending one was that of the output tile before the last.
    t_.out_done = index_[kK] == 0 ? t_.stored : transfer(t_.stored, psum_[last_m][last_n]);
  }
  if (new_m || new_k) load(t_.act, act_[last_m][last_k]);
  if (new_n || new_k) load(t_.wgt, wgt_[last_n][last_k]);
  store_pending();

  std::int64_t idle_from = t_.edge.free;
  wait(idle_from, t_.out_done, causes_.wait_out);
  wait(idle_from, t_.act.done, causes_.wait_act);
  wait(idle_from, t_.wgt.done, causes_.wait_wgt);
  const std::int64_t ready = std::max({t_.out_done, t_.act.done, t_.wgt.done});
  const std::size_t shape = (last_m ? 4U : 0U) + (last_n ? 2U : 0U) + (last_k ? 1U : 0U);
  const TileTiming timing = memo_[shape].stream(ready, t_.edge);
  causes_.issue += timing.cycles;
  t_.complete = std::max(t_.complete, timing.complete);

  advanced_ = advancing_loop();
  if (grid_.changes(kM, advanced_) || grid_.changes(kN, advanced_)) {
    t_.store = {true, timing.complete, (last_k ? out_ : psum_)[last_m][last_n]};
  }
}

/// The times that still matter, counted from edge.free. A time that will only ever be compared with
/// a later one is moved up to it, so that equal futures look equal.
Pipeline::Times Pipeline::relative() const {
  Times r = t_;
  // stream_tile() compares `ready` with these three only, and a load's start with the channel.
  const std::int64_t ready = std::min({r.edge.free, r.edge.start, r.edge.segment_start});
  r.out_done = std::max(r.out_done, ready);
  r.act.done = std::max(r.act.done, ready);
  r.wgt.done = std::max(r.wgt.done, ready);
  r.act.released = std::max(r.act.released, r.channel_free);
  r.wgt.released = std::max(r.wgt.released, r.channel_free);
  r.stored = std::max(r.stored, std::min(r.channel_free, ready));
  const std::int64_t now = r.edge.free;
  r.complete = std::max(r.complete, now);  // what is to come completes later
  for (std::int64_t* time : {&r.channel_free, &r.act.released, &r.act.done, &r.wgt.released,
                             &r.wgt.done, &r.out_done, &r.stored, &r.store.ready, &r.complete}) {
    *time -= now;
  }
  if (!r.store.pending) r.store.ready = 0;
  r.edge = shifted(r.edge, -now);
  return r;
}

void Pipeline::shift(std::int64_t by) {
  for (std::int64_t* time :
       {&t_.channel_free, &t_.act.released, &t_.act.done, &t_.wgt.released, &t_.wgt.done,
        &t_.out_done, &t_.stored, &t_.store.ready, &t_.complete}) {
    *time += by;
  }
  t_.edge = shifted(t_.edge, by);
}

/// Runs turn(0) … turn(turns - 1). All but the first and the last move the same tiles with the same
/// flags, so they are a function of the pipeline's state alone: once a state (relative to now)
/// comes back, whole periods are added at once. The state compared with is renewed at each power of
/// two (Brent), which finds any period.
template <typename Turn>
void Pipeline::repeat(std::int64_t turns, Turn turn) {
  Times reference;
  CycleCauses causes;
  std::int64_t reference_turn = 0, reference_free = 0, renew = 1;
  bool searching = turns > 3;
  for (std::int64_t i = 0; i < turns && t_.edge.free <= limit_; ++i) {
    turn(i);
    if (!searching || i == 0 || i > turns - 2) continue;
    const Times now = relative();
    if (reference_turn > 0 && now == reference) {
      const std::int64_t period = i - reference_turn;
      const std::int64_t skipped = (turns - 2 - i) / period;
      causes_.add_difference(CycleCauses(causes_), causes, skipped);
      shift((t_.edge.free - reference_free) * skipped);
      i += skipped * period;
      searching = false;
    } else if (i == renew) {
      reference = now;
      causes = causes_;
      reference_turn = i;
      reference_free = t_.edge.free;
      renew *= 2;
    }
  }
}

void Pipeline::walk(std::size_t level) {
  if (level == 3) {
    step();
    return;
  }
  const Dim d = grid_.loop[level];
  repeat(grid_.trips[d], [&](std::int64_t i) {
    index_[d] = i;
    walk(level + 1);
  });
}

void Pipeline::run(std::int64_t batch, std::int64_t limit) {
  limit_ = limit;
  repeat(batch, [&](std::int64_t) { walk(0); });
  // WS steps stretched by the edge may outlast their last value.
  const std::int64_t array_end = std::max(t_.complete, t_.edge.free);
  causes_.issue.fill_drain += array_end - t_.edge.free;
  store_pending();
  end_ = std::max(t_.stored, array_end);
  causes_.store_tail += end_ - array_end;
}

/// Bytes or cycles of all tiles over dimensions (a, b), each once.
std::int64_t once_each(const TileGrid& grid, Dim a, Dim b, const TileGrid::Bytes& each) {
  std::int64_t total = 0;
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 2; ++j) {
      total += grid.count(a, i == 1) * grid.count(b, j == 1) * each[i][j];
    }
  }
  return total;
}

}  // namespace

CycleCauses& CycleCauses::operator+=(const CycleCauses& o) {
  add_difference(o, CycleCauses{}, 1);
  return *this;
}

void CycleCauses::add_difference(const CycleCauses& later, const CycleCauses& earlier,
                                 std::int64_t times) {
  issue.add_difference(later.issue, earlier.issue, times);
  wait_act += (later.wait_act - earlier.wait_act) * times;
  wait_wgt += (later.wait_wgt - earlier.wait_wgt) * times;
  wait_out += (later.wait_out - earlier.wait_out) * times;
  store_tail += (later.store_tail - earlier.store_tail) * times;
}

Cost traffic(const GemmProblem& p, const TileGrid& grid) {
  const auto of = [&](Dim a, Dim b, const TileGrid::Bytes& bytes) {
    return std::pair{once_each(grid, a, b, bytes),
                     once_each(grid, a, b, in_cycles(bytes, p.memory))};
  };
  const auto [act, act_cycles] = of(kM, kK, grid.act);
  const auto [wgt, wgt_cycles] = of(kN, kK, grid.wgt);
  const auto [psum, psum_cycles] = of(kM, kN, grid.psum);
  const auto [out, out_cycles] = of(kM, kN, grid.out);
  const std::int64_t act_visits = grid.visits(kN), wgt_visits = grid.visits(kM);
  const std::int64_t spills = grid.visits(kK) - 1;
  Cost c;
  c.steps = grid.steps() * p.task.batch;
  c.dram_read_bytes = p.task.batch * (act * act_visits + wgt * wgt_visits + psum * spills);
  c.dram_write_bytes = p.task.batch * (psum * spills + out);
  c.memory_cycles = p.task.batch * (act_cycles * act_visits + wgt_cycles * wgt_visits +
                                    2 * psum_cycles * spills + out_cycles);
  return c;
}

std::int64_t cycles_within(const GemmProblem& problem, const Tiling& tiling, std::int64_t limit) {
  const TileGrid grid(problem, tiling);
  Pipeline pipeline(problem, grid);
  pipeline.run(problem.task.batch, limit);
  return pipeline.end();
}

Cost evaluate(const GemmProblem& problem, const Tiling& tiling) {
  const TileGrid grid(problem, tiling);
  Pipeline pipeline(problem, grid);
  pipeline.run(problem.task.batch, std::numeric_limits<std::int64_t>::max());
  Cost c = traffic(problem, grid);
  c.cycles = pipeline.end();
  c.causes = pipeline.causes();
  check_invariant(c.causes.total() == c.cycles, "the causes of a GEMM's cycles add up to them");
  return c;
}

const char* bound_name(Bound bound) {
  constexpr std::array<const char*, 7> kNames = {"compute",     "edge",       "prescan", "dequant",
                                                 "weight_load", "fill_drain", "memory"};
  return kNames[static_cast<std::size_t>(bound)];
}

Bound bound_of(const Cost& cost) {
  const IssueCycles& i = cost.causes.issue;
  if (cost.memory_cycles >= i.total()) return Bound::kMemory;
  const std::array<std::pair<std::int64_t, Bound>, 6> causes = {
      {{i.compute + i.merge, Bound::kCompute},
       {i.edge, Bound::kEdge},
       {i.prescan, Bound::kPrescan},
       {i.dequant, Bound::kDequant},
       {i.weight_load, Bound::kWeightLoad},
       {i.fill_drain, Bound::kFillDrain}}};
  return std::max_element(causes.begin(), causes.end(),
                          [](const auto& a, const auto& b) { return a.first < b.first; })
      ->second;
}

}  // namespace mixpe
