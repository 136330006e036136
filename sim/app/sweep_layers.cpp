#include "sim/app/sweep_layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "sim/app/progress.h"
#include "sim/app/run.h"
#include "sim/app/sweep_evaluate.h"
#include "sim/report/report.h"
#include "sim/sweep/answers.h"
#include "sim/sweep/metrics.h"

namespace mixpe {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kShownDesigns = 16;
constexpr std::size_t kMostBytes = 4'000'000;  ///< a run of an LLM has some 13,000
constexpr std::size_t kSharedGemms = std::size_t{1} << 16;

/// Why a design cannot be shown.
struct Stale {
  std::string why;
};

/// The metrics that values add have no place here: NaN, in the store or in `found`.
bool same(const std::vector<double>& stored, const std::vector<double>& found) {
  return std::equal(stored.begin(), stored.end(), found.begin(), found.end(),
                    [](double a, double b) { return a == b || std::isnan(a) || std::isnan(b); });
}

class Runner {
 public:
  explicit Runner(const SweepPlan& plan) : plan_(plan), resolver_(plan, program_revision()) {}

  /// Runs points whose energy follows operands: with these in one simulation, which is all that a
  /// process can do. runs() then has their results.
  void simulate(const std::vector<const StoredPoint*>& all) {
    std::vector<RunRequest> requests;
    for (const StoredPoint* stored : all) {
      ResolvedPoint point = resolved(*stored);
      point.arch.array.engine = Engine::kTile;
      for (const auto& workload : point.workloads) requests.push_back({point.arch, *workload});
    }
    const SweepBase& base = plan_.base;
    std::vector<Run> runs =
        run_all(requests, value_request(base.values, static_cast<std::uint64_t>(base.seed), true));
    const std::size_t phases = resolver_.phases().size();
    for (std::size_t i = 0; i < runs.size(); ++i) {
      simulated_[all[i / phases]].push_back(std::move(runs[i].result));
    }
  }

  /// [{phase, result}]
  Json runs(const StoredPoint& stored) {
    ResolvedPoint point = resolved(stored);
    const Engine engine = std::exchange(point.arch.array.engine, Engine::kTile);
    const auto simulated = simulated_.find(&stored);
    std::vector<RunResult> results = simulated != simulated_.end()
                                         ? std::move(simulated->second)
                                         : evaluate(point, std::nullopt, known_);
    if (!same(stored.metrics, metrics_of(results, point.prices))) {
      throw Stale{"The program gives other results now than the store has."};
    }
    Json all = Json::array();
    const std::vector<std::string> phases = resolver_.phases();
    for (std::size_t i = 0; i < results.size(); ++i) {
      results[i].arch.array.engine = engine;
      Json result = run_json(results[i], caveats(results[i], point.prices));
      result.erase("events");  // the page does not show them
      for (Json& layer : result["layers"]) layer.erase("events");
      all.push_back({{"phase", phases[i]}, {"result", std::move(result)}});
    }
    return all;
  }

 private:
  ResolvedPoint resolved(const StoredPoint& stored) {
    Diagnostics wrong;
    const std::optional<Choice> choice = plan_.choice_of(stored.values);
    std::optional<ResolvedPoint> point = choice ? resolver_.resolve(*choice, wrong) : std::nullopt;
    if (!point)
      throw Stale{"A file that the sweep names cannot be read as it was: " + wrong.text()};
    if (point->key != stored.key) throw Stale{"A file that the sweep names has changed since."};
    return std::move(*point);
  }

  const SweepPlan& plan_;
  Resolver resolver_;
  GemmResults known_{kSharedGemms};
  std::map<const StoredPoint*, std::vector<RunResult>> simulated_;
};

}  // namespace

Json sweep_layers(const std::vector<StoredPoint>& points, const StoreMeta& meta,
                  const SweepPlan& plan, const std::vector<std::size_t>& asked) {
  Json all = {{"designs", Json::array()}, {"without", ""}};
  const auto stop = [&](const std::string& why) {
    if (!asked.empty()) throw UserError("--design: layers cannot be shown. " + why);
    all["without"] = "The store keeps no layers, and designs cannot be run again. " + why;
    return all;
  };
  if (meta.revision != program_revision()) {
    return stop("The store was written by another revision of the program, " + meta.revision + ".");
  }
  std::vector<std::size_t> wanted = asked;
  for (const std::size_t i : points_worth_a_look(points, meta, plan, kShownDesigns)) {
    if (std::count(wanted.begin(), wanted.end(), i) == 0) wanted.push_back(i);
  }
  if (wanted.empty()) return all;  // nothing is done
  Runner runner(plan);
  if (plan.base.data_dependent_energy) {
    std::vector<const StoredPoint*> all;
    for (const std::size_t i : wanted) all.push_back(&points[i]);
    try {
      runner.simulate(all);
    } catch (const Stale& stale) {
      return stop(stale.why);
    }
  }
  Progress progress("running design", wanted.size());
  std::size_t bytes = 0;
  for (std::size_t n = 0; n < wanted.size(); ++n) {
    try {
      Json one = {{"design", wanted[n]}, {"runs", runner.runs(points[wanted[n]])}};
      bytes += one.dump().size();
      if (bytes > kMostBytes && n >= asked.size() && n > 0) break;
      all["designs"].push_back(std::move(one));
      progress.done(n + 1);
    } catch (const Stale& stale) {
      all["designs"].clear();
      return stop(stale.why);
    }
  }
  all["without"] =
      "The best designs of each objective and others of the Pareto front; mixpe report --design "
      "adds more.";
  return all;
}

}  // namespace mixpe
