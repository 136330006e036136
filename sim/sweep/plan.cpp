#include "sim/sweep/plan.h"

#include <algorithm>
#include <set>

#include "sim/config/reference.h"
#include "sim/config/schema.h"
#include "sim/report/result.h"

namespace mixpe {
namespace {

constexpr std::size_t kMaxAxes = 64, kMaxValues = 100'000, kMaxZipped = 16;
constexpr std::int64_t kMaxPoints = 10'000'000;
constexpr std::int64_t kSecond = 1'000'000'000'000;  // ps
constexpr std::int64_t kMebi = std::int64_t{1} << 20;

Schema<SweepBase> base_schema() {
  return Schema<SweepBase>()
      .text("arch", &SweepBase::arch, Need::kRequired, "a file, or a name in configs/arch")
      .text("scheme", &SweepBase::scheme, Need::kRequired, "a file, or a name in configs/schemes")
      .text("llm", &SweepBase::llm, Need::kOptional,
            "a file, or a name in configs/llms; with `phases`")
      .list("phases", &SweepBase::phases,
            llm_phase_schema("unique; begins its metrics' names", Need::kRequired), 1, 16,
            Need::kOptional,
            "what is run of the LLM; each has metrics of its own, and all of them together")
      .text("trace", &SweepBase::trace, Need::kOptional, "a GEMM trace, instead of an LLM")
      .choice("values", &SweepBase::values,
              {{"uniform", std::string("uniform")},
               {"gaussian", std::string("gaussian")},
               {"llm", std::string("llm")}},
              Need::kOptional,
              "distribution of operands that are run through the PEs, for `snr_db` and "
              "`model_snr_db`; without it, timing only")
      .integer("seed", &SweepBase::seed, 0, std::int64_t{1} << 62, Need::kOptional,
               "of the operands")
      .boolean("data_dependent_energy", &SweepBase::data_dependent_energy, Need::kOptional,
               "PE energy follows the operands of `values`; needs a technology with the fit for "
               "it (osu018)");
}

/// A scalar as YAML again.
std::string scalar_text(const YamlNode& node) {
  return node.quoted ? "\"" + node.scalar + "\"" : node.scalar;
}

void add_value(const YamlValue& at, AxisColumn& column) {
  if (!at.is_scalar()) {
    at.error("must be one number, quantity or word", at.written());
    return;
  }
  column.values.push_back(scalar_text(at.node()));
  column.marks.push_back(at.mark());
}

std::optional<Amount> amount_at(const YamlValue& at) {
  const auto amount = at.is_scalar() ? parse_amount(at.node().scalar) : std::nullopt;
  if (!amount) at.error("must be a number, with its unit if it has one", at.written());
  return amount;
}

/// Both ends of `range` and `pow2`; none after an error.
std::optional<std::vector<Amount>> amounts_at(const YamlValue& at, std::size_t count) {
  std::vector<Amount> all;
  for (const YamlValue& item : at.list(count, count)) {
    const auto amount = amount_at(item);
    if (!amount) return std::nullopt;
    if (!all.empty() && amount->unit != all.front().unit) {
      item.error("must have the unit of the first value", item.written(), all.front().unit);
      return std::nullopt;
    }
    all.push_back(*amount);
  }
  if (all.size() != count) return std::nullopt;
  return all;
}

void add_amount(const YamlValue& at, const Amount& amount, AxisColumn& column) {
  column.values.push_back(amount_text(amount));
  column.marks.push_back(at.mark());
}

/// [first, last, step]
void read_range(const YamlValue& at, AxisColumn& column) {
  const auto a = amounts_at(at, 3);
  if (!a) return;
  const double first = (*a)[0].value, last = (*a)[1].value, step = (*a)[2].value;
  const double steps = step != 0 ? (last - first) / step : -1;
  if (steps < 0 || steps != static_cast<double>(static_cast<std::int64_t>(steps))) {
    at.error("the step must lead from the first value to the last", at.written(),
             "[first, last, step] with last = first + a whole number of steps");
  } else if (steps >= static_cast<double>(kMaxValues)) {
    at.error("too many values", amount_text({steps + 1, ""}), std::to_string(kMaxValues));
  } else {
    for (std::int64_t i = 0; i <= static_cast<std::int64_t>(steps); ++i) {
      add_amount(at, {first + static_cast<double>(i) * step, a->front().unit}, column);
    }
  }
}

/// [first, last]: first, 2 first, 4 first, … last
void read_pow2(const YamlValue& at, AxisColumn& column) {
  const auto a = amounts_at(at, 2);
  if (!a) return;
  double value = a->front().value;
  const double last = a->back().value;
  while (value > 0 && value < last) {
    add_amount(at, {value, a->front().unit}, column);
    value *= 2;
  }
  if (value == last && last > 0) {
    add_amount(at, {value, a->front().unit}, column);
  } else {
    at.error("doubling the first value must lead to the last", at.written(),
             "[first, last] with last = first * a power of two");
  }
}

AxisColumn read_column(YamlMap& map) {
  AxisColumn column;
  column.key = map.required("key").text().value_or("");
  int forms = 0;
  if (const YamlValue list = map.optional("list"); list.present()) {
    ++forms;
    for (const YamlValue& item : list.list(1, kMaxValues)) add_value(item, column);
  }
  if (const YamlValue range = map.optional("range"); range.present()) {
    ++forms;
    read_range(range, column);
  }
  if (const YamlValue pow2 = map.optional("pow2"); pow2.present()) {
    ++forms;
    read_pow2(pow2, column);
  }
  if (forms != 1) map.error("an axis has one kind of values", {}, "list, range or pow2");
  return column;
}

/// Values that move together may repeat in one key, not in all of them.
void check_repetition(const Axis& axis, const YamlValue& at) {
  std::set<std::vector<std::string>> seen;
  for (std::size_t i = 0; i < axis.size(); ++i) {
    std::vector<std::string> values;
    for (const AxisColumn& column : axis.columns) {
      if (i < column.values.size()) values.push_back(column.values[i]);
    }
    if (seen.insert(values).second) continue;
    at.diagnostics().add({axis.columns.front().marks[i], at.path(), "a value may stand only once",
                          joined(values), ""});
  }
}

Axis read_axis(const YamlValue& at) {
  Axis axis;
  YamlMap map = at.map();
  if (!map.has("zip")) {
    axis.columns.push_back(read_column(map));
    check_repetition(axis, at);
    return axis;
  }
  for (const YamlValue& item : map.optional("zip").list(2, kMaxZipped)) {
    YamlMap inner = item.map();
    axis.columns.push_back(read_column(inner));
    const std::size_t size = axis.columns.back().values.size();
    if (size != axis.size()) {
      item.error("zipped axes must have equally many values", std::to_string(size),
                 std::to_string(axis.size()));
    }
  }
  check_repetition(axis, at);
  return axis;
}

std::optional<Expression> expression_at(const YamlValue& at) {
  const auto text = at.text();
  if (!text) return std::nullopt;
  try {
    return Expression(*text);
  } catch (const ExpressionError& e) {
    at.error("no expression: " + e.what, at.written());
    return std::nullopt;
  }
}

void read_derived(const YamlValue& at, SweepPlan& into) {
  for (const auto& [key, value] : at.map().entries()) {
    const auto expression = expression_at(value);
    if (!expression) continue;
    if (expression->is_comparison()) {
      value.error("must be a value, not a comparison", value.written());
    }
    into.derived.push_back({key, value.mark(), *expression});
  }
}

void read_constraints(const YamlValue& at, SweepPlan& into) {
  for (const YamlValue& item : at.list(1, 64)) {
    const auto rule = expression_at(item);
    if (!rule) continue;
    if (!rule->is_comparison()) {
      item.error("must compare two values", item.written(), "<=, <, >=, >, ==, !=");
    }
    into.constraints.push_back({item.mark(), *rule});
  }
}

void read_objectives(const YamlValue& at, SweepPlan& into) {
  for (const YamlValue& item : at.list(1, 8)) {
    YamlMap map = item.map();
    const YamlValue minimize = map.optional("minimize"), maximize = map.optional("maximize");
    if (minimize.present() == maximize.present()) {
      map.error("an objective is one metric", {}, "minimize or maximize");
    }
    const YamlValue& metric = maximize.present() ? maximize : minimize;
    if (const auto name = metric.text()) {
      into.objectives.push_back({*name, maximize.present(), metric.mark()});
    }
  }
}

Schema<Sampler> sampler_schema() {
  return Schema<Sampler>()
      .choice("name", &Sampler::kind,
              {{"grid", SamplerKind::kGrid},
               {"random", SamplerKind::kRandom},
               {"sobol", SamplerKind::kSobol},
               {"nsga2", SamplerKind::kNsga2}},
              Need::kRequired,
              "grid: every combination; random; sobol: low-discrepancy, evenly spread; nsga2: "
              "a genetic search for the Pareto front")
      .integer("points", &Sampler::points, 1, kMaxPoints, Need::kOptional,
               "random, sobol: how many different points")
      .integer("population", &Sampler::population, 8, 10'000, Need::kOptional,
               "nsga2: points of a generation, a multiple of 4")
      .integer("generations", &Sampler::generations, 1, 10'000, Need::kOptional,
               "nsga2: generations after the first")
      .integer("seed", &Sampler::seed, 0, std::int64_t{1} << 31, Need::kOptional,
               "random, nsga2: of the draws");
}

Schema<SweepLimits> limits_schema() {
  return Schema<SweepLimits>()
      .integer("points", &SweepLimits::points, 1, kMaxPoints, Need::kOptional,
               "combinations of the grid that are not yet a mistake")
      .quantity("time", &SweepLimits::time_ps, Dimension::kPicoseconds, kSecond / 1000,
                86'400 * kSecond, Need::kOptional, "a point that takes longer has failed")
      .quantity("memory", &SweepLimits::memory_bytes, Dimension::kBytes, 512 * kMebi,
                std::int64_t{1} << 40, Need::kOptional, "a worker that needs more has failed");
}

Schema<SweepPlan> plan_schema() {
  const auto not_dumped = [](const SweepPlan&) { return nlohmann::ordered_json(); };
  return Schema<SweepPlan>()
      .text("sweep", &SweepPlan::name, Need::kRequired, "name of the sweep")
      .text("description", &SweepPlan::description, Need::kOptional, "the question it answers")
      .object("base", &SweepPlan::base, base_schema(), Need::kRequired,
              "what every point has in common")
      .custom(
          {"axes", "list", "1.." + std::to_string(kMaxAxes) + " items", {}, "what differs"},
          Need::kRequired,
          [](const YamlValue& at, SweepPlan& into) {
            for (const YamlValue& item : at.list(1, kMaxAxes)) {
              into.axes.push_back(read_axis(item));
            }
          },
          not_dumped,
          {{"axes[].key",
            "text",
            {},
            "required",
            "`arch`, `scheme`, `llm` or `trace`; a key in one of those files (`arch.array.rows`); "
            "`phases.<name>.<key>`"},
           {"axes[].list", "list", "1..100000 items", {}, "its values; or"},
           {"axes[].range", "list", "[first, last, step]", {}, "evenly spaced values; or"},
           {"axes[].pow2", "list", "[first, last]", {}, "values that double"},
           {"axes[].zip",
            "list",
            "2..16 items",
            {},
            "instead of the above: axes of equal length that move together"}})
      .custom({"derived", "map", {}, {}, "a key and the expression that gives its value"},
              Need::kOptional, &read_derived, not_dumped)
      .custom({"constraints",
               "list of expressions",
               {},
               {},
               "comparisons that a point must fulfil; those over keys, area and SRAM alone are "
               "judged before it is run"},
              Need::kOptional, &read_constraints, not_dumped)
      .custom({"objectives", "list", "1..8 items", {}, "what is asked of the points"},
              Need::kRequired, &read_objectives, not_dumped,
              {{"objectives[].minimize", "text", "a metric", {}, "less is better; or"},
               {"objectives[].maximize", "text", "a metric", {}, "more is better"}})
      .object("sampler", &SweepPlan::sampler, sampler_schema(), Need::kOptional,
              "which combinations are run; without it, all")
      .object("limits", &SweepPlan::limits, limits_schema(), Need::kOptional,
              "guards against mistakes and stuck points");
}

/// The tree in one line: equal for files that differ in comments and layout alone.
std::string canonical(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kScalar:
      return nlohmann::json(node.scalar).dump();
    case YamlNode::Kind::kList: {
      std::string s = "[";
      for (const YamlNode& item : node.items) s += canonical(item) + ",";
      return s + "]";
    }
    case YamlNode::Kind::kMap: {
      std::string s = "{";
      for (std::size_t i = 0; i < node.keys.size(); ++i) {
        s += nlohmann::json(node.keys[i].name).dump() + ":" + canonical(node.items[i]) + ",";
      }
      return s + "}";
    }
    default:
      return "null";
  }
}

std::string identity_of(const YamlNode& root) {
  std::string s;
  for (const char* part : {"base", "axes", "derived", "constraints", "sampler"}) {
    if (const YamlNode* node = root.find(part)) s += std::string(part) + canonical(*node);
  }
  return s;
}

bool is_key(const std::string& key, const SweepPlan& plan) {
  if (key == "arch" || key == "scheme") return true;
  if (key == "trace") return !plan.base.trace.empty();
  if (key == "llm") return !plan.base.llm.empty();
  if (key.starts_with("arch.")) return true;
  if (key.starts_with("scheme.")) return true;
  if (key.starts_with("llm.")) return !plan.base.llm.empty();
  for (const LlmPhase& phase : plan.base.phases) {
    for (const char* field : {"batch", "tokens", "context"}) {
      if (key == "phases." + phase.name + "." + field) return true;
    }
  }
  return false;
}

std::string known_keys(const SweepPlan& plan) {
  std::string s = "arch, arch.<key>, scheme, scheme.<key>";
  s += plan.base.llm.empty() ? ", trace" : ", llm, llm.<key>";
  for (const LlmPhase& p : plan.base.phases) {
    s += ", phases." + p.name + ".batch|tokens|context";
  }
  return s;
}

/// Keys exist as kinds, none twice; whether a file has them is seen when it is read.
void check_keys(const SweepPlan& plan, const YamlValue& root) {
  std::set<std::string> seen;
  const auto check = [&](const std::string& key, const SourceMark& at, const std::string& path) {
    if (key.empty()) return;
    if (!is_key(key, plan)) {
      root.diagnostics().add({at, path, "names no key", key, known_keys(plan)});
    } else if (!seen.insert(key).second) {
      root.diagnostics().add({at, path, "a key may be given only once", key, ""});
    }
  };
  for (std::size_t i = 0; i < plan.axes.size(); ++i) {
    for (const AxisColumn& column : plan.axes[i].columns) {
      const SourceMark at = column.marks.empty() ? root.mark() : column.marks.front();
      check(column.key, at, "axes[" + std::to_string(i) + "]");
    }
  }
  for (const Derived& d : plan.derived) check(d.key, d.at, "derived");
}

void check_base(const SweepPlan& plan, const YamlValue& root) {
  const SweepBase& b = plan.base;
  const YamlValue at = root.place("base");
  if (b.llm.empty() == b.trace.empty()) {
    at.error("needs one workload", {}, "llm with phases, or trace");
  } else if (b.llm.empty() != b.phases.empty()) {
    at.error("`llm` and `phases` are given together or not at all");
  }
  if (b.data_dependent_energy && b.values.empty()) {
    root.place("base.data_dependent_energy")
        .error("there are no operands to follow", {}, "with base.values");
  }
  std::set<std::string> names;
  for (const LlmPhase& p : b.phases) {
    if (!names.insert(p.name).second) {
      root.place("base.phases").error("each name may stand only once", p.name);
    }
  }
}

void check_sampler(const SweepPlan& plan, const YamlValue& root) {
  const Sampler& s = plan.sampler;
  const YamlValue at = root.place("sampler");
  const bool draws = s.kind == SamplerKind::kRandom || s.kind == SamplerKind::kSobol;
  if (draws != (s.points > 0)) {
    at.error(draws ? "missing key: points" : "`points` is for random and sobol alone");
  }
  const bool searches = s.kind == SamplerKind::kNsga2;
  if (searches != (s.population > 0) || searches != (s.generations > 0)) {
    at.error(searches ? "missing key: population and generations"
                      : "`population` and `generations` are for nsga2 alone");
  } else if (searches && s.population % 4 != 0) {
    at.error("population must be a multiple of 4: parents are paired",
             std::to_string(s.population));
  }
  if (searches && plan.objectives.size() < 2) {
    at.error("a search for a front needs at least two objectives",
             std::to_string(plan.objectives.size()));
  }
  const auto combinations = plan.combinations();
  if (s.kind == SamplerKind::kGrid && (!combinations || *combinations > plan.limits.points)) {
    root.place("axes").error(
        "the grid has more points than limits.points: fewer values, a sampler, or a higher limit",
        combinations ? std::to_string(*combinations) : "more than 2^63",
        std::to_string(plan.limits.points));
  }
  if (draws && combinations && s.points > *combinations) {
    at.error("more points than the grid has", std::to_string(s.points),
             "1.." + std::to_string(*combinations));
  }
}

SweepPlan read_sweep(const YamlNode& root, Diagnostics& wrong) {
  SweepPlan plan;
  const YamlValue top(root, wrong);
  plan_schema().read(top, plan);
  if (!wrong.ok()) return plan;
  check_base(plan, top);
  check_keys(plan, top);
  check_sampler(plan, top);
  return plan;
}

const FileKindRegistration kSweep{
    {"sweep",
     {"sweep", "axes"},
     [](const YamlNode& root, const std::string&, Diagnostics& wrong) {
       Diagnostics own;
       read_sweep(root, own);
       for (const Diagnostic& d : own.list()) wrong.add(d);
     },
     [] {
       return "A design space and what is asked of it (`mixpe sweep`, `docs/sweeps.md`); shipped "
              "ones are in `configs/sweeps/`.\n\n" +
              reference_table(plan_schema().describe());
     }}};

}  // namespace

std::string SweepPlan::operands() const {
  if (base.values.empty()) return "";
  return operands_text(base.values, static_cast<std::uint64_t>(base.seed),
                       base.data_dependent_energy);
}

std::vector<std::string> SweepPlan::keys() const {
  std::vector<std::string> all;
  for (const Axis& axis : axes) {
    for (const AxisColumn& column : axis.columns) all.push_back(column.key);
  }
  for (const Derived& d : derived) all.push_back(d.key);
  return all;
}

std::optional<std::int64_t> SweepPlan::combinations() const {
  std::int64_t product = 1;
  for (const Axis& axis : axes) {
    if (__builtin_mul_overflow(product, static_cast<std::int64_t>(axis.size()), &product)) {
      return std::nullopt;
    }
  }
  return product;
}

Assignment SweepPlan::chosen(const Choice& choice) const {
  Assignment all;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    for (const AxisColumn& column : axes[i].columns) {
      all.emplace_back(column.key, column.values[choice[i]]);
    }
  }
  return all;
}

std::optional<Choice> SweepPlan::choice_of(const std::vector<std::string>& values) const {
  Choice choice;
  std::size_t first = 0;
  for (const Axis& axis : axes) {
    const auto is_there = [&](std::size_t place) {
      for (std::size_t c = 0; c < axis.columns.size(); ++c) {
        if (axis.columns[c].values[place] != values.at(first + c)) return false;
      }
      return true;
    };
    std::size_t place = 0;
    while (place < axis.size() && !is_there(place)) ++place;
    if (place == axis.size()) return std::nullopt;
    choice.push_back(static_cast<std::uint32_t>(place));
    first += axis.columns.size();
  }
  return choice;
}

std::string SweepPlan::key_named(const std::string& name) const {
  const std::vector<std::string> all = keys();
  if (std::find(all.begin(), all.end(), name) != all.end()) return name;
  std::string found;
  for (const std::string& key : all) {
    if (!key.ends_with("." + name)) continue;
    if (!found.empty()) return name;
    found = key;
  }
  return found.empty() ? name : found;
}

std::optional<SweepPlan> load_sweep_text(const std::string& name, const std::string& text,
                                         Diagnostics& wrong) {
  Diagnostics own;
  const std::optional<YamlNode> root = parse_yaml(name, text, own);
  std::optional<SweepPlan> plan;
  if (root) plan = read_sweep(*root, own);
  for (const Diagnostic& d : own.list()) wrong.add(d);
  if (!own.ok()) return std::nullopt;
  plan->file = name;
  plan->source = text;
  plan->identity = identity_of(*root);
  return plan;
}

std::optional<SweepPlan> load_sweep(const std::string& path, Diagnostics& wrong) {
  const std::optional<std::string> text = read_text_file(path, wrong);
  return text ? load_sweep_text(path, *text, wrong) : std::nullopt;
}

}  // namespace mixpe
