#include "sim/sweep/search.h"

#include <cmath>
#include <map>
#include <pagmo/algorithms/nsga2.hpp>
#include <pagmo/bfe.hpp>
#include <pagmo/population.hpp>
#include <pagmo/problem.hpp>
#include <pagmo/problems/unconstrain.hpp>
#include <unordered_set>

#include "sim/sweep/metrics.h"

namespace mixpe {
namespace {

struct Stopped {};

Choice choice_of(std::span<const double> genes) {
  Choice choice;
  for (const double gene : genes) choice.push_back(static_cast<std::uint32_t>(gene));
  return choice;
}

/// What is known of the points asked for; pagmo's objects below only point here.
class Known {
 public:
  Known(const Exploration& e, Store& store, const std::function<void(std::size_t)>& progress)
      : e_(e), store_(store), progress_(progress) {
    const std::vector<std::string> names = metric_names(e.resolver.phases());
    for (const Objective& o : e.plan.objectives) at_.push_back(index_of(names, o.metric).value());
  }

  const SweepPlan& plan() const { return e_.plan; }
  std::int64_t asked() const { return static_cast<std::int64_t>(outcomes_.size()); }
  std::int64_t not_runnable() const { return not_runnable_; }

  /// Runs those that are new, in parallel.
  void learn(const std::vector<Choice>& choices) {
    std::vector<PlannedPoint> points;
    std::unordered_set<std::string> keys;
    std::map<Choice, std::string> new_ones;
    for (const Choice& choice : choices) {
      if (outcomes_.contains(choice) || new_ones.contains(choice)) continue;
      Diagnostics wrong;
      const auto point = e_.resolver.resolve(choice, wrong);
      if (!point || e_.judge.excluded_by(*point)) {
        outcomes_[choice] = {};
        ++not_runnable_;
        continue;
      }
      new_ones[choice] = point->key;
      if (keys.insert(point->key).second) points.push_back({choice, point->key});
    }
    const auto before = outcomes_.size();
    if (!explore(e_, points, store_, [&](std::size_t done) { progress_(before + done); })) {
      throw Stopped{};
    }
    for (const auto& [choice, key] : new_ones) outcomes_[choice] = objectives(key);
  }

  /// To be minimised; empty: worse than any.
  const std::vector<double>& outcome(const Choice& choice) const { return outcomes_.at(choice); }

 private:
  std::vector<double> objectives(const std::string& key) {
    const std::optional<StoredPoint> point = store_.find(key);
    if (!point || point->status != PointStatus::kDone) return {};
    std::vector<double> values;
    for (std::size_t i = 0; i < at_.size(); ++i) {
      const double value = point->metrics[at_[i]];
      if (std::isnan(value)) return {};
      values.push_back(e_.plan.objectives[i].maximize ? -value : value);
    }
    return values;
  }

  const Exploration& e_;
  Store& store_;
  const std::function<void(std::size_t)>& progress_;
  std::vector<std::size_t> at_;
  std::map<Choice, std::vector<double>> outcomes_;
  std::int64_t not_runnable_ = 0;
};

/// The problem as pagmo wants it: fitness is the objectives, then one constraint, at most 0.
struct Problem {
  const Known* known = nullptr;

  pagmo::vector_double fitness(const pagmo::vector_double& genes) const {
    const std::vector<double>& outcome = known->outcome(choice_of(genes));
    pagmo::vector_double all = outcome;
    all.resize(get_nobj(), 0);
    all.push_back(outcome.empty() ? 1 : 0);
    return all;
  }
  std::pair<pagmo::vector_double, pagmo::vector_double> get_bounds() const {
    pagmo::vector_double last;
    // pagmo asks a problem that is not set up yet, too.
    if (known == nullptr) return {{0}, {0}};
    for (const Axis& axis : known->plan().axes)
      last.push_back(static_cast<double>(axis.size() - 1));
    return {pagmo::vector_double(last.size(), 0), last};
  }
  pagmo::vector_double::size_type get_nix() const {
    return known == nullptr ? 1 : known->plan().axes.size();
  }
  pagmo::vector_double::size_type get_nobj() const {
    return known == nullptr ? 1 : known->plan().objectives.size();
  }
  pagmo::vector_double::size_type get_nic() const { return 1; }
};

/// Evaluates a generation at once: all points in parallel, then each as the problem sees it.
struct Generation {
  Known* known = nullptr;

  pagmo::vector_double operator()(const pagmo::problem& problem,
                                  const pagmo::vector_double& genes) const {
    const std::size_t size = problem.get_nx();
    std::vector<Choice> choices;
    for (std::size_t i = 0; i < genes.size(); i += size) {
      choices.push_back(choice_of(std::span(genes).subspan(i, size)));
    }
    known->learn(choices);
    pagmo::vector_double all;
    for (std::size_t i = 0; i < genes.size(); i += size) {
      const auto at = genes.begin() + static_cast<std::ptrdiff_t>(i);
      const pagmo::vector_double one(at, at + static_cast<std::ptrdiff_t>(size));
      const pagmo::vector_double fitness = problem.fitness(one);
      all.insert(all.end(), fitness.begin(), fitness.end());
    }
    return all;
  }
};

}  // namespace

SearchResult search(const Exploration& e, Store& store,
                    const std::function<void(std::size_t)>& progress) {
  // Parameters of Deb et al., IEEE Trans. Evol. Comput. 6(2), 2002: crossover 0.9, one mutated gene
  // in an individual on average, distribution indices 20.
  constexpr double kCrossover = 0.9, kCrossoverIndex = 20, kMutationIndex = 20;
  const Sampler& s = e.plan.sampler;
  const auto seed = static_cast<unsigned>(s.seed);
  Known known(e, store, progress);
  SearchResult result;
  try {
    const pagmo::bfe generation{Generation{&known}};
    pagmo::nsga2 nsga2(static_cast<unsigned>(s.generations), kCrossover, kCrossoverIndex,
                       1.0 / static_cast<double>(e.plan.axes.size()), kMutationIndex, seed);
    nsga2.set_bfe(generation);
    const pagmo::problem problem{pagmo::unconstrain{Problem{&known}, "death penalty"}};
    nsga2.evolve(
        pagmo::population(problem, generation, static_cast<std::size_t>(s.population), seed));
    result.finished = true;
  } catch (const Stopped&) {
  }
  result.asked = known.asked();
  result.not_runnable = known.not_runnable();
  return result;
}

}  // namespace mixpe
