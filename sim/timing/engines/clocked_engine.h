#pragma once
// Drives an array clock by clock behind the ArrayEngine interface.
//  * A tile's `complete` is observed, not computed: a copy of the machine runs on with bubbles
//  until
//    the tile's last value has come out. The machine itself then must do the same, to the cycle.
//  * A WS edge loads the next K-tile's weights behind the last one, so the machine waits in front
//  of
//    a tile's last K-tile until it knows what follows; the copy tells when that tile will end.

#include <cstdint>
#include <deque>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "models/core/errors.h"
#include "sim/timing/array_engine.h"
#include "sim/timing/engines/array_state.h"
#include "sim/timing/engines/edge_sequencer.h"
#include "sim/timing/engines/output_lanes.h"

namespace mixpe {

/// Called after every cycle of the machine.
using CycleObserver = std::function<void(std::int64_t cycle, const ArrayState& state)>;

/// Array: clock(slot, cycle), drained(), empty(), skip_to(cycle), discard_values(), completed(),
/// counters(); copyable. If it is an ArrayState: catch_up(), its state is then the last clock's.
template <typename Array>
class ClockedEngine final : public ArrayEngine {
 public:
  explicit ClockedEngine(const ArrayWork& work) : ClockedEngine(work, Array(work)) {}
  ClockedEngine(const ArrayWork& work, Array array)
      : work_(work), machine_{EdgeSequencer(work.timing), std::move(array), 0} {}

  void observe(CycleObserver observer) {
    static_assert(std::is_base_of_v<ArrayState, Array>, "shows no registers");
    observer_ = std::move(observer);
  }
  EdgeSequencer& edge() { return machine_.edge; }
  Array& array() { return machine_.array; }

  TileTiming stream(const TileStep& step, std::int64_t ready, bool with_values) override {
    const std::int64_t tile = next_tile_++;
    machine_.edge.add(array_jobs(work_.timing, step, tile, with_values), ready);
    run(machine_, true, observer_);
    check_promises();

    Machine ahead = machine_;
    ahead.array.discard_values();
    run(ahead, false, {});
    std::optional<std::int64_t> complete;
    while (!(complete = completion(ahead.array.completed(), tile))) {
      check_invariant(!ahead.array.empty(), "a tile's last value never comes out");
      clock(ahead, {});
    }
    const IssuedTile& issued = ahead.edge.issued().back();
    promises_.push_back({tile, issued.issue_end, *complete});
    return {issued.issue_end, *complete, issued.cycles};
  }

  void finish() override {
    run(machine_, false, observer_);
    while (!machine_.array.empty()) clock(machine_, observer_);
    check_promises();
    check_invariant(promises_.empty(), "a tile has not come out");
  }

  const Counters& counters() const override { return machine_.array.counters(); }

 private:
  struct Machine {
    EdgeSequencer edge;
    Array array;
    std::int64_t cycle = 0;
  };
  struct Promise {
    std::int64_t tile = 0, issue_end = 0, complete = 0;
  };

  static std::optional<std::int64_t> completion(const std::deque<CompletedTile>& completed,
                                                std::int64_t tile) {
    for (const CompletedTile& c : completed) {
      if (c.tile == tile) return c.cycle;
    }
    return std::nullopt;
  }

  static void clock(Machine& m, const CycleObserver& observer) {
    m.array.clock(m.edge.tick(m.cycle), m.cycle);
    if constexpr (std::is_base_of_v<ArrayState, Array>) {
      if (observer) {
        m.array.catch_up();
        observer(m.cycle, m.array);
      }
    }
    ++m.cycle;
  }

  /// Until all tiles have been issued; `hold`: or the edge wants to know the tile after the last.
  static void run(Machine& m, bool hold, const CycleObserver& observer) {
    for (;;) {
      m.edge.settle(m.cycle, m.array.drained());
      if (m.edge.done() || (hold && m.edge.wants_more(m.cycle))) return;
      if (m.array.empty() && m.edge.idle_until() > m.cycle) {
        m.cycle = m.edge.idle_until();
        m.array.skip_to(m.cycle);
        continue;
      }
      clock(m, observer);
    }
  }

  /// What the machine has done since must be what its copies did before.
  void check_promises() {
    std::deque<CompletedTile>& completed = machine_.array.completed();
    for (auto promise = promises_.begin(); promise != promises_.end();) {
      const std::optional<std::int64_t> cycle = completion(completed, promise->tile);
      check_invariant(!cycle || *cycle == promise->complete,
                      "a tile's last value comes out in another cycle than its copy's");
      promise = cycle ? promises_.erase(promise) : std::next(promise);
    }
    // The last tile may have come out before its copy has run: without overlap the edge waits.
    std::erase_if(completed, [&](const CompletedTile& c) { return c.tile < next_tile_ - 1; });
    std::deque<IssuedTile>& issued = machine_.edge.issued();
    while (issued.size() > 1) issued.pop_front();
  }

  ArrayWork work_;
  Machine machine_;
  std::int64_t next_tile_ = 0;
  std::deque<Promise> promises_;
  CycleObserver observer_;
};

}  // namespace mixpe
