#pragma once
// The DMA engine: one in-order queue of tile transfers (README.md has the order and the rules).

#include <tlm_utils/simple_initiator_socket.h>

#include <array>
#include <cstdint>
#include <systemc>
#include <tlm>
#include <vector>

#include "sim/mapping/search.h"
#include "sim/timing/machine.h"
#include "sim/timing/machine_clock.h"

namespace mixpe {

/// What DMA and array tell each other about the running GEMM, in cycles since its start. Processes
/// run ahead in time stamps: a fact is here as soon as it is known, often before its cycle.
class Handshake {
 public:
  struct Arrival {
    std::int64_t out = 0, act = 0, wgt = 0;  ///< psums or room; operands: in their buffers
  };
  explicit Handshake(KernelStats& stats) : stats_(stats) {}
  void begin();

  // DMA
  void publish_arrival(const Arrival& a);
  void publish_end(std::int64_t stored);
  void await_issued(std::int64_t steps);  ///< until this many steps have been issued
  std::int64_t act_released(std::int64_t tile) const { return act_released_[slot(tile)]; }
  std::int64_t wgt_released(std::int64_t tile) const { return wgt_released_[slot(tile)]; }
  std::int64_t complete(std::int64_t step) const { return complete_[slot(step)]; }

  // Array
  Arrival await_arrival(std::int64_t step);
  /// `act_tile`, `wgt_tile`: numbers of the distinct tiles the step used.
  void publish_issue(const TileTiming& timing, std::int64_t act_tile, std::int64_t wgt_tile);
  std::int64_t await_end();

 private:
  /// Neither process can be more than two steps ahead of the other: both operands are double
  /// buffered, and one of them moves in every step.
  static constexpr std::size_t kDepth = 4;
  static std::size_t slot(std::int64_t i) { return static_cast<std::size_t>(i) % kDepth; }
  template <typename Known>
  void await(sc_core::sc_event& event, bool& waiting, Known known);
  void tell(sc_core::sc_event& event, bool waiting);

  KernelStats& stats_;
  sc_core::sc_event arrived_, issued_;
  bool array_waits_ = false, dma_waits_ = false;
  std::int64_t arrivals_ = 0, issues_ = 0;
  std::array<Arrival, kDepth> arrival_{};
  std::array<std::int64_t, kDepth> act_released_{}, wgt_released_{}, complete_{};
  bool ended_ = false;
  std::int64_t stored_ = 0;
};

class Dma final : public sc_core::sc_module {
 public:
  /// A user's memory binds here.
  tlm_utils::simple_initiator_socket<Dma> memory;

  Dma(sc_core::sc_module_name name, Handshake& handshake);
  /// Moves all tiles of one GEMM that starts at `clock`'s cycle 0. Runs in the caller's process.
  /// Transfers are noted in `timeline` unless it is null.
  void run(const GemmProblem& problem, const Tiling& tiling, const CycleClock& clock,
           GemmTimeline* timeline);

 private:
  /// Two tiles of an operand are live.
  struct Operand {
    std::int64_t tiles = 0;       ///< loaded so far
    std::int64_t first_step = 0;  ///< of the newest
    std::int64_t done = 0;
  };
  /// The cycle in which a transfer for step `number` that may start at `ready` is done.
  std::int64_t transfer(tlm::tlm_command command, std::uint64_t address, std::int64_t bytes,
                        std::int64_t ready, std::int64_t number,
                        TransferSlice TimelineTile::*slice);
  void load_out(const TileStep& step);
  void load_act(const TileStep& step);
  void load_wgt(const TileStep& step);
  void store(const TileStep& step, std::int64_t number);
  std::uint64_t address(std::uint64_t region, std::int64_t row, std::int64_t column,
                        std::int64_t columns, std::int64_t bytes) const;

  Handshake& handshake_;
  tlm::tlm_generic_payload payload_;
  std::vector<unsigned char> data_;  ///< a target may touch it; nobody reads it
  CycleClock clock_;
  const GemmProblem* problem_ = nullptr;
  Tiling tiling_;
  std::int64_t step_ = 0, instance_ = 0;
  Operand act_, wgt_;
  std::int64_t out_ready_ = 0, stored_ = 0;
  GemmTimeline* timeline_ = nullptr;
  std::int64_t arrived_ = 0;  ///< the latest transfer so far
};

}  // namespace mixpe
