#pragma once

#include <chrono>

#include "base/clock.h"
#include "base/random.h"

namespace heare::s3 {

/// How often one request may be tried, and when.
class Attempts {
 public:
  /// `patience` is for all tries together, pauses included.
  Attempts(const Clock& clock, Random& random, std::chrono::milliseconds patience);

  /// Waits before the next try, longer each time and never as long as the others who wait; false where there is none
  /// left.
  bool pause();
  bool is_first() const { return tries_ == 1; }
  /// What is left of the time for all tries; never less than a millisecond.
  std::chrono::milliseconds time_left() const;

 private:
  const Clock& clock_;
  Random& random_;
  const SteadyTime deadline_;
  unsigned tries_ = 1;
};

}  // namespace heare::s3
