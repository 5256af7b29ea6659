#include "metrics/sample.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace heare::metrics {

DrawnDurations DurationSample::take() {
  const uint64_t period = period_.load(std::memory_order_relaxed);
  period_.store(period + 1, std::memory_order_relaxed);
  const Part& part = parts_[period % parts_.size()];
  // Where nothing was added, the part still holds an older period.
  if (part.period.load(std::memory_order_acquire) != period) return {};
  DrawnDurations drawn;
  drawn.seen = part.seen.load(std::memory_order_acquire);
  const size_t count = std::min<uint64_t>(drawn.seen, kSampleSize);
  drawn.durations.reserve(count);
  for (size_t n = 0; n < count; ++n) {
    drawn.durations.emplace_back(part.ns[n].load(std::memory_order_relaxed));
  }
  return drawn;
}

void DurationSample::begin_period() {
  own_period_ = period_.load(std::memory_order_relaxed);
  seen_ = 0;
  next_ = 0;
  weight_ = 1;
  Part& part = parts_[own_period_ % parts_.size()];
  part.seen.store(0, std::memory_order_relaxed);
  part.period.store(own_period_, std::memory_order_release);
}

/// Reservoir sampling that skips what it will not draw: K.-H. Li, "Reservoir-sampling algorithms of time complexity
/// O(n(1 + log(N/n)))", 1994, algorithm L.
void DurationSample::draw(std::chrono::nanoseconds each) {
  std::uniform_real_distribution<double> uniform(std::numeric_limits<double>::min(), 1);
  Part& part = parts_[own_period_ % parts_.size()];
  size_t place = next_;
  if (next_ >= kSampleSize) place = std::uniform_int_distribution<size_t>(0, kSampleSize - 1)(random_);
  part.ns[place].store(each.count(), std::memory_order_relaxed);
  ++next_;
  if (next_ < kSampleSize) return;
  weight_ *= std::exp(std::log(uniform(random_)) / static_cast<double>(kSampleSize));
  // Bounded, so that a weight that has become tiny skips to the end of any period and not past what a count can hold.
  constexpr double kSkippedMax = 1e15;
  const double skipped = std::floor(std::log(uniform(random_)) / std::log1p(-weight_));
  next_ += static_cast<uint64_t>(std::min(skipped, kSkippedMax));
}

std::vector<std::chrono::nanoseconds> merge(std::vector<DrawnDurations> threads, Random& random) {
  uint64_t left = 0;
  size_t drawn = 0;
  for (const DrawnDurations& thread : threads) {
    left += thread.seen;
    drawn += thread.durations.size();
  }
  std::vector<std::chrono::nanoseconds> merged;
  merged.reserve(std::min(drawn, kSampleSize));
  // One of all that were seen is as good as any other; of the thread that has seen it, a drawn one stands for it.
  while (merged.size() < kSampleSize && left > 0) {
    uint64_t number = random.below(static_cast<uint32_t>(std::min<uint64_t>(left, UINT32_MAX)));
    auto thread = threads.begin();
    while (number >= thread->seen) number -= (thread++)->seen;
    --thread->seen;
    --left;
    auto& durations = thread->durations;
    const auto chosen = durations.begin() + random.below(static_cast<uint32_t>(durations.size()));
    merged.push_back(*chosen);
    *chosen = durations.back();
    durations.pop_back();
  }
  return merged;
}

}  // namespace heare::metrics
