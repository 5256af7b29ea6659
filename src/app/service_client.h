#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "fetch/http_client.h"

/// Calls of a running service.
namespace heare::app {

struct RefreshAnswer {
  uint64_t keys_loaded;
  /// The whole answer, laid out for people.
  std::string json;
};

/// Asks the service to load its document anew, and waits until it has. Every error is `unavailable` and names the URL.
Result<RefreshAnswer> call_refresh(fetch::HttpClient& client, const std::string& url);

/// Asks whether the service is alive; its answer, laid out for people. Errors as above.
Result<std::string> call_health(fetch::HttpClient& client, const std::string& url);

}  // namespace heare::app
