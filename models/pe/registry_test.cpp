#include "models/pe/registry.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "models/core/errors.h"

namespace mixpe {
namespace {

TEST(PeRegistry, RefusesANameTwice) {
  ASSERT_FALSE(registered_pes().empty());
  const std::string taken = registered_pes().front();
  const auto before = registered_pes();
  EXPECT_THROW(PeRegistration(taken, [](PeSpec) { return nullptr; }), InvariantError);
  EXPECT_EQ(registered_pes(), before);
}

TEST(PeRegistry, RefusesANameNobodyRegistered) {
  PeSpec spec;
  spec.name = "no_such_pe";
  EXPECT_THROW(make_pe(spec), InvariantError);
}

TEST(PeRegistry, ListsNamesInOrder) {
  const auto names = registered_pes();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
}

TEST(PeRegistry, HasAPeYamlForEveryPeAndNoOther) {
  std::vector<std::string> described;
  for (const auto& [name, text] : embedded_pe_yaml()) {
    described.push_back(name);
    EXPECT_NE(text.find("pe: " + name + "\n"), std::string::npos) << name;
  }
  EXPECT_EQ(described, registered_pes());
}

TEST(PeSpec, FindsTheFirstModeThatTakesBothOperands) {
  PeSpec spec;
  spec.modes = {{"narrow", {unsigned_int(4)}, {signed_int(8)}},
                {"wide", {unsigned_int(4), signed_int(8)}, {signed_int(8), kFp16}}};
  ASSERT_NE(spec.find_mode(unsigned_int(4), signed_int(8)), nullptr);
  EXPECT_EQ(spec.find_mode(unsigned_int(4), signed_int(8))->name, "narrow");
  EXPECT_EQ(spec.find_mode(unsigned_int(4), kFp16)->name, "wide");
  EXPECT_EQ(spec.find_mode(signed_int(4), signed_int(8)), nullptr);
  EXPECT_EQ(spec.find_mode(signed_int(8), unsigned_int(8)), nullptr);
}

TEST(PeSpec, StepsWaitForTheAdderUnlessInterleavingHidesIt) {
  PeSpec spec;
  PeMode mode;
  spec.add_latency = 5;
  EXPECT_EQ(spec.os_ii(mode), 5);
  spec.interleave = 2;  // each sum is used every other step: ceil(5 / 2)
  EXPECT_EQ(spec.os_ii(mode), 3);
  EXPECT_EQ(spec.os_merge_cycles(), 5);
  spec.interleave = 5;
  EXPECT_EQ(spec.os_ii(mode), 1);
  mode.ii = 2;
  EXPECT_EQ(spec.os_ii(mode), 2);
}

}  // namespace
}  // namespace mixpe
