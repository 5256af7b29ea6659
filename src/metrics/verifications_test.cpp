#include "metrics/verifications.h"

#include <numeric>
#include <thread>

#include <gtest/gtest.h>

namespace heare::metrics {
namespace {

using namespace std::chrono_literals;

uint64_t sum(const auto& counts) {
  return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
}

TEST(Verifications, EachVerdictIsCountedByItself) {
  Verifications counted;
  counted.count(Verdict::success);
  counted.count(Verdict::success);
  counted.count(Verdict::scope);
  EXPECT_EQ(counted.read().verdicts, (std::array<uint64_t, kVerdicts>{2, 0, 0, 0, 0, 0, 1}));
}

TEST(Verifications, DurationOfABoundBelongsToItsBucket) {
  Verifications counted;
  for (const auto duration : {1000ns, 1001ns, 2000ns, 100ms + 1ns}) {
    counted.count(Verdict::success);
    counted.took(duration);
  }
  const auto durations = counted.read().durations.counts;
  EXPECT_EQ(durations.front(), 1);
  EXPECT_EQ(durations.at(1), 2);
  EXPECT_EQ(durations.back(), 1);
  EXPECT_EQ(sum(durations), 4);
  EXPECT_EQ(counted.read().durations.sum, 100ms + 4002ns);
}

TEST(Verifications, ThoseThatWereTimedTogetherShareTheTime) {
  Verifications counted;
  for (int n = 0; n < 100; ++n) counted.count(Verdict::not_found);
  EXPECT_TRUE(counted.any_untimed());
  counted.took(100 * 1500ns);
  EXPECT_FALSE(counted.any_untimed());
  EXPECT_EQ(counted.read().durations.counts.at(1), 100);
  EXPECT_EQ(counted.read().durations.sum, 150us);
}

TEST(Verifications, TimeWithoutAVerificationIsNotCounted) {
  Verifications counted;
  counted.took(1s);
  EXPECT_EQ(sum(counted.read().durations.counts), 0);
  EXPECT_EQ(counted.read().durations.sum, 0ns);
}

TEST(Verifications, TotalsOfSeveralThreadsAddUp) {
  Verifications one;
  Verifications two;
  one.count(Verdict::success);
  one.took(3us);
  two.count(Verdict::success);
  two.count(Verdict::expired);
  two.took(8us);
  VerificationTotals totals = one.read();
  totals += two.read();
  EXPECT_EQ(totals.verdicts, (std::array<uint64_t, kVerdicts>{2, 0, 0, 0, 1, 0, 0}));
  EXPECT_EQ(totals.durations.counts.at(2), 3);
  EXPECT_EQ(totals.durations.sum, 11us);
}

TEST(Verifications, AreReadWhileTheyAreCounted) {
  constexpr uint64_t kCount = 100'000;
  Verifications counted;
  std::jthread thread([&counted] {
    for (uint64_t n = 0; n < kCount; ++n) {
      counted.count(Verdict::success);
      counted.took(1us);
    }
  });
  uint64_t last = 0;
  while (last < kCount) {
    const uint64_t now = counted.read().verdicts.front();
    ASSERT_GE(now, last);
    last = now;
  }
  thread.join();
  EXPECT_EQ(counted.read().durations.counts.front(), kCount);
}

TEST(Verdict, HasTheNameOfItsLabel) {
  EXPECT_EQ(to_string(Verdict::success), "success");
  EXPECT_EQ(to_string(Verdict::missing), "missing");
  EXPECT_EQ(to_string(Verdict::malformed), "malformed");
  EXPECT_EQ(to_string(Verdict::not_found), "not_found");
  EXPECT_EQ(to_string(Verdict::expired), "expired");
  EXPECT_EQ(to_string(Verdict::disabled), "disabled");
  EXPECT_EQ(to_string(Verdict::scope), "scope");
}

}  // namespace
}  // namespace heare::metrics
