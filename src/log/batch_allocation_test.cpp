#include "support/counted_new.h"

#ifdef HEARE_COUNTS_ALLOCATIONS

#include <gtest/gtest.h>

#include "log/logger.h"
#include "support/fake_clock.h"
#include "support/pipe.h"

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
  // The drain is another thread.
  const size_t before = testing::thread_allocations;
  for (int i = 0; i < 10; ++i) round();
  EXPECT_EQ(testing::thread_allocations, before);
  EXPECT_EQ(logger->lines_dropped(), 0U);
  batch.reset();
  logger.reset();  // the drain reads until then
}

}  // namespace
}  // namespace heare::log

#endif
