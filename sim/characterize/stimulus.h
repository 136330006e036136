#pragma once
// What a module's inputs are, cycle by cycle.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/workload/operand_statistics.h"

namespace mixpe {

/// Ports of up to 64 bits; a port that is never set is 0.
class Stimulus {
 public:
  /// `ports` are those that set() may name.
  Stimulus(std::string name, std::vector<std::string> ports);

  /// From the coming cycle on. Does nothing if the module has no such port.
  void set(std::string_view port, std::uint64_t value);
  void next() { values_.insert(values_.end(), now_.begin(), now_.end()); }
  /// What follows is counted; what came before is neither compared nor counted.
  void begin_counting() { warm_up_ = cycles(); }
  /// Two cycles with rst_ni low, then it stays high.
  void reset();

  /// Of the operands that are counted, where there are operands.
  void set_statistics(const OperandStatistics& statistics) { statistics_ = statistics; }
  const OperandStatistics& statistics() const { return statistics_; }

  const std::string& name() const { return name_; }
  const std::vector<std::string>& ports() const { return ports_; }
  std::size_t cycles() const { return ports_.empty() ? 0 : values_.size() / ports_.size(); }
  std::size_t warm_up() const { return warm_up_; }
  std::uint64_t value(std::size_t cycle, std::size_t port) const {
    return values_[cycle * ports_.size() + port];
  }

 private:
  std::string name_;
  std::vector<std::string> ports_;
  std::vector<std::uint64_t> now_, values_;
  std::size_t warm_up_ = 0;
  OperandStatistics statistics_;
};

}  // namespace mixpe
