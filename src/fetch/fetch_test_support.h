#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "fetch/http_client.h"
#include "support/raw_server.h"

namespace heare::fetch {

using heare::testing::answer_with;
using heare::testing::RawPeer;
using heare::testing::RawRequest;
using heare::testing::RawServer;

inline const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Short enough for a test that waits for it to pass.
inline constexpr std::chrono::milliseconds kShortTimeout{200};
/// For what must happen, on a machine that is busy.
inline constexpr std::chrono::seconds kPatience{30};

inline Request request_of(std::string method, std::string url) {
  Request request;
  request.method = std::move(method);
  request.url = std::move(url);
  request.timeout = kPatience;
  return request;
}

inline Request get(const RawServer& server, std::string_view path = "/") {
  return request_of("GET", server.url(path));
}

/// A port that nobody listens on: one that was free a moment ago.
inline std::string dead_url(std::string_view path = "/") {
  return RawServer({}).url(path);
}

}  // namespace heare::fetch
