// Properties of simulate() that need a process of their own: each runs in a re-executed child.

#include <gtest/gtest.h>

#include <cstdlib>

#include "sim/timing/machine.h"
#include "sim/timing/memory.h"

namespace mixpe {
namespace {

/// Streams by the closed form, then does something once.
class TestEngine final : public ArrayEngine {
 public:
  TestEngine(const ArrayTiming& array, std::function<void()> at_tile)
      : array_(array), at_tile_(std::move(at_tile)) {}
  TileTiming stream(const TileStep& step, std::int64_t ready, bool) override {
    if (at_tile_) at_tile_();
    return stream_tile(array_, step.shape, ready, edge_);
  }
  void finish() override {}
  const Counters& counters() const override { return counters_; }

 private:
  ArrayTiming array_;
  std::function<void()> at_tile_;
  EdgeState edge_;
  Counters counters_;
};

ScheduledGemm textbook(Dataflow dataflow, std::int64_t m, std::int64_t n, std::int64_t k) {
  ScheduledGemm g;
  GemmProblem& p = g.problem;
  p.task.m = m;
  p.task.n = n;
  p.task.k = k;
  p.array.dataflow = dataflow;
  p.array.rows = p.array.cols = 32;
  p.array.pass_overlap = false;
  p.array.accumulator_rows = 1 << 20;
  p.quant.weight.store = p.quant.weight.mac = signed_int(8);
  p.quant.act.store = signed_int(8);
  p.act_buffer = p.wgt_buffer = p.out_buffer = {std::int64_t{1} << 30, 1, 256};
  p.clock_hz = 700'000'000;  // a period that is no whole number of picoseconds
  return g;
}

std::vector<GemmJob> job(const ScheduledGemm& g, std::function<void()> at_tile = {}) {
  return {{&g, [&g, at_tile] { return std::make_unique<TestEngine>(g.problem.array, at_tile); }}};
}

/// A user's memory: waits inside b_transport, 30 ns a transfer.
class BlockingMemory final : public MemoryTarget {
 public:
  explicit BlockingMemory(sc_core::sc_module_name name) : MemoryTarget(name), target_("target") {
    target_.register_b_transport(this, &BlockingMemory::b_transport);
  }
  tlm::tlm_target_socket<>& socket() override { return target_; }
  void begin(const CycleClock&, const TransferRate&) override {}

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    wait(delay + sc_core::sc_time(30, sc_core::SC_NS));
    delay = sc_core::SC_ZERO_TIME;
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  tlm_utils::simple_target_socket<BlockingMemory> target_;
};

[[noreturn]] void finish_with(bool good) { std::_Exit(good ? 0 : 1); }

class MachineProcess : public ::testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};
const ::testing::ExitedWithCode kGood(0);

TEST_F(MachineProcess, CountsTheTextbookFoldsOfBothDataflows) {
  // ceil(M/R) ceil(N/C) (2R + C + K - 2) and ceil(K/R) ceil(N/C) (2R + C + M - 2).
  const auto run = [] {
    ScheduledGemm os = textbook(Dataflow::kOutputStationary, 128, 4096, 4096);
    os.tiling = {64, 512, 4096, LoopOrder::kMNK};
    ScheduledGemm ws = textbook(Dataflow::kWeightStationary, 37, 50, 100);
    ws.tiling = {37, 50, 100, LoopOrder::kMNK};
    std::vector<GemmJob> jobs = job(os);
    jobs.push_back(job(ws).front());
    const std::vector<GemmResult> r = simulate(jobs);
    finish_with(r[0].cycles == 4 * 128 * (2 * 32 + 32 + 4096 - 2) &&
                r[1].cycles == 4 * 2 * (2 * 32 + 32 + 37 - 2));
  };
  EXPECT_EXIT(run(), kGood, "");
}

TEST_F(MachineProcess, RunsWithAMemoryOfTheUser) {
  const auto run = [] {
    ScheduledGemm g = textbook(Dataflow::kOutputStationary, 32, 64, 8);
    g.problem.clock_hz = 1'000'000'000;
    g.tiling = {32, 32, 8, LoopOrder::kMNK};
    SimulateOptions options;
    options.memory = [] { return std::make_unique<BlockingMemory>("memory"); };
    const GemmResult r = simulate(job(g), options).front();
    // Act 30, wgt 60, then the next weights until 90; a fold is 2R + C + K - 2 = 102 cycles: the
    // second starts at 162, and its store takes 30 more.
    finish_with(r.cycles == 60 + 2 * 102 + 30 && r.causes.wait_act == 30 &&
                r.causes.wait_wgt == 30 && r.causes.store_tail == 30);
  };
  EXPECT_EXIT(run(), kGood, "");
}

TEST_F(MachineProcess, PassesOnWhatAnEngineThrows) {
  const auto run = [] {
    const ScheduledGemm g = [] {
      ScheduledGemm x = textbook(Dataflow::kOutputStationary, 32, 32, 8);
      x.tiling = {32, 32, 8, LoopOrder::kMNK};
      return x;
    }();
    try {
      simulate(job(g, [] { throw InvariantError("broken engine"); }));
    } catch (const InvariantError& e) {
      finish_with(std::string(e.what()) == "broken engine");
    }
    finish_with(false);
  };
  EXPECT_EXIT(run(), kGood, "");
}

TEST_F(MachineProcess, MakesKernelWarningsFailures) {
  const auto run = [] {
    ScheduledGemm g = textbook(Dataflow::kOutputStationary, 32, 32, 8);
    g.tiling = {32, 32, 8, LoopOrder::kMNK};
    try {
      simulate(job(g, [] { SC_REPORT_WARNING("test", "something odd"); }));
    } catch (const InvariantError& e) {
      finish_with(std::string(e.what()).find("something odd") != std::string::npos);
    }
    finish_with(false);
  };
  EXPECT_EXIT(run(), kGood, "");
}

TEST_F(MachineProcess, TheClockConvertsCyclesToTimeAndBack) {
  const auto run = [] {
    const CycleClock clock(sc_core::sc_time(123, sc_core::SC_PS), 999'999'937);
    bool good = true;
    for (std::int64_t c = 0; c < 100'000; c += 7) good = good && clock.cycle(clock.at(c)) == c;
    const std::int64_t late = 1'000'000'000'000;  // a quarter of an hour
    finish_with(good && clock.cycle(clock.at(late)) == late);
  };
  EXPECT_EXIT(run(), kGood, "");
}

}  // namespace
}  // namespace mixpe
