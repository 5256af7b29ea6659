#include "support/counted_new.h"

#ifdef HEARE_COUNTS_ALLOCATIONS

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <variant>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "http/request_reader.h"
#include "support/fake_clock.h"

#include "http/server_test_support.h"

namespace heare::http {
namespace {

using heare::testing::allocations;
using heare::testing::live_bytes;

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

constexpr size_t kPieceBytes = 10'000;

/// Whether `condition` is true within a twentieth of a second.
bool is_soon(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
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

// --- What a connection holds while nothing is done for it

TEST_F(AllocationTest, ClientThatWasSlowKeepsNoMemoryOnceItHasReadAll) {
  start();
  const std::string request = testing::get("/openapi.json");
  testing::Client quick(port());
  const size_t answer_bytes = [&] {
    const auto answer = quick.ask(request);
    return answer.head.size() + 2 + answer.body.size();
  }();
  // The thread's own memory grows to what answers that are sent together need, for all its connections.
  exchange(quick.fd(), request + request + request, 3 * answer_bytes);
  testing::Client slow(port());
  EXPECT_EQ(slow.ask(testing::get("/health")).status, 200);

  // More than the sockets hold, so that the service must keep the rest of an answer.
  constexpr size_t kRequests = 400;
  std::string requests;
  for (size_t n = 0; n < kRequests; ++n) requests += request;
  const size_t before = live_bytes;
  const auto held = [before] { return static_cast<ptrdiff_t>(live_bytes - before); };
  // The requests themselves take 32 KiB until they are answered.
  constexpr ptrdiff_t kKept = 40'000;
  constexpr ptrdiff_t kIdle = 20'000;
  ASSERT_TRUE(slow.send(requests));
  // How much a socket leaves of an answer is the kernel's affair, and may be next to nothing: with each piece that is
  // read it is something else.
  size_t left = kRequests * answer_bytes;
  while (!is_soon([&] { return held() > kKept; }) && left > kPieceBytes) {
    exchange(slow.fd(), "", kPieceBytes);
    left -= kPieceBytes;
  }
  ASSERT_GT(held(), kKept);
  exchange(slow.fd(), "", left);
  for (int tries = 0; tries < 1000 && !is_soon([&] { return held() < kIdle; });) ++tries;
  EXPECT_LT(held(), kIdle);
}

TEST(RequestReaderMemory, FieldsAreNotViewedWhileABodyIsAwaited) {
  std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n";
  size_t fields = 2;
  for (; head.size() < 30'000; ++fields) head += "a:\r\n";
  head += "\r\n";
  RequestReader reader;
  const size_t before = live_bytes;
  EXPECT_TRUE(std::holds_alternative<NeedMore>(reader.read(head)));
  // Their places, of eight bytes each, and room for as many again.
  EXPECT_LT(live_bytes - before, 2 * fields * 8 + 4096);
}

}  // namespace
}  // namespace heare::http

#endif
