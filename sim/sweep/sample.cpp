#include "sim/sweep/sample.h"

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/sobol.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <memory>

namespace mixpe {
namespace {

/// Counts through the grid; the last axis turns fastest.
ChoiceSource grid(const SweepPlan& plan) {
  return [&plan, choice = Choice(plan.axes.size(), 0), first = true,
          ended = false]() mutable -> std::optional<Choice> {
    if (ended) return std::nullopt;
    if (first) {
      first = false;
      return choice;
    }
    for (std::size_t i = choice.size(); i-- > 0;) {
      if (++choice[i] < plan.axes[i].size()) return choice;
      choice[i] = 0;
    }
    ended = true;
    return std::nullopt;
  };
}

ChoiceSource random(const SweepPlan& plan) {
  // Boost's distributions are the same everywhere; the standard library's are not.
  auto engine = std::make_shared<boost::random::mt19937_64>(plan.sampler.seed);
  return [&plan, engine]() -> std::optional<Choice> {
    Choice choice;
    for (const Axis& axis : plan.axes) {
      boost::random::uniform_int_distribution<std::uint32_t> draw(
          0, static_cast<std::uint32_t>(axis.size() - 1));
      choice.push_back(draw(*engine));
    }
    return choice;
  };
}

ChoiceSource sobol(const SweepPlan& plan) {
  auto engine = std::make_shared<boost::random::sobol>(plan.axes.size());
  return [&plan, engine]() -> std::optional<Choice> {
    __extension__ using Wide = unsigned __int128;
    Choice choice;
    for (const Axis& axis : plan.axes) {
      // A number of 64 bits stands for one in [0, 1).
      const Wide scaled = static_cast<Wide>((*engine)()) * axis.size();
      choice.push_back(static_cast<std::uint32_t>(scaled >> 64));
    }
    return choice;
  };
}

}  // namespace

ChoiceSource make_choice_source(const SweepPlan& plan) {
  switch (plan.sampler.kind) {
    case SamplerKind::kRandom:
      return random(plan);
    case SamplerKind::kSobol:
      return sobol(plan);
    case SamplerKind::kGrid:
    case SamplerKind::kNsga2:
      break;
  }
  return grid(plan);
}

}  // namespace mixpe
