#include "base/clock.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace heare {
namespace {

using namespace std::chrono_literals;

TEST(SystemClock, SteadyTimeGoesOnBySleeping) {
  const Clock& clock = system_clock();
  const SteadyTime before = clock.steady_now();
  clock.sleep_for(1ms);
  EXPECT_GE(clock.steady_now() - before, 1ms);
}

TEST(SystemClock, TellsTheTimeOfDay) {
  const auto before = std::chrono::system_clock::now() - 1us;
  const WallTime now = system_clock().now();
  EXPECT_GE(now, before);
  EXPECT_LE(now, std::chrono::system_clock::now());
}

TEST(FakeClock, SleepingMovesBothClocksAndIsRecorded) {
  const testing::FakeClock clock;
  const WallTime now = clock.now();
  const SteadyTime steady = clock.steady_now();
  clock.sleep_for(25ms);
  clock.sleep_for(2s);
  EXPECT_EQ(clock.now() - now, 2025ms);
  EXPECT_EQ(clock.steady_now() - steady, 2025ms);
  EXPECT_EQ(clock.sleeps(), (std::vector<std::chrono::nanoseconds>{25ms, 2s}));
}

TEST(FakeClock, SettingTheTimeOfDayLeavesSteadyTimeAlone) {
  testing::FakeClock clock;
  const SteadyTime steady = clock.steady_now();
  clock.set_now(WallTime(5us));
  EXPECT_EQ(clock.now(), WallTime(5us));
  EXPECT_EQ(clock.steady_now(), steady);
}

}  // namespace
}  // namespace heare
