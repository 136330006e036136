// A mapping written in the machine's file: used as it is, or refused at the line it stands on.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "sim/config/arch.h"
#include "sim/mapping/search.h"

namespace mixpe {
namespace {

/// The shipped 64 x 64 INT8 machine and one line more.
struct Machine {
  explicit Machine(const std::string& mapping) {
    std::ifstream in(std::string(MIXPE_SOURCE_DIR) + "/configs/arch/int8_64x64.yaml");
    std::string text((std::istreambuf_iterator<char>(in)), {});
    line = static_cast<int>(std::count(text.begin(), text.end(), '\n')) + 1;
    text += "mapping: " + mapping + "\n";
    Diagnostics wrong;
    const std::optional<ArchSpec> read = load_arch_text("a.yaml", text, wrong);
    EXPECT_EQ(wrong.text(), "");
    arch = read.value_or(ArchSpec{});
  }
  ArchSpec arch;
  int line = 0;
};

/// 128 x 4096 x 512 in INT8, one scale per channel and token.
Workload one_gemm() {
  Workload w;
  w.quants.resize(1);
  Gemm g;
  g.layer = "layers";
  g.op = "q_proj";
  g.m = 128;
  g.n = 4096;
  g.k = 512;
  w.gemms = {g};
  return w;
}

std::string mistakes(const ArchSpec& arch) {
  try {
    map_workload(one_gemm(), arch);
  } catch (const UserError& e) {
    return e.what();
  }
  return {};
}

TEST(GivenMapping, IsUsedAsItIs) {
  const Machine x("{tile: {m: 64, n: 128, k: 256}, order: nkm}");
  const std::vector<ScheduledGemm> gemms = map_workload(one_gemm(), x.arch);
  ASSERT_EQ(gemms.size(), 1U);
  const Tiling& t = gemms.front().tiling;
  EXPECT_EQ((std::array{t.m, t.n, t.k}), (std::array<std::int64_t, 3>{64, 128, 256}));
  EXPECT_EQ(t.order, LoopOrder::kNKM);
}

TEST(GivenMapping, IsRefusedWhereASizeIsNoMultipleOfTheArrays) {
  const Machine x("{tile: {m: 100, n: 128, k: 65}, order: mnk}");
  const std::string text = mistakes(x.arch);
  const std::string why = "GEMM 'layers.q_proj': the array cannot work on tiles of this size; ";
  EXPECT_NE(text.find(fmt::format("a.yaml:{}:21: mapping.tile.m: {}got 100; allowed multiples of "
                                  "64, or the whole dimension 128",
                                  x.line, why)),
            std::string::npos)
      << text;
  EXPECT_NE(text.find(fmt::format("a.yaml:{}:37: mapping.tile.k: {}got 65; allowed multiples of "
                                  "64, or the whole dimension 512",
                                  x.line, why)),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("mapping.tile.n"), std::string::npos) << text;
}

TEST(GivenMapping, IsRefusedWhereItsTileDoesNotFitABuffer) {
  // Half of 128 KiB, 256 KiB and 128 KiB: every operand's tile is too large.
  const Machine x("{tile: {m: 128, n: 4096, k: 512}, order: mnk}");
  const std::string text = mistakes(x.arch);
  const std::string at = fmt::format("a.yaml:{}:21: mapping.tile: GEMM 'layers.q_proj': ", x.line);
  const auto refused = [&](const char* buffer) {
    return text.find(fmt::format("{}the {} buffer cannot hold a tile of ", at, buffer)) !=
           std::string::npos;
  };
  EXPECT_TRUE(refused("weight")) << text;
  EXPECT_TRUE(refused("output")) << text;
  // 128 x (512 + 2) bytes of 65536: the token scales do not fit.
  EXPECT_TRUE(refused("activation")) << text;
  EXPECT_NE(text.find("it needs 65792 B"), std::string::npos) << text;
}

}  // namespace
}  // namespace mixpe
