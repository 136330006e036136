#include "sim/mapping/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <tuple>

#include "sim/mapping/ceil_div.h"
#include "sim/mapping/lower.h"
#include "sim/mapping/lower_bound.h"

namespace mixpe {
namespace {

constexpr std::array<LoopOrder, 6> kOrders = {LoopOrder::kMNK, LoopOrder::kMKN, LoopOrder::kNMK,
                                              LoopOrder::kNKM, LoopOrder::kKMN, LoopOrder::kKNM};

/// Transfers over two dimensions of a tiling.
struct Moves {
  std::int64_t bytes = 0, cycles = 0;  ///< of all tiles, each once
  std::int64_t largest = 0;            ///< cycles of a tile of full size
  std::int64_t first = 0, last = 0;    ///< cycles of the first and of the last tile
};

template <typename BytesOf>
Moves moves(const TransferRate& rate, std::int64_t size_a, std::int64_t a, std::int64_t size_b,
            std::int64_t b, BytesOf bytes_of) {
  const std::int64_t trips_a = ceil_div(size_a, a), trips_b = ceil_div(size_b, b);
  const std::int64_t last_a = size_a - (trips_a - 1) * a, last_b = size_b - (trips_b - 1) * b;
  Moves m;
  const auto add = [&](std::int64_t count, std::int64_t extent_a, std::int64_t extent_b) {
    const std::int64_t bytes = bytes_of(extent_a, extent_b);
    const std::int64_t cycles = rate.cycles(bytes);
    m.bytes += count * bytes;
    m.cycles += count * cycles;
    return cycles;
  };
  m.largest = add((trips_a - 1) * (trips_b - 1), a, b);
  if (trips_b > 1) add(trips_b - 1, last_a, b);
  if (trips_a > 1) add(trips_a - 1, a, last_b);
  m.last = add(1, last_a, last_b);
  m.first = m.largest;  // equal to the last if there is only one, whose extents are a and b then
  return m;
}

struct OutMoves {
  Moves psum, out;
};

Moves act_moves(const GemmProblem& p, std::int64_t m, std::int64_t k) {
  return moves(p.memory, p.task.m, m, p.task.k, k,
               [&](std::int64_t a, std::int64_t b) { return p.act_bytes(a, b); });
}
Moves wgt_moves(const GemmProblem& p, std::int64_t n, std::int64_t k) {
  return moves(p.memory, p.task.n, n, p.task.k, k,
               [&](std::int64_t a, std::int64_t b) { return p.wgt_bytes(a, b); });
}
OutMoves out_moves(const GemmProblem& p, std::int64_t m, std::int64_t n) {
  return {moves(p.memory, p.task.m, m, p.task.n, n,
                [&](std::int64_t a, std::int64_t b) { return p.psum_bytes(a, b); }),
          moves(p.memory, p.task.m, m, p.task.n, n,
                [&](std::int64_t a, std::int64_t b) { return p.out_bytes(a, b); })};
}

/// How often each operand's tiles move under an order, and whether the step before the last one
/// stores: TileGrid::visits() and changes() for a bound.
struct Reuse {
  std::int64_t act, wgt, out;
  bool k_innermost;
};

Reuse reuse(const std::array<Dim, 3>& loop, const std::array<std::int64_t, 3>& trips) {
  std::array<std::int64_t, 3> visits{};
  bool turns_inside = false;
  bool k_innermost = false;
  for (std::size_t level = 3; level-- > 0;) {
    const Dim d = loop[level];
    visits[d] = turns_inside ? trips[d] : 1;
    if (!turns_inside && trips[d] > 1) k_innermost = d == kK;
    turns_inside = turns_inside || trips[d] > 1;
  }
  return {visits[kN], visits[kM], visits[kK], k_innermost};
}

struct Bounded {
  std::int64_t cycles, bytes;
};

/// No tiling with these transfers ends earlier than either of
///  * the array: the first tiles arrive, the array's floor, the last store;
///  * the memory: one transfer at a time. The last step always loads something, and its loads come
///    behind all other transfers but the last two steps' stores; then it must compute its tile;
///    then its own store.
Bounded bound(const GemmProblem& p, const ArrayFloor& floor, std::int64_t last_compute,
              const Moves& act, const Moves& wgt, const OutMoves& out, const Reuse& r,
              bool single_step) {
  const std::int64_t spills = r.out - 1;
  const std::int64_t ends = floor.tail + out.out.last + p.memory.latency;
  const std::int64_t array = act.first + wgt.first + p.memory.latency + floor.issue + ends;
  std::int64_t before_last = p.task.batch * (act.cycles * r.act + wgt.cycles * r.wgt +
                                             2 * spills * out.psum.cycles + out.out.cycles) -
                             out.out.last;
  if (!single_step && !r.k_innermost) {
    before_last -= std::max(out.out.largest, spills > 0 ? out.psum.largest : 0);
  }
  const std::int64_t memory = before_last + p.memory.latency + last_compute + ends;
  return {std::max(array, memory), p.task.batch * (act.bytes * r.act + wgt.bytes * r.wgt +
                                                   2 * spills * out.psum.bytes + out.out.bytes)};
}

/// Cycles in which the edge issues the steps of the last tile, its segments' short steps rounded
/// off in the tile's favour.
std::int64_t last_compute(const GemmProblem& p, const std::array<std::int64_t, 3>& last) {
  const ArrayTiming& a = p.array;
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

constexpr std::array<const char*, 3> kTileKeys = {"tile_m", "tile_n", "tile_k"};

Candidates candidates(const GemmProblem& p, const MappingSpec& mapping,
                      const SourceMark& mapping_at, const Diagnostic& where,
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
          {mapping_at, fmt::format("mapping.{}", kTileKeys[d]),
           fmt::format("{}: the array cannot work on tiles of this size", where.what),
           fmt::format("{}", given[d]),
           fmt::format("multiples of {}, or the whole dimension {}", granule[d], size[d])});
    }
    c.sizes[d].push_back(std::min(given[d], size[d]));
  }
  c.orders.assign(kOrders.begin(), kOrders.end());
  if (mapping.given && !mapping.order.empty()) {
    const std::optional<LoopOrder> order = parse_order(mapping.order);
    if (order) {
      c.orders = {*order};
    } else {
      diagnostics.add({mapping_at, "mapping.order", "unknown loop order", mapping.order,
                       "mnk, mkn, nmk, nkm, kmn, knm"});
    }
  }
  return c;
}

/// Orders that differ in the place of loops with one turn only are the same: the first stands for
/// them. Indexed by a mask of the dimensions that turn.
std::array<std::vector<LoopOrder>, 8> distinct_orders(const std::vector<LoopOrder>& orders) {
  std::array<std::vector<LoopOrder>, 8> result;
  for (std::size_t mask = 0; mask < 8; ++mask) {
    std::vector<std::vector<Dim>> seen;
    for (const LoopOrder order : orders) {
      std::vector<Dim> turning;
      for (const Dim d : loops(order)) {
        if (mask & (1U << d)) turning.push_back(d);
      }
      if (std::find(seen.begin(), seen.end(), turning) != seen.end()) continue;
      seen.push_back(turning);
      result[mask].push_back(order);
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
  /// visit(Candidate) for every candidate that fits, in the fixed order.
  template <typename Visit>
  void for_each(Visit visit) const;

 private:
  std::int64_t exact(Candidate& c, std::int64_t limit, SearchEffort& effort) const;

  const GemmProblem& p_;
  const Candidates& c_;
  ArrayFloor floor_;
};

template <typename Visit>
void Search::for_each(Visit visit) const {
  const auto& [sizes_m, sizes_n, sizes_k] = c_.sizes;
  const std::array<std::vector<LoopOrder>, 8> orders = distinct_orders(c_.orders);
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
      const OutMoves out = out_moves(p_, t.m, t.n);
      const std::size_t fitting = std::min(act[im].size(), wgt[in].size());
      for (std::size_t ik = 0; ik < fitting; ++ik) {
        t.k = sizes_k[ik];
        const std::array<std::int64_t, 3> trips = {ceil_div(size[kM], t.m), ceil_div(size[kN], t.n),
                                                   ceil_div(size[kK], t.k)};
        const std::int64_t compute =
            last_compute(p_, {size[kM] - (trips[kM] - 1) * t.m, size[kN] - (trips[kN] - 1) * t.n,
                              size[kK] - (trips[kK] - 1) * t.k});
        c.steps = trips[kM] * trips[kN] * trips[kK] * p_.task.batch;
        const std::size_t turning =
            (trips[kM] > 1 ? 1U : 0U) | (trips[kN] > 1 ? 2U : 0U) | (trips[kK] > 1 ? 4U : 0U);
        for (const LoopOrder order : orders[turning]) {
          t.order = order;
          const Bounded b = bound(p_, floor_, compute, act[im][ik], wgt[in][ik], out,
                                  reuse(loops(order), trips), c.steps == 1);
          c.bound = b.cycles;
          c.bytes = b.bytes;
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
  // A promising candidate first: its exact cycles are what the others' bounds are held against.
  Candidate seed;
  for_each([&](const Candidate& c) {
    const bool better = effort.candidates == 0 || c.bound < seed.bound ||
                        (c.bound == seed.bound && cheaper(c, seed));
    if (better) seed = c;
    ++effort.candidates;
  });
  if (effort.candidates == 0) return std::nullopt;
  std::int64_t best = exact(seed, std::numeric_limits<std::int64_t>::max(), effort);
  const auto limit = [&] {
    return best + static_cast<std::int64_t>(static_cast<long double>(best) *
                                            static_cast<long double>(slack_ppm) / 1e6L);
  };
  std::vector<Candidate> hopeful;
  for_each([&](const Candidate& c) {
    if (c.bound <= limit()) hopeful.push_back(c);
  });

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
  const TileGrid grid(p, t);
  return bound(p, array_floor(p),
               last_compute(p, {grid.extent[kM][1], grid.extent[kN][1], grid.extent[kK][1]}),
               act_moves(p, t.m, t.k), wgt_moves(p, t.n, t.k), out_moves(p, t.m, t.n),
               reuse(grid.loop, grid.trips), grid.steps() * p.task.batch == 1)
      .cycles;
}

std::optional<Tiling> best_tiling(const GemmProblem& problem, const MappingSpec& mapping,
                                  const SourceMark& mapping_at, const Diagnostic& where,
                                  Diagnostics& diagnostics, SearchEffort* effort) {
  const std::size_t mistakes = diagnostics.list().size();
  const Candidates c = candidates(problem, mapping, mapping_at, where, diagnostics);
  if (diagnostics.list().size() == mistakes) {
    const Tiling smallest{c.sizes[kM].front(), c.sizes[kN].front(), c.sizes[kK].front(),
                          c.orders.front()};
    check_fits(problem, smallest, where, diagnostics);
  }
  if (diagnostics.list().size() != mistakes) return std::nullopt;
  SearchEffort ignored;
  return Search(problem, c).run(mapping.cycle_slack_ppm, effort == nullptr ? ignored : *effort);
}

std::vector<Tiling> all_tilings(const GemmProblem& problem, const MappingSpec& mapping) {
  Diagnostics diagnostics;
  const Candidates c = candidates(problem, mapping, {}, {}, diagnostics);
  std::vector<Tiling> all;
  Search(problem, c).for_each([&](const Candidate& x) { all.push_back(x.tiling); });
  return all;
}

std::vector<ScheduledGemm> map_workload(const Workload& workload, const ArchSpec& arch) {
  const std::vector<GemmTask> tasks = lower(workload, arch);
  Diagnostics diagnostics;
  std::vector<ScheduledGemm> scheduled;
  scheduled.reserve(tasks.size());
  // Layers repeat: equal tasks of equal quantisation are mapped once.
  std::map<std::array<std::int64_t, 6>, std::size_t> known;
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
    } else if (const std::optional<Tiling> tiling =
                   best_tiling(s.problem, arch.mapping, {arch.file, 0, 0}, where, diagnostics)) {
      s.tiling = *tiling;
      s.cost = evaluate(s.problem, *tiling);
    }
    scheduled.push_back(std::move(s));
  }
  diagnostics.throw_if_any();
  return scheduled;
}

}  // namespace mixpe
