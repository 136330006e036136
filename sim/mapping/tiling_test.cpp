#include "sim/mapping/tiling.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

#include "sim/mapping/search.h"
#include "tests/support/arbitrary_problem.h"

namespace mixpe {
namespace {

using ::testing::HasSubstr;

const Diagnostic kWhere{{}, "", "GEMM 'x'", "", ""};

GemmProblem small_problem() {
  GemmProblem p;
  p.task.m = 8;
  p.task.n = 12;
  p.task.k = 64;
  p.task.segment = 16;
  p.array.rows = p.array.cols = 4;
  p.quant.weight.store = p.quant.weight.mac = unsigned_int(4);
  p.quant.weight.scales = {{16, kFp16, Apply::kAfterGroup, 1}};
  p.quant.act.store = signed_int(8);
  p.act_buffer = p.wgt_buffer = p.out_buffer = {4096, 1, 256};
  return p;
}

TEST(Tiling, BytesIncludeScalesAndZeroPoints) {
  GemmProblem p = small_problem();
  EXPECT_EQ(p.act_bytes(3, 20), 3 * (20 + 2));                 // codes and an FP16 token scale
  EXPECT_EQ(p.wgt_bytes(5, 32), (5 * (32 * 4 + 2 * 16)) / 8);  // two groups' FP16 scales
  p.quant.weight.zero = ZeroSpec{16, unsigned_int(4), Apply::kAfterGroup, std::nullopt};
  EXPECT_EQ(p.wgt_bytes(5, 32), (5 * (32 * 4 + 2 * 20)) / 8);
  EXPECT_EQ(p.psum_bytes(3, 5), 60);
  EXPECT_EQ(p.out_bytes(3, 5), 30);
  p.quant.out = signed_int(4);
  p.quant.out_metadata_bits_n = 20;
  p.quant.out_block_n = 4;
  EXPECT_EQ(p.out_bytes(1, 5), (5 * 4 + 2 * 20 + 7) / 8);
}

TEST(Tiling, OrdersHaveNames) {
  for (int i = 0; i < 6; ++i) {
    const auto order = static_cast<LoopOrder>(i);
    EXPECT_EQ(parse_order(order_name(order)), order);
  }
  EXPECT_EQ(parse_order("mmk"), std::nullopt);
}

TEST(Tiling, MovesOnlyTilesThatChange) {
  const GemmProblem p = small_problem();
  TileSequence sequence(p, {4, 4, 16, LoopOrder::kMNK});  // 2 x 3 x 4 tiles, outputs stay
  TileStep step;
  int steps = 0, stores = 0;
  while (sequence.next(step)) {
    EXPECT_TRUE(step.load_act && step.load_wgt);  // k turns in every step
    EXPECT_FALSE(step.load_out);
    EXPECT_EQ(step.store_out, steps % 4 == 3);
    EXPECT_EQ(step.store_out, step.final_store);
    EXPECT_EQ(step.first_visit, steps % 4 == 0);
    stores += step.store_out ? 1 : 0;
    ++steps;
  }
  EXPECT_EQ(steps, 24);
  EXPECT_EQ(stores, 6);
}

TEST(Tiling, SpillsPartialSumsWhenKIsNotInnermost) {
  const GemmProblem p = small_problem();
  TileSequence sequence(p, {4, 12, 32, LoopOrder::kKMN});  // 2 x 1 x 2 tiles
  TileStep step;
  ASSERT_TRUE(sequence.next(step));
  EXPECT_EQ(step.out_store_bytes, 4 * 12 * 4);  // FP32, to be read again
  EXPECT_FALSE(step.final_store);
  ASSERT_TRUE(sequence.next(step));
  EXPECT_TRUE(step.load_act && !step.load_wgt);
  ASSERT_TRUE(sequence.next(step));
  EXPECT_EQ(step.out_load_bytes, 4 * 12 * 4);
  EXPECT_TRUE(step.final_store);
  EXPECT_EQ(step.out_store_bytes, 4 * 12 * 2);  // FP16
}

/// Bytes of weights and activations that all steps load.
std::array<std::int64_t, 2> loaded(const GemmProblem& p, const Tiling& tiling) {
  std::array<std::int64_t, 2> bytes{};
  TileSequence sequence(p, tiling);
  for (TileStep s; sequence.next(s);) {
    bytes[0] += s.wgt_bytes;
    bytes[1] += s.act_bytes;
  }
  return bytes;
}

TEST(Tiling, ScalesOfTheEpilogueComeWithTheLastKTileOnly) {
  GemmProblem p = small_problem();  // 8 x 12 x 64
  p.quant.weight.scales.push_back({-1, kFp16, Apply::kEpilogue, 1});
  // K in four, weights visited for each of two m-tiles, activations for each of three n-tiles.
  const auto [wgt, act] = loaded(p, {4, 4, 16, LoopOrder::kMNK});
  EXPECT_EQ(wgt, 2 * (12 * 64 / 2 + 12 * 4 * 2 + 12 * 2));
  EXPECT_EQ(act, 3 * (8 * 64 + 8 * 2));
  // With k outermost each n-tile of a k-tile stays for both m-tiles: one visit.
  EXPECT_EQ(loaded(p, {4, 4, 16, LoopOrder::kKNM})[0], 12 * 64 / 2 + 12 * 4 * 2 + 12 * 2);
  // A tile must fit whichever it is.
  EXPECT_EQ(p.wgt_bytes(4, 16) - p.wgt_bytes(4, 16, false), 4 * 2);
  p.wgt_buffer.bytes = 2 * p.wgt_bytes(4, 16) - 1;
  EXPECT_FALSE(p.wgt_fits(4, 16));
}

TEST(Tiling, ATileLoadsItsShareOfThePaddingOfItsRows) {
  GemmProblem p = small_problem();  // 8 x 12 x 64
  const auto [wgt, act] = loaded(p, {4, 4, 16, LoopOrder::kMNK});
  const std::int64_t wgt_stored = p.wgt_bytes(4, 16), act_stored = p.act_bytes(4, 16);
  p.task.act_k_pitch = 64 + 8;
  p.task.wgt_k_pitch = 3 * 64;
  const auto [padded_wgt, padded_act] = loaded(p, {4, 4, 16, LoopOrder::kMNK});
  EXPECT_EQ(padded_wgt - wgt, 2 * 12 * 2 * 64 / 2);  // codes of four bits, each m-tile
  EXPECT_EQ(padded_act - act, 3 * 8 * 8);
  // What must fit is without it.
  EXPECT_EQ(p.wgt_bytes(4, 16), wgt_stored);
  EXPECT_EQ(p.act_bytes(4, 16), act_stored);
}

RC_GTEST_PROP(Tiling, EveryMacIsDoneOnceAndEveryOutputStoredOnce, ()) {
  const GemmProblem p = testing::arbitrary_problem(30);
  const Tiling tiling = testing::arbitrary_tiling(p);
  RC_LOG() << testing::describe(p, tiling);
  TileSequence sequence(p, tiling);
  std::int64_t macs = 0, outputs = 0, read = 0, written = 0;
  std::set<std::array<std::int64_t, 4>> seen;
  for (TileStep s; sequence.next(s);) {
    RC_ASSERT(seen.insert({sequence.instance(), s.m0, s.n0, s.k0}).second);
    macs += s.shape.m * s.shape.n * s.shape.k;
    outputs += s.final_store ? s.shape.m * s.shape.n : 0;
    read += s.act_bytes + s.wgt_bytes + s.out_load_bytes;
    written += s.out_store_bytes;
  }
  RC_ASSERT(macs == p.task.m * p.task.n * p.task.k * p.task.batch);
  RC_ASSERT(outputs == p.task.m * p.task.n * p.task.batch);
  const Cost c = traffic(p, TileGrid(p, tiling));
  RC_ASSERT(c.dram_read_bytes == read);
  RC_ASSERT(c.dram_write_bytes == written);
}

TEST(Tiling, ABufferTooSmallForTheSmallestTileIsNamedWithItsBytes) {
  GemmProblem p = small_problem();
  p.wgt_buffer.bytes = 64;
  Diagnostics d;
  EXPECT_EQ(best_tiling(p, {}, kWhere, d), std::nullopt);
  EXPECT_THAT(d.text(), HasSubstr("GEMM 'x': the weight buffer cannot hold a tile of 4 x 16"));
  EXPECT_THAT(d.text(), HasSubstr("needs 40 B"));  // 4 x (16 x 4 + 16) bits
  EXPECT_THAT(d.text(), HasSubstr("32 B of 64 B"));
}

TEST(Tiling, AGivenMappingIsCheckedAndUsed) {
  const GemmProblem p = small_problem();
  MappingSpec given;
  given.given = true;
  given.tile_m = 4;
  given.tile_k = 32;
  given.order = "nkm";
  Diagnostics d;
  const std::optional<Tiling> t = best_tiling(p, given, {}, d);
  ASSERT_TRUE(t.has_value()) << d.text();
  EXPECT_EQ(t->m, 4);
  EXPECT_EQ(t->k, 32);
  EXPECT_EQ(t->order, LoopOrder::kNKM);

  given.tile_m = 1000;  // all of m
  const std::optional<Tiling> whole = best_tiling(p, given, {}, d);
  ASSERT_TRUE(whole.has_value()) << d.text();
  EXPECT_EQ(whole->m, 8);
}

TEST(Tiling, AGivenSizeThatIsNoMultipleIsRefusedWhereItWasWritten) {
  const GemmProblem p = small_problem();
  MappingSpec given;
  given.given = true;
  given.tile_at = {{{"a.yaml", 7, 3}, {"a.yaml", 8, 3}, {"a.yaml", 9, 3}}};
  given.tile_m = 3;
  given.tile_n = 5;
  given.tile_k = 24;
  given.order = "mnk";
  Diagnostics d;
  EXPECT_EQ(best_tiling(p, given, kWhere, d), std::nullopt);
  const char* what = "GEMM 'x': the array cannot work on tiles of this size; got ";
  EXPECT_EQ(d.text(),
            fmt::format("a.yaml:7:3: mapping.tile.m: {0}3; allowed multiples of 4, or the whole "
                        "dimension 8\n"
                        "a.yaml:8:3: mapping.tile.n: {0}5; allowed multiples of 4, or the whole "
                        "dimension 12\n"
                        "a.yaml:9:3: mapping.tile.k: {0}24; allowed multiples of 16, or the whole "
                        "dimension 64",
                        what));
}

TEST(Tiling, AGivenTileThatDoesNotFitIsRefused) {
  GemmProblem p = small_problem();
  p.out_buffer.bytes = 512;
  MappingSpec given;
  given.given = true;
  given.tile_m = 8;
  given.tile_n = 12;  // 384 B > 256 B
  given.tile_at[kM] = {"a.yaml", 7, 3};
  Diagnostics d;
  EXPECT_EQ(best_tiling(p, given, kWhere, d), std::nullopt);
  EXPECT_EQ(d.text(),
            "a.yaml:7:3: mapping.tile: GEMM 'x': the output buffer cannot hold a tile of 8 x 12 "
            "(m x n): it needs 384 B in one half of the double buffer; got 256 B of 512 B; allowed "
            "a buffer of at least 768 B");
}

TEST(TransferRate, RoundsUpToWholeCycles) {
  MemorySpec m;
  m.bandwidth_bytes_per_s = 64'000'000'000;
  m.latency_cycles = 9;
  const TransferRate r = transfer_rate(m, 500'000'000);  // 128 B per cycle
  EXPECT_EQ(r.cycles(128), 1);
  EXPECT_EQ(r.cycles(129), 2);
  EXPECT_EQ(r.latency, 9);
  m.unlimited = true;
  EXPECT_EQ(transfer_rate(m, 500'000'000).cycles(1'000'000), 0);
}

}  // namespace
}  // namespace mixpe
