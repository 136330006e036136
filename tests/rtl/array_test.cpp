// The output-stationary array's RTL: values, cycles and overflows of whole runs of tiles.

#include "Varray_fp16_4x4_m1.h"
#include "Varray_fp16_4x4_m2.h"
#include "Varray_int8_4x4_m1.h"
#include "Varray_int8_4x4_m2.h"
#include "Varray_w4a8_4x4_m1.h"
#include "Varray_w4a8_4x4_m2.h"
#include "Varray_w4a8_8x4_m1.h"
#include "Varray_w4a8_8x4_m2.h"
#include "tests/rtl/array_bench.h"

namespace mixpe::rtl_test {
namespace {

using MakePe = std::unique_ptr<PeModel> (*)();

std::unique_ptr<PeModel> w4a8() {
  return testing::make_test_pe("mixpe_w4a8", {.acc_bits = 20, .row_sum_bits = 15});
}
std::unique_ptr<PeModel> int8() {
  return testing::make_test_pe("int8", {.acc_bits = 20, .row_sum_bits = 12});
}
std::unique_ptr<PeModel> fp16() {
  return testing::make_test_pe("fp16", {.sum_kind = SumKind::kFloat32, .interleave = 2});
}

ArrayShape w4a8_shape(int rows, int interval) { return {.rows = rows, .interval = interval}; }
ArrayShape int8_shape(int interval) {
  return {.interval = interval, .weight_bits = 8, .row_sum_bits = 12};
}
ArrayShape fp16_shape(int interval) {
  return {.interval = interval,
          .act_bits = 16,
          .weight_bits = 16,
          .sum_bits = 32,
          .row_sum_bits = 32,
          .product_latency = 1,
          .add_latency = 2,
          .lane_latency = 6,
          .y_delay = 4};
}

/// Groups of one element to all of K, tails in every dimension, several passes.
std::vector<TileShape> tiles(Random& random) {
  std::vector<TileShape> all;
  for (const std::int64_t group : {0, 1, 2, 3, 8, 32}) {
    const auto draw = [&random](std::uint64_t most) {
      return static_cast<std::int64_t>(1 + random() % most);
    };
    all.push_back({draw(20), draw(10), draw(40), group});
    all.push_back({4, 4, 32, group});
  }
  return all;
}

template <typename V>
void check(const ArrayShape& shape, MakePe pe, const std::vector<Format>& weights,
           const Format& act, const char* what) {
  std::uint64_t comparisons = 0, overflows = 0, seed = 0;
  for (const Format& weight : weights) {
    for (const bool overlap : {true, false}) {
      for (const EdgeTiles edge : {EdgeTiles::kActual, EdgeTiles::kPadded}) {
        for (const int ii : {1, 2, 3}) {
          SCOPED_TRACE(::testing::Message()
                       << weight.bits << "-bit weights, overlap " << overlap << ", actual "
                       << (edge == EdgeTiles::kActual) << ", edge_ii " << ii << ", seed " << seed);
          Random random(seed);
          ArrayBench<V> bench(shape, pe(), {weight, act},
                              {.edge_ii = ii, .overlap = overlap, .edge_tiles = edge}, ++seed);
          std::int64_t ready = 0;
          for (const TileShape& tile : tiles(random)) {
            bench.tile(tile, ready);
            ready += static_cast<std::int64_t>(random() % 60);
          }
          bench.run();
          comparisons += bench.comparisons();
          if (::testing::Test::HasFatalFailure()) return;
        }
      }
    }
    // Long segments of operands of one sign leave the range.
    ArrayBench<V> bench(shape, pe(), {weight, act}, {.extremes = true}, ++seed);
    bench.tile({5, 5, 1200, 600}, 0);
    bench.run();
    comparisons += bench.comparisons();
    overflows += bench.overflows();
    if (::testing::Test::HasFatalFailure()) return;
  }
  if (act.is_integer()) {
    ASSERT_GT(overflows, 0U) << "no overflow was provoked";
  }
  report(comparisons, what);
}

const std::vector<Format> kNibbles{unsigned_int(4), signed_int(4), signed_int(3)};

TEST(RtlArray, W4A8Of4x4WithALanePerColumn) {
  check<Varray_w4a8_4x4_m1>(w4a8_shape(4, 1), w4a8, kNibbles, signed_int(8), "w4a8 4x4, m = 1");
}
TEST(RtlArray, W4A8Of4x4WithALanePerTwoColumns) {
  check<Varray_w4a8_4x4_m2>(w4a8_shape(4, 2), w4a8, kNibbles, signed_int(8), "w4a8 4x4, m = 2");
}
TEST(RtlArray, W4A8Of8x4WithALanePerColumn) {
  check<Varray_w4a8_8x4_m1>(w4a8_shape(8, 1), w4a8, kNibbles, signed_int(8), "w4a8 8x4, m = 1");
}
TEST(RtlArray, W4A8Of8x4WithALanePerTwoColumns) {
  check<Varray_w4a8_8x4_m2>(w4a8_shape(8, 2), w4a8, kNibbles, signed_int(8), "w4a8 8x4, m = 2");
}
TEST(RtlArray, Int8Of4x4WithALanePerColumn) {
  check<Varray_int8_4x4_m1>(int8_shape(1), int8, {signed_int(8)}, signed_int(8), "int8 4x4, m = 1");
}
TEST(RtlArray, Int8Of4x4WithALanePerTwoColumns) {
  check<Varray_int8_4x4_m2>(int8_shape(2), int8, {signed_int(8)}, signed_int(8), "int8 4x4, m = 2");
}
TEST(RtlArray, Fp16Of4x4WithALanePerColumn) {
  check<Varray_fp16_4x4_m1>(fp16_shape(1), fp16, {kFp16}, kFp16, "fp16 4x4, m = 1");
}
TEST(RtlArray, Fp16Of4x4WithALanePerTwoColumns) {
  check<Varray_fp16_4x4_m2>(fp16_shape(2), fp16, {kFp16}, kFp16, "fp16 4x4, m = 2");
}

// One segment of a step after another needs bubbles to drain; with one fewer the array notices.
void run_short_segments(int missing_bubbles) {
  ArrayBench<Varray_w4a8_4x4_m1> bench(w4a8_shape(4, 1), w4a8(), {unsigned_int(4), signed_int(8)},
                                       {.missing_bubbles = missing_bubbles}, 1);
  bench.tile({4, 4, 4, 1}, 0);
  bench.run();
}
TEST(RtlArray, RunsSegmentsOfOneStep) { run_short_segments(0); }
TEST(RtlArrayDeathTest, OneBubbleTooFewIsAnAssertion) { EXPECT_DEATH(run_short_segments(1), ""); }

}  // namespace
}  // namespace mixpe::rtl_test
