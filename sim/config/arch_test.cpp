#include "sim/config/arch.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <string>

namespace mixpe {
namespace {

const std::string kShipped = std::string(MIXPE_SOURCE_DIR) + "/configs/arch/";

ArchSpec shipped(const std::string& name, const std::vector<Override>& overrides = {}) {
  Diagnostics wrong;
  const auto arch = load_arch(kShipped + name + ".yaml", wrong, overrides);
  EXPECT_EQ(wrong.text(), "");
  return arch.value_or(ArchSpec{});
}

std::string mistakes(const std::vector<Override>& overrides) {
  Diagnostics wrong;
  EXPECT_FALSE(load_arch(kShipped + "int8_64x64.yaml", wrong, overrides).has_value());
  return wrong.text();
}

TEST(Arch, EveryKeyReachesTheSpec) {
  const ArchSpec arch = shipped("int8_dequant_before_64x64");
  EXPECT_EQ(arch.name, "int8_dequant_before_64x64");
  EXPECT_EQ(arch.clock_hz, 500'000'000);
  EXPECT_EQ(arch.array.rows, 64);
  EXPECT_EQ(arch.array.dataflow, Dataflow::kOutputStationary);
  EXPECT_EQ(arch.pe.name, "int8");
  EXPECT_EQ(arch.dequant.placement, DequantPlacement::kBeforeArray);
  EXPECT_EQ(arch.dequant.converters, 64);
  EXPECT_EQ(arch.wgt_buffer.bytes, 256 * 1024);
  EXPECT_EQ(arch.out_buffer.banks, 16);
  EXPECT_EQ(arch.memory.bandwidth_bytes_per_s, 64'000'000'000);
  EXPECT_EQ(arch.memory.latency_cycles, 100);
  EXPECT_FALSE(arch.memory.unlimited);
  EXPECT_FALSE(arch.mapping.given);
}

TEST(Arch, TextbookArrayHasNoOverlapAndAnUnlimitedMemory) {
  const ArchSpec arch = shipped("textbook_os_32x32");
  EXPECT_FALSE(arch.array.pass_overlap);
  EXPECT_EQ(arch.array.edge_tiles, EdgeTiles::kPadded);
  EXPECT_TRUE(arch.memory.unlimited);
  EXPECT_EQ(arch.memory.latency_cycles, 0);
}

TEST(Arch, LatencyAsATimeIsRoundedUpToCycles) {
  EXPECT_EQ(shipped("int8_64x64", {{"memory.latency", "21 ns"}}).memory.latency_cycles, 11);
  EXPECT_EQ(shipped("int8_64x64", {{"memory.latency", "20 ns"}}).memory.latency_cycles, 10);
  EXPECT_EQ(shipped("int8_64x64", {{"memory.latency", "100 us"}, {"clock", "10 GHz"}})
                .memory.latency_cycles,
            1'000'000);
}

TEST(ArchOverride, SetsAndAddsKeys) {
  const ArchSpec arch =
      shipped("int8_64x64", {{"array.rows", "32"},
                             {"mapping.order", "knm"},
                             {"mapping.tile", "{m: 64, n: 128, k: 256}"},
                             {"buffers.act", "{size: 64 KiB, banks: 2, width: 128 bit}"}});
  EXPECT_EQ(arch.array.rows, 32);
  EXPECT_TRUE(arch.mapping.given);
  EXPECT_EQ(arch.mapping.order, "knm");
  EXPECT_EQ(arch.mapping.tile_n, 128);
  EXPECT_EQ(arch.act_buffer.width_bits, 128);
}

TEST(ArchOverride, MistakesNameTheOverride) {
  EXPECT_EQ(mistakes({{"array.rows", "many"}}),
            "--set array.rows: array.rows: must be a whole number: not a number; got many; allowed "
            "1..4096");
  EXPECT_EQ(mistakes({{"array.columns", "4", "sweep.yaml"}}).substr(0, 64),
            "sweep.yaml array.columns: array.columns: unknown key; allowed ro");
  EXPECT_EQ(mistakes({{"clock.rate", "4"}}), "--set clock.rate: goes through no map");
  EXPECT_EQ(mistakes({{"array..rows", "4"}}), "--set array..rows: an empty part in the path");
  EXPECT_EQ(mistakes({{"array.rows", "[1"}}),
            "--set array.rows:1:1: not YAML: end of sequence flow not found");
}

TEST(ArchOverride, IsWrittenWithAnEqualsSign) {
  Diagnostics wrong;
  const auto set = parse_override("array.rows=32", wrong);
  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(set->path, "array.rows");
  EXPECT_EQ(set->value, "32");
  for (const char* text : {"array.rows", "=3", "array.rows="}) parse_override(text, wrong);
  EXPECT_EQ(wrong.list().size(), 3U);
}

TEST(ArchDump, ReadsBackToTheSame) {
  for (const auto& entry : std::filesystem::directory_iterator(kShipped)) {
    if (entry.path().extension() != ".yaml") continue;
    const std::string dumped = dump_arch(shipped(entry.path().stem().string())).dump(2);
    Diagnostics wrong;
    const auto again = load_arch_text("dump.json", dumped, wrong);
    EXPECT_EQ(wrong.text(), "");
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(dump_arch(*again).dump(2), dumped);
  }
}

RC_GTEST_PROP(ArchDump, HoldsWhatWasSet, ()) {
  const auto rows = *rc::gen::inRange<std::int64_t>(1, 4097);
  const auto cols = *rc::gen::inRange<std::int64_t>(32, 4097);
  const auto overlap = *rc::gen::arbitrary<bool>();
  const auto latency = *rc::gen::inRange<std::int64_t>(0, 1'000'001);
  const auto banks = *rc::gen::inRange<std::int64_t>(1, 1025);
  const std::string size = std::to_string(banks * 64) + " B";
  Diagnostics wrong;
  const auto arch = load_arch(kShipped + "int8_64x64.yaml", wrong,
                              {{"array.rows", std::to_string(rows)},
                               {"array.cols", std::to_string(cols)},
                               {"array.pass_overlap", overlap ? "true" : "false"},
                               {"memory.latency", std::to_string(latency) + " cycles"},
                               {"buffers.out.size", size},
                               {"buffers.out.banks", std::to_string(banks)}});
  RC_ASSERT(wrong.text() == "");
  const auto dumped = dump_arch(*arch);
  RC_ASSERT(dumped["array"]["rows"] == rows);
  RC_ASSERT(dumped["array"]["cols"] == cols);
  RC_ASSERT(dumped["array"]["pass_overlap"] == overlap);
  RC_ASSERT(dumped["memory"]["latency"] == std::to_string(latency) + " cycles");
  const auto again = load_arch_text("dump.json", dumped.dump(), wrong);
  RC_ASSERT(again.has_value());
  RC_ASSERT(dump_arch(*again) == dumped);
}

}  // namespace
}  // namespace mixpe
