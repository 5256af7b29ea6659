#pragma once

#include <chrono>
#include <cstdint>

#include "support/sequence_random.h"

namespace heare::simulation {

/// What happens by chance, the same for the same seed.
class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed) {}

  /// In [0, bound).
  uint32_t below(uint32_t bound) { return random_.below(bound); }
  /// In [least, most].
  uint32_t between(uint32_t least, uint32_t most) { return least + below(most - least + 1); }
  bool chance(unsigned per_mille) { return below(1000) < per_mille; }
  /// Mostly below a thousandth of `longest`; one in ten below ten times that, of these one in ten again ten times.
  std::chrono::microseconds time(std::chrono::microseconds longest) {
    auto bound = longest / 1000;
    while (bound < longest && chance(100)) bound *= 10;
    return std::chrono::microseconds(below(static_cast<uint32_t>(bound.count()) + 1));
  }

 private:
  testing::SequenceRandom random_;
};

}  // namespace heare::simulation
