#pragma once
// The price file of a PE: which of its forms are built, and what is written of them.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/characterize/campaign.h"

namespace mixpe {

/// PEs that compute values and have RTL, by name.
std::vector<std::string> characterised_pes();

/// Both dataflows of every variant, the output-stationary one also with its shadow register, and
/// one more width or latency for each that the user may set.
std::vector<Subject> pe_subjects(const std::string& pe, std::uint64_t seed);

/// configs/tech/<tech>/<pe>.yaml, from the measurements of pe_subjects().
std::string pe_price_file(const std::string& pe, const Measurements& measurements,
                          const Provenance& provenance);

/// What the tech file's constants are pooled over: a PE variant without and with its shadow
/// register.
struct PeForms {
  const Measurement* plain = nullptr;
  const Measurement* shadow = nullptr;
  int sum_bits = 0;  ///< of the shadow register, flags included
  bool integer = true;
};
std::vector<PeForms> pe_forms(const std::vector<std::string>& pes,
                              const Measurements& measurements);

}  // namespace mixpe
