#include "s3/credentials_environment.h"

#include <utility>

#include "base/time_format.h"

namespace heare::s3 {
namespace {

Secret take_secret(std::optional<std::string> value) {
  return value ? Secret::take(*value) : Secret();
}

class EnvironmentSource final : public CredentialsSource {
 public:
  explicit EnvironmentSource(Environment environment) : environment_(std::move(environment)) {}

  Result<std::optional<Credentials>> load() override {
    const std::optional<std::string> id = environment_("AWS_ACCESS_KEY_ID");
    Secret secret = take_secret(environment_("AWS_SECRET_ACCESS_KEY"));
    if (!id && secret.empty()) return std::nullopt;
    if (!id) return fail(ErrorCode::unauthorized, "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not");
    if (secret.empty()) {
      return fail(ErrorCode::unauthorized, "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
    }
    Secret token = take_secret(environment_("AWS_SESSION_TOKEN"));
    if (token.empty()) token = take_secret(environment_("AWS_SECURITY_TOKEN"));

    std::optional<WallTime> expires_at;
    if (const std::optional<std::string> text = environment_("AWS_CREDENTIAL_EXPIRATION")) {
      expires_at = parse_iso8601(*text);
      if (!expires_at) return fail(ErrorCode::unauthorized, "AWS_CREDENTIAL_EXPIRATION is not an ISO 8601 time");
    }
    Result<Credentials> credentials = checked({*id, std::move(secret), std::move(token), expires_at});
    if (!credentials) return std::unexpected(std::move(credentials.error()));
    return std::optional(*std::move(credentials));
  }

  std::string name() const override { return "the environment"; }
  std::string looked_for() const override { return "the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)"; }

 private:
  const Environment environment_;
};

}  // namespace

std::unique_ptr<CredentialsSource> make_environment_source(Environment environment) {
  return std::make_unique<EnvironmentSource>(std::move(environment));
}

}  // namespace heare::s3
