#pragma once
// What becomes of a block's sums, and the exact kernel, for any instruction set with vectors:
// include it behind the target pragma, and make a table_of() a Simd:
//   Int, Real: registers of kLanes 32-bit integers and floats; Double: of half as many doubles;
//   operations on them, and kExactRows, the rows whose exact sums fit the registers;
//   whole_block<P>(block, finish): every register of sums through put_rows().

#include "models/kernels/segment_kernels_impl.h"

namespace mixpe::kernels {
namespace {

#define MIXPE_INLINE [[gnu::always_inline]] inline

/// Stores integer sums as they are.
template <class Simd>
struct StoreSums {
  BlockOut<std::int32_t> out;
  MIXPE_INLINE int column(std::int64_t) const { return 0; }
  MIXPE_INLINE void put(std::int32_t* to, std::int64_t, int, typename Simd::Int sum) const {
    Simd::store(to, sum);
  }
};

enum class Scaling { kColumn, kColumnAndRow, kBiasedColumn };

/// Scales integer sums and adds them to the outputs.
template <class Simd, Scaling kScaling>
struct ScaleSums {
  using Real = typename Simd::Real;
  struct Column {
    Real scale, bias;
  };
  GroupScale scale;
  BlockOut<float> out;

  MIXPE_INLINE Column column(std::int64_t c) const {
    const bool biased = kScaling == Scaling::kBiasedColumn;
    return {Simd::load(scale.column + c), biased ? Simd::load(scale.bias + c) : Simd::zero()};
  }
  MIXPE_INLINE void put(float* to, std::int64_t r, const Column& column,
                        typename Simd::Int sum) const {
    Real value;
    if constexpr (kScaling == Scaling::kBiasedColumn) {
      value = Simd::fma(Simd::bits(sum), column.scale, column.bias);
    } else {
      value = Simd::converted(sum);
      if (kScaling == Scaling::kColumnAndRow) value = Simd::mul(value, Simd::all(scale.row[r]));
      value = Simd::mul(value, column.scale);
    }
    Simd::store(to, Simd::add(Simd::load(to), value));
  }
};

/// Stores float sums, or adds them to those of an earlier run.
template <class Simd>
struct MergeSums {
  bool merge;
  BlockOut<float> out;
  MIXPE_INLINE int column(std::int64_t) const { return 0; }
  MIXPE_INLINE void put(float* to, std::int64_t, int, typename Simd::Int sum) const {
    typename Simd::Real value = Simd::bits(sum);
    if (merge) value = Simd::add(Simd::load(to), value);
    Simd::store(to, value);
  }
};

/// A register of sums in each of the rows from r on, at column c of the block. What depends on the
/// column alone is loaded once; the copy of `finish` tells the compiler that no store changes it.
template <int kRows, int kParts, class Int, class Finish>
MIXPE_INLINE void put_rows(const Finish& finish, std::int64_t r, std::int64_t c,
                           const Int (&sum)[kRows][kParts], int part) {
  const Finish f = finish;
  const auto column = f.column(c);
  auto* to = f.out.data + r * f.out.stride + c;
#pragma GCC unroll 8
  for (int i = 0; i < kRows; ++i, to += f.out.stride) f.put(to, r + i, column, sum[i][part]);
}

template <class Simd, Packing P>
void integer_sums(const SegmentBlock& b, BlockOut<std::int32_t> out) {
  Simd::template whole_block<P>(b, StoreSums<Simd>{out});
}

template <class Simd, Packing P>
void integer_sums_scaled(const SegmentBlock& b, const GroupScale& scale, BlockOut<float> y) {
  if (scale.bias) {
    Simd::template whole_block<P>(b, ScaleSums<Simd, Scaling::kBiasedColumn>{scale, y});
  } else if (scale.row) {
    Simd::template whole_block<P>(b, ScaleSums<Simd, Scaling::kColumnAndRow>{scale, y});
  } else {
    Simd::template whole_block<P>(b, ScaleSums<Simd, Scaling::kColumn>{scale, y});
  }
}

template <class Simd>
void float_sums(const SegmentBlock& b, bool merge, BlockOut<float> out) {
  Simd::template whole_block<Packing::kFloats>(b, MergeSums<Simd>{merge, out});
}

template <class Simd>
void float_scaled(BlockOut<const float> sums, std::int64_t rows, std::int64_t panels,
                  const float* row_sum, const float* column_zero, const float* column_scale,
                  BlockOut<float> y) {
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < panels * kPanelCols; c += Simd::kLanes) {
      typename Simd::Real value = Simd::load(sums.data + r * sums.stride + c);
      if (column_zero) {
        value = Simd::sub(value, Simd::mul(Simd::load(column_zero + c), Simd::all(row_sum[r])));
      }
      if (column_scale) value = Simd::mul(value, Simd::load(column_scale + c));
      float* to = y.data + r * y.stride + c;
      Simd::store(to, Simd::add(Simd::load(to), value));
    }
  }
}

/// kRows rows and two registers of columns, from column c of the block.
template <class Simd, int kRows>
MIXPE_INLINE void exact_block(const ExactBlock& b, std::int64_t r, std::int64_t c,
                              const float* column, BlockOut<float> y) {
  constexpr std::int64_t kLanes = Simd::kLanes / 2;
  using Double = typename Simd::Double;
  Double sum[kRows][2];
#pragma GCC unroll 8
  for (int i = 0; i < kRows; ++i) sum[i][0] = sum[i][1] = Simd::all(0.0);
  const double* act = b.act + r * b.act_stride;
  const std::uint32_t* weight = b.weight + c / kPanelCols * b.panel_stride + c % kPanelCols;
  for (std::int64_t s = 0; s < b.lanes; ++s, weight += kPanelCols) {
    const Double low = Simd::widened(weight), high = Simd::widened(weight + kLanes);
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) {
      const Double a = Simd::all(act[i * b.act_stride + s]);
      sum[i][0] = Simd::fma(a, low, sum[i][0]);
      sum[i][1] = Simd::fma(a, high, sum[i][1]);
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < kRows; ++i) {
    float* to = y.data + (r + i) * y.stride + c;
    const typename Simd::Real sums = Simd::narrowed(sum[i][0], sum[i][1]);
    Simd::store(to, Simd::add(Simd::load(to), Simd::mul(sums, Simd::load(column + c))));
  }
}

template <class Simd>
void exact_sums_scaled(const ExactBlock& b, const float* column, BlockOut<float> y) {
  constexpr int kRows = Simd::kExactRows;
  for (std::int64_t c = 0; c < b.panels * kPanelCols; c += Simd::kLanes) {
    std::int64_t r = 0;
    for (; r + kRows <= b.rows; r += kRows) exact_block<Simd, kRows>(b, r, c, column, y);
    for (; r < b.rows; ++r) exact_block<Simd, 1>(b, r, c, column, y);
  }
}

template <class Simd>
constexpr Table table_of() {
  return {{integer_sums<Simd, Packing::kBytes>, integer_sums<Simd, Packing::kWords>},
          {integer_sums_scaled<Simd, Packing::kBytes>, integer_sums_scaled<Simd, Packing::kWords>},
          float_sums<Simd>,
          float_scaled<Simd>,
          exact_sums_scaled<Simd>};
}

}  // namespace
}  // namespace mixpe::kernels
