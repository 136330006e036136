#pragma once
// The loops over all PEs of the literal arrays, for the host's vector units.

#include <cstdint>

namespace mixpe {

/// What travels with an activation (32 bits) and with a weight (16 bits), and what a shadow
/// register knows of its sum.
namespace tag {
inline constexpr std::int32_t kStep = 1;          ///< operands of a step
inline constexpr std::int32_t kFirst = 2;         ///< the segment's first: the sum restarts
inline constexpr std::int32_t kMerge = 4;         ///< the next interleaved sum is added to sum 0
inline constexpr std::int32_t kCapture = 8;       ///< the segment's last cycle
inline constexpr std::int32_t kBottom = 16;       ///< the last active row
inline constexpr std::int32_t kOdd = 32;          ///< segments are told apart by their parity
inline constexpr int kRealRows = 8;               ///< 8 bits: outputs along m that exist
inline constexpr int kProducts = 16;              ///< 15 bits: elements of k in this step
inline constexpr std::int16_t kActiveColumn = 1;  ///< bits above: outputs along n that exist
inline constexpr std::int32_t kHeld = 1, kReal = 2, kOddSum = 4;
}  // namespace tag

/// PEs with one 32-bit sum each.
struct LiteralPes {
  const std::int32_t* tags;
  const std::int16_t* act;
  const std::int16_t* weight;
  std::int32_t* sum;
  std::int32_t count;
};
/// sum = (first ? 0 : sum) + act * weight
void literal_multiply_add(const LiteralPes& pes);

/// Bit i: PE i of these, 32 at most, captures in this cycle.
std::uint32_t literal_captures(const std::int32_t* tags, std::int32_t count);

/// MACs with operands that exist.
std::uint64_t literal_count_macs(const std::int32_t* tags, const std::int16_t* weight_tags,
                                 std::int32_t count);

/// The same for weight-stationary PEs, whose weight tags hold the outputs along n in bits 1-7.
std::uint64_t literal_count_macs_ws(const std::int32_t* tags, const std::int16_t* weight_tags,
                                    std::int32_t count);

/// sum = sum of the PE above (0 for the first `cols`) + act * weight
void literal_add_products(const std::int16_t* act, const std::int16_t* weight,
                          const std::int32_t* previous, std::int32_t* sum, std::int32_t cols,
                          std::int32_t count);

/// The shadow registers at a clock, [row][col].
struct ShadowRows {
  std::int32_t columns = 0;
  const std::int32_t* shift;   ///< [col] -1: the column's lane has taken a sum
  const std::int32_t* parity;  ///< [col] of the segment that drains
  const std::int32_t* tap;     ///< [col] last active row
  std::int32_t* state;
  std::int32_t* value = nullptr;  ///< null: kept elsewhere

  /// Register (row, col), not the first of its column, takes the sum above: its column shifts, and
  /// that sum belongs to the segment that drains.
  bool takes(std::int64_t row, std::int64_t col) const {
    return shift[col] != 0 && row <= tap[col] &&
           (state[(row - 1) * columns + col] & (tag::kHeld | tag::kOddSum)) ==
               (tag::kHeld | parity[col]);
  }
};
/// Shifts rows `last`, `last` - 1 ... `first`; returns the moves of sums that exist.
std::uint64_t literal_shift_rows(const ShadowRows& rows, std::int32_t first, std::int32_t last);

}  // namespace mixpe
