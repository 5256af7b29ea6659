#include "s3/attempts.h"

#include <algorithm>
#include <cstdint>

namespace heare::s3 {
namespace {

using std::chrono::milliseconds;

/// As the AWS SDKs' standard mode: 3 tries, and before the next one random(0, 1) × min(2^(n-1) s, 20 s).
constexpr unsigned kTriesMax = 3;
constexpr milliseconds kFirstPause{1000};
constexpr milliseconds kLongestPause{20'000};

}  // namespace

Attempts::Attempts(const Clock& clock, Random& random, milliseconds patience)
    : clock_(clock), random_(random), deadline_(clock.steady_now() + patience) {}

bool Attempts::pause() {
  if (tries_ == kTriesMax) return false;
  const milliseconds longest = std::min(kLongestPause, kFirstPause * (1U << (tries_ - 1)));
  const milliseconds wait(random_.below(static_cast<uint32_t>(longest.count()) + 1));
  if (clock_.steady_now() + wait >= deadline_) return false;
  ++tries_;
  clock_.sleep_for(wait);
  return true;
}

milliseconds Attempts::time_left() const {
  const auto left = std::chrono::ceil<milliseconds>(deadline_ - clock_.steady_now());
  return std::max(left, milliseconds(1));
}

}  // namespace heare::s3
