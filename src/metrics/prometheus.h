#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "metrics/loads.h"
#include "metrics/process.h"
#include "metrics/verifications.h"

namespace heare::metrics {

/// All that a scrape tells, at one moment.
struct Snapshot {
  VerificationTotals verifications;
  LoadTotals loads;
  uint64_t refreshes_rejected = 0;
  /// In service; nothing before the first load.
  std::optional<uint64_t> keys;
  /// Since the store last confirmed them; nothing before the first load.
  std::optional<double> keys_age_seconds;
  uint64_t connections = 0;
  uint64_t log_lines_dropped = 0;
  std::string_view version;
  std::string_view commit;
  ProcessUsage process;
};

/// Of what `prometheus_text` gives.
inline constexpr std::string_view kPrometheusContentType = "text/plain; version=0.0.4; charset=utf-8";

/// In Prometheus's text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).
std::string prometheus_text(const Snapshot& snapshot);

}  // namespace heare::metrics
