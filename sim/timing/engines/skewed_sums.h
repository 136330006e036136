#pragma once
// Running sums of an output-stationary array, for the host's vector units.
//  * In cycle t of a segment PE(r,c) adds the product of the operands that entered the edge in
//    cycle t - r - c. Rows of PEs look at one row of activations, newest first, each column one
//    place further on; and at weights whose columns are already one cycle apart.
//  * Two cycles are one step: products of 16-bit integers are added up in pairs.
//  * Sums are exact modulo 2^32; every instruction set gives the same bits.

#include <boost/align/aligned_allocator.hpp>
#include <cstdint>
#include <vector>

#include "models/kernels/isa.h"

namespace mixpe {

/// On cache lines: a vector that crosses two is loaded twice.
template <typename T>
using CacheAligned = std::vector<T, boost::alignment::aligned_allocator<T, 64>>;

/// Columns of weights and of sums are padded to a multiple of this: a 512-bit register of sums.
inline constexpr std::int64_t kSkewedColumns = 16;
/// So many activations below the last one of a row are read, too, and count for nothing.
inline constexpr std::int64_t kSkewedOverread = 2 * kSkewedColumns;

struct SkewedSums {
  /// Row 0's activation of cycle 0; that of cycle t stands t places before it. Zero outside the
  /// segment, from `columns` cycles before it to as many behind it.
  const std::int16_t* act = nullptr;
  std::int64_t act_stride = 0;  ///< from row to row
  /// [cycle / 2][columns] what column c sees in two successive cycles (the earlier in the low
  /// half), if row 0 is in its cycle: the weights of cycle - c. Zero outside the segment.
  const std::int32_t* weight = nullptr;
  std::int32_t* sum = nullptr;  ///< [rows][columns]
  std::int32_t rows = 0, columns = 0;
  std::int32_t from = 0, to = 0;  ///< cycles of row 0; row r is r cycles behind
  std::int32_t cycles = 0;        ///< of a row, until its last column has seen the last operands
};
/// sum += act * weight in each of these cycles.
void add_skewed(Isa isa, const SkewedSums& sums);

namespace skewed {  // one for each instruction set
void add_portable(const SkewedSums& sums);
void add_avx2(const SkewedSums& sums);
void add_avx512(const SkewedSums& sums);
}  // namespace skewed

}  // namespace mixpe
