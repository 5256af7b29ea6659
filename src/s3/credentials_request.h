#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "fetch/http_client.h"

namespace heare::s3 {

/// What asking a source of credentials needs, besides the request.
struct CredentialsHttp {
  fetch::HttpClient& http;
  const Clock& clock;
};

/// Sends `request`, `tries` times in all where no answer comes or one that may pass (429 or 5xx), and gathers the body
/// of any status in Response::body. Whoever reads credentials there wipes it.
std::expected<fetch::Response, fetch::Failure> ask_source(fetch::Request request, CredentialsHttp to, int tries);

/// The error for an answer that never came: `unavailable`.
Error no_answer(const fetch::Failure& failure);

/// The error for a status that is not 200: `unavailable` where it may pass, otherwise `unauthorized`.
Error status_error(int status);
bool status_may_pass(int status);

/// True where `url` is `http://` or `https://` with a host, and nothing that would end the URL or name a user.
bool is_plain_url(std::string_view url);

/// `url` without slashes at its end.
std::string_view without_slash(std::string_view url);

}  // namespace heare::s3
