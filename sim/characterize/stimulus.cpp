#include "sim/characterize/stimulus.h"

#include <algorithm>

namespace mixpe {

Stimulus::Stimulus(std::string name, std::vector<std::string> ports)
    : name_(std::move(name)), ports_(std::move(ports)), now_(ports_.size(), 0) {}

void Stimulus::set(std::string_view port, std::uint64_t value) {
  const auto at = std::find(ports_.begin(), ports_.end(), port);
  if (at != ports_.end()) now_[static_cast<std::size_t>(at - ports_.begin())] = value;
}

void Stimulus::reset() {
  set("rst_ni", 0);
  next();
  next();
  set("rst_ni", 1);
}

}  // namespace mixpe
