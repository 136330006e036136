#pragma once
// Cycles for a flat module, collected, run together, and compared with what was expected of each.
//  * Per cycle: set inputs, say what outputs must be, next(). Outputs nobody expects are not looked
//    at.
//  * After the first mismatch nothing more runs; ok() tells.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/cosim/flat_module.h"

namespace mixpe {

class PortStream {
 public:
  struct Difference {
    std::uint64_t cycle = 0;  ///< from the first after reset
    std::uint64_t tag = 0;    ///< of the cycle's expectation
    std::string port;         ///< empty: the RTL stopped itself, and `error` says why
    std::uint64_t expected = 0, got = 0;
    std::string error;
  };

  /// Starts the module anew and resets it, for two cycles with every input low.
  explicit PortStream(FlatModule& module, std::vector<RtlPort> ports);

  int input(const std::string& port) const { return module_.offset(port); }
  int output(const std::string& port) const { return module_.offset(port); }

  /// The coming cycle. Inputs keep nothing from the last one: they are 0.
  void set(int input, std::uint64_t value) { in_[at_in_ + size(input)] = value; }
  /// After the cycle's edge.
  void expect(int output, std::uint64_t value) {
    after_[at_out_ + size(output)] = value;
    after_mask_[at_out_ + size(output)] = ~std::uint64_t{0};
    ++expected_;
  }
  /// Before it: what is combinational in the inputs.
  void expect_before(int output, std::uint64_t value) {
    before_[at_out_ + size(output)] = value;
    before_mask_[at_out_ + size(output)] = ~std::uint64_t{0};
    any_before_ = true;
    ++expected_;
  }
  /// Ends the cycle. `tag` says what it belongs to.
  void next(std::uint64_t tag) {
    tags_[filled_] = tag;
    at_in_ += inputs_;
    at_out_ += outputs_;
    ++cycle_;
    if (++filled_ == kBatch) flush();
  }
  /// Runs and compares what has been collected.
  void flush();

  std::uint64_t cycle() const { return cycle_; }  ///< of the coming cycle
  std::uint64_t comparisons() const { return comparisons_; }
  bool ok() const { return !difference_; }
  const std::optional<Difference>& difference() const { return difference_; }

 private:
  static constexpr std::size_t kBatch = 1024;  // cycles; its arrays stay in the L2 cache
  static std::size_t size(int offset) { return static_cast<std::size_t>(offset); }
  void reset();
  std::optional<std::size_t> first_difference(const std::vector<std::uint64_t>& expected,
                                              const std::vector<std::uint64_t>& mask,
                                              const std::vector<std::uint64_t>& got,
                                              std::size_t cycles) const;
  void differs(std::size_t word, std::uint64_t expected, std::uint64_t got);
  void clear();

  FlatModule& module_;
  std::vector<RtlPort> ports_;
  std::size_t inputs_, outputs_;
  std::size_t filled_ = 0, at_in_ = 0, at_out_ = 0;
  std::uint64_t cycle_ = 0, comparisons_ = 0, expected_ = 0;
  bool any_before_ = false;
  std::vector<std::uint64_t> in_, after_, after_mask_, before_, before_mask_, got_after_,
      got_before_, tags_;
  std::optional<Difference> difference_;
};

}  // namespace mixpe
