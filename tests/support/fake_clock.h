#pragma once

#include <chrono>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"

namespace heare::testing {

/// A clock that stands still until a test moves it. Sleeping moves it by as much at once, and is recorded. Safe from
/// any number of threads.
class FakeClock final : public Clock {
 public:
  /// `now` is 2026-01-20T10:30:00.123456Z unless told otherwise.
  explicit FakeClock(WallTime now = WallTime(std::chrono::microseconds(1'768'905'000'123'456))) : now_(now) {}

  WallTime now() const override {
    const MutexLock lock(mutex_);
    return now_;
  }
  SteadyTime steady_now() const override {
    const MutexLock lock(mutex_);
    return steady_now_;
  }
  void sleep_for(std::chrono::nanoseconds duration) const override {
    const MutexLock lock(mutex_);
    sleeps_.push_back(duration);
    move(duration);
  }

  /// Sets the time of day alone, as an operator or NTP would.
  void set_now(WallTime now) {
    const MutexLock lock(mutex_);
    now_ = now;
  }
  /// Lets time go by on both clocks.
  void advance(std::chrono::nanoseconds duration) {
    const MutexLock lock(mutex_);
    move(duration);
  }
  /// Every `sleep_for` so far, in order.
  std::vector<std::chrono::nanoseconds> sleeps() const {
    const MutexLock lock(mutex_);
    return sleeps_;
  }

 private:
  void move(std::chrono::nanoseconds duration) const HEARE_REQUIRES(mutex_) {
    now_ += std::chrono::floor<std::chrono::microseconds>(duration);
    steady_now_ += duration;
  }

  mutable Mutex mutex_;
  mutable WallTime now_ HEARE_GUARDED_BY(mutex_);
  // Not zero: a deadline that lies before "now" can be made.
  mutable SteadyTime steady_now_ HEARE_GUARDED_BY(mutex_) = SteadyTime(std::chrono::hours(24));
  mutable std::vector<std::chrono::nanoseconds> sleeps_ HEARE_GUARDED_BY(mutex_);
};

}  // namespace heare::testing
