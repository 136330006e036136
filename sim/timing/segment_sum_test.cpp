#include "sim/timing/segment_sum.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "models/formats/floats.h"
#include "models/pe/registry.h"
#include "sim/config/pe_yaml.h"

namespace mixpe {
namespace {

std::unique_ptr<PeModel> fp16_pe(int interleave) {
  for (PeSpec spec : all_pe_variants()) {
    if (spec.name != "fp16") continue;
    spec.interleave = interleave;
    return make_pe(spec);
  }
  return nullptr;
}

/// FP32 row sum of 2^15, e, -2^15, e with e = 2^-24 too small to change 2^15.
float sum_of(Dataflow dataflow, int interleave, std::int64_t rows) {
  const auto pe = fp16_pe(interleave);
  ArrayWork work;
  work.timing.dataflow = dataflow;
  work.timing.rows = rows;
  work.pe = pe.get();
  work.formats = {kFp16, kFp16};
  const Code big = float_to_fp16(32768), minus_big = float_to_fp16(-32768), e = 1;
  std::uint64_t overflows = 0;
  return row_sum(work, std::array{big, e, minus_big, e}, overflows).real;
}

TEST(RowSum, InterleavesAsThePeDoesInAnOutputStationaryArray) {
  EXPECT_EQ(sum_of(Dataflow::kOutputStationary, 1, 2), 0x1p-24F);
  EXPECT_EQ(sum_of(Dataflow::kOutputStationary, 2, 2), 0x1p-23F);
}

TEST(RowSum, AddsKTilesOfTheRowsInAWeightStationaryArray) {
  EXPECT_EQ(sum_of(Dataflow::kWeightStationary, 2, 4), 0x1p-24F);  // one K-tile, one sum
  EXPECT_EQ(sum_of(Dataflow::kWeightStationary, 2, 2), 0.0F);      // 2^15 + -2^15
  EXPECT_EQ(sum_of(Dataflow::kWeightStationary, 2, 3), 0x1p-24F);  // 0 + e
}

}  // namespace
}  // namespace mixpe
