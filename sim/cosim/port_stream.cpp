#include "sim/cosim/port_stream.h"

#include <algorithm>

namespace mixpe {

PortStream::PortStream(FlatModule& module, std::vector<RtlPort> ports)
    : module_(module),
      ports_(std::move(ports)),
      inputs_(size(module.input_words())),
      outputs_(size(module.output_words())) {
  in_.resize(kBatch * inputs_);
  tags_.resize(kBatch);
  for (auto* words : {&after_, &after_mask_, &before_, &before_mask_, &got_after_, &got_before_}) {
    words->resize(kBatch * outputs_);
  }
  reset();
}

void PortStream::reset() {
  module_.restart();
  clear();
  constexpr std::size_t kResetCycles = 2;
  at_in_ = kResetCycles * inputs_;
  filled_ = kResetCycles;
  flush();
  cycle_ = 0;
}

void PortStream::clear() {
  std::fill(in_.begin(), in_.end(), 0);
  std::fill(after_mask_.begin(), after_mask_.end(), 0);
  if (any_before_) std::fill(before_mask_.begin(), before_mask_.end(), 0);
  filled_ = at_in_ = at_out_ = 0;
  expected_ = 0;
  any_before_ = false;
}

std::optional<std::size_t> PortStream::first_difference(const std::vector<std::uint64_t>& expected,
                                                        const std::vector<std::uint64_t>& mask,
                                                        const std::vector<std::uint64_t>& got,
                                                        std::size_t cycles) const {
  const std::size_t words = cycles * outputs_;
  std::uint64_t any = 0;
  for (std::size_t i = 0; i < words; ++i) any |= (expected[i] ^ got[i]) & mask[i];
  if (any == 0) return std::nullopt;
  std::size_t i = 0;
  while (((expected[i] ^ got[i]) & mask[i]) == 0) ++i;
  return i;
}

void PortStream::differs(std::size_t word, std::uint64_t expected, std::uint64_t got) {
  const std::size_t in_batch = word / outputs_;
  Difference d{cycle_ - filled_ + in_batch, tags_[in_batch], "", expected, got, ""};
  int offset = static_cast<int>(word % outputs_);
  for (const RtlPort& port : ports_) {
    if (!port.output) continue;
    if (offset < port.words() && d.port.empty()) d.port = port.name;
    offset -= port.words();
  }
  difference_ = std::move(d);
}

void PortStream::flush() {
  if (ok() && filled_ > 0) {
    const auto done = static_cast<std::size_t>(
        module_.run({in_.data(), filled_ * inputs_},
                    any_before_ ? std::span(got_before_) : std::span<std::uint64_t>(), got_after_));
    const auto before =
        any_before_ ? first_difference(before_, before_mask_, got_before_, done) : std::nullopt;
    const auto after = first_difference(after_, after_mask_, got_after_, done);
    if (before && (!after || *before / outputs_ <= *after / outputs_)) {
      differs(*before, before_[*before], got_before_[*before]);
    } else if (after) {
      differs(*after, after_[*after], got_after_[*after]);
    } else if (done < filled_) {
      difference_ = Difference{cycle_ - filled_ + done, tags_[done], "", 0, 0, module_.error()};
    }
    comparisons_ += expected_;
  }
  clear();
}

}  // namespace mixpe
