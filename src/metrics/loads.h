#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "metrics/counter.h"
#include "metrics/durations.h"

namespace heare::metrics {

/// How a look at the store has ended: with another document, with the one that is loaded already, or not at all.
enum class LoadOutcome : uint8_t { success, unchanged, failed };
inline constexpr size_t kLoadOutcomes = 3;

/// Upper bounds of the buckets: from an answer that nothing has changed to a document of many gigabytes, or a store
/// that was given all its time.
inline constexpr std::array<std::chrono::nanoseconds, 9> kLoadDurationBounds = [] {
  using namespace std::chrono_literals;
  return std::array<std::chrono::nanoseconds, 9>{1ms, 5ms, 20ms, 100ms, 500ms, 1s, 5s, 20s, 60s};
}();

struct LoadTotals {
  /// By outcome.
  std::array<uint64_t, kLoadOutcomes> outcomes = {};
  DurationTotals<kLoadDurationBounds.size()> durations;
};

/// The loads of the document. One thread counts, any may read.
class Loads {
 public:
  void count(LoadOutcome outcome, std::chrono::nanoseconds duration) {
    outcomes_[static_cast<size_t>(outcome)].add();
    durations_.add(1, duration);
  }
  LoadTotals read() const {
    LoadTotals totals;
    std::ranges::transform(outcomes_, totals.outcomes.begin(), &Counter::read);
    totals.durations = durations_.read();
    return totals;
  }

 private:
  std::array<Counter, kLoadOutcomes> outcomes_;
  Durations<kLoadDurationBounds.size()> durations_{kLoadDurationBounds};
};

}  // namespace heare::metrics
