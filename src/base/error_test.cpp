#include "base/error.h"

#include <gtest/gtest.h>

namespace heare {
namespace {

Result<int> refuse() {
  return fail(ErrorCode::invalid, "--port: not a number ({})", "x");
}

TEST(Error, FailMakesTheErrorOfAResult) {
  const Result<int> result = refuse();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::invalid);
  EXPECT_EQ(result.error().message, "--port: not a number (x)");
}

TEST(Error, ContextGoesInFrontAndTheCodeStays) {
  const Result<> outer = fail_in("reading the configuration", refuse().error());
  ASSERT_FALSE(outer);
  EXPECT_EQ(outer.error().code, ErrorCode::invalid);
  EXPECT_EQ(outer.error().message, "reading the configuration: --port: not a number (x)");
}

}  // namespace
}  // namespace heare
