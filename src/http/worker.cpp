#include "http/worker.h"

#include <utility>

#include <boost/asio/post.hpp>

namespace heare::http {

using boost::system::error_code;

Worker::Worker(ServerState& state)
    : state_(state),
      // One thread runs it: Asio then keeps to that thread what it can. Posting from others stays safe.
      context_(std::make_shared<boost::asio::io_context>(1)),
      work_(context_->get_executor()),
      batch_(state.logger.make_batch()),
      api_({*batch_, requests_, state.metrics_page}, {.metrics_only = state.metrics_only}),
      sweep_timer_(*context_),
      flush_timer_(*context_),
      drain_timer_(*context_),
      drain_end_timer_(*context_) {}

Worker::~Worker() = default;

void Worker::adopt(Socket socket) {
  boost::asio::post(*context_, [this, socket = std::move(socket)]() mutable {
    const auto self = sessions_.emplace(sessions_.end(), std::move(socket), *this);
    self->self = self;
    schedule_sweep();
    self->start();
  });
}

void Worker::publish(const keys::KeyIndex* index, std::function<void()> done) {
  boost::asio::post(*context_, [this, index, done = std::move(done)] {
    index_ = index;
    done();
  });
}

void Worker::drain() {
  boost::asio::post(*context_, [this] { begin_drain(); });
}

void Worker::run() {
  context_->run();
  batch_->flush();
}

void Worker::begin_turn() {
  now_ = timed_until_ = state_.clock.steady_now();
  wall_now_ = state_.clock.now();
}

void Worker::time_verifications() {
  if (!requests_.verifications.any_untimed()) return;
  const SteadyTime now = state_.clock.steady_now();
  requests_.verifications.took(now - std::exchange(timed_until_, now));
}

Context Worker::request_context() const {
  const bool stale = wall_now_ > state_.fresh_until.load(std::memory_order_relaxed);
  return {.index = index_, .loaded = state_.loaded, .stale = stale, .stopping = stopping(), .now = wall_now_};
}

void Worker::refresh(Session& session) {
  // The session outlives the load (it counts it as an operation under way) unless the drain has ended, which gives up
  // whoever still waits, or the loop: then the posted call never runs.
  state_.refresher.refresh([this, context = context_, session = &session](Result<size_t> keys_loaded) {
    boost::asio::post(*context, [this, session, keys_loaded = std::move(keys_loaded)] {
      if (!drained_) session->on_refreshed(keys_loaded);
    });
  });
}

void Worker::count_refresh(bool succeeded, std::chrono::nanoseconds duration) {
  (succeeded ? requests_.refreshes_succeeded : requests_.refreshes_failed).add();
  requests_.refresh_durations.add(1, duration);
}

void Worker::schedule_log_flush() {
  if (flush_scheduled_ || batch_->empty()) return;
  // Each handover wakes the thread that writes: ten times a second at most.
  const auto quiet = now_ - flushed_at_;
  if (quiet >= limits::kLogBatchDelay) return flush_log();
  flush_scheduled_ = true;
  flush_timer_.expires_after(limits::kLogBatchDelay - quiet);
  flush_timer_.async_wait([this](const error_code&) {
    begin_turn();
    flush_scheduled_ = false;
    flush_log();
  });
}

void Worker::flush_log() {
  flushed_at_ = now_;
  batch_->flush();
}

void Worker::remove(Session& session) {
  sessions_.erase(session.self);
  state_.connection_closed();
  if (draining_ && sessions_.empty()) finish_drain();
}

void Worker::begin_drain() {
  draining_ = true;
  if (sessions_.empty()) return finish_drain();
  close_idle(Session::Idle::between_requests);
  drain_timer_.expires_after(state_.timeouts.first_byte_when_stopping);
  drain_timer_.async_wait([this](const error_code&) { close_idle(Session::Idle::also_before_the_first); });
  drain_end_timer_.expires_after(state_.timeouts.drain);
  drain_end_timer_.async_wait([this](const error_code&) { end_drain(); });
}

void Worker::end_drain() {
  for (auto session = sessions_.begin(); session != sessions_.end();) {
    // It may remove itself.
    (session++)->abandon_refresh();
  }
  finish_drain();
}

void Worker::finish_drain() {
  if (!std::exchange(drained_, true)) state_.worker_drained();
}

void Worker::close_idle(Session::Idle which) {
  for (Session& session : sessions_) session.close_if_idle(which);
}

void Worker::schedule_sweep() {
  if (sweep_scheduled_) return;
  sweep_scheduled_ = true;
  sweep_timer_.expires_after(state_.timeouts.sweep);
  sweep_timer_.async_wait([this](const error_code&) {
    sweep_scheduled_ = false;
    sweep();
  });
}

void Worker::sweep() {
  begin_turn();
  // Another thread may change it meanwhile: all are treated alike.
  const bool full = state_.full;
  for (auto session = sessions_.begin(); session != sessions_.end();) {
    if (full) session->make_room(now_);
    // It may remove itself.
    (session++)->check_deadline(now_);
  }
  if (!sessions_.empty()) schedule_sweep();
}

}  // namespace heare::http
