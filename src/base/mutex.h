#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "base/clock.h"
#include "base/thread_annotations.h"

namespace heare {

/// std::mutex with the annotations that let Clang check who holds it:
///
///     Mutex mutex_;
///     Condition changed_;
///     bool ready_ HEARE_GUARDED_BY(mutex_) = false;
///
///     MutexLock lock(mutex_);
///     while (!ready_) changed_.wait(lock);
///
/// Write the loop out: the check does not see into the lambda of a predicate.
class HEARE_CAPABILITY("mutex") Mutex {
 public:
  void lock() HEARE_ACQUIRE() { mutex_.lock(); }
  void unlock() HEARE_RELEASE() { mutex_.unlock(); }

 private:
  friend class MutexLock;
  std::mutex mutex_;
};

/// Holds a Mutex until the end of its block, or between `lock` and `unlock`.
class HEARE_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) HEARE_ACQUIRE(mutex) : lock_(mutex.mutex_) {}
  ~MutexLock() HEARE_RELEASE() = default;
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  /// Lets go early, for work that must not hold the mutex; `lock` takes it again.
  void unlock() HEARE_RELEASE() { lock_.unlock(); }
  void lock() HEARE_ACQUIRE() { lock_.lock(); }

 private:
  friend class Condition;
  std::unique_lock<std::mutex> lock_;
};

/// std::condition_variable for a MutexLock that is held. May wake without a cause, so wait in a loop that looks at
/// what it waits for.
class Condition {
 public:
  void wait(MutexLock& lock) { condition_.wait(lock.lock_); }
  /// False once the deadline has passed.
  bool wait_until(MutexLock& lock, SteadyTime deadline) {
    return condition_.wait_until(lock.lock_, deadline) == std::cv_status::no_timeout;
  }
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace heare
