// The thread sanitizer brings an operator new of its own, which leaves no place for one that counts.
#if defined(__SANITIZE_THREAD__)
#define HEARE_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HEARE_THREAD_SANITIZER 1
#endif
#endif

#ifndef HEARE_THREAD_SANITIZER

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include <gtest/gtest.h>

#include "support/fake_clock.h"

#include "http/server_test_support.h"

namespace {

std::atomic<size_t> allocations = 0;

}  // namespace

// Every allocation of this program goes through here and is counted. Not inlined: GCC would take one half of a pair,
// seen alone, for a mismatch.
// NOLINTBEGIN(cppcoreguidelines-no-malloc): what `new` and `delete` are made of
[[gnu::noinline]] void* operator new(size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, size_t /*size*/) noexcept {
  std::free(memory);
}
// NOLINTEND(cppcoreguidelines-no-malloc)

namespace heare::http {
namespace {

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
  /// Allocations of the whole program while one connection asks so 200 times, after a few to warm up.
  size_t allocations_of(const std::string& request) {
    const auto answer = testing::Client(port()).ask(request);
    const size_t answer_bytes = answer.head.size() + 2 + answer.body.size();
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
  // While the clock still is.
  server_->drain({});
  await_end();
}

}  // namespace
}  // namespace heare::http

#endif
