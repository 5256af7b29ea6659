#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <ucontext.h>

namespace heare::simulation {

/// A function on a stack of its own, which runs piece by piece: many of them take turns on one thread, and whose turn
/// it is decides who calls `resume`. Of one thread. Must have ended before it is destroyed.
class Fiber {
 public:
  explicit Fiber(std::function<void()> body);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Runs the body until it pauses or ends.
  void resume();
  /// Called by the body: goes back to where it was resumed.
  void pause();
  bool ended() const { return ended_; }

 private:
  /// What the sanitizers want to know of a stack, where the program is built with them.
  struct Watched {
    void* fake_stack = nullptr;
    const void* bottom = nullptr;
    size_t size = 0;
    void* thread = nullptr;
  };
  static void enter();
  void run();
  /// From one stack to the other; returns when somebody has come back.
  void change(ucontext_t& from, ucontext_t& to, Watched& watched_from, Watched& watched_to, bool for_good);

  std::function<void()> body_;
  std::unique_ptr<std::byte[]> stack_;
  ucontext_t own_{};
  ucontext_t caller_{};
  Watched watched_own_;
  Watched watched_caller_;
  bool ended_ = false;
};

}  // namespace heare::simulation
