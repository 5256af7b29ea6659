#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace heare::http {

/// Times as text for one thread that asks often: what does not change within a second is kept.
class TimeText {
 public:
  /// As the Date field holds it (RFC 9110 section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`. Valid until the next call.
  std::string_view http_date(WallTime time);

  /// As a log line holds it: `2026-01-20T10:30:00.123456Z`. Valid until the next call.
  std::string_view rfc3339(WallTime time);

 private:
  std::chrono::sys_seconds date_second_{std::chrono::seconds::min()};
  std::string date_;
  std::chrono::sys_seconds stamp_second_{std::chrono::seconds::min()};
  std::string stamp_;
};

}  // namespace heare::http
