#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"
#include "http/api.h"
#include "http/message.h"
#include "http/server.h"
#include "http/session.h"
#include "http/time_text.h"
#include "http/timeouts.h"
#include "keys/key_index.h"
#include "log/logger.h"
#include "metrics/requests.h"

namespace heare::http {

/// What all workers of a server share.
struct ServerState {
  // Constant after construction, or safe from any thread.
  log::Logger& logger;
  const Clock& clock;
  Refresher& refresher;
  MetricsPage& metrics_page;
  const bool metrics_only;
  const Timeouts timeouts;
  /// Called from any worker's thread when one of its connections is gone.
  std::function<void()> connection_closed;
  /// Called from each worker's thread once, when it is to end and nobody needs it any more.
  std::function<void()> worker_drained;

  std::atomic<bool> stopping = false;
  /// Every place for a connection is taken, and the listener waits for one to close.
  std::atomic<bool> full = false;
  /// Every worker has a snapshot.
  std::atomic<bool> loaded = false;
  /// Past that moment the snapshot is too old.
  std::atomic<WallTime> fresh_until = WallTime::max();
};

/// One event loop with the connections that live on it, and the snapshot that it answers from.
class Worker {
 public:
  explicit Worker(ServerState& state);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // --- From any thread

  boost::asio::io_context& context() { return *context_; }
  /// Serves the connection from now on.
  void adopt(Socket socket);
  /// Answers from `index` from now on, and calls `done` on the loop once it does.
  void publish(const keys::KeyIndex* index, std::function<void()> done);
  /// Closes idle connections, finishes requests in flight within their time, then tells the server so.
  void drain();
  /// Ends the loop at once.
  void stop() { context_->stop(); }

  // --- While the loop does not run

  /// Before `run`: answers from `index`.
  void set_index(const keys::KeyIndex* index) { index_ = index; }
  /// The event loop, on the calling thread.
  void run();

  // --- From any thread, at any time

  /// Counted by the loop's thread alone.
  metrics::Requests& requests() { return requests_; }

  // --- From the loop: for its sessions

  /// What requests are answered from that arrive now.
  Context request_context() const;
  bool stopping() const { return state_.stopping.load(std::memory_order_relaxed); }
  bool draining() const { return draining_; }
  const Timeouts& timeouts() const { return state_.timeouts; }
  /// Reads the clocks: called at each entry from the event loop, so that what follows need not.
  void begin_turn();
  SteadyTime now() const { return now_; }
  WallTime wall_now() const { return wall_now_; }
  /// Times the verifications that were counted since this was last called, or since the turn began.
  void time_verifications();
  Api& api() { return api_; }
  TimeText& times() { return times_; }
  /// Memory for the answer at hand, and for all that are sent together.
  Response& response() { return response_; }
  std::string& output() { return output_; }
  /// Counts a call of /refresh that has got its load, or none.
  void count_refresh(bool succeeded, std::chrono::nanoseconds duration);
  /// Calls the session's `on_refreshed` after a load.
  void refresh(Session& session);
  /// Has the lines of what was just answered written: at once after a quiet time, else together with those to come.
  void schedule_log_flush();
  /// Destroys the session.
  void remove(Session& session);

 private:
  void begin_drain();
  void end_drain();
  void finish_drain();
  void close_idle(Session::Idle which);
  void schedule_sweep();
  void sweep();
  void flush_log();

  /// Counted on the loop only; read from any thread. It has cache lines of its own: first, it takes none but them.
  metrics::Requests requests_;

  ServerState& state_;
  /// Shared with loads under way: they may end after the server has.
  const std::shared_ptr<boost::asio::io_context> context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  const std::unique_ptr<log::Batch> batch_;

  // --- Touched on the loop only
  const keys::KeyIndex* index_ = nullptr;
  SteadyTime now_;
  WallTime wall_now_;
  /// Until when the time of this turn is accounted for.
  SteadyTime timed_until_;
  Api api_;
  TimeText times_;
  Response response_;
  std::string output_;
  std::list<Session> sessions_;
  SteadyTime flushed_at_;
  boost::asio::steady_timer sweep_timer_;
  boost::asio::steady_timer flush_timer_;
  boost::asio::steady_timer drain_timer_;
  boost::asio::steady_timer drain_end_timer_;
  bool draining_ = false;
  bool drained_ = false;
  bool sweep_scheduled_ = false;
  bool flush_scheduled_ = false;
};

}  // namespace heare::http
