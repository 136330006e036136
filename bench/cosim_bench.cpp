// How many operand pairs a second `mixpe cosim` checks: Verilated PE, functional model, comparison
// of every output in every cycle. Goal: 3 M pairs a second on one core for mixpe_w4a8. The RTL is
// compiled before the clock starts, and kept where `mixpe cosim` keeps it.

#include <benchmark/benchmark.h>

#include <stdexcept>

#include "sim/cosim/pe_check.h"

namespace mixpe {
namespace {

CheckGroup group_of(const std::string& name) {
  for (const PeSpec& pe : checked_pe_variants()) {
    for (const Dataflow d : {Dataflow::kOutputStationary, Dataflow::kWeightStationary}) {
      CheckGroup group = pe_check_group(pe, d, BuildCache::of_user());
      if (group.name == name) return group;
    }
  }
  throw std::invalid_argument("no group " + name);
}

/// Items are operand pairs.
void check_pairs(benchmark::State& state, const std::string& group, const std::string& check) {
  CheckOptions options;
  options.full = true;  // long enough for reset and start not to show
  for (const Check& c : group_of(group).checks(std::nullopt)) {
    if (c.name != group + "/" + check) continue;
    std::int64_t pairs = 0;
    for (auto _ : state) {
      const CheckOutcome outcome = run_check(c, options);
      if (!outcome.ok()) state.SkipWithError("the RTL differs");
      pairs += static_cast<std::int64_t>(outcome.result.operations);
    }
    state.SetItemsProcessed(pairs);
    return;
  }
  state.SkipWithError("no such check");
}

BENCHMARK_CAPTURE(check_pairs, w4a8_os_groups, "mixpe_w4a8/weights=w4/os", "i4xi8/histories");
BENCHMARK_CAPTURE(check_pairs, w4a8_ws_tiles, "mixpe_w4a8/weights=w4/ws", "i4xi8/tiles");
BENCHMARK_CAPTURE(check_pairs, int8_os_all_pairs, "int8/os", "i8xi8/pairs");
BENCHMARK_CAPTURE(check_pairs, w4a16_fixed_all_pairs, "mixpe_w4a16/sum=fixed/os", "i4xfp16/pairs");

}  // namespace
}  // namespace mixpe
