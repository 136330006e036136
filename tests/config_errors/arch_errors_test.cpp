// Every mistake in an architecture file is answered with its place, what is wrong and what is
// allowed. Each case edits one line of a correct file; the whole text of the diagnostics is
// compared.

#include <gtest/gtest.h>

#include <string>

#include "models/pe/registry.h"
#include "sim/config/arch.h"

namespace mixpe {
namespace {

constexpr const char* kCorrect = R"(name: small
clock: 500 MHz
array:
  rows: 16
  cols: 16
  dataflow: os
pe:
  name: int8
dequant:
  placement: none
  lanes: 16
  latency: 1 cycles
buffers:
  act: {size: 16 KiB, banks: 4, width: 64 bit}
  wgt: {size: 16 KiB, banks: 4, width: 64 bit}
  out: {size: 16 KiB, banks: 4, width: 64 bit}
memory:
  model: ideal
  bandwidth: 8 GB/s
  latency: 10 cycles
)";

struct Case {
  const char* name;
  const char* find;  ///< of kCorrect
  const char* with;
  const char* expect;  ///< {PES}: the names of all registered PEs
};

std::string expectation(const Case& c) {
  std::string text = c.expect, pes;
  for (const std::string& name : registered_pes()) pes += (pes.empty() ? "" : ", ") + name;
  const std::size_t at = text.find("{PES}");
  return at == std::string::npos ? text : text.replace(at, 5, pes);
}

std::string edited(const Case& c) {
  std::string text = kCorrect;
  const std::size_t at = text.find(c.find);
  EXPECT_NE(at, std::string::npos) << c.find;
  return at == std::string::npos ? text : text.replace(at, std::string(c.find).size(), c.with);
}

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class ArchFile : public testing::TestWithParam<Case> {};

TEST_P(ArchFile, NamesTheMistakeAndItsPlace) {
  Diagnostics wrong;
  const auto arch = load_arch_text("a.yaml", edited(GetParam()), wrong);
  EXPECT_FALSE(arch.has_value());
  EXPECT_EQ(wrong.text(), expectation(GetParam()));
}

constexpr Case kCases[] = {
#include "tests/config_errors/arch_cases.inc"
};

INSTANTIATE_TEST_SUITE_P(Mistakes, ArchFile, testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(ArchFileUnedited, IsRead) {
  Diagnostics wrong;
  const auto arch = load_arch_text("a.yaml", kCorrect, wrong);
  EXPECT_EQ(wrong.text(), "");
  ASSERT_TRUE(arch.has_value());
  EXPECT_EQ(arch->array.cols, 16);
}

}  // namespace
}  // namespace mixpe
