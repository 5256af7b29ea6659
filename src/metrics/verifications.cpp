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
  durations += other.durations;
  return *this;
}

void Verifications::took(std::chrono::nanoseconds together) {
  const uint64_t count = std::exchange(untimed_, 0);
  if (count == 0) return;
  durations_.add(count, together);
  sample_.add(count, together / count);
}

VerificationTotals Verifications::read() const {
  VerificationTotals totals;
  std::ranges::transform(verdicts_, totals.verdicts.begin(), &Counter::read);
  totals.durations = durations_.read();
  return totals;
}

}  // namespace heare::metrics
