// Shipped files are right, and the reference of keys says what the program reads.

#include "sim/config/reference.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "sim/config/arch.h"

namespace mixpe {
namespace {

namespace fs = std::filesystem;
const fs::path kSource = MIXPE_SOURCE_DIR;

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(ConfigurationReference, IsTheCommittedPage) {
  EXPECT_TRUE(text_of(kSource / "docs/configuration.md") == configuration_reference())
      << "docs/configuration.md is out of date: tools/update_goldens";
}

/// Each kind of file, and within it each way a key is declared.
TEST(ConfigurationReference, NamesTheKeysOfEveryKindOfFile) {
  const std::string page = configuration_reference();
  const auto section = [&page](const std::string& kind) {
    const std::size_t begin = page.find("\n## File: " + kind + "\n");
    if (begin == std::string::npos) return std::string();
    return page.substr(begin, page.find("\n## File: ", begin + 1) - begin);
  };
  const std::pair<const char*, std::vector<const char*>> expected[] = {
      {"architecture", {"array.rows", "memory.bandwidth", "mapping.tile.m", "pe.modes[].lanes.k"}},
      {"llm", {"kv_heads", "vocab", "patch", "positions", "ffn_bias"}},
      {"scheme",
       {"weight.scales[].apply", "weight.zero.form", "attention.v", "attention.value_fold",
        "k_tail", "layers.lm_head.quant", "layers.lm_head.act", "layers.overrides[].weight"}},
      {"study", {"phases[].tokens", "designs[].set", "views[].area_of"}},
      {"sweep", {"base.phases[].phase", "axes[].pow2", "objectives[].minimize", "limits.memory"}},
      {"technology",
       {"logic.float.fj_per_um2.glitch", "flop.clock_fj", "macros[].read_pj", "types.<name>.method",
        "memory.slice_width_bits", "group_steps", "variants[].when.placement",
        "variants[].register_bits[].times", "variants[].extend[].never_less",
        "variants[].at.acc_bits", "variants[].events.<name>.cycle_pj.zero_delay"}},
      {"trace", {"trace", "notes", "gemms[].role", "gemms[].causal", "gemms[].causal_offset"}}};
  for (const auto& [kind, keys] : expected) {
    const std::string text = section(kind);
    for (const char* key : keys) {
      EXPECT_NE(text.find("\n| `" + std::string(key) + "` | "), std::string::npos)
          << kind << ": " << key;
    }
  }
  EXPECT_EQ(file_kinds().size(), std::size(expected)) << "a kind of file without a line here";
}

TEST(ShippedFiles, AllValidate) {
  std::map<std::string, int> files;
  for (const char* folder : {"configs", "traces"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kSource / folder)) {
      const std::string extension = entry.path().extension().string();
      if (entry.is_directory() || extension == ".md") continue;
      if (entry.path().filename() == "characterized.csv") continue;  // a result, not an input
      EXPECT_EQ(validate_file(entry.path().string()).text(), "") << entry.path();
      ++files[extension];
    }
  }
  EXPECT_GE(files[".yaml"], 30);
  EXPECT_GE(files[".csv"], 2);
}

TEST(ShippedArchitectures, AreRightAndNamedAfterTheirFile) {
  int files = 0;
  for (const auto& entry : fs::directory_iterator(kSource / "configs/arch")) {
    if (entry.path().extension() != ".yaml") continue;
    Diagnostics wrong;
    const auto arch = load_arch(entry.path().string(), wrong);
    EXPECT_EQ(wrong.text(), "");
    EXPECT_EQ(validate_file(entry.path().string()).text(), "");
    ASSERT_TRUE(arch.has_value());
    EXPECT_EQ(arch->name, entry.path().stem().string());
    EXPECT_FALSE(arch->description.empty());
    ++files;
  }
  EXPECT_GE(files, 8);
}

}  // namespace
}  // namespace mixpe
