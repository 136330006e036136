#pragma once
// The loops over all PEs of the literal arrays, for the host's vector units.

#include <cstdint>

namespace mixpe {

/// What travels with an activation and with a weight. OS: 16 bits each; WS: 32 with the activation.
namespace tag {
inline constexpr std::int32_t kStep = 1;          ///< operands of a step
inline constexpr std::int32_t kFirst = 2;         ///< the segment's first: the sum restarts
inline constexpr std::int32_t kMerge = 4;         ///< the next interleaved sum is added to sum 0
inline constexpr std::int32_t kCapture = 8;       ///< the segment's last cycle
inline constexpr std::int32_t kBottom = 16;       ///< the last active row
inline constexpr std::int32_t kOdd = 32;          ///< segments are told apart by their parity
inline constexpr int kRealRows = 8;               ///< OS, 8 bits: outputs along m that exist
inline constexpr int kProducts = 16;              ///< WS, 15 bits: MACs of this step and column
inline constexpr std::int16_t kActiveColumn = 1;  ///< bits above: outputs along n that exist
}  // namespace tag

/// PEs with one lane each way and one 32-bit sum.
struct LiteralPes {
  const std::uint16_t* tags;
  const std::int16_t* act;
  const std::int16_t* weight;
  std::int32_t* sum;
  std::int32_t count;
};
/// sum = (first ? 0 : sum) + act * weight
void literal_multiply_add(const LiteralPes& pes);

/// MACs with operands that exist; `k`: elements of k in each PE's step, null if PEs have one lane
/// each way.
std::uint64_t literal_count_macs(const std::uint16_t* tags, const std::int16_t* weight_tags,
                                 const std::int16_t* k, std::int32_t count);

/// The same for weight-stationary PEs, whose weight tags hold the outputs along n in bits 1-7.
std::uint64_t literal_count_macs_ws(const std::int32_t* tags, const std::int16_t* weight_tags,
                                    std::int32_t count);

/// sum = sum of the PE above (0 for the first `cols`) + act * weight
void literal_add_products(const std::int16_t* act, const std::int16_t* weight,
                          const std::int32_t* previous, std::int32_t* sum, std::int32_t cols,
                          std::int32_t count);

}  // namespace mixpe
