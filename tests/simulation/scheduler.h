#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <ratio>
#include <vector>

#include "base/clock.h"
#include "simulation/fiber.h"

namespace heare::simulation {

/// Virtual time, and who acts when: one after another, in an order that only depends on what they ask for. Of one
/// thread.
class Scheduler {
 public:
  /// No two events come at one moment, and none closer than this: room for clocks that differ by microseconds.
  using Steps = std::chrono::duration<int64_t, std::ratio<16, 1'000'000>>;
  static constexpr Steps kStep{1};

  SteadyTime now() const { return now_; }

  /// An actor: runs from now on, and may pause.
  void start(std::function<void()> body);
  /// Called by an actor: lets others act meanwhile.
  void pause(std::chrono::nanoseconds duration);
  /// Does something later, which must not pause.
  void later(std::chrono::nanoseconds delay, std::function<void()> action);

  /// Until nobody has anything left to do.
  void run();

 private:
  struct Event {
    SteadyTime at;
    uint64_t number;
    /// Of an actor that goes on, or else an action.
    Fiber* fiber;
    std::function<void()> action;
  };
  static bool is_later(const Event& a, const Event& b);
  void add(std::chrono::nanoseconds delay, Fiber* fiber, std::function<void()> action);

  /// Not zero: a deadline that lies before "now" can be made.
  SteadyTime now_ = SteadyTime(std::chrono::hours(24));
  uint64_t events_made_ = 0;
  std::vector<Event> heap_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  Fiber* running_ = nullptr;
};

/// The clock of one actor: the scheduler's time, and a time of day that is wrong by `skew`.
class ActorClock final : public Clock {
 public:
  ActorClock(Scheduler& scheduler, std::chrono::microseconds skew) : scheduler_(scheduler), skew_(skew) {}

  WallTime now() const override;
  SteadyTime steady_now() const override { return scheduler_.now(); }
  void sleep_for(std::chrono::nanoseconds duration) const override { scheduler_.pause(duration); }

 private:
  Scheduler& scheduler_;
  const std::chrono::microseconds skew_;
};

}  // namespace heare::simulation
