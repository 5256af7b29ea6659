#include "app/signals.h"

#include <atomic>
#include <cstdlib>
#include <pthread.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigwait is POSIX, not C
#include <thread>
#include <utility>

namespace heare::app {
namespace {

sigset_t service_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  return signals;
}

class Sigwait final : public SignalThread {
 public:
  explicit Sigwait(SignalActions actions) : actions_(std::move(actions)), thread_([this] { work(); }) {}

  ~Sigwait() override {
    ended_ = true;
    pthread_kill(thread_.native_handle(), SIGHUP);  // wakes it; taken there, not for a refresh
    thread_.join();
  }

 private:
  void work() {
    const sigset_t signals = service_signals();
    bool stopping = false;
    while (true) {
      int signal = 0;
      sigwait(&signals, &signal);
      if (ended_) return;
      if (signal == SIGHUP) {
        actions_.refresh();
      } else if (!std::exchange(stopping, true)) {
        actions_.stop();
      } else {
        // Not by raising the signal again: as the first process of a container it would have no effect.
        std::_Exit(128 + signal);
      }
    }
  }

  const SignalActions actions_;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

}  // namespace

void block_service_signals() {
  const sigset_t signals = service_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

std::unique_ptr<SignalThread> start_signal_thread(SignalActions actions) {
  return std::make_unique<Sigwait>(std::move(actions));
}

}  // namespace heare::app
