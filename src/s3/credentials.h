#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "fetch/http_client.h"

namespace heare::s3 {

/// What requests are signed with. Never printed: the access key id is no secret by itself, but has no business in logs.
struct Credentials {
  std::string access_key_id;
  Secret secret_access_key;
  /// Empty for long-lived credentials.
  Secret session_token;
  /// Nothing for credentials that do not expire.
  std::optional<WallTime> expires_at;
};

/// Where credentials come from. Used by one thread at a time.
class CredentialsProvider {
 public:
  virtual ~CredentialsProvider() = default;
  /// Credentials that are good now, renewed when their end is near. Errors name the source: `unauthorized` where it is
  /// broken or there is none, `unavailable` where it may pass.
  virtual Result<Credentials> get() = 0;
  /// Which source they come from, for people: "the environment", "the profile 'prod' of ~/.aws/credentials".
  /// "no source" before the first `get`.
  virtual std::string source() const = 0;
};

/// Reads an environment variable; nothing where it is unset or empty. The one who calls getenv is `app`.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

struct ChainOptions {
  Environment environment;
  /// For STS, where no endpoint is configured.
  std::string region;
};

/// The providers of the AWS SDKs in their order, the first that is configured decides: environment, web identity,
/// shared files, container endpoint, instance metadata (IMDSv2). `http` and `clock` must outlive the result.
std::unique_ptr<CredentialsProvider> make_credentials_chain(const ChainOptions& options, fetch::HttpClient& http,
                                                            const Clock& clock);

/// The `region` of the AWS profile in use (AWS_PROFILE, the config file), or nothing.
std::optional<std::string> profile_region(const Environment& environment);

}  // namespace heare::s3
