#pragma once

#include <memory>
#include <string>

#include "s3/credentials_request.h"
#include "s3/credentials_source.h"

namespace heare::s3 {

/// A token file that stands for a role, as Kubernetes mounts it.
struct WebIdentity {
  std::string token_file;
  std::string role_arn;
  /// Names the session in AWS's logs; empty for "heare-auth".
  std::string session_name;
};

/// Exchanges web identity tokens for credentials of a role at STS (AssumeRoleWithWebIdentity): at AWS_ENDPOINT_URL_STS,
/// else AWS_ENDPOINT_URL, else the endpoint of `region`.
class WebIdentityExchange {
 public:
  WebIdentityExchange(Environment environment, std::string region, CredentialsHttp http);
  /// Reads the token file and exchanges its token. Errors: `unauthorized`, with STS's code and message, and
  /// `unavailable`.
  Result<Credentials> credentials(const WebIdentity& identity);

 private:
  Result<std::string> endpoint() const;

  // Constant.
  const Environment environment_;
  const std::string region_;
  const CredentialsHttp http_;
};

/// AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME. `exchange` must outlive the result.
std::unique_ptr<CredentialsSource> make_web_identity_source(Environment environment, WebIdentityExchange& exchange);

}  // namespace heare::s3
