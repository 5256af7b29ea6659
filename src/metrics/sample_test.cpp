#include "metrics/sample.h"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "support/sequence_random.h"

namespace heare::metrics {
namespace {

using std::chrono::nanoseconds;
using testing::SequenceRandom;

/// One of each duration from 1 ns on.
void add_each(DurationSample& sample, int64_t count) {
  for (int64_t n = 1; n <= count; ++n) sample.add(1, nanoseconds(n));
}

/// 100 of 1,000, give or take five standard deviations of 9.5.
void expect_a_tenth(std::ptrdiff_t count) {
  EXPECT_GE(count, 100 - 48);
  EXPECT_LE(count, 100 + 48);
}

double average(const std::vector<nanoseconds>& durations) {
  const auto sum = std::accumulate(durations.begin(), durations.end(), nanoseconds(0));
  return static_cast<double>(sum.count()) / static_cast<double>(durations.size());
}

TEST(DurationSample, FewDurationsAreAllKept) {
  DurationSample sample;
  add_each(sample, kSampleSize);
  const DrawnDurations drawn = sample.take();
  EXPECT_EQ(drawn.seen, kSampleSize);
  std::vector<nanoseconds> expected;
  for (size_t n = 1; n <= kSampleSize; ++n) expected.emplace_back(n);
  EXPECT_EQ(drawn.durations, expected);
}

// Of 1 to 100,000 the average of 1,000 evenly drawn is 50,000, with a standard deviation of 913.
TEST(DurationSample, OfManyAnEvenSampleIsKept) {
  DurationSample sample;
  constexpr int64_t kSeen = 100'000;
  add_each(sample, kSeen);
  const DrawnDurations drawn = sample.take();
  EXPECT_EQ(drawn.seen, kSeen);
  ASSERT_EQ(drawn.durations.size(), kSampleSize);
  EXPECT_EQ(std::set(drawn.durations.begin(), drawn.durations.end()).size(), kSampleSize) << "none is drawn twice";
  EXPECT_NEAR(average(drawn.durations), kSeen / 2.0, 5 * 913);
  // The last are drawn as often as the others.
  expect_a_tenth(std::ranges::count_if(drawn.durations, [](auto each) { return each.count() > kSeen / 10 * 9; }));
}

TEST(DurationSample, DurationThatManyShareIsDrawnAsOftenAsTheyAre) {
  DurationSample sample;
  for (int n = 0; n < 1000; ++n) {
    sample.add(90, nanoseconds(1));
    sample.add(10, nanoseconds(2));
  }
  expect_a_tenth(std::ranges::count(sample.take().durations, nanoseconds(2)));
}

TEST(DurationSample, EachPeriodBeginsAnew) {
  DurationSample sample;
  add_each(sample, 5);
  EXPECT_EQ(sample.take().durations.size(), 5);
  sample.add(1, nanoseconds(7));
  const DrawnDurations second = sample.take();
  EXPECT_EQ(second.seen, 1);
  EXPECT_EQ(second.durations, std::vector{nanoseconds(7)});
}

TEST(DurationSample, PeriodWithoutDurationsIsEmpty) {
  DurationSample sample;
  EXPECT_EQ(sample.take().seen, 0);
  add_each(sample, 5);
  EXPECT_EQ(sample.take().seen, 5);
  for (int n = 0; n < 3; ++n) EXPECT_EQ(sample.take().durations.size(), 0);
}

TEST(DurationSample, IsTakenWhileItsThreadAdds) {
  DurationSample sample;
  std::atomic<bool> stop = false;
  std::jthread adding([&] {
    while (!stop) sample.add(1, nanoseconds(42));
  });
  uint64_t seen = 0;
  while (seen < 100'000) {
    const DrawnDurations drawn = sample.take();
    EXPECT_LE(drawn.durations.size(), kSampleSize);
    for (const nanoseconds each : drawn.durations) ASSERT_EQ(each, nanoseconds(42));
    seen += drawn.seen;
  }
  stop = true;
}

DrawnDurations drawn_of(uint64_t seen, nanoseconds each) {
  return {.seen = seen, .durations = std::vector(std::min<size_t>(seen, kSampleSize), each)};
}

TEST(Merge, FewOfSeveralThreadsAreAllThere) {
  SequenceRandom random;
  auto merged = merge({drawn_of(3, nanoseconds(1)), drawn_of(0, nanoseconds(2)), drawn_of(2, nanoseconds(3))}, random);
  std::ranges::sort(merged);
  EXPECT_EQ(merged,
            (std::vector<nanoseconds>{nanoseconds(1), nanoseconds(1), nanoseconds(1), nanoseconds(3), nanoseconds(3)}));
}

TEST(Merge, ThreadCountsByWhatItHasSeen) {
  SequenceRandom random;
  const auto merged = merge({drawn_of(900'000, nanoseconds(1)), drawn_of(100'000, nanoseconds(2))}, random);
  ASSERT_EQ(merged.size(), kSampleSize);
  expect_a_tenth(std::ranges::count(merged, nanoseconds(2)));
}

TEST(Merge, NothingOfNobody) {
  SequenceRandom random;
  EXPECT_TRUE(merge({}, random).empty());
  EXPECT_TRUE(merge({DrawnDurations()}, random).empty());
}

}  // namespace
}  // namespace heare::metrics
