// Shipped files are right, and the reference of keys says what the program reads.

#include "sim/config/reference.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

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
      << "docs/configuration.md is out of date: build/release/mixpe list --keys > "
         "docs/configuration.md";
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
