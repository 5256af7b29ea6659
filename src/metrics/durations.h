#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "metrics/counter.h"

namespace heare::metrics {

/// Durations counted by upper bounds, at one moment.
template <size_t Bounds>
struct DurationTotals {
  /// Not cumulative; the last is for all that took longer than every bound.
  std::array<uint64_t, Bounds + 1> counts = {};
  std::chrono::nanoseconds sum{0};

  DurationTotals& operator+=(const DurationTotals& other) {
    std::ranges::transform(counts, other.counts, counts.begin(), std::plus());
    sum += other.sum;
    return *this;
  }
};

/// Counts durations by the upper bounds `bounds`, ascending, which must outlive it. One thread counts, any may read.
template <size_t Bounds>
class Durations {
 public:
  explicit Durations(const std::array<std::chrono::nanoseconds, Bounds>& bounds) : bounds_(bounds) {}

  /// So many at once, which have taken that long together.
  void add(uint64_t count, std::chrono::nanoseconds together) {
    const auto each = together / count;
    // The first bounds are the usual ones: no search is faster than looking at them in turn.
    const auto* const bound = std::ranges::find_if(bounds_, [each](auto at_most) { return each <= at_most; });
    counts_[static_cast<size_t>(bound - bounds_.begin())].add(count);
    sum_ns_.add(static_cast<uint64_t>(together.count()));
  }

  DurationTotals<Bounds> read() const {
    DurationTotals<Bounds> totals;
    std::ranges::transform(counts_, totals.counts.begin(), &Counter::read);
    totals.sum = std::chrono::nanoseconds(sum_ns_.read());
    return totals;
  }

 private:
  const std::array<std::chrono::nanoseconds, Bounds>& bounds_;
  std::array<Counter, Bounds + 1> counts_;
  Counter sum_ns_;
};

}  // namespace heare::metrics
