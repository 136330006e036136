#pragma once
// Many modules characterised, several at a time, and where the numbers come from.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sim/characterize/measure.h"

namespace mixpe {

struct CampaignSettings {
  std::string liberty;   ///< a file
  double clock_ns = 10;  ///< what ABC sizes for, and what timing is judged by
  std::uint64_t seed = 1;
  int jobs = 1;
};

/// What a price file says of its own making.
struct Provenance {
  std::string yosys, opensta, library, library_hash, streams;
  double voltage_v = 0, temperature_c = 0, clock_ns = 0;
};

using Measurements = std::map<std::string, Measurement>;  ///< by subject

class Campaign {
 public:
  /// Reads the library and looks for the tools: UserError before anything runs.
  explicit Campaign(CampaignSettings settings);

  const CampaignSettings& settings() const { return settings_; }
  const CellLibrary& library() const { return library_; }
  const Provenance& provenance() const { return provenance_; }

  /// All subjects, `settings.jobs` at a time. `done` is called with how many are finished, from any
  /// thread but one at a time. The first error of the earliest subject is thrown.
  Measurements run(const std::vector<Subject>& subjects,
                   const std::function<void(std::size_t)>& done) const;

 private:
  CampaignSettings settings_;
  CellLibrary library_;
  Provenance provenance_;
};

}  // namespace mixpe
