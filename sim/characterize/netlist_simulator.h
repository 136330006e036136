#pragma once
// Runs a mapped netlist clock by clock and counts transitions, with and without glitches.
//  * At a clock edge the flip-flops take their inputs and the ports change, as if other such
//  modules
//    drove them; then events run with the cells' delays until all is quiet, however long that takes
//    (OpenSTA says whether it is shorter than the clock).
//  * A pulse shorter than half the delay of the gate that would make it is swallowed, a longer one
//    travels on (docs/characterize.md).
//  * Clear and preset act at the clock edge: streams hold a reset for whole cycles.

#include <array>
#include <cstdint>
#include <queue>
#include <string_view>
#include <vector>

#include "sim/characterize/netlist_electrics.h"

namespace mixpe {

class NetlistSimulator {
 public:
  /// Both must outlive it. All flip-flops begin at 0.
  NetlistSimulator(const Netlist& netlist, const Electrics& electrics);

  /// The value of an input port from the next clock edge on; word 0 is the low 64 bits.
  void set(const Netlist::Port& port, const std::uint64_t* words);
  /// A clock edge, and what follows from it.
  void clock();
  /// A settled port, low 64 bits first.
  void get(const Netlist::Port& port, std::uint64_t* words) const;

  /// Forgets the transitions so far.
  void start_counting();
  std::uint64_t counted_cycles() const { return cycles_; }
  /// pJ of all counted cycles, the clock's included.
  Energies glitch_pj() const;
  Energies zero_delay_pj() const;
  /// Transitions of all nets; those that last to the cycle's end.
  std::uint64_t transitions() const;
  std::uint64_t settled_transitions() const;

 private:
  using Femtoseconds = std::int64_t;
  using EdgeCounts = std::array<std::uint64_t, 2>;  ///< falls, rises
  static constexpr std::size_t kNoArc = ~std::size_t{0};

  struct Reader {
    std::uint32_t instance, input;
  };
  /// What evaluating a gate needs, in one place.
  struct Gate {
    std::uint64_t inputs = 0;  ///< bit k is input k
    const Cell* cell = nullptr;
    std::uint32_t first_driver = 0;
    std::size_t first_arc = 0;
  };
  /// The serial number is a change's name, and its place among those of one time.
  struct Change {
    Femtoseconds time;
    std::uint64_t serial;
    std::uint32_t driver;
    bool operator>(const Change& o) const {
      return time != o.time ? time > o.time : serial > o.serial;
    }
  };
  struct Pending {
    Femtoseconds time;
    std::uint64_t serial;
    std::size_t arc;
  };
  /// What drives a net: an output of an instance, or a bit of an input port.
  struct Driver {
    NetId net = Netlist::kNone;
    bool value = false, target = false;  ///< now; after all that is pending
    bool settled = false;                ///< at the end of the last cycle
    EdgeCounts settled_counts{};
    std::vector<Pending> pending{};  ///< in order of time; values alternate
  };

  std::uint64_t inputs_of(std::uint32_t instance) const;
  void evaluate(const Gate& gate, std::uint32_t input);
  void schedule(std::uint32_t driver, bool value, Femtoseconds delay, std::size_t arc);
  void fire(std::uint32_t driver);
  void clock_flop(std::size_t index);
  void settle();

  const Netlist& netlist_;
  const Electrics& electrics_;
  std::vector<std::uint8_t> nets_;
  std::vector<std::vector<Reader>> readers_;  ///< gates, by net
  std::vector<Gate> gates_;                   ///< by instance; flip-flops' inputs are not kept
  std::vector<Driver> drivers_;               ///< of instances, then of ports
  std::vector<std::uint32_t> port_driver_;    ///< by net
  std::vector<std::array<Femtoseconds, 2>> arc_delays_;
  std::vector<std::uint32_t> flops_;       ///< instances
  std::vector<std::uint8_t> states_;       ///< of flops_
  std::vector<std::uint8_t> port_values_;  ///< by net: what the next clock edge brings
  std::priority_queue<Change, std::vector<Change>, std::greater<>> queue_;
  Femtoseconds now_ = 0;
  std::uint64_t serial_ = 0, cycles_ = 0;
  std::vector<EdgeCounts> arc_counts_, net_counts_;
};

}  // namespace mixpe
