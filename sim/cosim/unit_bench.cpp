#include "sim/cosim/unit_bench.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/core/errors.h"

namespace mixpe {
namespace {

/// Words that become due in later cycles.
class Schedule {
 public:
  struct Due {
    int port;
    std::uint64_t value, in_case;
  };
  void add(const std::vector<Operation::Word>& words, std::uint64_t now, std::uint64_t in_case) {
    for (const Operation::Word& w : words) {
      check_invariant(static_cast<std::size_t>(w.delay) < Operation::kMostDelay, "delay too long");
      ring_[(now + static_cast<unsigned>(w.delay)) % Operation::kMostDelay].push_back(
          {w.port, w.value, in_case});
    }
  }
  /// Calls f(due) for what is due now, and forgets it.
  template <class Function>
  void take(std::uint64_t now, Function&& f) {
    auto& due = ring_[now % Operation::kMostDelay];
    for (const Due& d : due) f(d);
    due.clear();
  }

 private:
  std::array<std::vector<Due>, Operation::kMostDelay> ring_;
};

class UnitBench {
 public:
  explicit UnitBench(const Unit& unit)
      : stream_(*unit.module, unit.ports), reset_(unit.has("rst_ni") ? unit.at("rst_ni") : -1) {}

  void cycle(const Operation& op, std::uint64_t in_case) {
    const std::uint64_t now = stream_.cycle();
    inputs_.add(op.inputs, now, in_case);
    before_.add(op.before, now, in_case);
    after_.add(op.after, now, in_case);
    if (reset_ >= 0) stream_.set(reset_, 1);
    std::uint64_t tag = in_case;
    inputs_.take(now, [&](const Schedule::Due& d) { stream_.set(d.port, d.value); });
    before_.take(now, [&](const Schedule::Due& d) { stream_.expect_before(d.port, d.value); });
    after_.take(now, [&](const Schedule::Due& d) {
      stream_.expect(d.port, d.value);
      tag = d.in_case;
    });
    stream_.next(tag);
  }
  void finish(std::uint64_t in_case) {
    for (std::size_t i = 0; i < Operation::kMostDelay; ++i) cycle({}, in_case);
    stream_.flush();
  }
  const PortStream& stream() const { return stream_; }

 private:
  PortStream stream_;
  int reset_;
  Schedule inputs_, before_, after_;
};

std::string operation_text(const Unit& unit, const std::vector<Operation>& cycles) {
  constexpr std::size_t kShown = 8;
  std::string text;
  for (std::size_t i = 0; i < cycles.size() && i < kShown; ++i) {
    text += fmt::format("\n  {:<9} ", i == 0 ? "operands" : "");
    for (const RtlPort& port : unit.ports) {
      for (const Operation::Word& w : cycles[i].inputs) {
        if (port.output || port.name == "clk_i" || unit.at(port.name) != w.port) continue;
        text += fmt::format(" {} 0x{:x}", port.name, w.value);
      }
    }
  }
  if (cycles.size() > kShown)
    text += fmt::format("\n             … {} cycles in all", cycles.size());
  return text;
}

CheckResult run(const Unit& unit, const std::string& name, std::uint64_t count,
                const MakeCycles& make, const CheckOptions& options) {
  UnitBench bench(unit);
  std::vector<Operation> cycles;
  CheckResult result;
  const std::uint64_t base = CaseRandom::base(options.seed, name);
  std::uint64_t i = options.first_case;
  for (; i < std::min(count, options.end_case) && bench.stream().ok(); ++i) {
    CaseRandom random(base, i);
    for (Operation& op : cycles) op.clear();
    result.operations += make(i, random, cycles);
    for (const Operation& op : cycles) bench.cycle(op, i);
    ++result.cases;
  }
  bench.finish(i);
  result.comparisons = bench.stream().comparisons();
  if (const auto& d = bench.stream().difference()) {
    CaseRandom random(base, d->tag);
    for (Operation& op : cycles) op.clear();
    make(d->tag, random, cycles);
    const std::string what =
        d->port.empty() ? fmt::format("the RTL stopped in cycle {}:\n{}", d->cycle, d->error)
                        : fmt::format("{} in cycle {}\n  expected   0x{:x}\n  got        0x{:x}",
                                      d->port, d->cycle, d->expected, d->got);
    result.mismatch = {what + operation_text(unit, cycles), d->tag};
  }
  return result;
}

}  // namespace

bool Unit::has(const std::string& port) const {
  return std::any_of(ports.begin(), ports.end(), [&](const RtlPort& p) { return p.name == port; });
}

Check operation_check(std::shared_ptr<const Unit> unit, const std::string& name,
                      const std::string& space, CountCases count, MakeOperation make) {
  return cycles_check(std::move(unit), name, space, std::move(count),
                      [make](std::uint64_t i, CaseRandom& random, std::vector<Operation>& cycles) {
                        cycles.resize(1);
                        make(i, random, cycles[0]);
                        return std::uint64_t{1};
                      });
}

Check cycles_check(std::shared_ptr<const Unit> unit, const std::string& name,
                   const std::string& space, CountCases count, MakeCycles make) {
  const std::string full = unit->group + "/" + name;
  return {full, space, [=](const CheckOptions& o) { return run(*unit, full, count(o), make, o); }};
}

}  // namespace mixpe
