#include "s3/credentials_request.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "base/secret.h"
#include "s3/credentials_source.h"

namespace heare::s3 {
namespace {

/// A session token has at most some 4 KiB, an answer with it 6.
constexpr size_t kAnswerBytesMax = size_t{64} * 1024;
/// Long enough for a service that restarts to be back, short enough for a person who waits.
constexpr auto kPauseBetweenTries = std::chrono::milliseconds(500);

std::expected<fetch::Response, fetch::Failure> ask_once(const fetch::Request& request, fetch::HttpClient& http) {
  std::string body;
  // Once: growing would leave copies behind that nothing wipes.
  body.reserve(kAnswerBytesMax);
  std::expected<fetch::Response, fetch::Failure> response = http.send(request, [&](std::string_view piece) -> Result<> {
    if (piece.size() > kAnswerBytesMax - body.size()) {
      return fail(ErrorCode::invalid, "the answer has more than {} bytes", kAnswerBytesMax);
    }
    body += piece;
    return {};
  });
  if (response && response->status == 200) std::swap(response->body, body);
  wipe(body);
  return response;
}

}  // namespace

std::expected<fetch::Response, fetch::Failure> ask_source(fetch::Request request, CredentialsHttp to, int tries) {
  while (true) {
    std::expected<fetch::Response, fetch::Failure> response = ask_once(request, to.http);
    if ((response && !status_may_pass(response->status)) || --tries <= 0) return response;
    request.fresh_connection = true;
    to.clock.sleep_for(kPauseBetweenTries);
  }
}

Error no_answer(const fetch::Failure& failure) {
  return {ErrorCode::unavailable, fmt::format("no answer ({})", failure.message)};
}

Error status_error(int status) {
  return {status_may_pass(status) ? ErrorCode::unavailable : ErrorCode::unauthorized,
          fmt::format("answered with status {}", status)};
}

bool status_may_pass(int status) {
  return status == 429 || status >= 500;
}

bool is_plain_url(std::string_view url) {
  const size_t scheme_end = url.find("://");
  if (!is_header_word(url) || scheme_end == std::string_view::npos) return false;
  const std::string_view scheme = url.substr(0, scheme_end);
  const std::string_view rest = url.substr(scheme_end + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  return (scheme == "http" || scheme == "https") && !authority.empty() && !authority.contains('@') &&
         !rest.contains('\\') && !rest.contains('#');
}

std::string_view without_slash(std::string_view url) {
  return url.substr(0, url.find_last_not_of('/') + 1);
}

}  // namespace heare::s3
