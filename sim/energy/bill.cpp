#include "sim/energy/bill.h"

#include <algorithm>
#include <array>

namespace mixpe {
namespace {

/// Counted for the user, without energy of its own: the wrapped sum cost its MAC.
constexpr std::array kFreeEvents = {Event::kOverflow};

bool is_free(Event e) {
  for (const Event free : kFreeEvents) {
    if (free == e) return true;
  }
  return false;
}

bool charges(const EnergyPrice& p, Event e, std::string_view mode) {
  return p.event == e && (e != Event::kMac || p.mode == mode);
}

void check_all_priced(const Counters& counters, std::string_view mode, const PriceList& prices) {
  for (int i = 0; i < kEventCount; ++i) {
    const auto e = static_cast<Event>(i);
    if (counters[e] == 0 || is_free(e)) continue;
    bool found = false;
    for (const EnergyPrice& p : prices.energy) found = found || charges(p, e, mode);
    if (found) continue;
    throw InvariantError("event " + std::string(event_info(e).name) + " was counted but " +
                         prices.tech + " has no price for it in this design");
  }
}

}  // namespace

double EnergyBill::sum_pj(std::string_view prefix) const {
  double sum = 0;
  for (const EnergyLine& line : lines) {
    if (std::string_view(line.name).starts_with(prefix)) sum += line.energy_pj;
  }
  return sum;
}

EnergyBill& EnergyBill::operator+=(const EnergyBill& other) {
  if (lines.empty()) return *this = other;
  check_invariant(lines.size() == other.lines.size(), "bills of different price lists added");
  total_pj = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    check_invariant(lines[i].name == other.lines[i].name, "bills of different price lists added");
    lines[i].count += other.lines[i].count;
    lines[i].energy_pj += other.lines[i].energy_pj;
    if (lines[i].price_pj != other.lines[i].price_pj && lines[i].count > 0) {
      lines[i].price_pj = lines[i].energy_pj / lines[i].count;
    }
    total_pj += lines[i].energy_pj;
  }
  return *this;
}

EnergyBill bill(const Counters& counters, std::uint64_t cycles, std::string_view mode,
                const ArchSpec& arch, const PriceList& prices,
                const std::optional<OperandStatistics>& operands) {
  check_all_priced(counters, mode, prices);
  const auto pes = static_cast<std::uint64_t>(arch.array.rows * arch.array.cols);
  check_invariant(counters[Event::kPeCycle] == pes * cycles,
                  "pe_cycle must count every PE in every cycle");
  EnergyBill out;
  for (const EnergyPrice& p : prices.energy) {
    // Lines of other modes stay, with a count of zero, so that all bills of a run have equal lines.
    const bool counted = !p.event || charges(p, *p.event, mode);
    const std::uint64_t count = !counted ? 0 : p.event ? counters[*p.event] : cycles;
    double pj = p.price.value;
    if (operands && p.event == Event::kMac) {
      check_invariant(p.operands.has_value(), "a MAC whose price does not follow its operands");
      pj = std::max(0.0, pj + p.operands->difference_pj(*operands));
    }
    EnergyLine line{.name = p.name,
                    .count = static_cast<double>(count),
                    .price_pj = pj,
                    .energy_pj = static_cast<double>(count) * pj};
    out.total_pj += line.energy_pj;
    out.lines.push_back(std::move(line));
  }
  return out;
}

double AreaBill::of(Component c) const {
  for (const AreaLine& line : lines) {
    if (line.component == c) return line.area_um2;
  }
  return 0;
}

AreaBill area(const ArchSpec& arch, const PriceList& prices) {
  AreaBill out;
  for (int i = 0; i < kComponentCount; ++i) {
    const auto c = static_cast<Component>(i);
    if (!prices[c].built) continue;
    AreaLine line{.component = c,
                  .instances = instances(c, arch, prices),
                  .unit_um2 = prices[c].area.value,
                  .area_um2 = 0};
    line.area_um2 = static_cast<double>(line.instances) * line.unit_um2;
    out.total_um2 += line.area_um2;
    out.lines.push_back(line);
  }
  return out;
}

}  // namespace mixpe
