#include "sim/characterize/price_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace mixpe {

std::string price_number(double value) {
  if (value == 0 || !std::isfinite(value)) return "0";
  constexpr int kDigits = 4;
  const int decimals =
      std::max(0, kDigits - 1 - static_cast<int>(std::floor(std::log10(std::abs(value)))));
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (decimals > 0) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text;
}

std::string switching_text(double zero_delay, double glitch) {
  return fmt::format("{{zero_delay: {}, glitch: {}}}", price_number(zero_delay),
                     price_number(glitch));
}

std::string price_header(const std::string& identity, const Provenance& p,
                         const std::set<const Measurement*>& measurements) {
  std::set<std::string> revisions;
  std::uint64_t comparisons = 0;
  for (const Measurement* m : measurements) {
    revisions.insert(m->rtl_revision);
    for (const StreamEnergy& s : m->streams) comparisons += s.comparisons;
  }
  std::string revision;
  for (const std::string& r : revisions) revision += (revision.empty() ? "" : " ") + r;
  return fmt::format(
      "# Written by `mixpe characterize` (docs/characterize.md): run it again rather than edit "
      "this.\n"
      "{}\n"
      "characterized:\n"
      "  library: {}\n"
      "  library_hash: {}\n"
      "  voltage_v: {}\n"
      "  temperature_c: {}\n"
      "  clock_ns: {}\n"
      "  yosys: \"{}\"\n"
      "  opensta: \"{}\"\n"
      "  rtl_revision: {}\n"
      "  streams: \"{}\"\n"
      "  compared: \"{} port values of mapped netlists with their RTL, all equal\"\n",
      identity, p.library, p.library_hash, price_number(p.voltage_v), price_number(p.temperature_c),
      price_number(p.clock_ns), p.yosys, p.opensta, revision, p.streams, comparisons);
}

std::string origin_text(const std::string& indent, const std::string& source,
                        const std::string& method, int uncertainty_pct) {
  return fmt::format("{0}source: \"{1}\"\n{0}method: {2}\n{0}uncertainty_pct: {3}\n", indent,
                     source, method, uncertainty_pct);
}

std::string split_text(const Measurement& m, const std::string& stream, double clock_ns) {
  static constexpr const char* kNames[] = {"clock", "flop", "combinational", "wire"};
  const StreamEnergy& s = m.stream(stream);
  std::string text;
  for (std::size_t i = 0; i < s.glitch.size(); ++i) {
    text += fmt::format("{}: {}, ", kNames[i], switching_text(s.zero_delay[i], s.glitch[i]));
  }
  const double leakage = m.leakage_pj(clock_ns);
  return text + "leakage: " + switching_text(leakage, leakage);
}

std::string measured_source(const Measurement& m, const Provenance& provenance) {
  return fmt::format("{} in {}: {} ns, {} at {} ns; {} cells, flops {} % of the area", m.name,
                     provenance.library, price_number(m.timing.min_period_ns),
                     m.timing.met ? "met" : "NOT met", price_number(provenance.clock_ns), m.cells,
                     std::lround(100 * m.flop_area_um2 / m.area_um2));
}

}  // namespace mixpe
