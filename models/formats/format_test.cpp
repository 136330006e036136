#include "models/formats/format.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace mixpe {
namespace {

TEST(Format, EveryNameParsesBackToItsFormat) {
  for (int bits = 1; bits <= 16; ++bits) {
    const std::string u = fmt::format("u{}", bits), i = fmt::format("i{}", bits);
    EXPECT_EQ(Format::parse(u), unsigned_int(bits));
    EXPECT_EQ(Format::parse(i), signed_int(bits));
    EXPECT_EQ(unsigned_int(bits).name(), u);
    EXPECT_EQ(signed_int(bits).name(), i);
  }
  EXPECT_EQ(Format::parse("fp16"), kFp16);
  EXPECT_EQ(Format::parse("bf16"), kBf16);
  EXPECT_EQ(Format::parse("fp32"), kFp32);
  EXPECT_EQ(kFp16.name(), "fp16");
  EXPECT_EQ(kBf16.name(), "bf16");
  EXPECT_EQ(kFp32.name(), "fp32");
}

TEST(Format, AnythingElseIsNoFormat) {
  for (const char* name :
       {"",    "u",   "i",   "4",     "u0",   "i0",          "u17",
        "i17", "u04", "u-4", "u+4",   "u4 ",  " u4",         "U4",
        "i8x", "fp8", "fp",  "fp16 ", "FP16", "u4294967300", "i99999999999999999999"}) {
    EXPECT_FALSE(Format::parse(name)) << '"' << name << '"';
  }
}

TEST(Format, DecodeAndEncodeGoByTheFormatsKind) {
  EXPECT_EQ(decode(unsigned_int(4), 0xf), 15);
  EXPECT_EQ(decode(signed_int(4), 0xf), -1);
  EXPECT_EQ(decode(kFp16, 0x3c00), 1);
  EXPECT_EQ(decode(kBf16, 0x3f80), 1);
  EXPECT_EQ(decode(kFp32, 0x3f800000), 1);
  EXPECT_EQ(encode(unsigned_int(4), 2.5), 2U);
  EXPECT_EQ(encode(signed_int(4), -1), 0xfU);
  EXPECT_EQ(encode(kFp16, -2), 0xc000U);
  EXPECT_EQ(encode(kBf16, -2), 0xc000U);
  EXPECT_EQ(encode(kFp32, -2), 0xc0000000U);
}

}  // namespace
}  // namespace mixpe
