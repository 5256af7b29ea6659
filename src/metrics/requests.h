#pragma once

#include <cstdint>

#include "metrics/counter.h"
#include "metrics/sample.h"
#include "metrics/verifications.h"

namespace heare::metrics {

/// Requests at one moment, of one thread or of several together.
struct RequestTotals {
  VerificationTotals verifications;
  uint64_t health = 0;
  uint64_t refreshes_succeeded = 0;
  uint64_t refreshes_failed = 0;
  uint64_t refreshes_rejected = 0;

  RequestTotals& operator+=(const RequestTotals& other) {
    verifications += other.verifications;
    health += other.health;
    refreshes_succeeded += other.refreshes_succeeded;
    refreshes_failed += other.refreshes_failed;
    refreshes_rejected += other.refreshes_rejected;
    return *this;
  }
};

/// The requests of one thread. Only that thread counts; any thread may read, and one may take the samples.
struct Requests {
  Verifications verifications;
  Counter health;
  /// Calls of /refresh, by their answer.
  Counter refreshes_succeeded;
  Counter refreshes_failed;
  Counter refreshes_rejected;
  /// Of the calls that were not rejected.
  DurationSample refresh_durations;

  RequestTotals read() const {
    return {.verifications = verifications.read(),
            .health = health.read(),
            .refreshes_succeeded = refreshes_succeeded.read(),
            .refreshes_failed = refreshes_failed.read(),
            .refreshes_rejected = refreshes_rejected.read()};
  }
};

}  // namespace heare::metrics
