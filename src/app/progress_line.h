#pragma once

#include <cstdint>
#include <optional>

#include "app/world.h"
#include "base/clock.h"
#include "keys/progress.h"
#include "keys/repository.h"

namespace heare::app {

/// Tells a person who waits what a command is at: a line on standard error, where that is a screen, once the command
/// has taken a second. It goes with whatever is printed next, and with this object.
class ProgressLine {
 public:
  /// Silent for `json`: who reads that is a program.
  ProgressLine(const World& world, bool json);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// `repository` tells its steps here from now on; it is not used any more once this object is gone.
  keys::KeyRepository& watch(keys::KeyRepository& repository);
  void show(keys::Step step, uint64_t count);
  /// For what takes its steps as a function.
  keys::Progress listener();

 private:
  bool is_due(keys::Step step, uint64_t count, SteadyTime now) const;

  Terminal& terminal_;
  const Clock& clock_;
  const bool silent_;
  const SteadyTime begin_;
  /// What the line on the screen says, and since when.
  std::optional<keys::Step> shown_;
  SteadyTime shown_at_;
};

}  // namespace heare::app
