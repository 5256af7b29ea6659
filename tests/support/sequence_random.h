#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/random.h"

namespace heare::testing {

/// Numbers that look random and are the same for the same seed (SplitMix64). Safe from any number of threads, though
/// who gets which is then up to them.
class SequenceRandom final : public Random {
 public:
  explicit SequenceRandom(uint64_t seed = 1) : state_(seed) {}

  void fill(std::span<std::byte> out) override {
    uint64_t word = 0;
    for (size_t i = 0; i < out.size(); ++i) {
      if (i % 8 == 0) word = next();
      out[i] = static_cast<std::byte>(word >> (i % 8 * 8) & 0xFF);
    }
  }

 private:
  uint64_t next() {
    constexpr uint64_t kStep = 0x9E3779B97F4A7C15;
    uint64_t z = state_.fetch_add(kStep) + kStep;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }

  std::atomic<uint64_t> state_;
};

}  // namespace heare::testing
