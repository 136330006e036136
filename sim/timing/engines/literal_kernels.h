#pragma once
// The loops over all PEs of the literal arrays, for the host's vector units.

#include <cstdint>

namespace mixpe {

/// What travels with an activation and with a weight of a weight-stationary array.
namespace tag {
inline constexpr std::int32_t kStep = 1;          ///< operands of a step
inline constexpr std::int32_t kFirst = 2;         ///< the K-tile's first
inline constexpr std::int32_t kLast = 4;          ///< the K-tile's last step
inline constexpr std::int32_t kBottom = 8;        ///< the last active row
inline constexpr int kProducts = 16;              ///< 15 bits: MACs of this step and column
inline constexpr std::int16_t kActiveColumn = 1;  ///< bits 1-7: outputs along n that exist
}  // namespace tag

/// Output-stationary PEs with one lane each way and one 32-bit sum: sum += act * weight
void literal_multiply_add(const std::int16_t* act, const std::int16_t* weight, std::int32_t* sum,
                          std::int32_t count);

/// A clock of control bits that move right, a word for each line: in[line] (0 or 1) enters the
/// delay line edge[line], delay[line] bits long, what leaves that enters the line's first PE.
void literal_shift_rows(const std::uint32_t* in, const std::uint32_t* delay, std::uint32_t* edge,
                        const std::uint32_t* before, std::uint32_t* now, std::uint32_t columns,
                        std::int32_t lines);

/// Bit i: words[i] has a bit of `bits`; up to 32 words.
std::uint32_t literal_rows_with(const std::uint32_t* words, std::uint32_t bits, std::int32_t count);

/// Bits that are set in the step's word, the output row's and the output column's.
struct LiteralMacs {
  const std::uint32_t* step;      ///< [row]
  const std::uint32_t* real_row;  ///< [lane][row]
  const std::uint32_t* real_col;  ///< [lane][row]
  std::int32_t rows, lanes_m, lanes_n;
};
std::uint64_t literal_count_macs(const LiteralMacs& macs);
std::uint64_t literal_count_ones(const std::uint32_t* words, std::int32_t count);

/// A clock of shadow registers, a word each row; one row in front of row 0 can be read and holds
/// nothing. Register (row, col) of a column that shifts takes what stands above it, if that belongs
/// to the segment that drains; its own has left.
struct ShadowRows {
  struct Bits {
    std::uint32_t *held, *odd, *real;
  };
  const std::uint32_t* shifting;  ///< [row] columns
  std::uint32_t parity;           ///< of the segment that each column drains
  Bits before, after;
  std::uint32_t *moves, *real_moves;  ///< [row] registers that take the sum above; those of outputs
  std::int32_t rows;
};
void literal_shift_shadows(const ShadowRows& s);
/// Registers take sums: columns[row], of segments of this parity and of outputs whose row and
/// column exist. False if one of them was held.
struct ShadowCapture {
  const std::uint32_t *columns, *from_odd, *real_row, *real_col;
  std::uint32_t *held, *odd, *real;
  std::uint32_t* captured;  ///< [row] those of outputs that exist
  std::int32_t rows;
};
bool literal_capture(const ShadowCapture& s);
/// values[row][col] takes values[row - 1][col] where moves[row] says so; the bottom row first.
void literal_move_down(const std::uint32_t* moves, std::int32_t* values, std::int32_t rows,
                       std::int32_t cols);

/// sum[i] += act[i * stride]; the sums' magnitudes, all ored together.
std::uint64_t literal_add_edge(const std::int16_t* act, std::int64_t* sum, std::int32_t stride,
                               std::int32_t count);

/// MACs with operands that exist, of weight-stationary PEs.
std::uint64_t literal_count_macs_ws(const std::int32_t* tags, const std::int16_t* weight_tags,
                                    std::int32_t count);

/// sum = sum of the PE above (0 for the first `cols`) + act * weight
void literal_add_products(const std::int16_t* act, const std::int16_t* weight,
                          const std::int32_t* previous, std::int32_t* sum, std::int32_t cols,
                          std::int32_t count);

}  // namespace mixpe
