#pragma once
// Designs and technologies for the tests of this folder.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "sim/config/arch.h"
#include "sim/energy/price.h"

namespace mixpe {

inline const std::string kTechFolder = std::string(MIXPE_SOURCE_DIR) + "/configs/tech/nangate45";

inline TechTable shipped_tech() {
  Diagnostics wrong;
  TechTable tech = load_tech(kTechFolder, wrong);
  EXPECT_TRUE(wrong.ok()) << wrong.text();
  return tech;
}

inline ArchSpec shipped_arch(const std::string& name) {
  Diagnostics wrong;
  auto arch = load_arch(std::string(MIXPE_SOURCE_DIR) + "/configs/arch/" + name + ".yaml", wrong);
  EXPECT_TRUE(arch) << wrong.text();
  return arch.value_or(ArchSpec{});
}

/// A 64x64 OS array of this PE without shadow registers, lanes only accumulating.
inline ArchSpec bare(const std::string& arch_name) {
  ArchSpec arch = shipped_arch(arch_name);
  arch.array.pass_overlap = false;
  arch.dequant.placement = DequantPlacement::kNone;
  return arch;
}

inline PriceList priced_ok(const ArchSpec& arch, const TechTable& tech) {
  Diagnostics wrong;
  PriceList list = price(arch, tech, wrong);
  EXPECT_TRUE(wrong.ok()) << wrong.text();
  return list;
}

/// What price() says of a design it must refuse.
inline std::string refusal(const ArchSpec& arch, const TechTable& tech) {
  Diagnostics wrong;
  price(arch, tech, wrong);
  EXPECT_FALSE(wrong.ok());
  return wrong.text();
}

inline double pj(const PriceList& list, const std::string& line) {
  for (const EnergyPrice& p : list.energy) {
    if (p.name == line) return p.price.value;
  }
  ADD_FAILURE() << "no line " << line;
  return 0;
}

inline double um2(const PriceList& list, Component c) { return list[c].area.value; }

/// A copy of the shipped technology with one text replaced in one file.
class EditedTech {
 public:
  EditedTech(const std::string& file, const std::string& from, const std::string& to) {
    namespace fs = std::filesystem;
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) / "mixpe_energy" / test->test_suite_name() /
              test->name() / "nangate45";
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    fs::copy(kTechFolder, folder_);
    std::stringstream text;
    text << std::ifstream(folder_ / file).rdbuf();
    std::string content = text.str();
    const auto at = content.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    if (at != std::string::npos) content.replace(at, from.size(), to);
    std::ofstream(folder_ / file) << content;
  }
  ~EditedTech() { std::filesystem::remove_all(folder_.parent_path()); }
  EditedTech(const EditedTech&) = delete;
  EditedTech& operator=(const EditedTech&) = delete;

  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  TechTable load(Diagnostics& wrong) const { return load_tech(folder_.string(), wrong); }
  std::string errors() const {
    Diagnostics wrong;
    load(wrong);
    return wrong.text();
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace mixpe
