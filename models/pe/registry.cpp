#include "models/pe/registry.h"

#include <utility>

#include "models/core/errors.h"

namespace mixpe {
namespace {

using Factories = std::map<std::string, PeFactory, std::less<>>;

// Built on first use: registrations in other files may run before this file's own objects exist.
Factories& factories() {
  static Factories map;
  return map;
}

}  // namespace

PeRegistration::PeRegistration(std::string name, PeFactory factory) {
  const auto [at, inserted] = factories().try_emplace(std::move(name), std::move(factory));
  if (!inserted) throw InvariantError("PE registered twice: " + at->first);
}

std::vector<std::string> registered_pes() {
  std::vector<std::string> names;
  for (const auto& [name, factory] : factories()) names.push_back(name);
  return names;
}

std::unique_ptr<PeModel> make_pe(PeSpec spec) {
  const auto found = factories().find(spec.name);
  if (found == factories().end()) throw InvariantError("no such PE: " + spec.name);
  return found->second(std::move(spec));
}

}  // namespace mixpe
