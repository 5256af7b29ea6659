#include "support/counted_new.h"

#ifdef HEARE_COUNTS_ALLOCATIONS

#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/fake_clock.h"

#include "http/server_test_support.h"

namespace heare::http {
namespace {

using heare::testing::allocations;

/// Reads whole answers without allocating: counts their bytes.
void exchange(int socket, std::string_view request, size_t answer_bytes) {
  ASSERT_EQ(::send(socket, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
  std::array<char, 4096> buffer;
  while (answer_bytes > 0) {
    const ssize_t got = recv(socket, buffer.data(), std::min(buffer.size(), answer_bytes), 0);
    ASSERT_GT(got, 0);
    answer_bytes -= static_cast<size_t>(got);
  }
}

class AllocationTest : public testing::ServerTest {
 protected:
  /// Allocations of the whole program while one connection sends that 200 times, after a few to warm up. `request` may
  /// be several at once, each with the same answer.
  size_t allocations_of(const std::string& request, size_t requests = 1) {
    const auto answer = testing::Client(port()).ask(request);
    const size_t answer_bytes = requests * (answer.head.size() + 2 + answer.body.size());
    const testing::Client client(port());
    for (int round = 0; round < 20; ++round) exchange(client.fd(), request, answer_bytes);
    const size_t before = allocations;
    for (int round = 0; round < 200; ++round) exchange(client.fd(), request, answer_bytes);
    return allocations - before;
  }
};

TEST_F(AllocationTest, VerifyingNeedsNone) {
  // Lines that are handed on grow the test's logger, not the service: none are wanted here.
  logger_.set_threshold(log::Level::error);
  // Nor what comes with time and not with requests: the text of the next second, the next look at deadlines.
  const heare::testing::FakeClock clock;
  clock_ = &clock;
  options_.timeouts.sweep = std::chrono::hours(1);
  start();
  EXPECT_EQ(allocations_of(testing::verify("sec_good")), 0U);
  EXPECT_EQ(allocations_of(testing::verify("sec_unknown")), 0U);
  EXPECT_EQ(allocations_of("POST /verify HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                           "16\r\n{\"api_key\":\"sec_good\"}\r\n0\r\n\r\n"),
            0U);
  // Answers that are sent together.
  const std::string request = testing::verify("sec_good");
  const std::string ten = [&request] {
    std::string requests;
    for (int n = 0; n < 10; ++n) requests += request;
    return requests;
  }();
  EXPECT_EQ(allocations_of(ten, 10), 0U);
  const auto ask = [](std::string_view query, std::string_view fields) {
    return testing::get(fmt::format("/auth{}", query), fields);
  };
  EXPECT_EQ(allocations_of(ask("", "Authorization: Bearer sec_good\r\n")), 0U);
  EXPECT_EQ(allocations_of(ask("", "X-API-Key: sec_unknown\r\n")), 0U);
  EXPECT_EQ(allocations_of(ask("", "")), 0U);
  EXPECT_EQ(allocations_of(ask("?scope=reports%3Aread&scope=b", "X-API-Key: sec_good\r\n")), 0U);
  EXPECT_EQ(allocations_of(testing::post("/auth/x", std::string(5000, 'x'), "X-API-Key: sec_good\r\n")), 0U);
  // While the clock still is.
  server_->drain({});
  await_end();
}

}  // namespace
}  // namespace heare::http

#endif
