#pragma once

#include <chrono>

namespace heare {

/// UTC, in the resolution that documents and logs have.
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

/// Time as a dependency, so that tests and simulations can have their own. Safe from any number of threads.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime now() const = 0;
  /// For deadlines and durations: never set back.
  virtual SteadyTime steady_now() const = 0;
  virtual void sleep_for(std::chrono::nanoseconds duration) const = 0;
};

/// The machine's own time; lives as long as the program.
const Clock& system_clock();

}  // namespace heare
