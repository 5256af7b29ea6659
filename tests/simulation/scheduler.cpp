#include "simulation/scheduler.h"

#include <algorithm>
#include <utility>

namespace heare::simulation {

bool Scheduler::is_later(const Event& a, const Event& b) {
  return a.at != b.at ? a.at > b.at : a.number > b.number;
}

void Scheduler::add(std::chrono::nanoseconds delay, Fiber* fiber, std::function<void()> action) {
  heap_.push_back({now_ + delay, events_made_++, fiber, std::move(action)});
  std::ranges::push_heap(heap_, is_later);
}

void Scheduler::start(std::function<void()> body) {
  fibers_.push_back(std::make_unique<Fiber>(std::move(body)));
  add(std::chrono::nanoseconds(0), fibers_.back().get(), {});
}

void Scheduler::pause(std::chrono::nanoseconds duration) {
  add(duration, running_, {});
  running_->pause();
}

void Scheduler::later(std::chrono::nanoseconds delay, std::function<void()> action) {
  add(delay, nullptr, std::move(action));
}

void Scheduler::run() {
  while (!heap_.empty()) {
    std::ranges::pop_heap(heap_, is_later);
    const Event event = std::move(heap_.back());
    heap_.pop_back();
    now_ = std::max<SteadyTime>(now_ + kStep, std::chrono::ceil<Steps>(event.at));
    running_ = event.fiber;
    if (event.fiber != nullptr) {
      event.fiber->resume();
    } else {
      event.action();
    }
  }
}

WallTime ActorClock::now() const {
  // 2026-01-20T10:30:00Z at the beginning.
  constexpr WallTime kBeginning{std::chrono::seconds(1'768'905'000 - 86'400)};
  return kBeginning + std::chrono::floor<std::chrono::microseconds>(scheduler_.now().time_since_epoch()) + skew_;
}

}  // namespace heare::simulation
