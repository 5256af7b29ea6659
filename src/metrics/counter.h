#pragma once

#include <atomic>
#include <cstdint>

namespace heare::metrics {

/// A count that one thread raises and any thread may read: no locked instruction, which would cost more than all else
/// that a count is.
class Counter {
 public:
  void add(uint64_t count = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  uint64_t read() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_ = 0;
};

}  // namespace heare::metrics
