#include "base/random.h"

#include <cerrno>
#include <cstdlib>
#include <limits>
#include <sys/random.h>

namespace heare {
namespace {

class SystemRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override {
    while (!out.empty()) {
      const ssize_t got = getrandom(out.data(), out.size(), 0);
      if (got < 0) {
        if (errno == EINTR) continue;
        std::abort();
      }
      out = out.subspan(static_cast<size_t>(got));
    }
  }
};

}  // namespace

uint32_t Random::below(uint32_t bound) {
  // Values from the incomplete last round of the range would favour small results: draw again.
  const uint32_t range_max = std::numeric_limits<uint32_t>::max();
  const uint32_t fair_max = range_max - (range_max % bound + 1) % bound;
  uint32_t value = 0;
  do {
    fill(std::as_writable_bytes(std::span(&value, 1)));
  } while (value > fair_max);
  return value % bound;
}

Random& system_random() {
  static SystemRandom random;
  return random;
}

}  // namespace heare
