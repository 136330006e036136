#pragma once
// Counters: flat monotone uint64 per event; ratios and energy are computed afterwards.

#include <array>
#include <cstdint>
#include <string_view>

namespace mixpe {

enum class Event : int {
  kMac,          ///< useful and padded-k MACs executed by PEs with real operands
  kPeCycle,      ///< PE-cycles, busy or idle (clock)
  kCapture,      ///< a segment's sum copied into a shadow register (OS with overlap or groups)
  kShadowShift,  ///< a shadow register takes its upper neighbour's value
  kAccumulatorRead,
  kAccumulatorWrite,  ///< WS accumulator memory, sums
  kLaneOp,            ///< a dequantisation lane scales and accumulates one sum
  kRowSumAdd,         ///< the row-sum adder takes one activation
  kAlign,             ///< the edge aligner takes one activation
  kConvert,           ///< a weight converted before the array
  kEpilogue,          ///< an output scaled and rounded to its format
  kActRead,
  kActWrite,  ///< activation buffer, port-width words
  kWgtRead,
  kWgtWrite,
  kOutRead,
  kOutWrite,
  kDramReadBytes,
  kDramWriteBytes,
  kOverflow,  ///< accumulator overflows (values only)
  kCount,
};
inline constexpr int kEventCount = static_cast<int>(Event::kCount);

struct EventInfo {
  std::string_view name, unit, description;
};
const EventInfo& event_info(Event e);

struct Counters {
  std::array<std::uint64_t, kEventCount> value{};
  std::uint64_t& operator[](Event e) { return value[static_cast<std::size_t>(e)]; }
  std::uint64_t operator[](Event e) const { return value[static_cast<std::size_t>(e)]; }
  Counters& operator+=(const Counters& o);
  Counters& add_scaled(const Counters& o, std::uint64_t times);
  bool operator==(const Counters&) const = default;
};

}  // namespace mixpe
