#include "fetch/time_allowed.h"

#include <gtest/gtest.h>

namespace heare::fetch {
namespace {

using namespace std::chrono_literals;

Request request(uint64_t bytes_per_second) {
  Request request;
  request.timeout = 10s;
  request.answer_bytes_per_second = bytes_per_second;
  return request;
}

TEST(TimeAllowed, WithoutARateItIsTheTimeout) {
  EXPECT_EQ(time_allowed(request(0), 5'000'000'000), 10s);
}

TEST(TimeAllowed, WhatHasComeExtendsIt) {
  EXPECT_EQ(time_allowed(request(1'000'000), 0), 10s);
  EXPECT_EQ(time_allowed(request(1'000'000), 500'000), 10s + 500ms);
  EXPECT_EQ(time_allowed(request(1'000'000), 5'000'000'000), 10s + 5000s);
}

TEST(TimeAllowed, WhatTricklesGainsNothing) {
  EXPECT_EQ(time_allowed(request(1'000'000), 100), 10s);
}

}  // namespace
}  // namespace heare::fetch
