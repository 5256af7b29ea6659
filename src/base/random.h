#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace heare {

/// Randomness as a dependency. Safe from any number of threads.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::byte> out) = 0;

  /// Uniform in [0, bound), without modulo bias; `bound` is at least 1.
  uint32_t below(uint32_t bound);
};

/// The operating system's CSPRNG (getrandom(2)). A kernel that cannot give randomness ends the program: there is
/// nothing safe to go on with.
Random& system_random();

}  // namespace heare
