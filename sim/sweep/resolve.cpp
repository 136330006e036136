#include "sim/sweep/resolve.h"

#include <algorithm>

#include "sim/config/arch.h"
#include "sim/energy/tech.h"
#include "sim/sweep/fingerprint.h"
#include "sim/workload/load_with.h"
#include "sim/workload/locate.h"
#include "sim/workload/trace.h"

namespace mixpe {
namespace {

constexpr const char* kOrigin = "the sweep's value of";

const std::string* value_of(const Assignment& assignment, const std::string& key) {
  for (const auto& [name, value] : assignment) {
    if (name == key) return &value;
  }
  return nullptr;
}

std::string value_or(const Assignment& assignment, const std::string& key,
                     const std::string& fallback) {
  const std::string* value = value_of(assignment, key);
  return value != nullptr ? *value : fallback;
}

/// The value of a key that is left alone: in a zip, a parameter that another of the values rules
/// out.
constexpr std::string_view kAsTheFileSays = "default";

/// The keys of the file called `prefix` ("arch.") that a point sets.
std::vector<Override> overrides_of(const Assignment& assignment, const std::string& prefix) {
  std::vector<Override> all;
  for (const auto& [key, value] : assignment) {
    if (!key.starts_with(prefix) || value == kAsTheFileSays) continue;
    all.push_back({key.substr(prefix.size()), value, kOrigin});
  }
  return all;
}

const YamlNode* node_at(const YamlNode* node, std::string_view path) {
  for (std::size_t begin = 0; node && begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string_view key = path.substr(begin, end - begin);
    begin = end + 1;
    if (node->kind != YamlNode::Kind::kList) {
      node = node->find(key);
      continue;
    }
    std::string why;
    const auto index = strict_integer(key, why);
    const bool there =
        index && *index >= 0 && *index < static_cast<std::int64_t>(node->items.size());
    node = there ? &node->items[static_cast<std::size_t>(*index)] : nullptr;
  }
  return node;
}

std::int64_t* field_of(LlmPhase& phase, std::string_view name) {
  if (name == "batch") return &phase.batch;
  if (name == "tokens") return &phase.tokens;
  return name == "context" ? &phase.context : nullptr;
}

}  // namespace

Resolver::Resolver(const SweepPlan& plan, std::string revision)
    : plan_(plan), revision_(std::move(revision)) {}

std::vector<std::string> Resolver::phases() const {
  std::vector<std::string> names;
  for (const LlmPhase& phase : plan_.base.phases) names.push_back(phase.name);
  if (names.empty()) names.emplace_back();
  return names;
}

const YamlNode* Resolver::tree(const std::string& folder, const std::string& name,
                               Diagnostics& wrong) {
  const auto [at, is_new] = trees_.try_emplace(folder + "/" + name);
  if (is_new || !at->second) {
    const std::optional<std::string> path = find_config(folder, name, wrong);
    if (path) at->second = load_yaml(*path, wrong);
  }
  return at->second ? &*at->second : nullptr;
}

std::optional<Amount> Resolver::number(const Assignment& assignment, const std::string& name) {
  const std::string key = plan_.key_named(name);
  const std::string* value = value_of(assignment, key);
  if (value != nullptr && *value != kAsTheFileSays) return parse_amount(*value);
  for (const LlmPhase& phase : plan_.base.phases) {
    const std::string prefix = "phases." + phase.name + ".";
    if (!key.starts_with(prefix)) continue;
    LlmPhase copy = phase;
    const std::int64_t* field = field_of(copy, std::string_view(key).substr(prefix.size()));
    return field != nullptr ? std::optional(Amount{static_cast<double>(*field), ""}) : std::nullopt;
  }
  struct File {
    const char *key, *folder;
    const std::string& base;
  };
  const File files[] = {{"arch", "arch", plan_.base.arch},
                        {"scheme", "schemes", plan_.base.scheme},
                        {"llm", "llms", plan_.base.llm}};
  for (const File& file : files) {
    const std::string prefix = std::string(file.key) + ".";
    if (!key.starts_with(prefix)) continue;
    Diagnostics ignored;  // a file that cannot be read is reported where it is resolved
    const YamlNode* root = tree(file.folder, value_or(assignment, file.key, file.base), ignored);
    const YamlNode* node = node_at(root, key.substr(prefix.size()));
    if (node != nullptr && node->kind == YamlNode::Kind::kScalar) return parse_amount(node->scalar);
  }
  return std::nullopt;
}

std::optional<Assignment> Resolver::assignment(const Choice& choice, Diagnostics& wrong) {
  Assignment all = plan_.chosen(choice);
  for (const Derived& d : plan_.derived) {
    try {
      const Amount amount =
          d.value.evaluate([&](const std::string& name) { return number(all, name); });
      all.emplace_back(d.key, amount_text(amount));
    } catch (const ExpressionError& e) {
      wrong.add({d.at, "derived." + d.key, e.what, d.value.text(),
                 "keys in full, or the last part of an axis or derived key"});
      return std::nullopt;
    }
  }
  return all;
}

SourceMark Resolver::mark_of(const std::string& key, const std::string& value) const {
  for (const Axis& axis : plan_.axes) {
    for (const AxisColumn& column : axis.columns) {
      if (column.key != key) continue;
      const auto at = std::find(column.values.begin(), column.values.end(), value);
      if (at != column.values.end()) {
        return column.marks[static_cast<std::size_t>(at - column.values.begin())];
      }
    }
  }
  for (const Derived& d : plan_.derived) {
    if (d.key == key) return d.at;
  }
  return {plan_.file, 0, 0};
}

/// Mistakes of values that the sweep set are shown at the sweep file's line.
void Resolver::add_at_values(const Diagnostics& found, const std::string& prefix,
                             const Assignment& assignment, Diagnostics& wrong) const {
  for (Diagnostic d : found.list()) {
    if (d.at.file.starts_with(kOrigin)) {
      const std::string key = prefix + d.at.file.substr(std::string(kOrigin).size() + 1);
      const std::string* value = value_of(assignment, key);
      d.at = mark_of(key, value != nullptr ? *value : "");
      d.path = key;
    }
    wrong.add(std::move(d));
  }
}

std::optional<ArchSpec> Resolver::arch_of(const Assignment& assignment, Diagnostics& wrong) {
  const std::string name = value_or(assignment, "arch", plan_.base.arch);
  const YamlNode* root = tree("arch", name, wrong);
  if (root == nullptr) return std::nullopt;
  Diagnostics own;
  std::optional<ArchSpec> arch =
      load_arch_tree(*root, *root->file, own, overrides_of(assignment, "arch."));
  add_at_values(own, "arch.", assignment, wrong);
  return arch;
}

std::vector<std::shared_ptr<const Workload>> Resolver::build_workloads(const Assignment& assignment,
                                                                       Diagnostics& wrong) {
  std::vector<std::shared_ptr<const Workload>> all;
  const std::string scheme_name = value_or(assignment, "scheme", plan_.base.scheme);
  if (plan_.base.llm.empty()) {
    const std::string trace = value_or(assignment, "trace", plan_.base.trace);
    Diagnostics mistakes;
    if (auto workload =
            load_trace_with(trace, scheme_name, overrides_of(assignment, "scheme."), mistakes)) {
      all.push_back(std::make_shared<const Workload>(std::move(*workload)));
    }
    add_at_values(mistakes, "scheme.", assignment, wrong);
    return all;
  }
  Diagnostics own;
  const auto scheme = load_scheme_with(scheme_name, overrides_of(assignment, "scheme."), own);
  add_at_values(own, "scheme.", assignment, wrong);
  own = {};
  const auto llm = load_llm_with(value_or(assignment, "llm", plan_.base.llm),
                                 overrides_of(assignment, "llm."), own);
  add_at_values(own, "llm.", assignment, wrong);
  if (!scheme || !llm) return all;
  for (LlmPhase phase : plan_.base.phases) {
    for (const char* field : {"batch", "tokens", "context"}) {
      const std::string key = "phases." + phase.name + "." + field;
      const std::string* text = value_of(assignment, key);
      if (text == nullptr) continue;
      std::string why;
      const auto value = strict_integer(*text, why);
      if (!value || *value < 0) {
        wrong.add({mark_of(key, *text), key, "must be a whole number", *text, "from 0"});
      }
      *field_of(phase, field) = value.value_or(0);
    }
    if (auto workload = build_phase_workload(*llm, phase, *scheme, plan_.file, wrong)) {
      all.push_back(std::make_shared<const Workload>(std::move(*workload)));
    }
  }
  return all;
}

const std::vector<std::shared_ptr<const Workload>>* Resolver::workloads_of(
    const Assignment& assignment, Diagnostics& wrong) {
  std::string told;
  for (const auto& [key, value] : assignment) {
    if (key != "arch" && !key.starts_with("arch.")) told += key + "=" + value + "\n";
  }
  const auto known = workloads_.find(told);
  if (known != workloads_.end()) return &known->second;
  Diagnostics own;
  auto built = build_workloads(assignment, own);
  for (const Diagnostic& d : own.list()) wrong.add(d);
  if (!own.ok()) return nullptr;
  for (const auto& workload : built) {
    Fingerprint fingerprint;
    fingerprint.add(*workload);
    fingerprints_[workload.get()] = fingerprint.bytes();
  }
  return &workloads_.emplace(told, std::move(built)).first->second;
}

std::optional<PriceList> Resolver::prices_of(const ArchSpec& arch, Diagnostics& wrong) {
  Diagnostics own;
  if (!techs_.contains(arch.tech)) {
    TechTable tech = load_tech(arch.tech, own);
    if (own.ok()) techs_[arch.tech] = std::move(tech);
  }
  std::optional<PriceList> prices;
  if (own.ok()) prices = price(arch, techs_.at(arch.tech), own);
  for (const Diagnostic& d : own.list()) wrong.add(d);
  return own.ok() ? std::move(prices) : std::nullopt;
}

std::string Resolver::key_of(const ResolvedPoint& point) {
  nlohmann::ordered_json machine = dump_arch(point.arch);
  machine.erase("name");  // results do not depend on what it is called
  machine.erase("description");
  Fingerprint all;
  all.add(revision_, machine.dump(), plan_.base.values, plan_.base.seed);
  for (const auto& workload : point.workloads) all.add(fingerprints_.at(workload.get()));
  for (const EnergyPrice& p : point.prices.energy) {
    all.add(p.name, p.mode, p.price.value);
    if (!plan_.base.data_dependent_energy || !p.operands) continue;
    all.add(p.operands->typical.values(), p.operands->slope_pj);
  }
  for (const ComponentPrice& p : point.prices.area) all.add(p.built, p.area.value);
  return to_string(content_hash(all.bytes()));
}

std::optional<ResolvedPoint> Resolver::resolve(const Choice& choice, Diagnostics& wrong) {
  ResolvedPoint point;
  std::optional<Assignment> all = assignment(choice, wrong);
  if (!all) return std::nullopt;
  point.assignment = std::move(*all);
  std::optional<ArchSpec> arch = arch_of(point.assignment, wrong);
  const auto* workloads = workloads_of(point.assignment, wrong);
  if (!arch || workloads == nullptr) return std::nullopt;
  if (!plan_.base.values.empty() && !arch->pe.has_values) {
    wrong.add({{plan_.file, 0, 0},
               "base.values",
               "a PE on paper computes no values",
               arch->pe.name,
               "a sweep without values"});
    return std::nullopt;
  }
  std::optional<PriceList> prices = prices_of(*arch, wrong);
  if (!prices) return std::nullopt;
  if (plan_.base.data_dependent_energy) {
    Diagnostics own;
    require_operand_prices(*arch, techs_.at(arch->tech), *prices, own);
    for (const Diagnostic& d : own.list()) wrong.add(d);
    if (!own.ok()) return std::nullopt;
  }
  point.arch = std::move(*arch);
  point.workloads = *workloads;
  point.prices = std::move(*prices);
  point.key = key_of(point);
  return point;
}

}  // namespace mixpe
