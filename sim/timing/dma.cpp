#include "sim/timing/dma.h"

#include <algorithm>

#include "models/core/errors.h"

namespace mixpe {
namespace {

/// Operands live far apart in the memory's address space.
constexpr std::uint64_t kActRegion = 0;
constexpr std::uint64_t kWgtRegion = std::uint64_t{1} << 44;
constexpr std::uint64_t kOutRegion = std::uint64_t{2} << 44;

}  // namespace

void Handshake::begin() {
  arrivals_ = issues_ = 0;
  ended_ = false;
}

template <typename Known>
void Handshake::await(sc_core::sc_event& event, bool& waiting, Known known) {
  while (!known()) {
    waiting = true;
    ++stats_.waits;
    sc_core::wait(event);
    waiting = false;
  }
}

void Handshake::tell(sc_core::sc_event& event, bool waiting) {
  if (!waiting) return;
  ++stats_.notifications;
  event.notify(sc_core::SC_ZERO_TIME);
}

void Handshake::publish_arrival(const Arrival& a) {
  check_invariant(arrivals_ - issues_ < static_cast<std::int64_t>(kDepth),
                  "the DMA ran further ahead than double buffers allow");
  arrival_[slot(arrivals_++)] = a;
  tell(arrived_, array_waits_);
}

void Handshake::publish_end(std::int64_t stored) {
  stored_ = stored;
  ended_ = true;
  tell(arrived_, array_waits_);
}

void Handshake::await_issued(std::int64_t steps) {
  await(issued_, dma_waits_, [&] { return issues_ >= steps; });
}

Handshake::Arrival Handshake::await_arrival(std::int64_t step) {
  await(arrived_, array_waits_, [&] { return arrivals_ > step; });
  return arrival_[slot(step)];
}

void Handshake::publish_issue(const TileTiming& timing, std::int64_t act_tile,
                              std::int64_t wgt_tile) {
  act_released_[slot(act_tile)] = timing.issue_end;
  wgt_released_[slot(wgt_tile)] = timing.issue_end;
  complete_[slot(issues_++)] = timing.complete;
  tell(issued_, dma_waits_);
}

std::int64_t Handshake::await_end() {
  await(arrived_, array_waits_, [&] { return ended_; });
  return stored_;
}

Dma::Dma(sc_core::sc_module_name name, Handshake& handshake)
    : sc_module(name), memory("memory"), handshake_(handshake) {}

void Dma::run(const GemmProblem& problem, const Tiling& tiling, const CycleClock& clock,
              GemmTimeline* timeline) {
  problem_ = &problem;
  tiling_ = tiling;
  clock_ = clock;
  act_ = wgt_ = {};
  out_ready_ = stored_ = arrived_ = 0;
  timeline_ = timeline;
  TileSequence sequence(problem, tiling);
  TileStep step, previous;
  std::int64_t previous_instance = 0;
  for (step_ = 0; sequence.next(step); ++step_) {
    instance_ = sequence.instance();
    load_out(step);
    load_act(step);
    load_wgt(step);
    handshake_.publish_arrival({out_ready_, act_.done, wgt_.done});
    instance_ = previous_instance;
    store(previous, step_ - 1);
    previous = step;
    previous_instance = sequence.instance();
  }
  store(previous, step_ - 1);
  handshake_.publish_end(stored_);
}

void Dma::load_out(const TileStep& step) {
  // The last store was that of the output tile before the previous one, whose place this one takes.
  if (step.first_visit) out_ready_ = stored_;
  if (!step.load_out) return;
  const GemmTask& t = problem_->task;
  const std::uint64_t from =
      address(kOutRegion, step.m0 / tiling_.m, step.n0 / tiling_.n,
              (t.n + tiling_.n - 1) / tiling_.n, problem_->psum_bytes(tiling_.m, tiling_.n));
  out_ready_ = transfer(tlm::TLM_READ_COMMAND, from, step.out_load_bytes, stored_, step_,
                        &TimelineTile::out_load);
}

void Dma::load_act(const TileStep& step) {
  if (!step.load_act) return;
  std::int64_t ready = 0;
  if (act_.tiles >= 2) {
    handshake_.await_issued(act_.first_step);
    ready = handshake_.act_released(act_.tiles - 2);
  }
  const std::int64_t columns = (problem_->task.k + tiling_.k - 1) / tiling_.k;
  const std::uint64_t from = address(kActRegion, step.m0 / tiling_.m, step.k0 / tiling_.k, columns,
                                     problem_->act_load_bytes(tiling_.m, tiling_.k, true));
  act_.done =
      transfer(tlm::TLM_READ_COMMAND, from, step.act_bytes, ready, step_, &TimelineTile::act_load);
  act_.first_step = step_;
  ++act_.tiles;
}

void Dma::load_wgt(const TileStep& step) {
  if (!step.load_wgt) return;
  std::int64_t ready = 0;
  if (wgt_.tiles >= 2) {
    handshake_.await_issued(wgt_.first_step);
    ready = handshake_.wgt_released(wgt_.tiles - 2);
  }
  const std::int64_t columns = (problem_->task.k + tiling_.k - 1) / tiling_.k;
  const std::uint64_t from = address(kWgtRegion, step.n0 / tiling_.n, step.k0 / tiling_.k, columns,
                                     problem_->wgt_load_bytes(tiling_.n, tiling_.k, true));
  wgt_.done =
      transfer(tlm::TLM_READ_COMMAND, from, step.wgt_bytes, ready, step_, &TimelineTile::wgt_load);
  wgt_.first_step = step_;
  ++wgt_.tiles;
}

void Dma::store(const TileStep& step, std::int64_t number) {
  if (!step.store_out) return;
  handshake_.await_issued(number + 1);
  const std::int64_t columns = (problem_->task.n + tiling_.n - 1) / tiling_.n;
  const std::uint64_t to = address(kOutRegion, step.m0 / tiling_.m, step.n0 / tiling_.n, columns,
                                   problem_->psum_bytes(tiling_.m, tiling_.n));
  stored_ = transfer(tlm::TLM_WRITE_COMMAND, to, step.out_store_bytes, handshake_.complete(number),
                     number, &TimelineTile::out_store);
}

/// Tiles of an operand lie one after another, row by row of tiles, instance by instance; a short
/// tile takes the place of a full one.
std::uint64_t Dma::address(std::uint64_t region, std::int64_t row, std::int64_t column,
                           std::int64_t columns, std::int64_t bytes) const {
  const std::int64_t m = (problem_->task.m + tiling_.m - 1) / tiling_.m;
  const std::int64_t n = (problem_->task.n + tiling_.n - 1) / tiling_.n;
  const std::int64_t rows = region == kWgtRegion ? n : m;
  const std::int64_t tile = (instance_ * rows + row) * columns + column;
  return region + static_cast<std::uint64_t>(tile * bytes);
}

std::int64_t Dma::transfer(tlm::tlm_command command, std::uint64_t address, std::int64_t bytes,
                           std::int64_t ready, std::int64_t number,
                           TransferSlice TimelineTile::*slice) {
  check_invariant(bytes <= UINT32_MAX, "a tile is larger than a TLM transfer can be");
  const auto length = static_cast<std::size_t>(bytes);
  if (data_.size() < length) data_.resize(length);
  payload_.set_command(command);
  payload_.set_address(address);
  payload_.set_data_ptr(data_.data());
  payload_.set_data_length(static_cast<unsigned>(length));
  payload_.set_streaming_width(static_cast<unsigned>(length));
  payload_.set_byte_enable_ptr(nullptr);
  payload_.set_dmi_allowed(false);
  payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  const sc_core::sc_time now = sc_core::sc_time_stamp();
  const sc_core::sc_time start = clock_.at(ready);
  sc_core::sc_time delay = start > now ? start - now : sc_core::SC_ZERO_TIME;
  memory->b_transport(payload_, delay);
  check_invariant(payload_.is_response_ok(), "the memory refused a transfer");
  const std::int64_t done = clock_.cycle(sc_core::sc_time_stamp() + delay);
  if (TimelineTile* tile = timeline_ ? timeline_->tile(number) : nullptr) {
    tile->*slice = {std::min(done, std::max(ready, arrived_)), done, bytes};
  }
  arrived_ = std::max(arrived_, done);
  return done;
}

}  // namespace mixpe
