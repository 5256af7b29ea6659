#include "app/service_metrics.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "app/commit.h"
#include "app/version.h"
#include "metrics/prometheus.h"

namespace heare::app {

using std::chrono::nanoseconds;

ServiceMetrics::ServiceMetrics(const log::Logger& logger, const Clock& clock, Random& random)
    : logger_(logger), clock_(clock), random_(random), began_at_(clock.steady_now()) {}

void ServiceMetrics::published(size_t keys) {
  keys_ = keys;
  loaded_ = true;
}

void ServiceMetrics::started() {
  start_duration_ = std::max(clock_.steady_now() - began_at_, nanoseconds(1));
  starts_succeeded_.add();
}

std::string ServiceMetrics::text() {
  metrics::Snapshot snapshot;
  if (server_ != nullptr) {
    const http::ServerTotals totals = server_->totals();
    snapshot.verifications = totals.requests.verifications;
    snapshot.refreshes_rejected = totals.requests.refreshes_rejected;
    snapshot.connections = totals.connections;
  }
  snapshot.loads = loads_.read();
  if (loaded_) {
    snapshot.keys = keys_.load();
    // The first keys are in service a moment before their age is known.
    const WallTime confirmed_at = confirmed_at_;
    if (confirmed_at != WallTime()) {
      snapshot.keys_age_seconds = std::chrono::duration<double>(clock_.now() - confirmed_at).count();
    }
  }
  snapshot.log_lines_dropped = logger_.lines_dropped();
  snapshot.version = kVersion;
  snapshot.commit = kCommit;
  snapshot.process = metrics::read_process_usage();
  return metrics::prometheus_text(snapshot);
}

metrics::StatsReport ServiceMetrics::report() {
  http::ServerTotals totals;
  http::DrawnRequests drawn;
  if (server_ != nullptr) {
    // In this order: of a duration there is always a count.
    drawn = server_->take_samples(random_);
    totals = server_->totals();
  }
  const metrics::RequestTotals& requests = totals.requests;
  const auto& verdicts = requests.verifications.verdicts;
  const uint64_t verifications = std::accumulate(verdicts.begin(), verdicts.end(), uint64_t{0});
  const uint64_t good = verdicts[static_cast<size_t>(metrics::Verdict::success)];

  metrics::StatsReport report;
  report.counters = {
      {"verify.requests", verifications},
      {"verify.success", good},
      {"verify.failed", verifications - good},
      {"refresh.requests", requests.refreshes_succeeded + requests.refreshes_failed + requests.refreshes_rejected},
      {"refresh.success", requests.refreshes_succeeded},
      {"refresh.failed", requests.refreshes_failed},
      {"refresh.rejected", requests.refreshes_rejected},
      {"startup.success", starts_succeeded_.read()},
      {"startup.failed", starts_failed_.read()},
      {"shutdown", stops_.read()},
      {"health.requests", requests.health},
  };
  if (loaded_) report.gauges.push_back({"keys.count", keys_});
  report.timers = {{"verify.duration", std::move(drawn.verifications)},
                   {"refresh.duration", std::move(drawn.refreshes)}};
  const nanoseconds start_duration = start_duration_.exchange(nanoseconds(0));
  if (start_duration > nanoseconds(0)) report.timers.push_back({"startup.duration", {start_duration}});
  return report;
}

}  // namespace heare::app
