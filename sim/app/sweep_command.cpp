#include "sim/app/sweep_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <thread>

#include "sim/app/progress.h"
#include "sim/app/sweep_evaluate.h"
#include "sim/report/output.h"
#include "sim/sweep/answers.h"
#include "sim/sweep/explore.h"
#include "sim/sweep/merge.h"
#include "sim/sweep/metrics.h"
#include "sim/sweep/points_chart.h"
#include "sim/sweep/search.h"
#include "sim/workload/locate.h"

namespace mixpe {
namespace {

/// A point of an LLM has some 50 different GEMMs; the table takes 0.5 KiB for each.
constexpr std::size_t kSharedGemms = std::size_t{1} << 18;
constexpr std::size_t kShownPoints = 5, kTimedPoints = 4;
constexpr std::int64_t kPsPerMs = 1'000'000'000;

/// Whether points may need SystemC, which a process can start once only.
bool may_simulate(const SweepPlan& plan, const ResolvedPoint& example) {
  if (!plan.base.values.empty() || example.arch.array.engine != Engine::kTile) return true;
  const std::vector<std::string> keys = plan.keys();
  return std::any_of(keys.begin(), keys.end(), [](const std::string& key) {
    return key == "arch" || key == "arch.array.engine";
  });
}

struct Shard {
  std::size_t index = 0, count = 1;
};

Shard parse_shard(const std::string& text) {
  if (text.empty()) return {};
  const std::size_t slash = text.find('/');
  std::string why;
  const auto index = strict_integer(text.substr(0, slash), why);
  const auto count =
      slash == std::string::npos ? std::nullopt : strict_integer(text.substr(slash + 1), why);
  if (!index || !count || *count < 1 || *index < 1 || *index > *count) {
    throw UserError("--shard: must be which/how many; got " + text + "; allowed 1/8 to 8/8, say");
  }
  return {static_cast<std::size_t>(*index - 1), static_cast<std::size_t>(*count)};
}

/// Every count-th point: neighbours, which cost alike, are spread over the shards.
std::vector<PlannedPoint> in_shard(const std::vector<PlannedPoint>& points, const Shard& shard) {
  std::vector<PlannedPoint> all;
  for (std::size_t i = shard.index; i < points.size(); i += shard.count) all.push_back(points[i]);
  return all;
}

std::string planned_text(const SweepPlan& plan, const PlannedSweep& planned) {
  std::string text = fmt::format("sweep {}: {} combinations looked at, {} points\n", plan.name,
                                 planned.looked_at, planned.points.size());
  for (std::size_t i = 0; i < plan.constraints.size(); ++i) {
    if (planned.excluded[i] == 0) continue;
    text +=
        fmt::format("  {} excluded by {}\n", planned.excluded[i], plan.constraints[i].rule.text());
  }
  if (planned.invalid > 0) {
    text += fmt::format("  {} are no valid machine or workload, such as {}\n", planned.invalid,
                        planned.first_invalid);
  }
  if (planned.repeated > 0) {
    text += fmt::format("  {} equal another in all that matters\n", planned.repeated);
  }
  return text;
}

std::string first_points_text(Resolver& resolver, const std::vector<PlannedPoint>& points) {
  std::string text = "first points:\n";
  for (std::size_t i = 0; i < std::min(points.size(), kShownPoints); ++i) {
    Diagnostics ignored;
    const Assignment all = resolver.assignment(points[i].choice, ignored).value();
    std::string line;
    for (const auto& [key, value] : all) line += (line.empty() ? "" : ", ") + key + " = " + value;
    text += "  " + line + "\n";
  }
  return text;
}

/// Runs a few of `points` and multiplies.
std::string estimate_text(const Exploration& exploration, const std::vector<PlannedPoint>& points,
                          std::size_t total) {
  PoolOptions one = exploration.pool;
  one.workers = 1;
  WorkerPool pool(one, [&](const std::string& index) {
    run_point(exploration, points[std::stoul(index)].choice);
    return std::string();
  });
  const std::size_t timed = std::min(points.size(), kTimedPoints);
  std::size_t started = 0;
  const auto begin = std::chrono::steady_clock::now();
  const bool finished = pool.run(
      [&]() -> std::optional<PoolJob> {
        if (started == timed) return std::nullopt;
        const std::size_t at = started++ * points.size() / timed;  // spread over the sweep
        return PoolJob{at, std::to_string(at)};
      },
      [](std::size_t, const PoolAnswer&) {});
  if (!finished || timed == 0) return {};
  const double each_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() /
      static_cast<double>(timed);
  return fmt::format(
      "about {:.3g} s for each of {} points that were tried: at most about {:.3g} s with {} "
      "workers; points that share GEMMs take less\n",
      each_s, timed,
      each_s * static_cast<double>(total) / static_cast<double>(exploration.pool.workers),
      exploration.pool.workers);
}

std::string store_path(const SweepPlan& plan, const SweepOptions& o) {
  return o.store.empty() ? std::filesystem::path(plan.file).stem().string() + ".db" : o.store;
}

SweepPlan load(const std::string& name) {
  Diagnostics wrong;
  const auto path = find_config("sweeps", name, wrong);
  std::optional<SweepPlan> plan = path ? load_sweep(*path, wrong) : std::nullopt;
  wrong.throw_if_any();
  return std::move(*plan);
}

/// What is written beside the answers; empty names: nothing.
struct Outputs {
  std::string csv, json, chart;
};

void check_outputs(const Outputs& out) {
  const std::array<std::pair<const char*, std::string>, 3> named = {
      {{"--csv", out.csv}, {"--json", out.json}, {"--chart", out.chart}}};
  for (std::size_t i = 0; i < named.size(); ++i) {
    const std::string& path = named[i].second;
    if (path.empty()) continue;
    for (std::size_t j = 0; j < i; ++j) {
      if (named[j].second != path) continue;
      throw UserError(std::string(named[j].first) + ": two results cannot go into one file; got " +
                      path);
    }
    check_writable(path);
  }
}

std::string show(Store& store, const Outputs& out) {
  const SweepPlan plan = plan_of(store);
  std::vector<OutputFile> files;
  if (!out.csv.empty()) files.push_back({out.csv, points_csv(store, plan)});
  if (!out.json.empty()) files.push_back({out.json, points_json(store, plan)});
  if (!out.chart.empty()) files.push_back({out.chart, points_chart(store, plan)});
  std::string text = answers_text(store, plan);
  write_files(files);
  return text;
}

[[noreturn]] void interrupted(const Store& store, const SweepOptions& o) {
  throw Interrupted{Interrupts::signal(),
                    fmt::format("interrupted; finished points are in {}. To go on: mixpe sweep {} "
                                "--store {}{}\n",
                                store.path(), o.sweep, store.path(),
                                o.shard.empty() ? "" : " --shard " + o.shard)};
}

/// A list of points that is known beforehand.
std::string run_points(const Exploration& e, const Shard& shard, const SweepOptions& o,
                       const std::function<Store()>& open_store) {
  const PlannedSweep planned = plan_points(e.plan, e.resolver, e.judge);
  const std::vector<PlannedPoint> points = in_shard(planned.points, shard);
  std::string text = planned_text(e.plan, planned);
  if (shard.count > 1) text += fmt::format("  {} of them in shard {}\n", points.size(), o.shard);
  if (o.dry_run) {
    return text + first_points_text(e.resolver, points) + estimate_text(e, points, points.size());
  }
  Store store = open_store();
  const Interrupts interrupts;
  Progress progress("point", points.size());
  if (!explore(e, points, store, [&](std::size_t done) { progress.done(done); })) {
    interrupted(store, o);
  }
  return text + "\n" + show(store, {o.csv, o.json, o.chart});
}

/// Points that are found on the way.
std::string run_search(const Exploration& e, const ResolvedPoint& example, const SweepOptions& o,
                       const std::function<Store()>& open_store) {
  const Sampler& s = e.plan.sampler;
  const auto most = static_cast<std::size_t>(s.population * (s.generations + 1));
  if (o.dry_run) {
    const std::vector<PlannedPoint> one = {{Choice(e.plan.axes.size(), 0), example.key}};
    return fmt::format("sweep {}: a search that asks for at most {} points\n", e.plan.name, most) +
           estimate_text(e, one, most);
  }
  Store store = open_store();
  const Interrupts interrupts;
  Progress progress("point", most);
  const SearchResult found = search(e, store, [&](std::size_t done) { progress.done(done); });
  if (!found.finished) interrupted(store, o);
  return fmt::format("sweep {}: the search asked for {} points, {} of them not runnable\n\n",
                     e.plan.name, found.asked, found.not_runnable) +
         show(store, {o.csv, o.json, o.chart});
}

PoolOptions pool_options(const SweepPlan& plan, const ResolvedPoint& example, int workers) {
  const auto cores = static_cast<int>(std::thread::hardware_concurrency());
  return {.workers = workers > 0 ? workers : std::max(1, cores),
          .time_limit = std::chrono::milliseconds(plan.limits.time_ps / kPsPerMs),
          .memory_bytes = plan.limits.memory_bytes,
          .fresh_worker_for_each_job = may_simulate(plan, example)};
}

}  // namespace

std::string sweep_command(const SweepOptions& o) {
  const Shard shard = parse_shard(o.shard);
  check_outputs({o.csv, o.json, o.chart});
  const SweepPlan plan = load(o.sweep);
  Resolver resolver(plan, program_revision());
  const ResolvedPoint example = first_valid_point(plan, resolver);
  Diagnostics wrong;
  const Judge judge(plan, resolver, example, wrong);
  wrong.throw_if_any();

  GemmResults known(kSharedGemms);
  const std::optional<ValueRequest> values =
      value_request(plan.base.values, static_cast<std::uint64_t>(plan.base.seed),
                    plan.base.data_dependent_energy);
  const Exploration exploration{
      plan, resolver, judge,
      [&](const ResolvedPoint& point) { return evaluate(point, values, known); },
      pool_options(plan, example, o.workers)};
  const auto open_store = [&] {
    Store store =
        Store::open(store_path(plan, o), {program_revision(), plan.identity, plan.file, plan.source,
                                          plan.keys(), metric_names(resolver.phases())});
    if (o.retry_failed) store.forget_failed();
    return store;
  };
  const auto with_effort = [&](std::string text) {
    if (o.dry_run || known.computed() == 0) return text;
    return fmt::format("{} different GEMMs timed\n", known.computed()) + text;
  };
  if (plan.sampler.kind == SamplerKind::kNsga2) {
    if (!o.shard.empty()) {
      throw UserError(
          "--shard: a search cannot be divided, each generation needs the one before; got " +
          o.shard + "; allowed samplers grid, random, sobol");
    }
    return with_effort(run_search(exploration, example, o, open_store));
  }
  return with_effort(run_points(exploration, shard, o, open_store));
}

std::string sweep_show_command(const SweepShowOptions& o) {
  check_outputs({o.csv, o.json, o.chart});
  Store store = Store::read(o.store);
  return show(store, {o.csv, o.json, o.chart});
}

std::string sweep_merge_command(const SweepMergeOptions& o) {
  return merge_stores(o.stores, o.output);
}

}  // namespace mixpe
