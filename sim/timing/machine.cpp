#include "sim/timing/machine.h"

#include <algorithm>
#include <array>
#include <exception>
#include <string>
#include <systemc>

#include "models/core/errors.h"
#include "sim/timing/dma.h"
#include "sim/timing/machine_traffic.h"
#include "sim/timing/memory.h"

/// The kernel's library asks for a main; ours is in sim/app, and simulate() elaborates by itself.
int sc_main(int, char**) { return 0; }

namespace mixpe {
namespace {

/// Counts steps that move the same things together and adds up their traffic at the end.
class TrafficCount {
 public:
  TrafficCount(const GemmProblem& problem, const Tiling& tiling)
      : problem_(problem), tiling_(tiling) {}

  void add(const TileStep& step) {
    // Each dimension has at most two extents: full tiles, and a shorter last one.
    const unsigned kind = unsigned{step.shape.m != tiling_.m} |
                          unsigned{step.shape.n != tiling_.n} << 1 |
                          unsigned{step.shape.k != tiling_.k} << 2 | unsigned{step.load_act} << 3 |
                          unsigned{step.load_wgt} << 4 | unsigned{step.load_out} << 5 |
                          unsigned{step.store_out} << 6 | unsigned{step.final_store} << 7 |
                          unsigned{step.first_visit} << 8;
    if (count_[kind]++ == 0) sample_[kind] = step;
  }
  void add_to(Counters& counters) const {
    for (std::size_t kind = 0; kind < count_.size(); ++kind) {
      if (count_[kind] > 0) {
        counters.add_scaled(step_traffic(problem_, sample_[kind]), count_[kind]);
      }
    }
  }

 private:
  static constexpr std::size_t kKinds = 512;
  const GemmProblem& problem_;
  const Tiling& tiling_;
  std::array<std::uint64_t, kKinds> count_{};
  std::array<TileStep, kKinds> sample_{};
};

std::uint64_t pe_cycles(const ArrayTiming& array, std::int64_t cycles) {
  return static_cast<std::uint64_t>(array.rows * array.cols) * static_cast<std::uint64_t>(cycles);
}

/// The edge is idle from `idle_from` until `done`: counted to `cause`.
void wait_for(std::int64_t& idle_from, std::int64_t done, std::int64_t& cause) {
  if (done <= idle_from) return;
  cause += done - idle_from;
  idle_from = done;
}

class Machine final : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Machine);
  Machine(sc_core::sc_module_name name, std::span<const GemmJob> jobs,
          const SimulateOptions& options, KernelStats& stats, std::vector<GemmResult>& results)
      : sc_module(name),
        jobs_(jobs),
        options_(options),
        stats_(stats),
        results_(results),
        handshake_(stats),
        dma_("dma", handshake_) {
    memory_ = options.memory ? options.memory() : std::make_unique<IdealMemory>("memory");
    dma_.memory.bind(memory_->socket());
    SC_THREAD(array_process);
    set_stack_size(kStackBytes);
    SC_THREAD(dma_process);
    set_stack_size(kStackBytes);
  }

  /// What a process threw, for the caller of simulate().
  std::exception_ptr failure() const { return failure_; }

 private:
  static constexpr int kStackBytes = 1 << 20;  ///< engines compute values on this stack

  template <typename Body>
  void guarded(Body body) {
    try {
      body();
    } catch (const sc_core::sc_unwind_exception&) {
      throw;  // the kernel ends the process
    } catch (...) {
      if (!failure_) failure_ = std::current_exception();
      sc_core::sc_stop();
    }
  }
  void array_process() {
    guarded([&] {
      for (const GemmJob& job : jobs_) run(job);
    });
  }
  void dma_process() {
    guarded([&] {
      for (const GemmJob& job : jobs_) {
        ++stats_.waits;
        wait(job_started_);
        dma_.run(job.gemm->problem, job.gemm->tiling, clock_, job.timeline);
      }
    });
  }
  void run(const GemmJob& job);
  void stream_all(const GemmJob& job, ArrayEngine& engine, GemmResult& result);
  void sleep_until(std::int64_t cycle);

  std::span<const GemmJob> jobs_;
  const SimulateOptions& options_;
  KernelStats& stats_;
  std::vector<GemmResult>& results_;
  Handshake handshake_;
  Dma dma_;
  std::unique_ptr<MemoryTarget> memory_;
  sc_core::sc_event job_started_;
  CycleClock clock_;
  std::exception_ptr failure_;
};

void Machine::sleep_until(std::int64_t cycle) {
  const sc_core::sc_time now = sc_core::sc_time_stamp();
  const sc_core::sc_time then = clock_.at(cycle);
  if (then <= now) return;
  ++stats_.waits;
  wait(then - now);
}

void Machine::run(const GemmJob& job) {
  const GemmProblem& problem = job.gemm->problem;
  clock_ = CycleClock(sc_core::sc_time_stamp(), problem.clock_hz);
  memory_->begin(clock_, problem.memory);
  handshake_.begin();
  ++stats_.notifications;
  job_started_.notify(sc_core::SC_ZERO_TIME);

  GemmResult r;
  r.tiling = job.gemm->tiling;
  const std::unique_ptr<ArrayEngine> engine = job.engine();
  stream_all(job, *engine, r);
  engine->finish();
  r.counters += engine->counters();
  r.counters[Event::kPeCycle] += pe_cycles(problem.array, r.cycles);
  check_invariant(r.causes.total() == r.cycles, "the causes of a GEMM's cycles add up to them");
  Cost cost;
  cost.causes = r.causes;
  cost.memory_cycles = r.memory_cycles =
      traffic(problem, TileGrid(problem, job.gemm->tiling)).memory_cycles;
  r.bound = bound_of(cost);
  results_.push_back(r);
  if (options_.progress) options_.progress(results_.size());
}

void Machine::stream_all(const GemmJob& job, ArrayEngine& engine, GemmResult& r) {
  const GemmProblem& problem = job.gemm->problem;
  TrafficCount traffic_count(problem, job.gemm->tiling);
  TileSequence sequence(problem, job.gemm->tiling);
  TileTiming timing;
  std::int64_t complete = 0;  // the last value so far; not always the last tile's
  std::int64_t act_tiles = 0, wgt_tiles = 0;
  for (TileStep step; sequence.next(step); ++r.tiles) {
    act_tiles += step.load_act ? 1 : 0;
    wgt_tiles += step.load_wgt ? 1 : 0;
    const Handshake::Arrival arrival = handshake_.await_arrival(r.tiles);
    const CycleCauses before = r.causes;
    const std::int64_t edge_free = timing.issue_end;
    std::int64_t idle_from = edge_free;
    wait_for(idle_from, arrival.out, r.causes.wait_out);
    wait_for(idle_from, arrival.act, r.causes.wait_act);
    wait_for(idle_from, arrival.wgt, r.causes.wait_wgt);
    sleep_until(idle_from);
    const std::int64_t ready = std::max({arrival.out, arrival.act, arrival.wgt});
    timing = engine.stream(step, ready, job.values && sequence.instance() == 0);
    r.causes.issue += timing.cycles;
    complete = std::max(complete, timing.complete);
    handshake_.publish_issue(timing, act_tiles - 1, wgt_tiles - 1);
    traffic_count.add(step);
    if (TimelineTile* tile = job.timeline ? job.timeline->tile(r.tiles) : nullptr) {
      tile->step = step;
      tile->instance = sequence.instance();
      tile->timing = timing;
      tile->idle_from = edge_free;
      tile->wait_out = r.causes.wait_out - before.wait_out;
      tile->wait_act = r.causes.wait_act - before.wait_act;
      tile->wait_wgt = r.causes.wait_wgt - before.wait_wgt;
    }
  }
  // WS steps stretched by the edge may outlast their last value.
  const std::int64_t array_end = std::max(complete, timing.issue_end);
  r.causes.issue.fill_drain += array_end - timing.issue_end;
  r.cycles = std::max(array_end, handshake_.await_end());
  r.causes.store_tail += r.cycles - array_end;
  traffic_count.add_to(r.counters);
  if (job.timeline) {
    job.timeline->array_end = array_end;
    job.timeline->cycles = r.cycles;
  }
  sleep_until(r.cycles);
}

/// Kernel reports from warnings up are failures of the simulator.
std::string& first_report() {
  static std::string text;
  return text;
}

void record_report(const sc_core::sc_report& report, const sc_core::sc_actions&) {
  if (report.get_severity() < sc_core::SC_WARNING || !first_report().empty()) return;
  first_report() = std::string("SystemC: ") + report.get_msg_type() + ": " + report.get_msg();
}

}  // namespace

std::vector<GemmResult> simulate(std::span<const GemmJob> jobs, const SimulateOptions& options,
                                 KernelStats* stats) {
  static bool elaborated = false;
  check_invariant(!elaborated,
                  "simulate() may be called once per process: SystemC elaborates only once; pass "
                  "all jobs in one call");
  elaborated = true;
  sc_core::sc_report_handler::set_handler(record_report);
  KernelStats ignored;
  std::vector<GemmResult> results;
  results.reserve(jobs.size());
  // Kept to the end of the process: the kernel's objects must outlive its registry.
  static std::unique_ptr<Machine> machine;
  machine = std::make_unique<Machine>("machine", jobs, options, stats ? *stats : ignored, results);
  sc_core::sc_start();
  if (machine->failure()) std::rethrow_exception(machine->failure());
  if (!first_report().empty()) throw InvariantError(first_report());
  check_invariant(results.size() == jobs.size(), "the simulation stopped before its last GEMM");
  return results;
}

ArrayWork array_work(const ScheduledGemm& gemm) {
  const GemmProblem& p = gemm.problem;
  const WeightQuant& weight = p.quant.weight;
  ArrayWork work;
  work.timing = p.array;
  work.formats = {weight.mac, p.quant.act.store};
  work.scale_groups = p.task.segment > 0;
  work.zero_points = weight.zero && weight.zero->apply == Apply::kAfterGroup;
  if (work.zero_points) work.zero_format = weight.zero->type;
  // Sums leave while the next ones form: between groups, and between passes that overlap.
  work.shadow = work.scale_groups || p.array.pass_overlap;
  return work;
}

GemmResult calculate(const ScheduledGemm& gemm,
                     const std::function<Counters(const TileShape&)>& array_events) {
  const Cost cost = evaluate(gemm.problem, gemm.tiling);
  GemmResult r;
  r.tiling = gemm.tiling;
  r.tiles = cost.steps;
  r.cycles = cost.cycles;
  r.causes = cost.causes;
  r.counters = schedule_events(gemm.problem, gemm.tiling, array_events);
  r.counters[Event::kPeCycle] += pe_cycles(gemm.problem.array, cost.cycles);
  r.memory_cycles = cost.memory_cycles;
  r.bound = bound_of(cost);
  return r;
}

}  // namespace mixpe
