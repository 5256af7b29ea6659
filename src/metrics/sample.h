#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "base/random.h"

namespace heare::metrics {

/// As many durations of one period as are kept, evenly drawn: enough for the 99th percentile, and a message of some
/// 10 KB.
inline constexpr size_t kSampleSize = 1000;

/// What one thread has drawn of `seen` durations: all of them where they were no more than kSampleSize.
struct DrawnDurations {
  uint64_t seen = 0;
  std::vector<std::chrono::nanoseconds> durations;
};

/// An even sample of one thread's durations in each period, in memory that is there from the start. One thread adds
/// (without a lock: an addition is a comparison as a rule), another ends the periods.
class DurationSample {
 public:
  void add(uint64_t count, std::chrono::nanoseconds each) {
    if (period_.load(std::memory_order_relaxed) != own_period_) begin_period();
    seen_ += count;
    while (next_ < seen_) draw(each);
    parts_[own_period_ % parts_.size()].seen.store(seen_, std::memory_order_release);
  }

  /// Ends the period, and gives what was drawn in it. A duration that is being added meanwhile may be lost.
  DrawnDurations take();

 private:
  /// The durations of a period. While one is read, the other is written.
  struct Part {
    std::atomic<uint64_t> period = 0;
    std::atomic<uint64_t> seen = 0;
    std::array<std::atomic<int64_t>, kSampleSize> ns = {};
  };

  void begin_period();
  void draw(std::chrono::nanoseconds each);

  std::atomic<uint64_t> period_ = 0;
  std::array<Part, 2> parts_;

  // --- Of the thread that adds
  uint64_t own_period_ = 0;
  uint64_t seen_ = 0;
  /// The next one to draw, counted from the beginning of the period.
  uint64_t next_ = 0;
  double weight_ = 1;
  // Which durations are drawn is no secret, and must only not follow a pattern of theirs.
  std::minstd_rand random_;  // NOLINT(cert-msc32-c,cert-msc51-cpp)
};

/// An even sample of what all threads have seen, of their samples; kSampleSize at the most.
std::vector<std::chrono::nanoseconds> merge(std::vector<DrawnDurations> threads, Random& random);

}  // namespace heare::metrics
