#include "models/kernels/segment_kernels.h"

#include <limits>

#include "models/core/errors.h"
#include "models/kernels/multiversion.h"
#include "models/kernels/segment_kernels_impl.h"

namespace mixpe {
namespace {

const kernels::Table& table(Isa isa) {
  check_invariant(supported(isa), "kernel for an instruction set this CPU does not have");
  switch (isa) {
    case Isa::kPortable:
      break;
    case Isa::kAvx2:
      return kernels::kAvx2Table;
    case Isa::kAvx512:
      return kernels::kAvx512Table;
  }
  return kernels::kPortableTable;
}

std::size_t index(Packing packing) {
  check_invariant(packing != Packing::kFloats, "an integer kernel was given floats");
  return static_cast<std::size_t>(packing);
}

}  // namespace

std::optional<Packing> integer_packing(Isa isa, OperandRange act, OperandRange weight) {
  const std::int64_t low = isa == Isa::kAvx2 ? -16 : -128;
  const std::int64_t high = isa == Isa::kAvx2 ? 16 : 127;
  if (act.within(-128, 127) && weight.within(low, high)) return Packing::kBytes;
  if (act.within(-32768, 32767) && weight.within(-32768, 32767)) return Packing::kWords;
  return std::nullopt;
}

void integer_sums(Isa isa, Packing packing, const SegmentBlock& block, BlockOut<std::int32_t> out) {
  table(isa).integer_sums[index(packing)](block, out);
}

void integer_sums_scaled(Isa isa, Packing packing, const SegmentBlock& block,
                         const GroupScale& scale, BlockOut<float> y) {
  table(isa).integer_sums_scaled[index(packing)](block, scale, y);
}

void float_sums(Isa isa, const SegmentBlock& block, bool merge, BlockOut<float> out) {
  table(isa).float_sums(block, merge, out);
}

void float_scaled(Isa isa, BlockOut<const float> sums, std::int64_t rows, std::int64_t panels,
                  const float* row_sum, const float* column_zero, const float* column_scale,
                  BlockOut<float> y) {
  table(isa).float_scaled(sums, rows, panels, row_sum, column_zero, column_scale, y);
}

void exact_sums_scaled(Isa isa, const ExactBlock& block, const float* column, BlockOut<float> y) {
  table(isa).exact_sums_scaled(block, column, y);
}

MIXPE_MULTIVERSION
void copy_canonical(const float* __restrict from, std::int64_t count, float* __restrict to) {
  for (std::int64_t i = 0; i < count; ++i) {
    to[i] = from[i] == from[i] ? from[i] : std::numeric_limits<float>::quiet_NaN();
  }
}

}  // namespace mixpe
