#pragma once
// For tests of engines: random small GEMMs on random small arrays, and what an engine made of them.

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "sim/timing/array_engine.h"

namespace mixpe::testing {

/// Random choices, the same for a seed on every machine.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : engine_(seed) {}
  /// In [low, high], both included.
  std::int64_t in(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(high - low + 1));
  }
  bool chance(int percent) { return in(0, 99) < percent; }
  template <typename T>
  const T& of(const std::vector<T>& from) {
    return from[static_cast<std::size_t>(in(0, static_cast<std::int64_t>(from.size()) - 1))];
  }

 private:
  std::mt19937_64 engine_;
};

/// A GEMM cut into tiles, on an array. Owns what ArrayWork points to.
struct Scenario {
  ArrayWork work;
  std::unique_ptr<PeModel> pe;
  GemmOperands operands;
  std::vector<TileStep> tiles;
  std::vector<std::int64_t> ready;  ///< [tile]

  /// With pointers to this object's own PE and operands.
  ArrayWork work_on(OutputPsums* psums) const;
  OutputPsums empty_psums() const;
  std::string text() const;
};

struct EngineRun {
  std::vector<TileTiming> timings;
  Counters counters;
  OutputPsums psums;
};

/// All is drawn from `seed`. `size` bounds the dimensions.
Scenario random_scenario(std::uint64_t seed, int size, Dataflow dataflow, bool values);

/// Draws operands and tiles for a scenario that has everything else.
void draw_gemm(std::uint64_t seed, int size, Scenario& scenario);

EngineRun run_engine(Engine kind, const Scenario& scenario);
EngineRun run_engine(ArrayEngine& engine, const Scenario& scenario, OutputPsums& psums);

/// Empty if both runs agree in every cycle, cause, event and output bit; else the first difference.
std::string difference(const EngineRun& a, const EngineRun& b);

/// One tile on an array, timing only.
ArrayWork timing_work(const ArrayTiming& timing);
TileStep whole_tile(std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t group);

}  // namespace mixpe::testing
