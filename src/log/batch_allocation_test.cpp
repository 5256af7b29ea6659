// ThreadSanitizer brings an operator new of its own that cannot be replaced.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HEARE_OWN_NEW 1
#endif
#endif
#if !defined(HEARE_OWN_NEW) && !defined(__SANITIZE_THREAD__)

#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "log/logger.h"
#include "support/fake_clock.h"
#include "support/pipe.h"

namespace {

thread_local int allocations = 0;

}  // namespace

// Counts what the calling thread allocates, in all of this test program.
void* operator new(size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}

namespace heare::log {
namespace {

using namespace std::chrono_literals;

TEST(Batch, AllocatesNothingInTheSteadyState) {
  testing::Pipe pipe;
  const testing::FakeClock clock;
  const WallTime now = clock.now();
  auto logger = make_logger(pipe.write_end(), Level::info, clock);
  testing::Drain drain(pipe);
  auto batch = logger->make_batch();

  // Waiting for the writer makes it certain that the memory of one round is back in time for the next.
  const auto round = [&] {
    for (int64_t n = 0; n < 1'000; ++n) {
      append_line(batch->buffer(), Level::info, "verification_success",
                  {{"key_id", "key_0001xVceXj6hR4dZO53"}, {"user_agent", "Mozilla/5.0 (X11; Linux x86_64)"}, {"n", n}},
                  now);
      batch->commit();
      if (batch->empty()) logger->flush(60s);
    }
    batch->flush();
    logger->flush(60s);
  };
  round();
  const int before = allocations;
  for (int i = 0; i < 10; ++i) round();
  EXPECT_EQ(allocations, before);
  EXPECT_EQ(logger->lines_dropped(), 0U);
  batch.reset();
  logger.reset();  // the drain reads until then
}

}  // namespace
}  // namespace heare::log

#endif
