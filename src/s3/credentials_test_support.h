#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "fetch/http_client.h"
#include "s3/credentials.h"
#include "support/raw_server.h"

namespace heare::s3::testing {

/// Environment variables that a test may change while they are in use.
class Variables {
 public:
  using Map = std::map<std::string, std::string, std::less<>>;
  explicit Variables(Map variables = {}) : map_(std::make_shared<Map>(std::move(variables))) {}

  std::string& operator[](const std::string& name) const { return (*map_)[name]; }
  void unset(const std::string& name) const { map_->erase(name); }
  Environment environment() const {
    return [map = map_](std::string_view name) -> std::optional<std::string> {
      const auto found = map->find(name);
      if (found == map->end() || found->second.empty()) return std::nullopt;
      return found->second;
    };
  }

 private:
  std::shared_ptr<Map> map_;
};

/// Stands where no socket of a test can: at link-local addresses. Records requests and answers each as told.
class FakeHttp final : public fetch::HttpClient {
 public:
  using Outcome = std::expected<fetch::Response, fetch::Failure>;

  std::vector<fetch::Request> requests;
  std::function<Outcome(const fetch::Request&)> answer = [](const fetch::Request&) { return unreachable(); };

  Outcome send(const fetch::Request& request, const BodySink& sink) override {
    requests.push_back(request);
    Outcome outcome = answer(request);
    if (!outcome || outcome->status != 200 || !sink) return outcome;
    if (const Result<> taken = sink(std::exchange(outcome->body, "")); !taken) {
      return std::unexpected(fetch::Failure{false, false, taken.error().message});
    }
    return outcome;
  }

  static Outcome status(int status, std::string body = "") { return fetch::Response{status, {}, std::move(body)}; }
  static Outcome unreachable() { return std::unexpected(fetch::Failure{true, false, "connection refused"}); }
  static Outcome silent() { return std::unexpected(fetch::Failure{false, true, "timed out"}); }
};

inline std::string http_answer(int status, std::string_view body) {
  return fmt::format("HTTP/1.1 {} Said\r\nContent-Length: {}\r\n\r\n{}", status, body.size(), body);
}

/// An answer of a RawServer.
inline heare::testing::RawServer::Answer answer(int status, std::string_view body) {
  return heare::testing::answer_with(http_answer(status, body));
}

/// As the container endpoint and the instance metadata service write it.
inline std::string json_credentials(std::string_view id, std::string_view expiration) {
  return fmt::format(
      R"({{"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"{}","SecretAccessKey":"shhh/secret+1","Token":"shhh/token==","Expiration":"{}"}})",
      id, expiration);
}

/// As STS writes it.
inline std::string sts_credentials(std::string_view id, std::string_view expiration) {
  return fmt::format(R"(<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <SubjectFromWebIdentityToken>system:serviceaccount:default:keys</SubjectFromWebIdentityToken>
    <Credentials>
      <SessionToken>shhh/token==</SessionToken>
      <SecretAccessKey>shhh/secret+1</SecretAccessKey>
      <Expiration>{}</Expiration>
      <AccessKeyId>{}</AccessKeyId>
    </Credentials>
  </AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>)",
                     expiration, id);
}

inline void write_file(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// What every secret of these tests begins with: no error may hold it.
inline constexpr std::string_view kSecretMark = "shhh";

}  // namespace heare::s3::testing
