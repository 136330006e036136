#pragma once
// PEs register themselves: one line in their own .cpp. Nothing else in the program names a PE.
//   const PeRegistration kRegistered{"my_pe", [](PeSpec spec) { return
//   std::make_unique<MyPe>(spec);
//   }};
// The folder's pe.yaml is embedded in the binary under the same name.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "models/pe/pe_model.h"

namespace mixpe {

using PeFactory = std::function<std::unique_ptr<PeModel>(PeSpec)>;

class PeRegistration {
 public:
  /// A name registered twice is an InvariantError.
  PeRegistration(std::string name, PeFactory factory);
};

/// Names of all registered PEs, sorted.
std::vector<std::string> registered_pes();
/// Throws InvariantError if `spec.name` is not registered: the configuration is checked before.
std::unique_ptr<PeModel> make_pe(PeSpec spec);
/// Text of every models/pe/<name>/pe.yaml, by name.
const std::map<std::string, std::string, std::less<>>& embedded_pe_yaml();

}  // namespace mixpe
