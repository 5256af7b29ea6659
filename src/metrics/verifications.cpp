#include "metrics/verifications.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace heare::metrics {

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::success:
      return "success";
    case Verdict::missing:
      return "missing";
    case Verdict::malformed:
      return "malformed";
    case Verdict::not_found:
      return "not_found";
    case Verdict::expired:
      return "expired";
    case Verdict::disabled:
      return "disabled";
    case Verdict::scope:
      return "scope";
  }
  return "not_found";
}

VerificationTotals& VerificationTotals::operator+=(const VerificationTotals& other) {
  std::ranges::transform(verdicts, other.verdicts, verdicts.begin(), std::plus());
  std::ranges::transform(durations, other.durations, durations.begin(), std::plus());
  duration_sum += other.duration_sum;
  return *this;
}

void Verifications::took(std::chrono::nanoseconds together) {
  const uint64_t count = std::exchange(untimed_, 0);
  if (count == 0) return;
  const auto each = together / count;
  // The first bounds are the usual ones: no search is faster than looking at them in turn.
  const auto* const bound =
      std::ranges::find_if(kVerifyDurationBounds, [each](auto at_most) { return each <= at_most; });
  durations_[static_cast<size_t>(bound - kVerifyDurationBounds.begin())].add(count);
  duration_sum_ns_.add(static_cast<uint64_t>(together.count()));
}

VerificationTotals Verifications::read() const {
  VerificationTotals totals;
  std::ranges::transform(verdicts_, totals.verdicts.begin(), &Counter::read);
  std::ranges::transform(durations_, totals.durations.begin(), &Counter::read);
  totals.duration_sum = std::chrono::nanoseconds(duration_sum_ns_.read());
  return totals;
}

}  // namespace heare::metrics
