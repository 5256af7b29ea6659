#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "http/metrics_page.h"
#include "http/server.h"
#include "log/logger.h"
#include "metrics/counter.h"
#include "metrics/loads.h"
#include "metrics/stats_report.h"

namespace heare::app {

/// What the service knows of itself: for Prometheus, and for heare-stats. What it refers to must outlive it.
class ServiceMetrics final : public http::MetricsPage {
 public:
  /// The service begins to start now.
  ServiceMetrics(const log::Logger& logger, const Clock& clock, Random& random);

  /// Whose requests are told. Called before anybody asks; without, there were none.
  void watch(http::Server& server) { server_ = &server; }

  // --- Each from one thread at a time

  void published(size_t keys);
  void confirmed(WallTime at) { confirmed_at_ = at; }
  void load_ended(metrics::LoadOutcome outcome, std::chrono::nanoseconds duration) { loads_.count(outcome, duration); }
  void started();
  void start_failed() { starts_failed_.add(); }
  void stopped() { stops_.add(); }

  /// For Prometheus. From any thread.
  std::string text() override;

  /// For heare-stats. Only one thread may call it.
  metrics::StatsReport report();

 private:
  // --- Constant once anybody asks
  const log::Logger& logger_;
  const Clock& clock_;
  Random& random_;
  const SteadyTime began_at_;
  http::Server* server_ = nullptr;

  std::atomic<bool> loaded_ = false;
  std::atomic<uint64_t> keys_ = 0;
  std::atomic<WallTime> confirmed_at_;
  metrics::Loads loads_;
  metrics::Counter starts_succeeded_;
  metrics::Counter starts_failed_;
  metrics::Counter stops_;
  /// Until it is told.
  std::atomic<std::chrono::nanoseconds> start_duration_{std::chrono::nanoseconds(0)};
};

}  // namespace heare::app
