#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "metrics/counter.h"
#include "metrics/durations.h"
#include "metrics/sample.h"

namespace heare::metrics {

/// How a verification has ended.
enum class Verdict : uint8_t { success, missing, malformed, not_found, expired, disabled, scope };
inline constexpr size_t kVerdicts = 7;

/// `success`, `missing` and so on.
std::string_view to_string(Verdict verdict);

/// Upper bounds of the buckets that durations are counted in. From what a verification takes by itself (a microsecond)
/// to what somebody would notice.
inline constexpr std::array<std::chrono::nanoseconds, 13> kVerifyDurationBounds = [] {
  using namespace std::chrono_literals;
  return std::array<std::chrono::nanoseconds, 13>{1us,   2us,   5us, 10us, 20us, 50us, 100us,
                                                  200us, 500us, 1ms, 5ms,  20ms, 100ms};
}();

/// Counts at one moment, of one thread or of several together.
struct VerificationTotals {
  /// By verdict.
  std::array<uint64_t, kVerdicts> verdicts = {};
  DurationTotals<kVerifyDurationBounds.size()> durations;

  VerificationTotals& operator+=(const VerificationTotals& other);
};

/// The verifications of one thread. Only that thread counts, on cache lines of its own; any thread may read.
class alignas(64) Verifications {
 public:
  void count(Verdict verdict) {
    verdicts_[static_cast<size_t>(verdict)].add();
    ++untimed_;
  }
  bool any_untimed() const { return untimed_ > 0; }
  /// All that were counted since the last call have taken that long together; each counts with its share. Of requests
  /// that arrive together, the time of those that are no verifications goes to the next one that is.
  void took(std::chrono::nanoseconds together);

  /// A count may be seen before its duration is.
  VerificationTotals read() const;
  /// Of the durations since the last call. Only one thread may call it.
  DrawnDurations take_sample() { return sample_.take(); }

 private:
  std::array<Counter, kVerdicts> verdicts_;
  Durations<kVerifyDurationBounds.size()> durations_{kVerifyDurationBounds};
  DurationSample sample_;
  /// The thread's own.
  uint64_t untimed_ = 0;
};

}  // namespace heare::metrics
