#pragma once

#include <functional>
#include <memory>

namespace heare::app {

/// Blocks SIGTERM, SIGINT and SIGHUP in this thread and in every thread that it starts from here on, so that only a
/// SignalThread takes them. Called before the first thread is started.
void block_service_signals();

/// What signals do to the service. Called on the signal thread.
struct SignalActions {
  /// The first SIGTERM or SIGINT; a second one ends the process at once.
  std::function<void()> stop;
  /// SIGHUP.
  std::function<void()> refresh;
};

/// Takes the blocked signals, on a thread of its own, until it is destroyed.
class SignalThread {
 public:
  virtual ~SignalThread() = default;
};

std::unique_ptr<SignalThread> start_signal_thread(SignalActions actions);

}  // namespace heare::app
