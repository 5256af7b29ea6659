#include "s3/credentials_web_identity.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "s3/address.h"
#include "s3/credentials_answer.h"
#include "s3/credentials_file.h"
#include "s3/error_answer.h"
#include "s3/sigv4.h"

namespace heare::s3 {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimeout = 5s;
constexpr int kTries = 2;
/// Parts of a token that are shorter may stand in a message by chance.
constexpr size_t kTokenPartShown = 8;

/// https://docs.aws.amazon.com/general/latest/gr/sts.html
Result<std::string> regional_endpoint(std::string_view region) {
  if (region.empty() || region == "aws-global") return "https://sts.amazonaws.com";
  if (!is_region_name(region)) {
    return fail(ErrorCode::unauthorized, "the region is not a region's name, so that STS has no address");
  }
  return fmt::format("https://sts.{}.{}", region, partition_domain(region));
}

/// True where `message` quotes the token or one of its three parts.
bool quotes(std::string_view message, std::string_view token) {
  while (!token.empty()) {
    const size_t end = std::min(token.find('.'), token.size());
    if (end >= kTokenPartShown && message.contains(token.substr(0, end))) return true;
    token.remove_prefix(std::min(end + 1, token.size()));
  }
  return false;
}

Error refused_by_sts(const fetch::Response& response, const Secret& token) {
  const ErrorAnswer refusal = read_error_answer(response.body);
  Error error = status_error(response.status);
  if (!refusal.code.empty()) error.message += fmt::format(", {}", refusal.code);
  if (!refusal.message.empty() && !quotes(refusal.message, token.reveal())) {
    error.message += fmt::format(": {}", refusal.message);
  }
  // STS could not reach whoever issued the token: its documentation asks to try again.
  if (refusal.code == "IDPCommunicationError" || refusal.code == "Throttling") error.code = ErrorCode::unavailable;
  return error;
}

/// The request's form; it holds the token.
std::string form(const WebIdentity& identity, const Secret& token) {
  const std::string encoded_token = uri_encode(token.reveal(), false);
  return fmt::format(
      "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn={}&RoleSessionName={}&WebIdentityToken={}",
      uri_encode(identity.role_arn, false),
      uri_encode(identity.session_name.empty() ? "heare-auth" : identity.session_name, false), encoded_token);
}

class WebIdentitySource final : public CredentialsSource {
 public:
  WebIdentitySource(Environment environment, WebIdentityExchange& exchange)
      : environment_(std::move(environment)), exchange_(exchange) {}

  Result<std::optional<Credentials>> load() override {
    const std::optional<std::string> token_file = environment_("AWS_WEB_IDENTITY_TOKEN_FILE");
    if (!token_file) return std::nullopt;
    const std::optional<std::string> role_arn = environment_("AWS_ROLE_ARN");
    if (!role_arn) {
      return fail(ErrorCode::unauthorized, "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not");
    }
    Result<Credentials> credentials =
        exchange_.credentials({*token_file, *role_arn, environment_("AWS_ROLE_SESSION_NAME").value_or("")});
    if (!credentials) return std::unexpected(std::move(credentials.error()));
    return std::optional(*std::move(credentials));
  }

  std::string name() const override { return "web identity (AWS_WEB_IDENTITY_TOKEN_FILE)"; }
  std::string looked_for() const override { return "web identity (AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN)"; }

 private:
  const Environment environment_;
  WebIdentityExchange& exchange_;
};

}  // namespace

WebIdentityExchange::WebIdentityExchange(Environment environment, std::string region, CredentialsHttp http)
    : environment_(std::move(environment)), region_(std::move(region)), http_(http) {}

Result<std::string> WebIdentityExchange::endpoint() const {
  for (const std::string_view name : {"AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"}) {
    const std::optional<std::string> url = environment_(name);
    if (url && !is_plain_url(*url)) return fail(ErrorCode::unauthorized, "{} is not an http or https URL", name);
    if (url) return std::string(without_slash(*url));
  }
  return regional_endpoint(region_);
}

Result<Credentials> WebIdentityExchange::credentials(const WebIdentity& identity) {
  const Result<std::string> url = endpoint();
  if (!url) return std::unexpected(url.error());
  const Result<Secret> token = read_token_file(identity.token_file);
  if (!token) return std::unexpected(token.error());

  std::string body = form(identity, *token);
  fetch::Request request;
  request.method = "POST";
  request.url = *url + "/";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "text/xml"}};
  request.body = body;
  request.timeout = kTimeout;
  std::expected<fetch::Response, fetch::Failure> response = ask_source(request, http_, kTries);
  wipe(body);
  if (!response) return fail_in("asking STS", no_answer(response.error()));
  if (response->status != 200) return fail_in("asking STS", refused_by_sts(*response, *token));
  Result<Credentials> credentials = read_sts_answer(response->body);
  wipe(response->body);
  if (!credentials) return fail_in("asking STS", std::move(credentials.error()));
  return credentials;
}

std::unique_ptr<CredentialsSource> make_web_identity_source(Environment environment, WebIdentityExchange& exchange) {
  return std::make_unique<WebIdentitySource>(std::move(environment), exchange);
}

}  // namespace heare::s3
