#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/secret.h"
#include "fetch/http_client.h"
#include "metrics/stats_report.h"

namespace heare::metrics {

struct StatsReceiver {
  /// Where reports are posted to.
  std::string url;
  /// The user of basic authentication, whose password is empty; none where it is empty.
  Secret user;
  /// From one report to the next.
  std::chrono::milliseconds period{10'000};
};

/// Sends reports to heare-stats, on a thread of its own. Counters are exact: what a receiver has not confirmed is told
/// again with the next report; timers go with a report that fails. Memory does not grow while a receiver is down.
class StatsPush {
 public:
  virtual ~StatsPush() = default;

  /// Sends a report at the end of each period. Called at most once.
  virtual void start() = 0;

  /// Sends what there is, and ends; also where `start` was not called. False where that takes longer than `timeout`:
  /// then only the end of the process frees the thread, or the destructor, which waits until the receiver's time is up.
  virtual bool stop(std::chrono::milliseconds timeout) = 0;
};

struct StatsCalls {
  /// Gives counters since the start of the process, gauges as they are, and the timers since it was last called.
  std::function<StatsReport()> read;
  /// Told why reports fail: once, until one has been taken again.
  std::function<void(const std::string&)> failing;
};

/// `calls` are made by the thread that sends.
std::unique_ptr<StatsPush> make_stats_push(StatsReceiver receiver, std::unique_ptr<fetch::HttpClient> client,
                                           StatsCalls calls);

}  // namespace heare::metrics
