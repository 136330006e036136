#pragma once
// From a point of a sweep to what is run: machine, workloads and prices, and the key that says on
// what its result depends.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/core/errors.h"
#include "sim/config/arch_spec.h"
#include "sim/energy/price.h"
#include "sim/sweep/plan.h"
#include "sim/workload/workload.h"

namespace mixpe {

struct ResolvedPoint {
  std::string key;        ///< hash of everything below, the prices and the program's revision
  Assignment assignment;  ///< axes and derived keys
  ArchSpec arch;
  std::vector<std::shared_ptr<const Workload>> workloads;  ///< by phase; one for a trace
  PriceList prices;
};

class Resolver {
 public:
  /// `revision` is the program's. `plan` outlives this.
  Resolver(const SweepPlan& plan, std::string revision);

  /// The values of all keys; none, with Diagnostics, if one cannot be derived.
  std::optional<Assignment> assignment(const Choice& choice, Diagnostics& wrong);

  /// None, with Diagnostics at the sweep file's values, if the point is no valid machine or
  /// workload.
  std::optional<ResolvedPoint> resolve(const Choice& choice, Diagnostics& wrong);

  /// The number behind a key of a point (what the sweep sets, else what the base's files say);
  /// none for words and unknown keys.
  std::optional<Amount> number(const Assignment& assignment, const std::string& name);

  /// The names of the phases; one empty name for a trace.
  std::vector<std::string> phases() const;

 private:
  const YamlNode* tree(const std::string& folder, const std::string& name, Diagnostics& wrong);
  std::optional<ArchSpec> arch_of(const Assignment& assignment, Diagnostics& wrong);
  const std::vector<std::shared_ptr<const Workload>>* workloads_of(const Assignment& assignment,
                                                                   Diagnostics& wrong);
  std::vector<std::shared_ptr<const Workload>> build_workloads(const Assignment& assignment,
                                                               Diagnostics& wrong);
  std::optional<PriceList> prices_of(const ArchSpec& arch, Diagnostics& wrong);
  std::string key_of(const ResolvedPoint& point);
  void add_at_values(const Diagnostics& found, const std::string& prefix,
                     const Assignment& assignment, Diagnostics& wrong) const;
  SourceMark mark_of(const std::string& key, const std::string& value) const;

  const SweepPlan& plan_;
  std::string revision_;
  std::map<std::string, std::optional<YamlNode>> trees_;  ///< by folder/name
  std::map<std::string, std::vector<std::shared_ptr<const Workload>>> workloads_;
  std::map<const Workload*, std::string> fingerprints_;
  std::map<std::string, TechTable> techs_;
};

}  // namespace mixpe
