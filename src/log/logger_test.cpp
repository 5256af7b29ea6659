#include "log/logger.h"

#include <atomic>
#include <fcntl.h>
#include <signal.h>
#include <string>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/limits.h"
#include "support/fake_clock.h"
#include "support/pipe.h"

namespace heare::log {
namespace {

using namespace std::chrono_literals;
using testing::Drain;
using testing::FakeClock;
using testing::Pipe;

constexpr auto kLong = 60s;

std::string expected_line(std::string_view event, int64_t n, std::string_view level = "info") {
  return fmt::format(R"({{"event":"{}","n":{},"timestamp":"2026-01-20T10:30:00.123456Z","level":"{}"}})"
                     "\n",
                     event, n, level);
}

void append(Batch& batch, int64_t n) {
  append_line(batch.buffer(), Level::info, "line", {{"n", n}}, FakeClock().now());
  batch.commit();
}

/// Fills the batch until it hands its lines on. Returns how many it held.
int64_t append_until_handed_on(Batch& batch) {
  int64_t lines = 0;
  do {
    append(batch, lines++);
  } while (!batch.empty());
  return lines;
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1);
    lines.emplace_back(text.substr(0, end + 1));
    text.remove_prefix(end + 1);
  }
  return lines;
}

class LoggerTest : public ::testing::Test {
 protected:
  void start(Level threshold = Level::info) { logger_ = make_logger(pipe_.write_end(), threshold, clock_); }
  /// Ends the logger and returns what it wrote: less than a pipe holds.
  std::string finish() {
    logger_.reset();
    return pipe_.read_all();
  }

  FakeClock clock_;
  Pipe pipe_;
  std::unique_ptr<Logger> logger_;
};

TEST_F(LoggerTest, EventIsWrittenWithTheTimeOfTheClock) {
  start();
  logger_->event(Level::warning, "something", {{"n", 1}});
  EXPECT_EQ(finish(), expected_line("something", 1, "warning"));
}

TEST_F(LoggerTest, EventsBelowTheThresholdAreNotWritten) {
  start(Level::warning);
  for (const Level level : {Level::debug, Level::info, Level::warning, Level::error}) {
    logger_->event(level, "e", {{"n", static_cast<int64_t>(level)}});
  }
  EXPECT_EQ(finish(), expected_line("e", 2, "warning") + expected_line("e", 3, "error"));
}

TEST_F(LoggerTest, BatchTellsWhichLevelsAreWanted) {
  start(Level::warning);
  const auto batch = logger_->make_batch();
  EXPECT_FALSE(batch->wants(Level::debug));
  EXPECT_FALSE(batch->wants(Level::info));
  EXPECT_TRUE(batch->wants(Level::warning));
  EXPECT_TRUE(batch->wants(Level::error));
}

TEST_F(LoggerTest, LinesOfABatchKeepTheirOrderAndTheirPlaceAmongEvents) {
  start();
  const auto batch = logger_->make_batch();
  std::string expected;
  for (int64_t n = 0; n < 50; ++n) {
    append(*batch, n);
    expected += expected_line("line", n);
  }
  batch->flush();
  logger_->event(Level::info, "after", {{"n", 1}});
  EXPECT_EQ(finish(), expected + expected_line("after", 1));
}

TEST_F(LoggerTest, BatchKeepsItsLinesUntilFlushedOrFull) {
  start();
  const auto batch = logger_->make_batch();
  EXPECT_TRUE(batch->empty());
  append(*batch, 7);
  EXPECT_FALSE(batch->empty());
  logger_->event(Level::info, "first", {{"n", 1}});
  batch->flush();
  EXPECT_TRUE(batch->empty());
  EXPECT_EQ(finish(), expected_line("first", 1) + expected_line("line", 7));
}

TEST_F(LoggerTest, BatchHandsItsLinesOnOnceItIsFull) {
  start();
  Drain drain(pipe_);
  const auto batch = logger_->make_batch();
  std::string expected;
  for (int64_t n = 0, count = append_until_handed_on(*batch); n < count; ++n) expected += expected_line("line", n);
  EXPECT_GE(expected.size(), limits::kLogBatchBytes);
  logger_.reset();
  EXPECT_EQ(drain.text(), expected);
}

TEST_F(LoggerTest, DestroyedBatchHandsItsLinesOn) {
  start();
  append(*logger_->make_batch(), 3);
  EXPECT_EQ(finish(), expected_line("line", 3));
}

TEST_F(LoggerTest, LinesHandedOnAfterTheEndAreLost) {
  start();
  const auto batch = logger_->make_batch();
  append(*batch, 3);
  EXPECT_EQ(finish(), "");
  batch->flush();
  EXPECT_TRUE(batch->empty());
}

TEST_F(LoggerTest, FlushedLinesCanBeRead) {
  start();
  logger_->event(Level::info, "e", {{"n", 1}});
  EXPECT_TRUE(logger_->flush(kLong));
  std::string text(200, '\0');
  const ssize_t got = read(pipe_.read_end(), text.data(), text.size());
  ASSERT_GT(got, 0);
  text.resize(static_cast<size_t>(got));
  EXPECT_EQ(text, expected_line("e", 1));
}

TEST_F(LoggerTest, FlushOfNothingIsDone) {
  start();
  EXPECT_TRUE(logger_->flush(0ms));
}

TEST_F(LoggerTest, DescriptorMayBeClosedBehindTheLogger) {
  start();
  const int copy = dup(pipe_.read_end());
  pipe_.close_write();
  logger_->event(Level::info, "e", {{"n", 1}});
  EXPECT_TRUE(logger_->flush(kLong));
  close(copy);
  EXPECT_EQ(finish(), expected_line("e", 1));
}

/// With a reader that takes nothing, and a pipe that holds less than one batch.
class StalledReaderTest : public LoggerTest {
 protected:
  void SetUp() override {
    ASSERT_GT(fcntl(pipe_.write_end(), F_SETPIPE_SZ, 4096), 0);
    start();
  }
};

TEST_F(StalledReaderTest, FlushGivesUpAndSucceedsOnceTheReaderIsBack) {
  const auto batch = logger_->make_batch();
  append_until_handed_on(*batch);
  EXPECT_FALSE(logger_->flush(0ms));
  Drain drain(pipe_);
  EXPECT_TRUE(logger_->flush(kLong));
  logger_.reset();
}

TEST_F(StalledReaderTest, LinesOfBatchesAreDroppedCountedAndReportedEventsNever) {
  const auto batch = logger_->make_batch();
  const size_t batches_to_fill = limits::kLogQueueBytesMax / limits::kLogBatchBytes;
  int64_t lines = 0;
  int64_t events = 0;
  for (size_t i = 0; i < 2 * batches_to_fill; ++i) {
    lines += append_until_handed_on(*batch);
    logger_->event(Level::info, "event", {{"n", events++}});
  }
  const uint64_t dropped = logger_->lines_dropped();
  EXPECT_GT(dropped, 0U);
  EXPECT_LT(static_cast<int64_t>(dropped), lines);

  Drain drain(pipe_);
  EXPECT_TRUE(logger_->flush(kLong));
  logger_.reset();

  int64_t lines_read = 0;
  int64_t events_read = 0;
  std::string reports;
  for (const std::string& line : split_lines(drain.text())) {
    if (line.starts_with(R"({"event":"line",)")) ++lines_read;
    if (line == expected_line("event", events_read)) ++events_read;
    if (line.starts_with(R"({"event":"log_lines_dropped",)")) reports += line;
  }
  EXPECT_EQ(events_read, events);
  EXPECT_EQ(lines_read + static_cast<int64_t>(dropped), lines);
  EXPECT_EQ(reports,
            fmt::format(R"({{"event":"log_lines_dropped","count":{},"timestamp":"2026-01-20T10:30:00.123456Z",)"
                        R"("level":"warning"}})"
                        "\n",
                        dropped));
}

TEST_F(StalledReaderTest, QueueHoldsNoMoreThanItsBound) {
  const auto batch = logger_->make_batch();
  while (logger_->lines_dropped() == 0) append_until_handed_on(*batch);
  Drain drain(pipe_);
  logger_.reset();
  EXPECT_LE(drain.text().size(), limits::kLogQueueBytesMax + 200) << "the report is over it";
  EXPECT_GT(drain.text().size(), limits::kLogQueueBytesMax - 2 * limits::kLogBatchBytes);
}

TEST_F(StalledReaderTest, LoggerEndsThoughItsThreadIsStuckInAWrite) {
  const auto batch = logger_->make_batch();
  append_until_handed_on(*batch);
  logger_->event(Level::info, "left behind", {});
  logger_.reset();  // would hang here
  pipe_.close_write();
  // The thread goes on with the write it is in, whose rest is still whole, and begins no other.
  const std::string text = pipe_.read_all();
  EXPECT_TRUE(text.starts_with(expected_line("line", 0)));
  EXPECT_EQ(text.find("left behind"), std::string::npos);
}

TEST_F(StalledReaderTest, SignalDuringAWriteLosesNothing) {
  static std::atomic<int> signals;
  signals = 0;
  struct sigaction action{};
  struct sigaction before{};
  action.sa_handler = [](int) { ++signals; };  // without SA_RESTART
  ASSERT_EQ(sigaction(SIGUSR1, &action, &before), 0);
  // Blocked in this thread, the signal can only go to the one that writes.
  sigset_t blocked;
  sigset_t mask_before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &blocked, &mask_before), 0);

  const auto batch = logger_->make_batch();
  std::string expected;
  for (int64_t n = 0, count = append_until_handed_on(*batch); n < count; ++n) expected += expected_line("line", n);
  for (int i = 1; i <= 10; ++i) {
    ASSERT_EQ(kill(getpid(), SIGUSR1), 0);
    while (signals < i) std::this_thread::yield();
  }
  Drain drain(pipe_);
  logger_.reset();
  EXPECT_EQ(drain.text(), expected);
  pthread_sigmask(SIG_SETMASK, &mask_before, nullptr);
  sigaction(SIGUSR1, &before, nullptr);
}

TEST_F(StalledReaderTest, NonBlockingDescriptorLosesNothing) {
  ASSERT_EQ(fcntl(pipe_.write_end(), F_SETFL, O_NONBLOCK), 0);
  const auto batch = logger_->make_batch();
  std::string expected;
  for (int64_t n = 0, count = append_until_handed_on(*batch); n < count; ++n) expected += expected_line("line", n);
  EXPECT_FALSE(logger_->flush(0ms));
  Drain drain(pipe_);
  logger_.reset();
  EXPECT_EQ(drain.text(), expected);
}

TEST_F(LoggerTest, ReaderThatHasGoneStopsNothing) {
  start();
  pipe_.close_read();
  logger_->event(Level::info, "e", {});
  EXPECT_FALSE(logger_->flush(kLong)) << "gives up at once";
  const auto batch = logger_->make_batch();
  append(*batch, 1);
  append(*batch, 2);
  batch->flush();
  EXPECT_EQ(logger_->lines_dropped(), 2U);
  EXPECT_TRUE(batch->empty());
}

TEST_F(LoggerTest, WithoutADescriptorEverythingIsDropped) {
  logger_ = make_logger(-1, Level::info, clock_);
  logger_->event(Level::info, "e", {});
  EXPECT_FALSE(logger_->flush(kLong));
}

TEST_F(LoggerTest, LinesOfManyThreadsStayWhole) {
  start();
  Drain drain(pipe_);
  constexpr int kThreads = 4;
  constexpr int64_t kLines = 2'000;
  constexpr int64_t kEventEvery = 100;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        const auto batch = logger_->make_batch();
        for (int64_t n = 0; n < kLines; ++n) {
          append(*batch, n);
          if (n % kEventEvery == 0) logger_->event(Level::info, "event", {{"n", n}});
        }
      });
    }
  }
  logger_.reset();
  std::map<std::string, int, std::less<>> expected;
  for (int64_t n = 0; n < kLines; ++n) expected[expected_line("line", n)] += kThreads;
  for (int64_t n = 0; n < kLines; n += kEventEvery) expected[expected_line("event", n)] += kThreads;
  std::map<std::string, int, std::less<>> seen;
  for (const std::string& line : split_lines(drain.text())) ++seen[line];
  EXPECT_TRUE(seen == expected) << seen.size() << " different lines of " << expected.size();
}

}  // namespace
}  // namespace heare::log
