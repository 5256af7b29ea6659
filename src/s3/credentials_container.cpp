#include "s3/credentials_container.h"

#include <arpa/inet.h>
#include <chrono>
#include <netinet/in.h>
#include <string_view>
#include <utility>

#include "s3/credentials_answer.h"
#include "s3/credentials_file.h"

namespace heare::s3 {
namespace {

using namespace std::chrono_literals;

/// On the machine itself, or one hop away.
constexpr auto kTimeout = 2s;
constexpr int kTries = 3;
constexpr std::string_view kRelativeUri = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
constexpr std::string_view kFullUri = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
constexpr std::string_view kToken = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
constexpr std::string_view kTokenFile = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
constexpr std::string_view kEcsEndpoint = "http://169.254.170.2";

bool is_allowed_v4(const std::string& host) {
  in_addr address{};
  if (inet_pton(AF_INET, host.c_str(), &address) != 1) return false;
  const uint32_t number = ntohl(address.s_addr);
  constexpr uint32_t kEcs = 0xA9FEAA02;  // 169.254.170.2
  constexpr uint32_t kEks = 0xA9FEAA17;  // 169.254.170.23
  return number >> 24 == 127 || number == kEcs || number == kEks;
}

bool is_allowed_v6(const std::string& host) {
  in6_addr address{};
  in6_addr eks{};
  if (inet_pton(AF_INET6, host.c_str(), &address) != 1 || inet_pton(AF_INET6, "fd00:ec2::23", &eks) != 1) return false;
  return IN6_IS_ADDR_LOOPBACK(&address) || IN6_ARE_ADDR_EQUAL(&address, &eks);
}

/// The host of a plain URL, an IPv6 address without its brackets; empty where a bracket is not closed.
std::string host_of(std::string_view url) {
  const std::string_view rest = url.substr(url.find("://") + 3);
  if (rest.starts_with('[')) {
    const size_t end = rest.find(']');
    return std::string(rest.substr(1, end == std::string_view::npos ? 0 : end - 1));
  }
  return std::string(rest.substr(0, rest.find_first_of(":/?")));
}

/// Whoever answers in the clear is trusted with the token: it has to be this machine or the platform's own addresses.
/// They are compared as numbers, in the one notation that every resolver reads alike.
bool may_be_asked(std::string_view url) {
  if (url.starts_with("https://")) return true;
  const std::string host = host_of(url);
  return host == "localhost" || is_allowed_v4(host) || is_allowed_v6(host);
}

class ContainerSource final : public CredentialsSource {
 public:
  ContainerSource(Environment environment, CredentialsHttp http) : environment_(std::move(environment)), http_(http) {}

  Result<std::optional<Credentials>> load() override {
    const Result<std::string> url = endpoint();
    if (!url) return std::unexpected(url.error());
    if (url->empty()) return std::nullopt;
    Result<Secret> token = authorization();
    if (!token) return std::unexpected(std::move(token.error()));

    fetch::Request request;
    request.url = *url;
    request.headers = {{"Accept", "application/json"}};
    if (!token->empty()) request.headers.push_back({"Authorization", std::string(token->reveal())});
    request.connect_timeout = kTimeout;
    request.timeout = kTimeout;
    std::expected<fetch::Response, fetch::Failure> response = ask_source(request, http_, kTries);
    // Not the failure's own message: it names the path, which is all that guards the credentials of an ECS task.
    if (!response)
      return fail(ErrorCode::unavailable, "{}", response.error().timed_out ? "no answer in time" : "no answer");
    if (response->status != 200) return std::unexpected(status_error(response->status));
    Result<Credentials> credentials = read_json_answer(response->body);
    wipe(response->body);
    if (!credentials) return std::unexpected(std::move(credentials.error()));
    return std::optional(*std::move(credentials));
  }

  std::string name() const override { return "the container endpoint"; }
  std::string looked_for() const override {
    return fmt::format("the container endpoint ({} or {})", kRelativeUri, kFullUri);
  }

 private:
  /// Empty where none is configured.
  Result<std::string> endpoint() const {
    if (const std::optional<std::string> path = environment_(kRelativeUri)) {
      if (!path->starts_with('/') || !is_header_word(*path)) {
        return fail(ErrorCode::unauthorized, "{} is not a path that begins with '/'", kRelativeUri);
      }
      return std::string(kEcsEndpoint) + *path;
    }
    const std::optional<std::string> url = environment_(kFullUri);
    if (!url) return std::string();
    if (!is_plain_url(*url)) return fail(ErrorCode::unauthorized, "{} is not an http or https URL", kFullUri);
    if (!may_be_asked(*url)) {
      return fail(
          ErrorCode::unauthorized,
          "{} is refused: without https only loopback, 169.254.170.2, 169.254.170.23 and fd00:ec2::23 are asked",
          kFullUri);
    }
    return *url;
  }

  /// Empty where none is configured.
  Result<Secret> authorization() const {
    if (const std::optional<std::string> path = environment_(kTokenFile)) {
      return read_token_file(*path);
    }
    std::optional<std::string> token = environment_(kToken);
    if (!token) return Secret();
    if (!is_header_value(*token)) {
      return fail(ErrorCode::unauthorized, "{} is not one line of printable characters", kToken);
    }
    return Secret::take(*token);
  }

  const Environment environment_;
  const CredentialsHttp http_;
};

}  // namespace

std::unique_ptr<CredentialsSource> make_container_source(Environment environment, CredentialsHttp http) {
  return std::make_unique<ContainerSource>(std::move(environment), http);
}

}  // namespace heare::s3
