#pragma once
// The words of price files (configs/tech/README.md).

#include <set>
#include <string>

#include "sim/characterize/campaign.h"

namespace mixpe {

/// Four significant digits, never in exponent notation: 23395, 5.051, 0.02861.
std::string price_number(double value);
/// `{zero_delay: …, glitch: …}`.
std::string switching_text(double zero_delay, double glitch);
/// The comment and the keys that say how the file was made; `identity` is "pe: my_pe".
std::string price_header(const std::string& identity, const Provenance& provenance,
                         const std::set<const Measurement*>& measurements);
/// `source: …`, `method: …`, `uncertainty_pct: …`, each line after `indent`.
std::string origin_text(const std::string& indent, const std::string& source,
                        const std::string& method, int uncertainty_pct);

/// Where a busy cycle's energy goes: `clock: {…}, flop: {…}, …, leakage: {…}`.
std::string split_text(const Measurement& m, const std::string& stream, double clock_ns);

/// What a measured part's `source` says.
std::string measured_source(const Measurement& m, const Provenance& provenance);

}  // namespace mixpe
