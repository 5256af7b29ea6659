#include "s3/credentials_instance.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "s3/credentials_answer.h"

namespace heare::s3 {
namespace {

using namespace std::chrono_literals;

/// Link-local: it answers at once, or it is not there, which must not hold up a start.
constexpr auto kTimeout = 1s;
/// The token's longest life, in seconds, and what the SDKs ask for.
constexpr std::string_view kTokenSeconds = "21600";
constexpr std::string_view kEndpoint = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
constexpr std::string_view kDisabled = "AWS_EC2_METADATA_DISABLED";
constexpr std::string_view kRoles = "/latest/meta-data/iam/security-credentials/";
/// docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html
constexpr size_t kRoleNameCharactersMax = 64;

bool is_role_character(char c) {
  const bool letter_or_digit = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  return letter_or_digit || std::string_view("_+=,.@-").contains(c);
}

/// The first line of the list of roles; EC2 has one at most.
Result<std::string> read_role(std::string_view list) {
  const std::string_view role = list.substr(0, list.find_first_of("\r\n"));
  if (role.empty() || role.size() > kRoleNameCharactersMax || !std::ranges::all_of(role, is_role_character)) {
    return fail(ErrorCode::unauthorized, "the answer does not name a role");
  }
  return std::string(role);
}

class InstanceSource final : public CredentialsSource {
 public:
  InstanceSource(Environment environment, CredentialsHttp http) : environment_(std::move(environment)), http_(http) {}

  Result<std::optional<Credentials>> load() override {
    absence_.clear();
    if (equal_ignoring_case(environment_(kDisabled).value_or(""), "true")) {
      absence_ = fmt::format("disabled by {}", kDisabled);
      return std::nullopt;
    }
    const std::optional<std::string> configured = environment_(kEndpoint);
    if (configured && !is_plain_url(*configured)) {
      return fail(ErrorCode::unauthorized, "{} is not an http or https URL", kEndpoint);
    }
    Result<Credentials> credentials =
        ask_service(std::string(without_slash(configured.value_or("http://169.254.169.254"))));
    if (credentials) {
      has_answered_ = true;
      return std::optional(*std::move(credentials));
    }
    if (absence_.empty() || configured || has_answered_) return std::unexpected(std::move(credentials.error()));
    return std::nullopt;
  }

  std::string name() const override { return "the instance metadata service"; }
  std::string looked_for() const override {
    return fmt::format("the instance metadata service ({})", absence_.empty() ? "EC2" : absence_);
  }

 private:
  /// Where the service is absent rather than broken, `absence_` says why too.
  Result<Credentials> ask_service(const std::string& endpoint) {
    Result<Secret> token = fetch_token(endpoint);
    if (!token) return std::unexpected(std::move(token.error()));
    const std::expected<fetch::Response, fetch::Failure> roles = ask_with(*token, endpoint + std::string(kRoles));
    if (roles && roles->status == 404) return absent("no role is attached to this instance");
    if (Result<> answered = check(roles); !answered) return fail_in("asking for the role", std::move(answered.error()));
    const Result<std::string> role = read_role(roles->body);
    if (!role) return fail_in("asking for the role", role.error());

    std::expected<fetch::Response, fetch::Failure> answer =
        ask_with(*token, fmt::format("{}{}{}", endpoint, kRoles, *role));
    if (Result<> answered = check(answer); !answered) {
      return fail_in("asking for the role's credentials", std::move(answered.error()));
    }
    Result<Credentials> credentials = read_json_answer(answer->body);
    wipe(answer->body);
    if (credentials && (credentials->session_token.empty() || !credentials->expires_at)) {
      credentials = fail(ErrorCode::unauthorized, "the answer has no Token or no Expiration");
    }
    if (!credentials) return fail_in("asking for the role's credentials", std::move(credentials.error()));
    return credentials;
  }

  Result<Secret> fetch_token(const std::string& endpoint) {
    fetch::Request request;
    request.method = "PUT";
    request.url = endpoint + "/latest/api/token";
    request.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", std::string(kTokenSeconds)}};
    request.connect_timeout = kTimeout;
    request.timeout = kTimeout;
    std::expected<fetch::Response, fetch::Failure> response = ask_source(request, http_, 1);
    if (!response && response.error().nothing_sent) return absent("not reachable");
    if (!response) {
      Error error = no_answer(response.error());
      error.message += "; in a container the hop limit of the instance's metadata options has to be 2";
      return fail_in("asking for a token", std::move(error));
    }
    if (response->status != 200 && !status_may_pass(response->status)) {
      return absent(fmt::format("switched off, or none of EC2's: answered with status {}", response->status));
    }
    if (Result<> answered = check(response); !answered)
      return fail_in("asking for a token", std::move(answered.error()));
    Secret token = Secret::take(response->body);
    if (!is_header_word(token.reveal())) return fail(ErrorCode::unauthorized, "asking for a token: the answer is none");
    return token;
  }

  std::expected<fetch::Response, fetch::Failure> ask_with(const Secret& token, std::string url) {
    fetch::Request request;
    request.url = std::move(url);
    request.headers = {{"X-aws-ec2-metadata-token", std::string(token.reveal())}};
    request.connect_timeout = kTimeout;
    request.timeout = kTimeout;
    return ask_source(request, http_, 2);
  }

  static Result<> check(const std::expected<fetch::Response, fetch::Failure>& response) {
    if (!response) return std::unexpected(no_answer(response.error()));
    if (response->status != 200) return std::unexpected(status_error(response->status));
    return {};
  }

  std::unexpected<Error> absent(std::string why) {
    absence_ = std::move(why);
    // One that has been there is not gone for good.
    return std::unexpected(Error{has_answered_ ? ErrorCode::unavailable : ErrorCode::unauthorized, absence_});
  }

  // Constant.
  const Environment environment_;
  const CredentialsHttp http_;

  /// Why the service counts as not there, after the last `load`.
  std::string absence_;
  bool has_answered_ = false;
};

}  // namespace

std::unique_ptr<CredentialsSource> make_instance_source(Environment environment, CredentialsHttp http) {
  return std::make_unique<InstanceSource>(std::move(environment), http);
}

}  // namespace heare::s3
