#include "sim/mapping/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <map>
#include <tuple>

#include "models/core/ceil_div.h"
#include "sim/mapping/lower.h"
#include "sim/mapping/lower_bound.h"

namespace mixpe {
namespace {

constexpr std::array<LoopOrder, 6> kOrders = {LoopOrder::kMNK, LoopOrder::kMKN, LoopOrder::kNMK,
                                              LoopOrder::kNKM, LoopOrder::kKMN, LoopOrder::kKNM};

/// Transfers over two dimensions of a tiling.
struct Moves {
  std::int64_t bytes = 0, cycles = 0;  ///< of all tiles, each once
  std::int64_t first = 0, last = 0;    ///< cycles of the first and of the last tile
};

/// `bytes_of(extent_a, extent_b, is it the last of b?)`.
template <typename BytesOf>
Moves moves(const TransferRate& rate, std::int64_t size_a, std::int64_t a, std::int64_t size_b,
            std::int64_t b, BytesOf bytes_of) {
  const std::int64_t trips_a = ceil_div(size_a, a), trips_b = ceil_div(size_b, b);
  const std::int64_t last_a = size_a - (trips_a - 1) * a, last_b = size_b - (trips_b - 1) * b;
  Moves m;
  const auto add = [&](std::int64_t count, std::int64_t extent_a, bool is_last_b) {
    const std::int64_t bytes = bytes_of(extent_a, is_last_b ? last_b : b, is_last_b);
    const std::int64_t cycles = rate.cycles(bytes);
    m.bytes += count * bytes;
    m.cycles += count * cycles;
    return cycles;
  };
  m.first = add((trips_a - 1) * (trips_b - 1), a, trips_b == 1);
  if (trips_b > 1) add(trips_b - 1, last_a, false);
  if (trips_a > 1) add(trips_a - 1, a, true);
  m.last = add(1, last_a, true);
  return m;
}

struct OutMoves {
  Moves psum, out;
};

Moves act_moves(const GemmProblem& p, std::int64_t m, std::int64_t k) {
  return moves(
      p.memory, p.task.m, m, p.task.k, k,
      [&](std::int64_t a, std::int64_t b, bool last_k) { return p.act_load_bytes(a, b, last_k); });
}
Moves wgt_moves(const GemmProblem& p, std::int64_t n, std::int64_t k) {
  return moves(
      p.memory, p.task.n, n, p.task.k, k,
      [&](std::int64_t a, std::int64_t b, bool last_k) { return p.wgt_load_bytes(a, b, last_k); });
}
OutMoves out_moves(const GemmProblem& p, std::int64_t m, std::int64_t n) {
  return {moves(p.memory, p.task.m, m, p.task.n, n,
                [&](std::int64_t a, std::int64_t b, bool) { return p.psum_bytes(a, b); }),
          moves(p.memory, p.task.m, m, p.task.n, n,
                [&](std::int64_t a, std::int64_t b, bool) { return p.out_bytes(a, b); })};
}

/// Which operands' tiles move again for every turn of the loop they do not depend on, and whether k
/// turns innermost: all of an order that TileGrid::visits() needs besides the trips.
struct Reuse {
  LoopOrder order = LoopOrder::kMNK;
  bool act = false, wgt = false, out = false;
  bool k_innermost = false;
};

/// `turning` is a mask of the dimensions with more than one tile.
Reuse reuse(LoopOrder order, std::size_t turning) {
  Reuse r;
  r.order = order;
  std::array<bool, 3> again{};
  bool turns_inside = false;
  const std::array<Dim, 3> loop = loops(order);
  for (std::size_t level = 3; level-- > 0;) {
    const Dim d = loop[level];
    const bool turns = (turning & (1U << d)) != 0;
    again[d] = turns_inside && turns;
    if (turns && !turns_inside) r.k_innermost = d == kK;
    turns_inside = turns_inside || turns;
  }
  r.act = again[kN];
  r.wgt = again[kM];
  r.out = again[kK];
  return r;
}

std::size_t turning(const std::array<std::int64_t, 3>& trips) {
  return (trips[kM] > 1 ? 1U : 0U) | (trips[kN] > 1 ? 2U : 0U) | (trips[kK] > 1 ? 4U : 0U);
}

/// The parts of a bound that do not depend on the loop order.
struct Parts {
  std::array<std::int64_t, 3> trips;
  Moves act, wgt;
  OutMoves out;
  std::int64_t last_compute;  ///< the last tile's steps
};

/// From the last tile's last step to the end.
std::int64_t ending(const GemmProblem& p, const ArrayFloor& floor, const Parts& x) {
  return floor.tail + x.out.out.last + p.memory.latency;
}

/// The first tiles arrive, the array does what it must, the last output is stored.
std::int64_t array_bound(const GemmProblem& p, const ArrayFloor& floor, const Parts& x) {
  return x.act.first + x.wgt.first + p.memory.latency + floor.issue + ending(p, floor, x);
}

struct Traffic {
  std::int64_t act, wgt, spills;  ///< how often all tiles of each move
};

Traffic traffic_of(const Parts& x, const Reuse& r) {
  return {r.act ? x.trips[kN] : 1, r.wgt ? x.trips[kM] : 1, r.out ? x.trips[kK] - 1 : 0};
}

/// One transfer at a time: the last step always loads something, and its loads come behind all
/// other transfers but the last two steps' stores; then it computes its tile; then its own store.
std::int64_t memory_bound(const GemmProblem& p, const ArrayFloor& floor, const Parts& x,
                          const Reuse& r) {
  const Traffic t = traffic_of(x, r);
  std::int64_t before_last = p.task.batch * (x.act.cycles * t.act + x.wgt.cycles * t.wgt +
                                             2 * t.spills * x.out.psum.cycles + x.out.out.cycles) -
                             x.out.out.last;
  const bool single_step = p.task.batch == 1 && turning(x.trips) == 0;
  if (!single_step && !r.k_innermost) {
    // No output tile is larger than the first.
    before_last -= std::max(x.out.out.first, t.spills > 0 ? x.out.psum.first : 0);
  }
  return before_last + p.memory.latency + x.last_compute + ending(p, floor, x);
}

std::int64_t dram_bytes(const GemmProblem& p, const Parts& x, const Reuse& r) {
  const Traffic t = traffic_of(x, r);
  return p.task.batch * (x.act.bytes * t.act + x.wgt.bytes * t.wgt +
                         2 * t.spills * x.out.psum.bytes + x.out.out.bytes);
}

/// Cycles in which the edge issues the steps of the last tile, its segments' short steps rounded
/// off in the tile's favour.
std::int64_t last_compute(const GemmProblem& p, const Tiling& t,
                          const std::array<std::int64_t, 3>& trips) {
  const ArrayTiming& a = p.array;
  const std::array<std::int64_t, 3> last = {p.task.m - (trips[kM] - 1) * t.m,
                                            p.task.n - (trips[kN] - 1) * t.n,
                                            p.task.k - (trips[kK] - 1) * t.k};
  const std::int64_t blocks_n = ceil_div(last[kN], a.cols * a.lanes_n);
  if (a.dataflow == Dataflow::kOutputStationary) {
    return ceil_div(last[kM], a.rows * a.lanes_m) * blocks_n * ceil_div(last[kK], a.lanes_k) *
           a.step_cycles();
  }
  return blocks_n * ceil_div(last[kK], a.rows * a.lanes_k) * ceil_div(last[kM], a.lanes_m) *
         a.step_cycles();
}

/// The tile sizes to try for each dimension, ascending, and the loop orders.
struct Candidates {
  std::array<std::vector<std::int64_t>, 3> sizes;
  std::vector<LoopOrder> orders;
};

constexpr std::array<char, 3> kTileKeys = {'m', 'n', 'k'};

Candidates candidates(const GemmProblem& p, const MappingSpec& mapping, const Diagnostic& where,
                      Diagnostics& diagnostics) {
  Candidates c;
  const std::array<std::int64_t, 3> size = p.size(), granule = p.granule();
  const std::array<std::int64_t, 3> given = {mapping.tile_m, mapping.tile_n, mapping.tile_k};
  for (std::size_t d = 0; d < 3; ++d) {
    if (!mapping.given || given[d] == 0) {
      for (std::int64_t s = granule[d]; s < size[d]; s += granule[d]) c.sizes[d].push_back(s);
      c.sizes[d].push_back(size[d]);
      continue;
    }
    if (given[d] < 0 || (given[d] < size[d] && given[d] % granule[d] != 0)) {
      diagnostics.add(
          {mapping.tile_at[d], fmt::format("mapping.tile.{}", kTileKeys[d]),
           fmt::format("{}: the array cannot work on tiles of this size", where.what),
           fmt::format("{}", given[d]),
           fmt::format("multiples of {}, or the whole dimension {}", granule[d], size[d])});
    }
    c.sizes[d].push_back(std::min(given[d], size[d]));
  }
  c.orders.assign(kOrders.begin(), kOrders.end());
  if (mapping.given && !mapping.order.empty()) {
    const std::optional<LoopOrder> order = parse_order(mapping.order);
    check_invariant(order.has_value(), "the configuration knows the loop orders");
    c.orders = {*order};
  }
  return c;
}

/// Orders that differ in the place of loops with one turn only are the same: the first stands for
/// them. Indexed by a mask of the dimensions that turn.
std::array<std::vector<Reuse>, 8> distinct_orders(const std::vector<LoopOrder>& orders) {
  std::array<std::vector<Reuse>, 8> result;
  for (std::size_t mask = 0; mask < 8; ++mask) {
    std::vector<std::vector<Dim>> seen;
    for (const LoopOrder order : orders) {
      std::vector<Dim> dims;
      for (const Dim d : loops(order)) {
        if (mask & (1U << d)) dims.push_back(d);
      }
      if (std::find(seen.begin(), seen.end(), dims) != seen.end()) continue;
      seen.push_back(dims);
      result[mask].push_back(reuse(order, mask));
    }
  }
  return result;
}

struct Candidate {
  Tiling tiling;
  std::int64_t bound = 0, bytes = 0, steps = 0;
  std::int64_t cycles = -1;  ///< not known yet
};

class Search {
 public:
  Search(const GemmProblem& problem, const Candidates& candidates)
      : p_(problem), c_(candidates), floor_(array_floor(problem)) {}

  /// None if no candidate fits.
  std::optional<Tiling> run(std::int64_t slack_ppm, SearchEffort& effort);
  /// visit(Candidate) for every candidate that fits and whose bound is at most limit(), in the
  /// fixed order.
  template <typename Limit, typename Visit>
  void for_each(Limit limit, Visit visit) const;

 private:
  std::int64_t exact(Candidate& c, std::int64_t limit, SearchEffort& effort) const;

  const GemmProblem& p_;
  const Candidates& c_;
  ArrayFloor floor_;
};

template <typename Limit, typename Visit>
void Search::for_each(Limit limit, Visit visit) const {
  const auto& [sizes_m, sizes_n, sizes_k] = c_.sizes;
  const std::array<std::vector<Reuse>, 8> orders = distinct_orders(c_.orders);
  // What fits shrinks as sizes grow, so each table is cut off at the first tile that does not.
  std::vector<std::vector<Moves>> act(sizes_m.size()), wgt(sizes_n.size());
  for (std::size_t i = 0; i < sizes_m.size(); ++i) {
    for (const std::int64_t k : sizes_k) {
      if (!p_.act_fits(sizes_m[i], k)) break;
      act[i].push_back(act_moves(p_, sizes_m[i], k));
    }
  }
  for (std::size_t i = 0; i < sizes_n.size(); ++i) {
    for (const std::int64_t k : sizes_k) {
      if (!p_.wgt_fits(sizes_n[i], k)) break;
      wgt[i].push_back(wgt_moves(p_, sizes_n[i], k));
    }
  }
  const std::array<std::int64_t, 3> size = p_.size();
  Candidate c;
  Tiling& t = c.tiling;
  for (std::size_t im = 0; im < sizes_m.size(); ++im) {
    t.m = sizes_m[im];
    for (std::size_t in = 0; in < sizes_n.size(); ++in) {
      t.n = sizes_n[in];
      if (!p_.out_fits(t.m, t.n)) break;
      Parts x;
      x.out = out_moves(p_, t.m, t.n);
      const std::size_t fitting = std::min(act[im].size(), wgt[in].size());
      for (std::size_t ik = 0; ik < fitting; ++ik) {
        t.k = sizes_k[ik];
        x.act = act[im][ik];
        x.wgt = wgt[in][ik];
        const std::int64_t array = array_bound(p_, floor_, x);
        if (array > limit()) break;  // a larger first tile arrives no sooner
        x.trips = {ceil_div(size[kM], t.m), ceil_div(size[kN], t.n), ceil_div(size[kK], t.k)};
        x.last_compute = last_compute(p_, t, x.trips);
        c.steps = x.trips[kM] * x.trips[kN] * x.trips[kK] * p_.task.batch;
        for (const Reuse& r : orders[turning(x.trips)]) {
          t.order = r.order;
          c.bound = std::max(array, memory_bound(p_, floor_, x, r));
          if (c.bound > limit()) continue;
          c.bytes = dram_bytes(p_, x, r);
          visit(c);
        }
      }
    }
  }
}

std::int64_t Search::exact(Candidate& c, std::int64_t limit, SearchEffort& effort) const {
  if (c.cycles < 0) {
    c.cycles = cycles_within(p_, c.tiling, limit);
    ++effort.evaluated;
  }
  return c.cycles;
}

/// The criterion of the header without cycles. Stable sorting adds the fixed order.
bool cheaper(const Candidate& a, const Candidate& b) {
  return std::tie(a.bytes, a.steps) < std::tie(b.bytes, b.steps);
}

std::optional<Tiling> Search::run(std::int64_t slack_ppm, SearchEffort& effort) {
  // Promising candidates first: their exact cycles are what all bounds are held against. The best
  // bound of each magnitude of step count, because small tiles may lose to the memory's latency and
  // large ones to their first load, neither of which the bound knows in full.
  constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();
  std::array<std::optional<Candidate>, 64> seeds;
  for_each(
      [] { return kUnlimited; },
      [&](const Candidate& c) {
        std::optional<Candidate>& seed =
            seeds[static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(c.steps)))];
        if (!seed || c.bound < seed->bound || (c.bound == seed->bound && cheaper(c, *seed))) {
          seed = c;
        }
        ++effort.bounded;
      });
  if (effort.bounded == 0) return std::nullopt;
  std::int64_t best = kUnlimited;
  for (std::optional<Candidate>& seed : seeds) {
    if (seed && seed->bound < best) best = std::min(best, exact(*seed, best, effort));
  }
  const auto limit = [&] {
    return best + static_cast<std::int64_t>(static_cast<long double>(best) *
                                            static_cast<long double>(slack_ppm) / 1e6L);
  };
  std::vector<Candidate> hopeful;
  for_each(limit, [&](const Candidate& c) { hopeful.push_back(c); });
  effort.hopeful = static_cast<std::int64_t>(hopeful.size());

  std::vector<std::size_t> by_bound(hopeful.size());
  for (std::size_t i = 0; i < by_bound.size(); ++i) by_bound[i] = i;
  std::stable_sort(by_bound.begin(), by_bound.end(), [&](std::size_t a, std::size_t b) {
    return hopeful[a].bound < hopeful[b].bound ||
           (hopeful[a].bound == hopeful[b].bound && cheaper(hopeful[a], hopeful[b]));
  });
  for (const std::size_t i : by_bound) {
    if (hopeful[i].bound >= best) break;  // nothing left can be faster
    best = std::min(best, exact(hopeful[i], limit(), effort));
  }

  std::stable_sort(hopeful.begin(), hopeful.end(), cheaper);
  for (Candidate& c : hopeful) {
    if (c.bound <= limit() && exact(c, limit(), effort) <= limit()) return c.tiling;
  }
  throw InvariantError("the search lost its best candidate");
}

}  // namespace

std::int64_t cycles_lower_bound(const GemmProblem& p, const Tiling& t) {
  const std::array<std::int64_t, 3> trips = TileGrid(p, t).trips;
  const Parts x{trips, act_moves(p, t.m, t.k), wgt_moves(p, t.n, t.k), out_moves(p, t.m, t.n),
                last_compute(p, t, trips)};
  const ArrayFloor floor = array_floor(p);
  return std::max(array_bound(p, floor, x),
                  memory_bound(p, floor, x, reuse(t.order, turning(trips))));
}

std::optional<Tiling> best_tiling(const GemmProblem& problem, const MappingSpec& mapping,
                                  const Diagnostic& where, Diagnostics& diagnostics,
                                  SearchEffort* effort) {
  const std::size_t mistakes = diagnostics.list().size();
  const Candidates c = candidates(problem, mapping, where, diagnostics);
  if (diagnostics.list().size() == mistakes) {
    const Tiling smallest{c.sizes[kM].front(), c.sizes[kN].front(), c.sizes[kK].front(),
                          c.orders.front()};
    const Diagnostic given{mapping.tile_at[kM], "mapping.tile", where.what, "", ""};
    check_fits(problem, smallest, mapping.given ? given : where, diagnostics);
  }
  if (diagnostics.list().size() != mistakes) return std::nullopt;
  SearchEffort ignored;
  return Search(problem, c).run(mapping.cycle_slack_ppm, effort == nullptr ? ignored : *effort);
}

std::vector<Tiling> all_tilings(const GemmProblem& problem, const MappingSpec& mapping) {
  Diagnostics diagnostics;
  const Candidates c = candidates(problem, mapping, {}, diagnostics);
  std::vector<Tiling> all;
  Search(problem, c)
      .for_each([] { return std::numeric_limits<std::int64_t>::max(); },
                [&](const Candidate& x) { all.push_back(x.tiling); });
  return all;
}

std::vector<ScheduledGemm> map_workload(const Workload& workload, const ArchSpec& arch) {
  const std::vector<GemmTask> tasks = lower(workload, arch);
  Diagnostics diagnostics;
  std::vector<ScheduledGemm> scheduled;
  scheduled.reserve(tasks.size());
  // Layers repeat: equal tasks of equal quantisation are mapped once.
  std::map<std::array<std::int64_t, 6>, std::size_t> known;
  int refused = -1;
  for (const GemmTask& task : tasks) {
    const Gemm& gemm = workload.gemms[static_cast<std::size_t>(task.gemm)];
    const GemmQuant& quant = workload.quants[static_cast<std::size_t>(gemm.quant)];
    const Diagnostic where = at_gemm(gemm);
    ScheduledGemm s;
    s.mode = select_mode(arch, quant, where, diagnostics);
    check_invariant(s.mode != nullptr, "lower() has checked that the machine runs the scheme");
    s.problem = make_problem(arch, quant, *s.mode, task);
    const auto [found, is_new] = known.try_emplace(
        {task.m, task.n, task.k, task.batch, task.segment, gemm.quant}, scheduled.size());
    if (!is_new) {
      s.tiling = scheduled[found->second].tiling;
      s.cost = scheduled[found->second].cost;
    } else if (task.gemm == refused) {
      // A row block of a GEMM that does not fit: said once.
    } else if (const std::optional<Tiling> tiling =
                   best_tiling(s.problem, arch.mapping, where, diagnostics)) {
      s.tiling = *tiling;
      s.cost = evaluate(s.problem, *tiling);
    } else {
      refused = task.gemm;
    }
    scheduled.push_back(std::move(s));
  }
  diagnostics.throw_if_any();
  return scheduled;
}

}  // namespace mixpe
