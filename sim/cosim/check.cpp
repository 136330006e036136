#include "sim/cosim/check.h"

namespace mixpe {

CheckOutcome run_check(const Check& check, const CheckOptions& options) {
  CheckOutcome outcome{check.run(options), 0};
  if (!outcome.result.mismatch) return outcome;
  const std::uint64_t last = outcome.result.mismatch->in_case;
  // What an earlier case left behind may be part of the cause: as many before it as are needed.
  for (std::uint64_t before = 0;; before = 2 * before + 1) {
    outcome.first_case = last > before + options.first_case ? last - before : options.first_case;
    if (outcome.first_case == options.first_case) return outcome;
    CheckOptions alone = options;
    alone.first_case = outcome.first_case;
    alone.end_case = last + 1;
    const CheckResult again = check.run(alone);
    if (again.mismatch && again.mismatch->in_case == last) {
      outcome.result.mismatch = again.mismatch;
      return outcome;
    }
  }
}

CountCases always(std::uint64_t count) {
  return [count](const CheckOptions&) { return count; };
}
CountCases drawn(std::uint64_t count) {
  return [count](const CheckOptions& o) { return o.full ? 10 * count : count; };
}

std::uint64_t CaseRandom::base(std::uint64_t seed, std::string_view check) {
  std::uint64_t base = seed * 0xd1342543de82ef95U;  // spread out: small seeds must not meet letters
  for (const char c : check) base = (base ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return base;
}

}  // namespace mixpe
