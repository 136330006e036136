// The contract of a PE inside the machine, for every registered PE, variant and mode; none is
// named.
//  * `cycle` and `literal` give what the closed form gives: cycles, causes, events.
//  * MACs are conserved. Every event raised is priced; every price is used.
//  * A parameter outside its range is refused with its place.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "models/pe/registry.h"
#include "sim/config/arch.h"
#include "sim/config/pe_yaml.h"
#include "sim/energy/bill.h"
#include "sim/energy/tech.h"
#include "sim/mapping/search.h"
#include "sim/timing/engines/tile_engine.h"
#include "sim/timing/machine.h"

namespace mixpe {
namespace {

constexpr std::int64_t kM = 11, kN = 9, kK = 77, kGroup = 16;

/// A small machine around a PE given as a flow map: `{name: …, …}`.
std::string arch_text(const std::string& pe, const char* dataflow) {
  return fmt::format(R"(name: contract
clock: 500 MHz
tech: nangate45
array: {{rows: 4, cols: 4, dataflow: {}, accumulator_rows: 8}}
pe: {}
dequant: {{placement: after_group, lanes: 2, latency: 3 cycles, accumulate: 5 cycles}}
buffers:
  act: {{size: 8 KiB, banks: 1, width: 256 bit}}
  wgt: {{size: 8 KiB, banks: 1, width: 256 bit}}
  out: {{size: 8 KiB, banks: 2, width: 256 bit}}
memory: {{model: ideal, bandwidth: 8 GB/s, latency: 20 cycles}}
)",
                     dataflow, pe);
}

std::string pe_text(const PeSpec& spec) {
  std::string text = "{name: " + spec.name;
  for (const auto& [key, value] : spec.params) text += ", " + key + ": " + value;
  return text + "}";
}

/// One GEMM whose weights are scaled, with a zero-point, after each group.
Workload workload_for(const PeMode& mode) {
  GemmQuant quant;
  quant.weight.store = quant.weight.mac = mode.weights.front();
  quant.weight.scales = {{.k = kGroup, .type = kFp16, .apply = Apply::kAfterGroup}};
  quant.weight.zero =
      ZeroSpec{.k = kGroup, .type = unsigned_int(4), .apply = Apply::kAfterGroup, .stored = {}};
  quant.act.store = mode.acts.front();
  Workload w;
  w.name = "contract";
  Gemm gemm;
  gemm.layer = "l";
  gemm.op = "o";
  gemm.m = kM;
  gemm.n = kN;
  gemm.k = kK;
  gemm.quant = w.quant_index(quant);
  w.gemms.push_back(gemm);
  return w;
}

/// A PE in one mode on one machine.
struct Subject {
  std::string name;
  ArchSpec arch;
  std::string mode;
  std::vector<ScheduledGemm> schedule;
};

std::vector<std::unique_ptr<Subject>> subjects() {
  std::vector<std::unique_ptr<Subject>> all;
  for (const PeSpec& spec : all_pe_variants()) {
    for (const PeMode& mode : spec.modes) {
      for (const char* dataflow : {"os", "ws"}) {
        Diagnostics wrong;
        const std::string pe = pe_text(spec);
        const auto arch = load_arch_text("contract.yaml", arch_text(pe, dataflow), wrong);
        wrong.throw_if_any();
        auto s = std::make_unique<Subject>();
        s->name = pe + " " + mode.name + " " + dataflow;
        s->arch = *arch;
        s->mode = mode.name;
        s->schedule = map_workload(workload_for(mode), s->arch);
        all.push_back(std::move(s));
      }
    }
  }
  return all;
}

GemmResult closed_form(const Subject& s) {
  const ArrayWork work = array_work(s.schedule.front());
  return calculate(s.schedule.front(),
                   [&](const TileShape& shape) { return tile_events(work, shape); });
}

/// Of the Verilated arrays' limits (docs/validation.md) these two can only meet PEs of the future.
TEST(PeContract, NoPeNeedsWhatTheVerilatedArraysLack) {
  for (const PeSpec& spec : all_pe_variants()) {
    for (const PeMode& mode : spec.modes) {
      EXPECT_EQ(mode.lanes_m * mode.lanes_n, 1) << pe_text(spec) << " " << mode.name;
      for (const Format& weight : mode.weights) {
        const bool may_have_zero_points = !weight.is_signed() && !weight.is_coded();
        for (const Format& act : mode.acts) {
          EXPECT_FALSE(may_have_zero_points && act.is_coded()) << pe_text(spec) << " " << mode.name;
        }
      }
    }
  }
}

TEST(PeContract, ClockedEnginesGiveTheClosedFormsCyclesAndEvents) {
  const auto all = subjects();
  ASSERT_GE(all.size(), 2 * registered_pes().size() - 2);
  std::vector<GemmJob> jobs;
  for (const auto& s : all) {
    for (const Engine engine : {Engine::kCycle, Engine::kLiteral}) {
      jobs.push_back({&s->schedule.front(),
                      [&s, engine] { return make_engine(engine, array_work(s->schedule.front())); },
                      false});
    }
  }
  const std::vector<GemmResult> found = simulate(jobs);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Subject& s = *all[i / 2];
    SCOPED_TRACE(s.name + (i % 2 == 0 ? " cycle" : " literal"));
    const GemmResult expected = closed_form(s);
    EXPECT_EQ(found[i].cycles, expected.cycles);
    EXPECT_EQ(found[i].causes, expected.causes);
    for (int e = 0; e < kEventCount; ++e) {
      const auto event = static_cast<Event>(e);
      EXPECT_EQ(found[i].counters[event], expected.counters[event]) << event_info(event).name;
    }
  }
}

TEST(PeContract, EveryMacIsCountedOnce) {
  for (const auto& s : subjects()) {
    SCOPED_TRACE(s->name);
    EXPECT_EQ(closed_form(*s).counters[Event::kMac], static_cast<std::uint64_t>(kM * kN * kK));
  }
}

TEST(PeContract, EveryEventIsPricedAndEveryPriceIsUsed) {
  for (const auto& s : subjects()) {
    SCOPED_TRACE(s->name);
    Diagnostics wrong;
    const TechTable tech = load_tech(s->arch.tech, wrong);
    const PriceList prices = price(s->arch, tech, wrong);
    ASSERT_TRUE(wrong.ok()) << wrong.text();
    const GemmResult r = closed_form(*s);
    // Throws for an event without a price.
    const EnergyBill b =
        bill(r.counters, static_cast<std::uint64_t>(r.cycles), s->mode, s->arch, prices);
    ASSERT_EQ(b.lines.size(), prices.energy.size());
    for (std::size_t i = 0; i < b.lines.size(); ++i) {
      const bool other_mode = !prices.energy[i].mode.empty() && prices.energy[i].mode != s->mode;
      if (other_mode) continue;
      EXPECT_GT(b.lines[i].energy_pj, 0) << b.lines[i].name;
    }
  }
}

TEST(PeContract, MorePesCostMoreAreaAndIdleOnesAreNotFree) {
  for (const auto& s : subjects()) {
    SCOPED_TRACE(s->name);
    Diagnostics wrong;
    const TechTable tech = load_tech(s->arch.tech, wrong);
    ArchSpec larger = s->arch;
    larger.array.rows *= 2;
    const PriceList small = price(s->arch, tech, wrong);
    const PriceList large = price(larger, tech, wrong);
    ASSERT_TRUE(wrong.ok()) << wrong.text();
    EXPECT_GT(area(larger, large).of(Component::kPeArray),
              1.99 * area(s->arch, small).of(Component::kPeArray));
    // The same work in the same cycles on twice the PEs: the idle half still has clock and leakage.
    GemmResult r = closed_form(*s);
    const auto cycles = static_cast<std::uint64_t>(r.cycles);
    const double few = bill(r.counters, cycles, s->mode, s->arch, small).total_pj;
    r.counters[Event::kPeCycle] *= 2;
    EXPECT_GT(bill(r.counters, cycles, s->mode, larger, large).total_pj, 1.01 * few);
  }
}

TEST(PeContract, ParametersOutsideTheirRangeAreRefusedWithTheirPlace) {
  for (const auto& [name, declaration] : pe_declarations()) {
    for (const PeParam& param : declaration.params) {
      SCOPED_TRACE(name + "." + param.name);
      const std::string bad = param.is_choice ? "nonsense" : std::to_string(param.max + 1);
      const std::string pe = "{name: " + name + ", " + param.name + ": " + bad + "}";
      Diagnostics wrong;
      EXPECT_FALSE(load_arch_text("contract.yaml", arch_text(pe, "os"), wrong));
      ASSERT_FALSE(wrong.ok());
      const Diagnostic& d = wrong.list().front();
      EXPECT_EQ(d.at.file, "contract.yaml");
      EXPECT_EQ(d.at.line, 5);
      EXPECT_EQ(d.path, "pe." + param.name);
    }
  }
}

}  // namespace
}  // namespace mixpe
