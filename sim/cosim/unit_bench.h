#pragma once
// Drives units: one operation a cycle through a pipeline, or segments cycle by cycle.

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/cosim/check.h"
#include "sim/cosim/port_stream.h"

namespace mixpe {

/// A module with its ports; what the checks of a unit share.
struct Unit {
  std::string group;  ///< name of the group of checks
  std::vector<RtlPort> ports;
  std::shared_ptr<FlatModule> module;

  int at(const std::string& port) const { return module->offset(port); }
  bool has(const std::string& port) const;
};

/// What is set and expected of one operation: words by port, some cycles after its first.
struct Operation {
  struct Word {
    int port = 0;   ///< Unit::at()
    int delay = 0;  ///< cycles, below kMostDelay
    std::uint64_t value = 0;
  };
  static constexpr std::size_t kMostDelay = 64;
  std::vector<Word> inputs;
  std::vector<Word> before, after;  ///< expected before and after the cycle's edge

  void clear() {
    inputs.clear();
    before.clear();
    after.clear();
  }
};
/// Makes case `index`: one operation.
using MakeOperation = std::function<void(std::uint64_t index, CaseRandom& random, Operation& op)>;
/// Makes case `index`: operations of consecutive cycles. Returns how many of them count as
/// operations of the unit.
using MakeCycles = std::function<std::uint64_t(std::uint64_t index, CaseRandom& random,
                                               std::vector<Operation>& cycles)>;

Check operation_check(std::shared_ptr<const Unit> unit, const std::string& name,
                      const std::string& space, CountCases count, MakeOperation make);
Check cycles_check(std::shared_ptr<const Unit> unit, const std::string& name,
                   const std::string& space, CountCases count, MakeCycles make);

}  // namespace mixpe
