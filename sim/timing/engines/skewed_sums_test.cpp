#include "sim/timing/engines/skewed_sums.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <random>

namespace mixpe {
namespace {

/// A segment's operands, plain and laid out as skewed_sums.h says.
struct Problem {
  Problem(std::int64_t rows_, std::int64_t cols_, std::int64_t entries_, std::uint32_t seed)
      : rows(rows_),
        cols(cols_),
        entries(entries_),
        columns((cols_ + kSkewedColumns - 1) / kSkewedColumns * kSkewedColumns),
        newest(entries_ + columns + 2),
        stride(newest + columns + kSkewedOverread) {
    std::mt19937 random(seed);
    const auto draw = [&] { return static_cast<std::int16_t>(random()); };
    act.resize(size(rows * stride));
    weight.resize(size(((entries + cols) / 2 + 1) * columns));
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t e = 0; e < entries; ++e) act[size(r * stride + newest - e)] = draw();
    }
    for (std::int64_t c = 0; c < cols; ++c) {
      for (std::int64_t e = 0; e < entries; ++e) {
        const std::int64_t cycle = e + c;
        std::int32_t& pair = weight[size(cycle / 2 * columns + c)];
        pair |= static_cast<std::int32_t>(std::uint32_t{static_cast<std::uint16_t>(draw())}
                                          << (cycle % 2 * 16));
      }
    }
  }
  static std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }

  SkewedSums sums(std::int64_t from, std::int64_t to, std::int32_t* sum) const {
    SkewedSums s;
    s.act = &act[size(newest)];
    s.act_stride = stride;
    s.weight = weight.data();
    s.sum = sum;
    s.rows = static_cast<std::int32_t>(rows);
    s.columns = static_cast<std::int32_t>(columns);
    s.from = static_cast<std::int32_t>(from);
    s.to = static_cast<std::int32_t>(to);
    s.cycles = static_cast<std::int32_t>(entries + cols - 1);
    return s;
  }
  /// What PE(row, col) has added up before cycle `to` of row 0, modulo 2^32.
  std::uint32_t expected(std::int64_t row, std::int64_t col, std::int64_t to) const {
    std::uint32_t sum = 0;
    for (std::int64_t e = 0; e < std::min(entries, to - row - col); ++e) {
      const std::int64_t cycle = e + col;
      const std::int32_t pair = weight[size(cycle / 2 * columns + col)];
      sum += static_cast<std::uint32_t>(act[size(row * stride + newest - e)] *
                                        static_cast<std::int16_t>(pair >> (cycle % 2 * 16)));
    }
    return sum;
  }

  std::int64_t rows, cols, entries, columns, newest, stride;
  std::vector<std::int16_t> act;
  CacheAligned<std::int32_t> weight;
};

RC_GTEST_PROP(SkewedSums, EveryPeHasAddedWhatHasReachedItOnEveryInstructionSet, ()) {
  const Problem p(*rc::gen::inRange<std::int64_t>(1, 8), *rc::gen::inRange<std::int64_t>(1, 70),
                  *rc::gen::inRange<std::int64_t>(1, 40), *rc::gen::arbitrary<std::uint32_t>());
  const std::int64_t end = p.entries + p.rows + p.cols - 1;
  // Clocks may be computed in any portions.
  const auto first = *rc::gen::inRange<std::int64_t>(0, end + 1);
  const auto second = *rc::gen::inRange<std::int64_t>(first, end + 1);
  for (const Isa isa : {Isa::kPortable, Isa::kAvx2, Isa::kAvx512}) {
    if (!supported(isa)) continue;
    CacheAligned<std::int32_t> sums(Problem::size(p.rows * p.columns));
    std::int64_t done = 0;
    for (const std::int64_t to : {first, second, end}) {
      add_skewed(isa, p.sums(done, to, sums.data()));
      done = to;
      for (std::int64_t r = 0; r < p.rows; ++r) {
        for (std::int64_t c = 0; c < p.cols; ++c) {
          RC_ASSERT(static_cast<std::uint32_t>(sums[Problem::size(r * p.columns + c)]) ==
                    p.expected(r, c, to));
        }
      }
    }
  }
}

}  // namespace
}  // namespace mixpe
