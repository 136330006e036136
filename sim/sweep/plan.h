#pragma once
// A sweep file: a base, axes over its keys, what follows from them, and what is asked of the
// points.
//  * A key is `arch`, `scheme`, `llm` or `trace` (which file), `arch.<key>`, `scheme.<key>`,
//    `llm.<key>` (a key inside that file; items of lists by number) or `phases.<name>.<key>`.
//  * A point is one value for every axis. Points have a number: in the grid the first axis turns
//    slowest, samplers number them in the order drawn.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/core/errors.h"
#include "sim/config/yaml_reader.h"
#include "sim/sweep/expression.h"
#include "sim/workload/llm_phase.h"

namespace mixpe {

struct SweepBase {
  std::string arch, scheme, llm, trace;
  std::vector<LlmPhase> phases;        ///< of the LLM
  std::string values;                  ///< operand distribution; empty: timing only
  std::int64_t seed = 1;               ///< of the operands
  bool data_dependent_energy = false;  ///< PE energy follows them
};

/// A key with the values it takes, as YAML.
struct AxisColumn {
  std::string key;
  std::vector<std::string> values;
  std::vector<SourceMark> marks;  ///< of the values
};

/// Keys that move together: usually one, several if zipped.
struct Axis {
  std::vector<AxisColumn> columns;
  std::size_t size() const { return columns.front().values.size(); }
};

struct Derived {
  std::string key;
  SourceMark at;
  Expression value;
};

struct Constraint {
  SourceMark at;
  Expression rule;  ///< a comparison
};

struct Objective {
  std::string metric;
  bool maximize = false;
  SourceMark at;
};

enum class SamplerKind { kGrid, kRandom, kSobol, kNsga2 };

struct Sampler {
  SamplerKind kind = SamplerKind::kGrid;
  std::int64_t points = 0;       ///< random, sobol
  std::int64_t population = 0;   ///< nsga2
  std::int64_t generations = 0;  ///< nsga2
  std::int64_t seed = 1;
};

struct SweepLimits {
  std::int64_t points = 100'000;
  std::int64_t time_ps = 300'000'000'000'000;         ///< of one point
  std::int64_t memory_bytes = std::int64_t{4} << 30;  ///< of a worker
};

/// One value of every axis, by position.
using Choice = std::vector<std::uint32_t>;
/// Key and YAML value, axes first, then what is derived.
using Assignment = std::vector<std::pair<std::string, std::string>>;

struct SweepPlan {
  std::string name, description, file;
  SweepBase base;
  std::vector<Axis> axes;
  std::vector<Derived> derived;
  std::vector<Constraint> constraints;
  std::vector<Objective> objectives;
  Sampler sampler;
  SweepLimits limits;

  std::string source;  ///< the file's text
  /// What decides which points there are and what they are, comments and order of keys aside.
  std::string identity;

  /// What runs through the PEs; empty: timing only.
  std::string operands() const;
  /// All axes and derived keys, in the order of an Assignment.
  std::vector<std::string> keys() const;
  /// Combinations of the axes, or none if that is beyond 64 bits.
  std::optional<std::int64_t> combinations() const;
  /// The axes' part of a point; derived keys are the resolver's (they may use base values).
  Assignment chosen(const Choice& choice) const;
  /// The choice of which this is the beginning of the assignment's values, if there is one.
  std::optional<Choice> choice_of(const std::vector<std::string>& values) const;
  /// The key that an expression means by `name`: a key in full, or the last part of just one of
  /// the axes and derived keys. Other names stay as they are.
  std::string key_named(const std::string& name) const;
};

/// Reads and checks what can be checked without the base. None after an error.
std::optional<SweepPlan> load_sweep(const std::string& path, Diagnostics& wrong);
/// The same from a text; `name` stands for the file.
std::optional<SweepPlan> load_sweep_text(const std::string& name, const std::string& text,
                                         Diagnostics& wrong);

}  // namespace mixpe
