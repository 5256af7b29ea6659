#include "metrics/stats_push.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string_view>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/mutex.h"

namespace heare::metrics {
namespace {

using std::chrono::milliseconds;

/// For one report: shorter than a period, so that a receiver that hangs delays no other.
constexpr milliseconds kReportTimeout{4000};
constexpr milliseconds kConnectTimeout{2000};

class ThreadedStatsPush final : public StatsPush {
 public:
  ThreadedStatsPush(StatsReceiver receiver, std::unique_ptr<fetch::HttpClient> client, StatsCalls calls)
      : receiver_(std::move(receiver)), client_(std::move(client)), calls_(std::move(calls)) {}
  ~ThreadedStatsPush() override {
    if (thread_.joinable()) (void)stop(milliseconds(0));
    if (thread_.joinable()) thread_.join();
  }

  void start() override {
    thread_ = std::thread([this] { work(); });
  }
  bool stop(milliseconds timeout) override;

 private:
  void work();
  void send_report(milliseconds timeout);
  /// Empty, or why the report was not taken.
  std::string post(const std::string& body, milliseconds timeout);

  // --- Constant after construction
  const StatsReceiver receiver_;
  const std::unique_ptr<fetch::HttpClient> client_;
  const StatsCalls calls_;

  /// Of whoever starts and stops it.
  std::thread thread_;

  // --- Of the thread that sends
  /// What the receiver has confirmed of each counter.
  std::map<std::string_view, uint64_t> confirmed_;
  bool failing_ = false;

  Mutex mutex_;
  Condition changed_;
  bool stopping_ HEARE_GUARDED_BY(mutex_) = false;
  bool ended_ HEARE_GUARDED_BY(mutex_) = false;
  SteadyTime deadline_ HEARE_GUARDED_BY(mutex_);
};

bool ThreadedStatsPush::stop(milliseconds timeout) {
  if (!thread_.joinable()) {
    send_report(timeout);
    return true;
  }
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    deadline_ = system_clock().steady_now() + timeout;
    changed_.notify_all();
    while (!ended_) {
      if (!changed_.wait_until(lock, deadline_) && !ended_) return false;
    }
  }
  thread_.join();
  return true;
}

void ThreadedStatsPush::work() {
  MutexLock lock(mutex_);
  SteadyTime due = system_clock().steady_now() + receiver_.period;
  while (!stopping_) {
    if (changed_.wait_until(lock, due)) continue;
    due = std::max(due, system_clock().steady_now()) + receiver_.period;
    lock.unlock();
    send_report(std::min(kReportTimeout, receiver_.period));
    lock.lock();
  }
  const auto left = std::chrono::duration_cast<milliseconds>(deadline_ - system_clock().steady_now());
  lock.unlock();
  if (left > milliseconds(0)) send_report(left);
  lock.lock();
  ended_ = true;
  changed_.notify_all();
}

void ThreadedStatsPush::send_report(milliseconds timeout) {
  StatsReport report = calls_.read();
  const std::vector<StatsReport::Counter> totals = report.counters;
  for (StatsReport::Counter& counter : report.counters) counter.count -= confirmed_[counter.name];
  const std::string problem = post(stats_json(report), timeout);
  if (problem.empty()) {
    for (const StatsReport::Counter& total : totals) confirmed_[total.name] = total.count;
  } else if (!failing_) {
    calls_.failing(problem);
  }
  failing_ = !problem.empty();
}

std::string ThreadedStatsPush::post(const std::string& body, milliseconds timeout) {
  fetch::Request request;
  request.method = "POST";
  request.url = receiver_.url;
  request.headers = {{"Content-Type", "application/json"}};
  if (!receiver_.user.empty()) {
    const std::string user_and_password = fmt::format("{}:", receiver_.user.reveal());
    request.headers.push_back({"Authorization", "Basic " + to_base64(as_bytes(user_and_password))});
  }
  request.body = body;
  request.connect_timeout = std::min(kConnectTimeout, timeout);
  request.timeout = timeout;
  const auto answer = client_->send(request);
  if (!answer) return answer.error().message;
  if (answer->status / 100 == 2) return {};
  return fmt::format("POST {}: answered {}", receiver_.url, answer->status);
}

}  // namespace

std::unique_ptr<StatsPush> make_stats_push(StatsReceiver receiver, std::unique_ptr<fetch::HttpClient> client,
                                           StatsCalls calls) {
  return std::make_unique<ThreadedStatsPush>(std::move(receiver), std::move(client), std::move(calls));
}

}  // namespace heare::metrics
