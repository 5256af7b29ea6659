#include "simulation/fiber.h"

#include <cstdlib>
#include <utility>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#define HEARE_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HEARE_ADDRESS_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define HEARE_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HEARE_THREAD_SANITIZER 1
#endif
#endif

#ifdef HEARE_ADDRESS_SANITIZER
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef HEARE_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>
#endif

namespace heare::simulation {
namespace {

/// An edit of a small document takes a few kilobytes, and several times as much under a sanitizer.
constexpr size_t kStackBytes = size_t{512} * 1024;

/// Stacks are used again: mapping a new one costs more than a whole edit.
thread_local std::vector<std::unique_ptr<std::byte[]>> spare_stacks;
/// makecontext hands over no pointer.
thread_local Fiber* entering = nullptr;

std::unique_ptr<std::byte[]> take_stack() {
  if (spare_stacks.empty()) return std::make_unique_for_overwrite<std::byte[]>(kStackBytes);
  std::unique_ptr<std::byte[]> stack = std::move(spare_stacks.back());
  spare_stacks.pop_back();
  return stack;
}

}  // namespace

Fiber::Fiber(std::function<void()> body) : body_(std::move(body)), stack_(take_stack()) {
  ::getcontext(&own_);
  own_.uc_stack.ss_sp = stack_.get();
  own_.uc_stack.ss_size = kStackBytes;
  own_.uc_link = nullptr;
  ::makecontext(&own_, &Fiber::enter, 0);
  watched_own_.bottom = stack_.get();
  watched_own_.size = kStackBytes;
#ifdef HEARE_THREAD_SANITIZER
  watched_own_.thread = __tsan_create_fiber(0);
#endif
}

Fiber::~Fiber() {
  if (!ended_) std::abort();  // what is on its stack would never be destroyed
#ifdef HEARE_THREAD_SANITIZER
  __tsan_destroy_fiber(watched_own_.thread);
#endif
  spare_stacks.push_back(std::move(stack_));
}

void Fiber::resume() {
#ifdef HEARE_THREAD_SANITIZER
  watched_caller_.thread = __tsan_get_current_fiber();
#endif
  entering = this;
  change(caller_, own_, watched_caller_, watched_own_, false);
}

void Fiber::pause() {
  change(own_, caller_, watched_own_, watched_caller_, false);
}

void Fiber::enter() {
  entering->run();
}

void Fiber::run() {
#ifdef HEARE_ADDRESS_SANITIZER
  __sanitizer_finish_switch_fiber(nullptr, &watched_caller_.bottom, &watched_caller_.size);
#endif
  body_();
  ended_ = true;
  change(own_, caller_, watched_own_, watched_caller_, true);
}

void Fiber::change(ucontext_t& from, ucontext_t& to, [[maybe_unused]] Watched& watched_from,
                   [[maybe_unused]] Watched& watched_to, [[maybe_unused]] bool for_good) {
#ifdef HEARE_ADDRESS_SANITIZER
  __sanitizer_start_switch_fiber(for_good ? nullptr : &watched_from.fake_stack, watched_to.bottom, watched_to.size);
#endif
#ifdef HEARE_THREAD_SANITIZER
  __tsan_switch_to_fiber(watched_to.thread, 0);
#endif
  ::swapcontext(&from, &to);
#ifdef HEARE_ADDRESS_SANITIZER
  // Where it came from is the stack that was gone to.
  __sanitizer_finish_switch_fiber(watched_from.fake_stack, &watched_to.bottom, &watched_to.size);
#endif
}

}  // namespace heare::simulation
