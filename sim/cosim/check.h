#pragma once
// One check: RTL against its model over a space of cases.
//  * Cases are numbered, and each is made from the seed, the check's name and its number alone: any
//    range of them can be run by itself.
//  * A result without comparisons is a failure, whoever forgot to make them.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mixpe {

struct CheckOptions {
  std::uint64_t seed = 1;
  bool full = false;               ///< ten times the random cases
  std::uint64_t random_pairs = 0;  ///< of operands too wide to enumerate; 0: 10^7, full 10^8
  /// Cases [first, end) alone; empty: all.
  std::uint64_t first_case = 0, end_case = ~std::uint64_t{0};
};

struct Mismatch {
  std::string what;  ///< lines: port, cycle, operands, expected, got
  std::uint64_t in_case = 0;
};

struct CheckResult {
  std::uint64_t cases = 0;
  std::uint64_t operations = 0;  ///< MACs, or values through a unit
  std::uint64_t comparisons = 0;
  std::uint64_t overflows = 0;  ///< that the model saw
  std::optional<Mismatch> mismatch;
};

struct Check {
  std::string name;   ///< "my_pe/os/weights=w4/u4xi8/pairs"
  std::string space;  ///< what its cases are: "all 4,096 pairs"
  std::function<CheckResult(const CheckOptions&)> run;
};

/// How many cases a check has.
using CountCases = std::function<std::uint64_t(const CheckOptions&)>;

CountCases always(std::uint64_t count);
/// Ten times as many with --full.
CountCases drawn(std::uint64_t count);

/// Runs it. A mismatch is narrowed to the fewest last cases that show it again, so that they can be
/// run alone: first_case is the first of them, and in_case the last.
struct CheckOutcome {
  CheckResult result;
  std::uint64_t first_case = 0;  ///< with a mismatch
  bool ok() const { return !result.mismatch && result.comparisons > 0; }
};
CheckOutcome run_check(const Check& check, const CheckOptions& options);

/// RTL in place of the project's own; it must have the ports of what it is checked as.
struct UserRtl {
  std::vector<std::string> files;
  std::string top;
  std::vector<std::string> parameters, plusargs;
};

/// Checks that share a module, which is compiled when they are asked for.
struct CheckGroup {
  std::string name;   ///< "my_pe/weights=w4/os"; its checks' names begin with it
  std::string model;  ///< "my_pe": the PE or unit
  bool is_pe = false;
  /// Throws UserError if the RTL (the project's, or the user's in its place) cannot be used.
  std::function<std::vector<Check>(const std::optional<UserRtl>&)> checks;
};

/// Small and fast; every case has its own (splitmix64).
class CaseRandom {
 public:
  CaseRandom(std::uint64_t base, std::uint64_t index) : state_(base + index * 0xd1342543de82ef95U) {
    (*this)();
  }
  /// Of all cases of a check.
  static std::uint64_t base(std::uint64_t seed, std::string_view check);
  std::uint64_t operator()() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }
  /// Uniform but for 1 in 2^32, without a division; `end` is below 2^32.
  std::uint64_t below(std::uint64_t end) { return ((*this)() >> 32) * end >> 32; }
  bool percent(int chance) { return chance > 0 && below(100) < static_cast<unsigned>(chance); }

 private:
  std::uint64_t state_;
};

}  // namespace mixpe
