#include "sim/app/assemble.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "sim/energy/bill.h"
#include "sim/report/report.h"

namespace mixpe {
namespace {

const std::map<std::string, Distribution>& distributions() {
  static const std::map<std::string, Distribution> all = {{"uniform", Distribution::kUniform},
                                                          {"gaussian", Distribution::kGaussian},
                                                          {"llm", Distribution::kLlm}};
  return all;
}

std::string distribution_name(Distribution d) {
  const auto& all = distributions();
  return std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.second == d; })
      ->first;
}

/// Adds another task's values to a layer's: the digest is that of the digests, the SNR the worst.
void add_values(std::optional<ValueReport>& into, const ValueReport& task) {
  if (!into) {
    into = task;
    return;
  }
  std::array<Code, 2> halves{static_cast<Code>(task.digest), static_cast<Code>(task.digest >> 32)};
  into->digest = fnv1a(halves, 32, into->digest);
  into->snr_db = std::min(into->snr_db, task.snr_db);
  into->model_snr_db = std::min(into->model_snr_db, task.model_snr_db);
  into->snr_outputs += task.snr_outputs;
  into->overflows += task.overflows;
  into->nonfinite += task.nonfinite;
}

std::int64_t macs_of(const GemmTask& task) {
  return task.m * task.n * task.k * task.batch * task.count;
}

/// The task's operands among those of the layer's tasks so far, its own MACs counted.
void add_operands(LayerResult& layer, const GemmTask& task,
                  const std::optional<OperandStatistics>& operands) {
  if (!operands) return;
  if (!layer.operands) layer.operands = *operands;
  layer.operands->blend(
      *operands, static_cast<double>(macs_of(task)) / static_cast<double>(layer.executed_macs));
}

/// Adds one task's result, for all of its repetitions.
void add_task(LayerResult& layer, const ScheduledGemm& gemm, const GemmResult& result) {
  const GemmTask& task = gemm.problem.task;
  layer.tiles += result.tiles * task.count;
  layer.executed_macs += macs_of(task);
  layer.cycles += result.cycles * task.count;
  layer.causes.add_difference(result.causes, {}, task.count);
  layer.counters.add_scaled(result.counters, static_cast<std::uint64_t>(task.count));
}

/// What bounds a task. Where PEs take operands most of the time but most of them have none (few
/// rows in decode, say), the array's shape is the bound, not its speed.
std::string bound_of_task(const ArchSpec& arch, const ScheduledGemm& gemm,
                          const GemmResult& result) {
  const GemmTask& t = gemm.problem.task;
  const double macs = static_cast<double>(t.m * t.n * t.k * t.batch);
  const double slots =
      static_cast<double>(result.causes.issue.compute) * peak_macs_per_cycle(arch, gemm.mode->name);
  if (result.bound == Bound::kCompute && macs < 0.5 * slots) return "unfilled_array";
  return bound_name(result.bound);
}

/// The buffer before the aligners is built for segments of a length; a workload with longer ones
/// needs a larger one than the area says.
void note_undersized_buffer(RunResult& r, const std::vector<ScheduledGemm>& schedule,
                            const PriceList& prices) {
  if (!prices[Component::kScanBuffer].built) return;
  std::int64_t longest = 0;
  for (const ScheduledGemm& s : schedule) {
    const std::int64_t group = s.problem.task.segment;
    const std::int64_t elements = group > 0 ? std::min(group, s.tiling.k) : s.tiling.k;
    longest = std::max(longest, (elements + s.mode->lanes_k - 1) / s.mode->lanes_k);
  }
  if (longest <= prices.scan_buffer_steps) return;
  r.notes.push_back(fmt::format(
      "The buffers before the aligners are priced for segments of at most {} steps; segments of {} "
      "steps, as here, need larger ones, which the area leaves out.",
      prices.scan_buffer_steps, longest));
}

}  // namespace

std::optional<ValueRequest> value_request(const std::string& distribution, std::uint64_t seed,
                                          bool price_operands) {
  if (distribution.empty()) return std::nullopt;
  return ValueRequest{distributions().at(distribution), seed, price_operands};
}

Run assemble(const RunRequest& request, const std::vector<ScheduledGemm>& schedule,
             const Finished& finished, const PriceList& prices,
             const std::optional<ValueRequest>& values) {
  const Workload& w = request.workload;
  RunResult r;
  r.arch = request.arch;
  r.workload = w.name;
  r.scheme = w.scheme;
  r.llm = w.llm;
  r.phase = w.phase;
  r.tokens = w.tokens;
  r.notes = w.notes;
  if (values) {
    r.seed = values->seed;
    r.distribution = distribution_name(values->distribution);
    r.operands_priced = values->price_operands;
  }
  std::int64_t largest = 0;  // cycles of the layer's largest task so far
  for (std::size_t i = 0; i < schedule.size(); ++i) {
    const int index = schedule[i].problem.task.gemm;
    const bool new_layer = i == 0 || schedule[i - 1].problem.task.gemm != index;
    if (new_layer) {
      LayerResult& layer = r.layers.emplace_back();
      layer.gemm = w.gemms[static_cast<std::size_t>(index)];
      layer.phase = w.phase;
      layer.mode = schedule[i].mode->name;
      layer.tasks = 0;
      largest = -1;
    }
    LayerResult& layer = r.layers.back();
    ++layer.tasks;
    add_task(layer, schedule[i], finished.results[i]);
    add_operands(layer, schedule[i].problem.task, finished.works[i]->operand_statistics());
    if (finished.results[i].cycles > largest) {
      largest = finished.results[i].cycles;
      layer.tiling = finished.results[i].tiling;
      layer.bound = bound_of_task(r.arch, schedule[i], finished.results[i]);
    }
    if (finished.works[i]->report()) {
      ValueReport report = *finished.works[i]->report();
      report.overflows = finished.results[i].counters[Event::kOverflow];
      add_values(layer.values, report);
    }
  }
  for (LayerResult& layer : r.layers) {
    layer.energy = bill(layer.counters, static_cast<std::uint64_t>(layer.cycles), layer.mode,
                        r.arch, prices, layer.operands);
    r.cycles += layer.cycles;
    r.causes += layer.causes;
    r.counters += layer.counters;
    r.energy += layer.energy;
  }
  check_invariant(r.causes.total() == r.cycles, "the causes of cycles must add up to the cycles");
  r.area = area(r.arch, prices);
  r.slow_parts = prices.too_slow_for(r.arch.clock_hz);
  std::stable_sort(
      r.slow_parts.begin(), r.slow_parts.end(),
      [](const PeriodNote& a, const PeriodNote& b) { return a.min_period_ns > b.min_period_ns; });
  note_undersized_buffer(r, schedule, prices);
  std::vector<std::string> notes = caveats(r, prices);
  return {std::move(r), std::move(notes), {}};
}

}  // namespace mixpe
