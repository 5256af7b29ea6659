#include "http/server.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include "base/mutex.h"
#include "http/listener.h"
#include "http/worker.h"

namespace heare::http {
namespace {

/// Threads that have yet to adopt a snapshot.
struct Handover {
  explicit Handover(size_t threads) : waiting(threads) {}

  Mutex mutex;
  Condition changed;
  size_t waiting HEARE_GUARDED_BY(mutex);
  bool stopped HEARE_GUARDED_BY(mutex) = false;

  void adopted() {
    const MutexLock lock(mutex);
    --waiting;
    changed.notify_all();
  }
  void stop() {
    const MutexLock lock(mutex);
    stopped = true;
    changed.notify_all();
  }
  void wait() {
    MutexLock lock(mutex);
    while (waiting > 0 && !stopped) changed.wait(lock);
  }
};

class ThreadedServer final : public Server, private ConnectionTaker {
 public:
  ThreadedServer(const ServerOptions& options, const ServerParts& parts);
  ~ThreadedServer() override = default;

  Result<> open(const ServerOptions& options) {
    return listener_.open(options.host, options.port, options.address_options);
  }

  Result<> run() override;
  void publish(std::unique_ptr<const keys::KeyIndex> index) override;
  void set_fresh_until(WallTime until) override { state_.fresh_until = until; }
  void drain(std::chrono::milliseconds accept_for) override;
  uint16_t port() const override { return listener_.port(); }
  ServerTotals totals() const override;
  DrawnRequests take_samples(Random& random) override;

 private:
  enum class Phase { set_up, running, stopped };

  // --- On the listener's loop, which is the first worker's
  bool is_full() override;
  boost::asio::io_context& next_context() override { return workers_[next_worker_]->context(); }
  void take(Socket socket) override;
  void finish_accepting();

  /// Called from every worker.
  void connection_closed();
  /// Called from every worker, once.
  void worker_drained();
  Result<> run_workers();
  void stop_workers();
  /// Leaves the handover to every worker where they run, else sets their snapshot; nullptr where there is no need to
  /// wait.
  std::shared_ptr<Handover> hand_over(const keys::KeyIndex* index) HEARE_EXCLUDES(mutex_);

  // --- Constant after construction
  const size_t connections_max_;
  ServerState state_;
  std::vector<std::unique_ptr<Worker>> workers_;
  Listener listener_;
  boost::asio::steady_timer drain_timer_;

  // --- On the listener's loop
  size_t next_worker_ = 0;

  std::atomic<size_t> drained_ = 0;
  std::atomic<size_t> connections_ = 0;

  /// One publication at a time.
  Mutex publish_mutex_;
  std::unique_ptr<const keys::KeyIndex> index_ HEARE_GUARDED_BY(publish_mutex_);

  Mutex mutex_;
  Phase phase_ HEARE_GUARDED_BY(mutex_) = Phase::set_up;
  std::shared_ptr<Handover> handover_ HEARE_GUARDED_BY(mutex_);
};

std::vector<std::unique_ptr<Worker>> make_workers(unsigned count, ServerState& state) {
  std::vector<std::unique_ptr<Worker>> workers;
  for (unsigned made = 0; made < std::max(count, 1U); ++made) workers.push_back(std::make_unique<Worker>(state));
  return workers;
}

ThreadedServer::ThreadedServer(const ServerOptions& options, const ServerParts& parts)
    : connections_max_(options.connections_max),
      state_{.logger = parts.logger,
             .clock = parts.clock,
             .refresher = parts.refresher,
             .metrics_page = parts.metrics_page,
             .metrics_only = options.metrics_only,
             .timeouts = options.timeouts,
             .connection_closed = [this] { connection_closed(); },
             .worker_drained = [this] { worker_drained(); }},
      workers_(make_workers(options.threads, state_)),
      listener_(workers_.front()->context(), *this, parts.logger, parts.clock),
      drain_timer_(workers_.front()->context()) {}

ServerTotals ThreadedServer::totals() const {
  ServerTotals totals;
  for (const auto& worker : workers_) totals.requests += worker->requests().read();
  totals.connections = connections_;
  return totals;
}

DrawnRequests ThreadedServer::take_samples(Random& random) {
  std::vector<metrics::DrawnDurations> verifications;
  std::vector<metrics::DrawnDurations> refreshes;
  for (const auto& worker : workers_) {
    verifications.push_back(worker->requests().verifications.take_sample());
    refreshes.push_back(worker->requests().refresh_durations.take());
  }
  return {.verifications = metrics::merge(std::move(verifications), random),
          .refreshes = metrics::merge(std::move(refreshes), random)};
}

// --- Running

Result<> ThreadedServer::run() {
  {
    const MutexLock lock(mutex_);
    phase_ = Phase::running;
  }
  boost::asio::post(workers_.front()->context(), [this] { listener_.start(); });
  const Result<> ran = run_workers();
  // Nobody need wait for them any more.
  const MutexLock lock(mutex_);
  phase_ = Phase::stopped;
  if (handover_) handover_->stop();
  return ran;
}

Result<> ThreadedServer::run_workers() {
  std::vector<std::jthread> threads;
  try {
    for (size_t number = 1; number < workers_.size(); ++number) {
      threads.emplace_back([&worker = *workers_[number]] { worker.run(); });
    }
  } catch (const std::exception& error) {
    // Those that run must end before their handles go.
    stop_workers();
    return fail(ErrorCode::unavailable, "starting {} serving threads: {}, give fewer by --threads", workers_.size(),
                error.what());
  }
  workers_.front()->run();
  return {};
}

void ThreadedServer::stop_workers() {
  for (const auto& worker : workers_) worker->stop();
}

// --- Connections

bool ThreadedServer::is_full() {
  if (connections_ < connections_max_) return false;
  state_.full = true;
  // One may have closed before it could see that somebody waits.
  if (connections_ >= connections_max_) return true;
  state_.full = false;
  return false;
}

void ThreadedServer::take(Socket socket) {
  ++connections_;
  workers_[next_worker_]->adopt(std::move(socket));
  next_worker_ = (next_worker_ + 1) % workers_.size();
}

void ThreadedServer::connection_closed() {
  --connections_;
  if (state_.full.load() && state_.full.exchange(false)) {
    boost::asio::post(workers_.front()->context(), [this] { listener_.resume(); });
  }
}

/// Until then each goes on, with or without connections: a refresh that one of them waits for ends when all have its
/// keys.
void ThreadedServer::worker_drained() {
  if (++drained_ == workers_.size()) stop_workers();
}

// --- Publishing

void ThreadedServer::publish(std::unique_ptr<const keys::KeyIndex> index) {
  const MutexLock publishing(publish_mutex_);
  if (const auto handover = hand_over(index.get())) handover->wait();
  state_.loaded = true;
  // Either every worker has swapped, or none will look again. What was published before goes at the end of this block.
  std::swap(index_, index);
}

std::shared_ptr<Handover> ThreadedServer::hand_over(const keys::KeyIndex* index) {
  const MutexLock lock(mutex_);
  if (phase_ == Phase::stopped) return nullptr;
  if (phase_ == Phase::set_up) {
    for (const auto& worker : workers_) worker->set_index(index);
    return nullptr;
  }
  handover_ = std::make_shared<Handover>(workers_.size());
  for (const auto& worker : workers_) {
    worker->publish(index, [handover = handover_] { handover->adopted(); });
  }
  return handover_;
}

// --- Stopping

void ThreadedServer::drain(std::chrono::milliseconds accept_for) {
  state_.stopping = true;
  boost::asio::post(workers_.front()->context(), [this, accept_for] {
    if (!listener_.is_open()) return;
    // Ends the wait that an earlier call has begun.
    drain_timer_.expires_after(accept_for);
    drain_timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) finish_accepting();
    });
  });
}

void ThreadedServer::finish_accepting() {
  listener_.finish();
  for (const auto& worker : workers_) worker->drain();
}

}  // namespace

Result<std::unique_ptr<Server>> make_server(const ServerOptions& options, const ServerParts& parts) {
  auto server = std::make_unique<ThreadedServer>(options, parts);
  if (auto opened = server->open(options); !opened) return std::unexpected(std::move(opened.error()));
  return server;
}

}  // namespace heare::http
