#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "fetch/http_client.h"
#include "s3/error_answer.h"

namespace heare::s3 {

/// What a store answered, with what its body says where that is an error.
struct Answer {
  fetch::Response http;
  /// Empty for a success.
  ErrorAnswer error;

  bool is_success() const { return http.status >= 200 && http.status < 300; }
};

Answer read_answer(fetch::Response response);

/// The same request may succeed a little later: overload, an outage, a time-out of the store's.
bool may_pass(const Answer& answer);

/// The store refuses a request that went to, or was signed for, another region, and names its own.
std::optional<std::string> named_region(const Answer& answer);

/// The store's clock: ServerTime where the answer tells it, else its Date header. To the second.
std::optional<WallTime> server_time(const Answer& answer);

/// `Tue, 20 Jan 2026 10:30:00 GMT` (RFC 9110, IMF-fixdate: what HTTP/1.1 servers send).
std::optional<WallTime> parse_http_date(std::string_view text);

}  // namespace heare::s3
