#include "base/mutex.h"

#include <thread>

#include <gtest/gtest.h>

namespace heare {
namespace {

struct Shared {
  Mutex mutex;
  Condition changed;
  int turns HEARE_GUARDED_BY(mutex) = 0;
};

TEST(Condition, WakesWhoeverWaitsForAChange) {
  Shared shared;
  // Each side waits for the other's turn: a lost wake-up hangs, a lost lock is a race that TSan sees.
  const auto play = [&](int parity) {
    for (int i = 0; i < 100; ++i) {
      MutexLock lock(shared.mutex);
      while (shared.turns % 2 != parity) shared.changed.wait(lock);
      ++shared.turns;
      shared.changed.notify_all();
    }
  };
  std::thread other(play, 1);
  play(0);
  other.join();
  const MutexLock lock(shared.mutex);
  EXPECT_EQ(shared.turns, 200);
}

TEST(Condition, ADeadlineInThePastEndsTheWait) {
  Shared shared;
  MutexLock lock(shared.mutex);
  EXPECT_FALSE(shared.changed.wait_until(lock, SteadyTime()));
}

TEST(MutexLock, LetsGoEarlyAndTakesAgain) {
  Shared shared;
  MutexLock lock(shared.mutex);
  lock.unlock();
  std::thread([&] {
    const MutexLock inner(shared.mutex);
    ++shared.turns;
  }).join();
  lock.lock();
  EXPECT_EQ(shared.turns, 1);
}

}  // namespace
}  // namespace heare
