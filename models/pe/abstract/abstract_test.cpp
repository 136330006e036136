#include <gtest/gtest.h>

#include "models/core/errors.h"
#include "models/pe/pe_test_support.h"

namespace mixpe {
namespace {

TEST(Abstract, RefusesToComputeAValue) {
  const auto pe = testing::make_test_pe("abstract", {});
  const Operands formats{signed_int(4), signed_int(8)};
  Sum sum;
  std::uint64_t overflows = 0;
  int exponent = 0;
  EXPECT_THROW(pe->mac(sum, 1, 1, formats, overflows), InvariantError);
  EXPECT_THROW(pe->merge(sum, Sum{}, overflows), InvariantError);
  EXPECT_THROW(pe->add_activation(sum, 1, formats, overflows), InvariantError);
  EXPECT_THROW(pe->align_segment({}, formats, exponent), InvariantError);
  EXPECT_EQ(pe->fast_path(formats), FastPath::kNone);
}

}  // namespace
}  // namespace mixpe
